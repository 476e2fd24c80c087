"""A credential process whose key AWS did not know is run once more, and STS is asked about what it gives then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.unit.diagnosis.causes.scene import ACCOUNT, BACKEND, GONE, GOOD, SECRET, SESSION, Known, Scene, Sts, sts_says
from tests.unit.recovery.refreshing import Person, prints
from tfwrap.diagnosis import diagnosis
from tfwrap.diagnosis.causes import slugs
from tfwrap.identity import identity
from tfwrap.recovery import made_again
from tfwrap.recovery.refresh.terminal import OVERHEARD

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.diagnosis.case import Case

SKIPS = "    skip_credentials_validation = true\n    skip_requesting_account_id = true\n"
IN_BLOCK = f'    access_key = "{GONE}"\n    secret_key = "{SECRET}"\n'
IN_FILE = f"[profile p]\naws_access_key_id = {GONE}\naws_secret_access_key = {SECRET}\n"
OVER = "ExpiredToken: The security token included in the request is expired"


class Made(NamedTuple):
    """A case before and after, what STS was asked about, and what was run."""

    before: Case
    after: Case
    asked: list[tuple[str, str]]
    person: Person


def printed(key: str = GONE, more: str = "") -> str:
    return prints(f'{{"Version": 1, "AccessKeyId": "{key}", "SecretAccessKey": "{SECRET}"{more}}}')


def again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    what: str = "",
    lines: str = "",
    config: str = "",
) -> Made:
    program = tmp_path / "make-a-key"
    program.write_text(f"#!/bin/sh\necho once >> {tmp_path}/ran\n{script}\n")
    program.chmod(0o700)
    held = config or f"[profile p]\ncredential_process = {program}\n"
    sts = Sts({GOOD: Known()}, asked=[])
    monkeypatch.setattr(identity, "ask", sts.__call__)
    text = sts_says(what) if what else sts_says()
    scene = Scene(text, BACKEND % lines, {"AWS_PROFILE": "p"}, config=held.format(program=program), sts=sts)
    before = scene.case(tmp_path)
    sts.asked.clear()
    person = Person(before.facts.environ, may_ask=False)
    return Made(before, made_again.asked_about(before, person), sts.asked, person)


def test_a_key_that_aws_does_not_know_now_either_is_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = again(tmp_path, monkeypatch, printed())
    found = diagnosis.diagnose(made.after)
    assert (found.cause, found.confidence) == (slugs.UNKNOWN_ACCESS_KEY, "certain")
    assert 'the credential process of profile "p" was run again' in found.evidence[1]
    assert "STS answers InvalidClientTokenId" in "".join(found.evidence)
    assert found.remedies[0].command == "tfwrap refresh p"
    assert made.asked[0] == (GONE, "us-east-1")
    assert len(made.asked) <= 8
    assert [streams for _, streams in made.person.ran] == [OVERHEARD]
    assert GONE not in repr(found)
    assert SECRET not in repr((found, made.after))


def test_a_key_that_aws_knows_now_is_no_reason_to_look_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = again(tmp_path, monkeypatch, printed(GOOD))
    found = diagnosis.diagnose(made.after)
    assert found.cause == slugs.NEW_KEY_NOT_PROPAGATED
    assert f"account {ACCOUNT}" in "".join(found.evidence)
    assert "written" not in "".join(found.evidence)
    assert made.asked == [(GOOD, "us-east-1")]


def test_a_temporary_key_without_its_token_is_known_for_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = diagnosis.diagnose(again(tmp_path, monkeypatch, printed(SESSION)).after)
    assert found.cause == slugs.MISSING_SESSION_TOKEN


def test_the_process_of_the_profile_that_a_role_rests_on_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = (
        "[profile p]\nrole_arn = arn:aws:iam::111111111111:role/x\nsource_profile = base\n"
        "[profile base]\ncredential_process = {program}\n"
    )
    made = again(tmp_path, monkeypatch, printed(), config=config)
    found = diagnosis.diagnose(made.after)
    assert found.cause == slugs.UNKNOWN_ACCESS_KEY
    assert 'profile "base"' in found.evidence[1]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 1", id="it fails now"),
        pytest.param("echo hello", id="it says something else"),
        pytest.param(printed(more=', "Expiration": "2020-01-01T00:00:00Z"'), id="a session that is over"),
        pytest.param(prints('{"Version": 1}'), id="no key"),
        pytest.param(printed() + "\nexit 3", id="a key, and a failure"),
    ],
)
def test_a_process_that_gives_no_key_now_changes_nothing(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = again(tmp_path, monkeypatch, script)
    assert made.after == made.before
    assert made.asked == []
    assert diagnosis.diagnose(made.after).cause == slugs.NEW_KEY_NOT_PROPAGATED


@pytest.mark.parametrize(
    ("what", "lines", "config"),
    [
        pytest.param(OVER, "", "", id="a session that is over needs no question"),
        pytest.param("", SKIPS, "", id="keys that are not meant for AWS"),
        pytest.param("", '    shared_config_files = ["aws"]\n', "", id="the block has files of its own"),
        pytest.param("", "", IN_FILE, id="a key that stands in the file"),
        pytest.param("", IN_BLOCK, "", id="a key of the block goes first"),
    ],
)
def test_it_is_run_only_for_its_own_key_that_aws_did_not_know(
    what: str, lines: str, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = again(tmp_path, monkeypatch, printed(), what, lines, config)
    assert made.after == made.before
    assert not (tmp_path / "ran").exists()


def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_again, "LIMIT_S", 0.5)
    started = time.monotonic()
    made = again(tmp_path, monkeypatch, "sleep 60")
    assert made.after == made.before
    assert time.monotonic() - started < 10
