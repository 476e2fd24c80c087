"""1xx: sessions that have ended, or end before the run may have."""

from __future__ import annotations

from tfwrap.preflight import durations
from tfwrap.preflight.checks import makers, web_identity
from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts, Finding
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer

NEVER = float("inf")
# What Terraform renews by itself, or what another check looks at more closely (SSO: TFW207, web identity: TFW503).
_RENEWED = frozenset(
    (
        sources.CONTAINER,
        sources.IMDS,
        sources.LOGIN,
        sources.PROCESS,
        sources.SSO,
        sources.SSO_SESSION,
        sources.WEB_IDENTITY,
    )
)


def check(facts: Facts) -> Iterator[Finding]:
    """TFW113 and TFW114, one for each session."""
    told: set[tuple[str, str]] = set()
    for consumer in facts.consumers:
        session = (consumer.source.location, consumer.source.access_key)
        if _counts(consumer) and session not in told:
            told.add(session)
            yield from _session(consumer, facts.now, soon(facts))


def soon(facts: Facts) -> float:
    """How many seconds a session should still last: as many as the longest past run here, 15 minutes at least."""
    return max(durations.SHORT_S, facts.longest)


def until(facts: Facts) -> float:
    """The earliest Unix time at which a check of expiries may answer otherwise; infinity where none will."""
    ends = [consumer.source.expires for consumer in facts.consumers if _counts(consumer)]
    moments = [moment for end in ends for moment in (end - soon(facts), end)]
    every = (*moments, *makers.ends(facts), *web_identity.ends(facts))
    return min((moment for moment in every if moment > facts.now), default=NEVER)


def _counts(consumer: Consumer) -> bool:
    source = consumer.source
    return bool(source.expires) and not _RENEWED & {source.kind, source.how, source.via}


def _session(consumer: Consumer, now: float, margin: float) -> Iterator[Finding]:
    source, left = consumer.source, consumer.source.expires - now
    who = f"the session of {source.describe()}"
    evidence = (f"it ends at {_clock(source.expires)}, for {consumer.name}",)
    if left <= 0:
        title = f"{who} expired {_duration(-left)} ago"
        yield Finding("TFW113", "session-expired", ERROR, title, evidence, (_fix(consumer),))
    elif left <= margin:
        title = f"{who} expires in {_duration(left)}"
        yield Finding("TFW114", "session-expires-soon", WARNING, title, evidence, (_fix(consumer),))


def _fix(consumer: Consumer) -> str:
    kind = consumer.source.kind
    if kind in (sources.BLOCK, sources.SAVED_BACKEND):
        return "take the credentials out of the configuration, and name a profile"
    return "get new credentials from where these came from"


def _clock(moment: float) -> str:
    import time

    try:
        return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(moment))
    except (OverflowError, OSError, ValueError):
        return "a time that no clock shows"


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
