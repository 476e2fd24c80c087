"""TFW211: the age of a key, in days."""

from __future__ import annotations

import pytest

from tests.unit.preflight.checks.surrounded import KEY, NOW
from tfwrap.preflight.checks import key_age
from tfwrap.preflight.checks.finding import INFO, WARNING

DAY = key_age.DAY_S


@pytest.mark.parametrize(("days", "severity"), [(91, INFO), (180, INFO), (181, WARNING), (4000, WARNING)])
def test_a_key_that_is_older_than_the_limit_is_a_finding(days: int, severity: str) -> None:
    found = key_age.key_age(NOW - days * DAY, NOW, 90, KEY)
    assert found
    assert (found.id, found.severity) == ("TFW211", severity)
    assert f"the key AKIA****T001 is {days} days old, {days - 90} more" in found.title


@pytest.mark.parametrize("age_s", [0, DAY, 90 * DAY, 91 * DAY - 1, -DAY])
def test_a_younger_one_is_not(age_s: float) -> None:
    assert key_age.key_age(NOW - age_s, NOW, 90, KEY) is None
