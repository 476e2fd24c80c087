"""The findings of preflight: what a check saw, and the catalogue that runs the checks."""

from __future__ import annotations

from tfwrap.preflight.checks import (
    bridged,
    conflicts,
    drift,
    endpoints,
    environment,
    errored_state,
    identity,
    keys,
    makers,
    mismatch,
    overridden,
    planned,
    profiles,
    provider_version,
    regions,
    remote,
    saved_backend,
    secrets_in_code,
    sessions,
    shared_files,
    surroundings,
    validation,
    versioned,
    wanted_account,
    watched,
    web_identity,
)
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# One function a family; each yields its findings for the facts at hand.
CHECKS: tuple[Callable[[Facts], Iterable[Finding]], ...] = (
    environment.check,
    saved_backend.check,
    drift.check,
    errored_state.check,
    identity.check,
    mismatch.check,
    overridden.check,
    planned.check,
    provider_version.check,
    secrets_in_code.check,
    validation.check,
    versioned.check,
    bridged.check,
    conflicts.check,
    endpoints.check,
    keys.check,
    makers.check,
    profiles.check,
    regions.check,
    remote.check,
    sessions.check,
    shared_files.check,
    surroundings.check,
    web_identity.check,
)

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


def unconfirmed(facts: Facts) -> tuple[Finding, ...]:
    """What strict mode has to know beside all that: the consumers of whose credentials nobody knows anything."""
    return tuple(identity.unconfirmed(facts))


def unchecked_pin(facts: Facts) -> tuple[Finding, ...]:
    """What every other mode has to say about a pin: the consumers that it could not be held against."""
    return tuple(wanted_account.unchecked(facts))


def paths(facts: Facts) -> list[str]:
    """Every file that a check looks at, absent ones too."""
    return watched.paths(facts)


def until(facts: Facts) -> float:
    """The earliest Unix time at which a check may answer otherwise; infinity where time changes nothing."""
    return watched.until(facts)
