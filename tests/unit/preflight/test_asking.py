"""What is said of the consumers about whom nobody can ask STS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.made import consumer, facts
from tfwrap.identity.question import UNCHECKED
from tfwrap.preflight import asking
from tfwrap.sources.source import NONE, UNDECIDED, Source

if TYPE_CHECKING:
    from pathlib import Path

WHY = "only Terraform can evaluate profile"
SKIPS: dict[str, Any] = {"skip_credentials_validation": True, "skip_requesting_account_id": True}


@pytest.mark.parametrize(
    ("source", "arguments", "message"),
    [
        pytest.param(Source(UNDECIDED, "main.tf:3", detail=WHY), {}, f"{WHY} (main.tf:3)", id="Terraform decides"),
        pytest.param(Source(NONE), {}, "there are no credentials that are known beforehand", id="nothing is there"),
        pytest.param(Source(UNDECIDED, detail=WHY), SKIPS, "it skips the validation of its credentials", id="it skips"),
    ],
)
def test_the_reason_is_that_of_the_consumer(
    source: Source, arguments: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    one = consumer(used=source, **arguments)
    asked = asking.everything(facts(consumers=(one,)))
    assert (asked.answers[one.name].status, asked.answers[one.name].message) == (UNCHECKED, message)
