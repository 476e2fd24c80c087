"""The catalogue: every check runs, the gravest finding comes first, a broken check costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tfwrap.preflight import findings
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

FACTS = cast(Facts, None)
SECRET = "madeUp/canary"


def finding(number: int, severity: str) -> Finding:
    return Finding(f"TFW{number}", "made-up", severity, "a title")


def several(_: Facts) -> Iterator[Finding]:
    yield finding(1, INFO)
    yield finding(2, ERROR)
    yield finding(3, WARNING)
    yield finding(4, ERROR)


def broken(_: Facts) -> Iterator[Finding]:
    yield finding(5, INFO)
    raise ValueError(SECRET)


def silent(_: Facts) -> Iterator[Finding]:
    return iter(())


def test_the_gravest_come_first_and_else_the_order_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "CHECKS", (silent, several))
    assert [found.id for found in findings.collect(FACTS)] == ["TFW2", "TFW4", "TFW3", "TFW1"]


def test_a_broken_check_is_a_finding_and_the_others_still_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "CHECKS", (broken, several))
    found = findings.collect(FACTS)
    assert [one.id for one in found] == ["TFW2", "TFW4", "TFW900", "TFW3", "TFW5", "TFW1"]
    told = found[2]
    assert told.title == "the check test_findings failed (ValueError); what it looks for was not looked for"
    assert SECRET not in repr(told)


def test_infos_are_not_grave() -> None:
    assert findings.grave([finding(1, INFO), finding(2, ERROR), finding(3, WARNING)]) == (
        finding(2, ERROR),
        finding(3, WARNING),
    )
    assert findings.grave([finding(1, INFO)]) == ()
    assert findings.grave([]) == ()


def test_every_check_is_a_function_of_its_own_family() -> None:
    assert len(set(findings.CHECKS)) == len(findings.CHECKS)
    assert all(check.__module__.startswith("tfwrap.preflight.checks.") for check in findings.CHECKS)
