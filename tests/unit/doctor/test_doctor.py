"""The way through without the run: what is asked, what is added to the findings, and what is taken out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tfwrap.aws.endpoint import Endpoint
from tfwrap.doctor import doctor
from tfwrap.doctor.doctor import Question
from tfwrap.identity.identity import REJECTED, Answer
from tfwrap.origin import Secret
from tfwrap.preflight import asking, findings
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.sources.consumers import BACKEND, Consumer
from tfwrap.sources.sources import BLOCK, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tfwrap.doctor.doctor import Examined
    from tfwrap.settings.settings import Settings

SECRET = "canary/made+up/secret/value/of/a/block00"
TOKEN = "canaryTokenOfABlockThatIsLongEnough0123456789"
SOURCE = Source(BLOCK, "main.tf:2", "AKIAQQQQQQQQQQQQ0001", Secret(SECRET), Secret(TOKEN))
# As AWS words it: with the canonical string, in which every signed header stands.
MESSAGE = f"The request signature does not match. x-amz-security-token:{TOKEN}\nThe Canonical String {TOKEN}"


def leaky(_: Facts) -> Iterator[Finding]:
    yield Finding("TFW101", "made-up", WARNING, f"a title with {SECRET}", (f"evidence {TOKEN}",), (f"fix {SECRET}",))


def grave(_: Facts, __: Settings) -> Iterator[Finding]:
    yield Finding("TFW211", "key-age", ERROR, "an extra one")


def broken(_: Facts, __: Settings) -> Iterator[Finding]:
    yield Finding("TFW107", "made-up", INFO, "said before it broke")
    raise ValueError(SECRET)


def examine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Examined:
    """With a consumer and an answer of STS's that nothing on disk gives us."""
    real = folder / "terraform"
    real.write_text("#!/bin/sh\nexit 1\n")
    real.chmod(0o755)
    environ = {"PATH": str(folder), "HOME": str(folder), "XDG_STATE_HOME": str(folder), "TFWRAP_TERRAFORM": str(real)}
    consumer = Consumer(BACKEND, "main.tf:2", {}, SOURCE, (1, 11), "us-east-1", Endpoint("us-east-1"))
    answer = Answer(REJECTED, code="SignatureDoesNotMatch", message=MESSAGE)
    monkeypatch.setattr(
        asking, "everything", lambda facts: facts._replace(consumers=(consumer,), answers={BACKEND: answer})
    )
    monkeypatch.setattr("tfwrap.terraform.versions.detect", lambda *_: (1, 11))  # pytest-xdist's threads are in its way
    typed = doctor.read(Question("terraform", "", (), str(folder)), environ)
    return doctor.examine(typed, environ, doctor.rules(typed, environ))


def test_no_secret_of_a_block_comes_through_a_check_or_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "CHECKS", (leaky,))
    examined = examine(tmp_path, monkeypatch)
    assert examined.findings == (
        Finding("TFW101", "made-up", WARNING, "a title with [redacted]", ("evidence [redacted]",), ("fix [redacted]",)),
    )
    (answer,) = examined.facts.answers.values()
    assert answer.message == "The request signature does not match. x-amz-security-token:[redacted]"


def test_extra_checks_come_in_by_their_severity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "CHECKS", (leaky,))
    monkeypatch.setattr(doctor, "EXTRA_CHECKS", (grave,))
    assert [found.id for found in examine(tmp_path, monkeypatch).findings] == ["TFW211", "TFW101"]


def test_an_extra_check_that_fails_is_said_and_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "CHECKS", ())
    monkeypatch.setattr(doctor, "EXTRA_CHECKS", (broken, grave))
    found = examine(tmp_path, monkeypatch).findings
    assert [each.id for each in found] == ["TFW211", "TFW900", "TFW107"]
    assert found[1].title == "the check test_doctor: failed (ValueError); this was not looked at"


@pytest.mark.parametrize(
    ("words", "command", "options"),
    [
        ((), "plan", ()),
        (("-var", "x=y", "-var-file=prod.tfvars"), "plan", ("-var=x=y", "-var-file=prod.tfvars")),
        (("init", "-reconfigure"), "init", ("-reconfigure",)),
        (("state", "list"), "state list", ()),
    ],
)
def test_the_words_are_a_command_line_or_options_of_plan(
    words: tuple[str, ...], command: str, options: tuple[str, ...]
) -> None:
    typed = doctor.read(Question("terraform", "net", words, "/w"), {})
    assert (typed.command, typed.options, typed.directory) == (command, options, "/w/net")
