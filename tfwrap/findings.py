"""The findings of preflight: what a check saw, and the catalogue that runs the checks."""

from __future__ import annotations

from tfwrap.checks import environment, saved_backend
from tfwrap.checks.finding import ERROR, INFO, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# One function a family; each yields its findings for the facts at hand.
CHECKS: tuple[Callable[[Facts], Iterable[Finding]], ...] = (environment.check, saved_backend.check)

# What refuses a run in every mode, whatever is ignored: another account than the pinned one.
REFUSING = ("TFW404",)

_ORDER = {ERROR: 0, WARNING: 1, INFO: 2}


def collect(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, the gravest first. A check that fails is left out: it must not cost the user the command."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(facts)
        except Exception as fault:  # noqa: BLE001 - a broken rule is skipped, and said
            found.append(_broken(check.__module__, fault))
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.severity]))


def _broken(name: str, fault: Exception) -> Finding:
    return Finding(
        "TFW900",
        "check-failed",
        WARNING,
        f"the check {name.rpartition('.')[2]} failed ({type(fault).__name__}); what it looks for was not looked for",
        fix=("report it with the output of: tfwrap --version",),
    )


def grave(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors and warnings: what preflight says, and what strict mode refuses."""
    return tuple(finding for finding in findings if finding.severity != INFO)
