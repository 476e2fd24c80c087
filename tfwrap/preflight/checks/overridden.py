"""3xx: arguments of a block that go before the profile that tfwrap was told."""

from __future__ import annotations

from tfwrap.preflight.checks.finding import WARNING, Facts, Finding
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer


def check(facts: Facts) -> Iterator[Finding]:
    """TFW311: for every consumer that will not use the configured profile, because its block says otherwise."""
    meant = facts.intent
    for consumer in facts.consumers if meant.is_configured and meant.profile else ():
        why = _why(consumer, meant.profile)
        if why:
            title = f"{consumer.name} {why}, and not the profile {meant.profile!a} that {meant.origin} asks for"
            evidence = (f"{consumer.location}: {consumer.source.describe()}",)
            fix = (_fix(consumer),)
            yield Finding("TFW311", "profile-argument-overrides-intent", WARNING, title, evidence, fix)


def _why(consumer: Consumer, meant: str) -> str:
    if consumer.source.kind == sources.SAVED_BACKEND:
        return "uses the keys that terraform init saved"
    if consumer.source.kind == sources.BLOCK:
        return "uses the keys in its block"
    argument = consumer.arguments.get("profile")
    return (
        f"uses its profile argument {argument!a}" if isinstance(argument, str) and argument not in ("", meant) else ""
    )


def _fix(consumer: Consumer) -> str:
    if consumer.is_backend:
        return "terraform init -reconfigure, with your -backend-config values but without keys and profile"
    return f"remove the profile or the keys at {consumer.location}, or do not set a profile for tfwrap"
