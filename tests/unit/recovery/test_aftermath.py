"""What is said, asked, kept and done after a failure, with STS and Terraform played by stand-ins."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.unit.recovery import cases
from tests.unit.recovery.stage import CONFIG, CUSTOMER_KEY, SAVES, SECRET, Stage, document, without_keys
from tfwrap import invocation
from tfwrap.explain import incident, incidents
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.identity.identity import Answer
from tfwrap.output import Output
from tfwrap.process.finished import Finished
from tfwrap.recovery import aftermath, examining
from tfwrap.run import Run
from tfwrap.settings import settings
from tfwrap.sources import sources
from tfwrap.terraform import saved_backend
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.saved_backend import SavedBackend
from tfwrap.which import Real

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.sources.sources import Source

TAIL = b"\x1b[31m\xe2\x95\xb7\x1b[0m\n\xe2\x94\x82 Error: api error InvalidClientTokenId: no; token=" + SECRET.encode()

LOCK = "efd9cc30-f3a6-4462-b29a-33510cae53e5"
LEFT = f'Error: Error releasing the state lock\n\nError message: failed for lock ID "{LOCK}": denied\n'.encode()
UNLOCKS = "lets go of the lock that the broken run holds; be sure that nobody else is at work"


class Aftermath(NamedTuple):
    """A failed run on a stage, and what tfwrap says about it."""

    stage: Stage
    output: Output

    def run(self, environ: dict[str, str] | None = None, *typed: str) -> Run:
        """The run, with these settings of the environment."""
        words = typed or ("plan",)
        given = {**(environ or {}), "AWS_SECRET_ACCESS_KEY": "made up of the environment"}
        read = invocation.read("terraform", words, given, str(self.stage.root / "net"))
        real = Real(str(self.stage.real), "77:1:x")
        facts = self._facts(read)
        return Run(read, real, given, settings.read(given), self.output, lambda _: facts, 1_790_000_000.0)

    def _facts(self, read: invocation.Invocation) -> Facts:
        held = saved_backend.read(read.data_dir, read.shown_from)
        assert isinstance(held, SavedBackend)
        used = sources.saved(held, {}, cases.facts(self.stage.root).files, (1, 11))
        return cases.facts(self.stage.root)._replace(invocation=read, saved=held, backend_source=used)

    def examine(self, environ: dict[str, str] | None = None, *typed: str) -> examining.Examined:
        """The failure, looked into."""
        found = failure.recognise(TAIL)
        assert found
        return examining.examine(self.run(environ, *typed), Finished(1, 0, TAIL), found)

    @property
    def said(self) -> list[str]:
        """The lines for the user."""
        return (self.stage.root / "said").read_text().splitlines()


@pytest.fixture
def after(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aftermath]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(identity, "ask", answer)
    descriptor = os.open(stage.root / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    yield Aftermath(stage, Output(descriptor, colour=False))
    os.close(descriptor)


def answer(source: Source, _where: Endpoint) -> Answer:
    return cases.ACCEPTED if source.access_key == cases.NEW_KEY else cases.REJECTED


AUTO = {"TFWRAP_AUTO": "reconfigure"}


def test_without_a_terminal_and_without_a_setting_it_only_says_what_to_do(after: Aftermath) -> None:
    examined = after.examine()
    assert not aftermath.settle(examined)
    assert after.said[0].startswith(
        "tfwrap: InvalidClientTokenId: the backend used the key AKIA****0001 that an earlier"
    )
    assert after.said[1].startswith("tfwrap:   without the saved key the backend would use key AKIA****0002")
    assert after.said[2] == f"tfwrap:   fix: {examined.diagnosis.remedies[0].command}"
    assert after.said[-1] == "tfwrap:   more: tfwrap --explain"
    assert not (after.stage.root / "bin" / "record.json").exists()
    assert after.stage.saved_file.read_bytes() == document(CONFIG)


@pytest.mark.parametrize("value", ["reconfigure", "all"])
def test_with_the_setting_it_reconfigures_unasked(after: Aftermath, value: str) -> None:
    assert aftermath.settle(after.examine({"TFWRAP_AUTO": value}))
    assert "tfwrap: reconfiguring the backend and running again (set by TFWRAP_AUTO)" in after.said
    assert after.stage.saved_file.read_bytes() == document(without_keys())


@pytest.mark.parametrize("value", ["off", "refresh", "", "nonsense"])
def test_another_setting_allows_nothing(after: Aftermath, value: str) -> None:
    assert not aftermath.settle(after.examine({"TFWRAP_AUTO": value}))
    assert after.stage.saved_file.read_bytes() == document(CONFIG)


def test_an_objection_is_said_and_nothing_is_done(after: Aftermath) -> None:
    examined = after.examine(AUTO, "apply", "tfplan")
    assert not aftermath.settle(examined)
    assert (
        "tfwrap:   not done for you: a plan file was given; it carries the old key with it: make a new plan"
        in after.said
    )
    assert [remedy.allowed for remedy in examined.diagnosis.remedies] == [False]
    assert after.stage.saved_file.read_bytes() == document(CONFIG)


def test_where_there_is_no_remedy_of_its_own_the_conditions_are_on_record(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "ask", lambda *_: cases.ACCEPTED)
    examined = after.examine(AUTO, "apply", "tfplan")
    assert examined.action is None
    held = {str(each["name"]): str(each["why_not"]) for each in examined.record.conditions}
    assert held["tfwrap can cure the cause itself"].startswith("tfwrap has no remedy of its own for ")
    assert held["no plan file was given"].endswith("it carries the old key with it: make a new plan")
    assert held["no lock is left"] == ""


def test_when_sts_may_not_be_asked_nothing_is_done(after: Aftermath) -> None:
    examined = after.examine({**AUTO, "TFWRAP_OFFLINE": "1"})
    assert examined.diagnosis.confidence == "likely"
    assert not aftermath.settle(examined)
    assert after.stage.saved_file.read_bytes() == document(CONFIG)


def test_when_init_fails_its_last_lines_are_shown_without_secrets(after: Aftermath) -> None:
    after.stage.does(f"print('Error: no {SECRET}'); sys.exit(1)")
    assert not aftermath.settle(after.examine(AUTO))
    assert (
        "tfwrap: tried init -reconfigure and put everything back: init -reconfigure failed with exit status 1"
        in after.said
    )
    assert "tfwrap: Error: no [redacted]" in after.said
    assert after.stage.saved_file.read_bytes() == document(CONFIG)
    (found,) = incidents.all_incidents()
    assert found.actions[-1].startswith("tried init -reconfigure and put everything back")


ANSWERS = [
    ("r", ["r"], True),
    ("q", ["q"], False),
    ("explain, then reconfigure", ["e", "r"], True),
    ("explain, then quit", ["e", "q"], False),
]


@pytest.mark.parametrize(("answers", "done"), [pytest.param(*row[1:], id=row[0]) for row in ANSWERS])
def test_on_a_terminal_it_does_what_is_answered(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch, answers: list[str], done: bool
) -> None:
    offered: list[list[str]] = []

    def ask(_output: Output, _question: str, choices: dict[str, str]) -> str:
        offered.append(list(choices))
        return answers[len(offered) - 1]

    monkeypatch.setattr(aftermath, "ask", ask)
    monkeypatch.setattr("tfwrap.output.may_ask", lambda *_: True)
    assert bool(aftermath.settle(after.examine())) is done
    assert offered == [["r", "e", "q"], ["r", "q"]][: len(answers)]
    assert ("tfwrap: Why" in after.said) is ("e" in answers)


def test_in_strict_mode_nothing_is_asked(after: Aftermath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfwrap.output.may_ask", lambda *_: True)
    monkeypatch.setattr(aftermath, "ask", lambda *_: pytest.fail("was asked"))
    assert not aftermath.settle(after.examine({"TFWRAP_STRICT": "1"}))


def test_the_record_tells_command_status_cause_and_what_was_done(after: Aftermath) -> None:
    examined = after.examine(AUTO, "plan", "-var", f"password={SECRET}", f"-var=token={SECRET}")
    aftermath.store(examined)
    settled = aftermath.settle(examined)
    assert settled
    aftermath.note_second_run(settled, 2)
    (found,) = incidents.all_incidents()
    assert found.id == "20260921T141320Z-77"
    assert found.time == "2026-09-21 14:13:20 UTC"
    assert found.command == ["terraform", "plan", "-var", "password=[redacted]", "-var=token=[redacted]"]
    assert (found.exit_status, found.scope, found.code) == (1, "backend", "InvalidClientTokenId")
    assert (found.cause, found.confidence) == ("stale-saved-backend", "certain")
    assert found.workdir == str(after.stage.root / "net")
    assert found.actions == [
        "unasked (set by TFWRAP_AUTO): reconfiguring the backend and running again",
        "ran init -reconfigure: the state's address is the same, and no credential is saved any more",
        "ran the command again, once: exit status 2",
    ]


def test_no_secret_is_said_or_kept(after: Aftermath) -> None:
    nested = {"role_arn": "r", "web_identity_token": f"{SECRET}/nested"}
    config = {**CONFIG, "http_proxy": "http://user:made-up@proxy", "assume_role_with_web_identity": nested}
    after.stage.saved_file.write_bytes(document(config))
    examined = after.examine({"TF_VAR_token": f"{SECRET}/variable"}, "plan", f"-var=a={SECRET}")
    aftermath.store(examined)
    aftermath.settle(examined)
    (found,) = incidents.all_incidents()
    shown = repr(incident.document(found)) + "".join(after.said)
    assert not [text for text in (SECRET, CUSTOMER_KEY, "made-up", "made up of", cases.OLD_KEY) if text in shown]
    assert "token=[redacted]" in found.tail


def test_what_aws_echoes_is_not_kept_when_it_is_the_secret(after: Aftermath, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key id and secret swapped: STS quotes the credential, and half of it is the secret."""
    config = {**CONFIG, "access_key": SECRET, "secret_key": cases.OLD_KEY}
    after.stage.saved_file.write_bytes(document(config))
    echo = Answer(identity.REJECTED, code="IncompleteSignature", message=f"exactly 5 elements, got '{SECRET}/20261123'")
    monkeypatch.setattr(identity, "ask", lambda *_: echo)
    examined = after.examine()
    aftermath.store(examined)
    aftermath.settle(examined)
    assert SECRET not in repr(incidents.all_incidents()) + "".join(after.said)


