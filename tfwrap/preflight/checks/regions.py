"""2xx: a consumer that has no region."""

from __future__ import annotations

from tfwrap.preflight.checks import used
from tfwrap.preflight.checks.finding import ERROR, Facts, Finding
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer

VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


def check(facts: Facts) -> Iterator[Finding]:
    """TFW212, one for all consumers that lack it."""
    environ = used.environment(facts)
    if any(map(environ.get, VARIABLES)):
        return
    lacking = [consumer for consumer in facts.consumers if _lacks_region(facts, consumer)]
    if not lacking:
        return
    names = ", ".join(consumer.name for consumer in lacking)
    title = f"no region for {names}: Terraform stops"
    evidence = tuple(_evidence(consumer) for consumer in lacking)
    yield Finding("TFW212", "no-region", ERROR, title, evidence, ("export AWS_REGION=us-east-1, or your own",))


def _lacks_region(facts: Facts, consumer: Consumer) -> bool:
    """A provider looks at the profile's region, since 4.0; the backend does not (tests/real/test_profile_findings.py).

    What came by `-backend-config` may hold one. A source that asks the instance gets the region there, too.
    """
    if consumer.arguments.get("region"):
        return False
    if consumer.is_backend:
        return not facts.invocation.values("backend-config")
    asks_instance = consumer.source.kind == sources.IMDS
    return not (consumer.region or asks_instance or _profile_has_region(facts, consumer))


def _profile_has_region(facts: Facts, consumer: Consumer) -> bool:
    uses = [use for use in used.uses(facts) if consumer in use.consumers]
    if not uses or not used.has_second_sdk(consumer):
        return True  # not known
    profile = facts.files.profiles.get(uses[0].profile)
    return profile is None or bool(profile.get("region"))


def _evidence(consumer: Consumer) -> str:
    extra = "; a profile's region does not count for a backend" if consumer.is_backend else ", nor has its profile"
    return f"{consumer.location}: neither the block nor {' or '.join(VARIABLES)} has one{extra}"
