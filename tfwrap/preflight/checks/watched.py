"""What the checks' answers rest on beside the configuration: files, and the time."""

from __future__ import annotations

from tfwrap.preflight.checks import makers, remote, sessions, shared_files, surroundings, web_identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.preflight.checks.finding import Facts

_LOOKING = (shared_files.paths, makers.paths, web_identity.paths, surroundings.paths, remote.paths)


def paths(facts: Facts) -> list[str]:
    """Every file that a check looks at, absent ones too, each once."""
    return list(dict.fromkeys(path for look in _LOOKING for path in look(facts)))


def until(facts: Facts) -> float:
    """The earliest Unix time at which a check may answer otherwise; infinity where time changes nothing."""
    return sessions.until(facts)