def test_a_state_directory_that_cannot_be_written_costs_only_the_record(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    examined = after.examine(AUTO)
    aftermath.store(examined)
    assert aftermath.settle(examined)
    assert after.said[0].startswith("tfwrap: the explanation could not be kept (")


def test_the_fix_can_be_typed_into_a_shell(after: Aftermath) -> None:
    command = after.examine().diagnosis.remedies[0].command
    assert shlex.split(command)[:3] == ["terraform", "init", "-reconfigure"]
    assert "-backend-config=workspace_key_prefix=a${b}c%{d}e$${f}" in shlex.split(command)


def test_a_key_that_is_accepted_by_now_is_told_with_what_to_do(
    after: Aftermath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "ask", lambda *_: cases.ACCEPTED)
    assert not aftermath.settle(after.examine(AUTO))
    assert [line for line in after.said if line.startswith("tfwrap:   fix: wait ten seconds")]
    assert not [line for line in after.said if "not done for you" in line]


def test_without_a_backend_block_the_fix_is_still_named(after: Aftermath) -> None:
    run = after.run(AUTO)
    facts = run.facts._replace(configuration=Configuration(None))
    found = failure.recognise(TAIL)
    assert found
    examined = examining.examine(run._replace(look=lambda _: facts), Finished(1, 0, TAIL), found)
    assert not aftermath.settle(examined)
    assert "tfwrap:   not done for you: the configuration has no backend block any more" in after.said
    assert "tfwrap:   fix: terraform init -reconfigure" in after.said


def test_steps_are_said_with_what_they_do_as_a_shells_comment(after: Aftermath) -> None:
    found = failure.interrupted(LEFT)
    assert found
    aftermath.settle(examining.examine(after.run({}), Finished(1, 0, LEFT), found))
    steps = [line for line in after.said if line.startswith("tfwrap:   2. ")]
    assert steps == [f"tfwrap:   2. terraform force-unlock {LOCK}  # {UNLOCKS}"]


def test_the_story_of_success_is_the_shortest(after: Aftermath) -> None:
    after.stage.does(SAVES)
    aftermath.settle(after.examine(AUTO))
    assert len(after.said) == 4
