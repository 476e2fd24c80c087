"""What is said about a candidate holds nothing of it, before the second line of defence; and that one holds, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery.refreshing import Person
from tests.unit.rotation import texts
from tests.unit.rotation.texts import KEY_ID, SECRET
from tfwrap.aws.endpoint import Endpoint
from tfwrap.output import Output
from tfwrap.redaction import encodings
from tfwrap.rotation import candidates, examine, material, report
from tfwrap.rotation.check import FAILED, NOTE, OK, UNCHECKED, Check
from tfwrap.rotation.examine import Examined
from tfwrap.rotation.situation import Situation
from tfwrap.settings.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.rotation.candidate import Candidate

OFFLINE = Situation("222222222222", "TFWRAP_ACCOUNT", (), Endpoint("us-east-1"), Settings(offline=True), {}, 0.0)
PLAIN = Output(1, False)
QUOTED = ('"{}"', "'{}'", "\u201c{}\u201d", "`{}`", "$({})")
AROUND = ("{}", *QUOTED, "{} # x", "{}\r", "{}x", "\u200b{}", " {}", "{}{}", "%2F{}")
TEXTS = (texts.CONSOLE, texts.OLD_CONSOLE, texts.IAM, texts.VAULT, texts.SHARED, texts.ENV, texts.EXPORTS)


def candidate(text: str, folder: Path) -> Candidate:
    path = folder / "key"
    path.write_bytes(text.encode())
    return candidates.read(material.of_file(str(path), "key"))


def told(text: str, folder: Path) -> str:
    """Everything that there is to say, or the error."""
    try:
        found = examine.examine(candidate(text, folder), OFFLINE, Person({}))
    except material.Unfit as error:
        return str(error)
    return "\n".join((*report.lines(found, PLAIN), json.dumps(report.document(found)), repr(found)))


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("text", TEXTS)
def test_nothing_of_the_key_is_said(text: str, around: str, tmp_path: Path) -> None:
    held = around.replace("{}", SECRET)
    said = told(text.replace(SECRET, json.dumps(held)[1:-1] if text.startswith("{") else held), tmp_path)
    assert said
    for value in (SECRET, SECRET[3:30], held, KEY_ID):
        assert [form for form in encodings.forms(value) if len(form) >= 12 and form in said] == []


def test_the_second_line_of_defence_takes_out_what_a_check_would_say(tmp_path: Path) -> None:
    known = candidate(texts.STS, tmp_path)
    leaked = " ".join(form for value in (SECRET, texts.TOKEN) for form in encodings.forms(value))
    clean = report.without_secrets(leaked, known)
    assert SECRET not in clean
    assert texts.TOKEN not in clean
    assert "[redacted]" in clean


CLOSINGS = [
    ((OK, OK, OK, OK, OK), True, "this key may go live"),
    ((OK, OK, OK, NOTE, OK), True, "this key may go live"),
    ((OK, OK, OK, UNCHECKED, OK), True, "this key may go live"),
    ((FAILED, OK, OK, OK, OK), False, "not to go live: failed: well formed"),
    ((OK, FAILED, UNCHECKED, UNCHECKED, OK), False, "not to go live: failed: STS; not checked: account"),
    ((OK, UNCHECKED, OK, UNCHECKED, OK), False, "not to go live: not checked: STS"),
    ((OK, OK, UNCHECKED, OK, FAILED), False, "not to go live: failed: channels; not checked: account"),
]  # fmt: skip


@pytest.mark.parametrize(("statuses", "is_ready", "closing"), CLOSINGS)
def test_a_key_is_ready_when_all_that_matters_is_well(
    statuses: tuple[str, ...], is_ready: bool, closing: str, tmp_path: Path
) -> None:
    names = ("shape", "sts", "account", "other-keys", "channels")
    checks = tuple(Check(name, status, "made up") for name, status in zip(names, statuses, strict=True))
    found = Examined(candidate(texts.ENV, tmp_path), checks)
    assert found.is_ready is is_ready
    assert list(report.lines(found, PLAIN))[-1] == closing
    assert report.document(found)["ready"] is is_ready
