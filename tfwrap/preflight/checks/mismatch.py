"""3xx: the backend and a provider are not the same identity."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.preflight.checks import wanted_account
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer

# Arguments by which somebody says that this one is to be another identity.
_ON_PURPOSE = ("profile", "assume_role", "assume_role_with_web_identity", "access_key", "role_arn")


def check(facts: Facts) -> Iterator[Finding]:
    """TFW307: a warning for another account that nobody asked for, else information."""
    backend = next((consumer for consumer in facts.consumers if consumer.is_backend), None)
    for provider in facts.consumers if backend else ():
        if backend and not provider.is_backend:
            yield from _compared(backend, provider, facts)


def _compared(backend: Consumer, provider: Consumer, facts: Facts) -> Iterator[Finding]:
    (state, state_how), (resources, how) = (wanted_account.of(each, facts) for each in (backend, provider))
    evidence = (
        f"{backend.name}: {backend.source.describe()}",
        f"{provider.name}: {provider.source.describe()}",
    )
    fix = ("give the backend and the provider the same profile or role, or say in both blocks which one is meant",)
    if state and resources and state != resources:
        severity = INFO if _is_meant(backend, facts) or _is_meant(provider, facts) else WARNING
        title = f"the backend works in account {state}, {provider.name} in account {resources}"
        yield Finding("TFW307", "backend-provider-mismatch", severity, title, (*evidence, state_how, how), fix)
    elif _are_other_keys(backend, provider):
        keys = [accesskey.mask(each.source.access_key) for each in (backend, provider)]
        title = f"the backend uses the key {keys[0]}, {provider.name} the key {keys[1]}"
        yield Finding("TFW307", "backend-provider-mismatch", INFO, title, evidence, fix)


def _are_other_keys(backend: Consumer, provider: Consumer) -> bool:
    keys = (backend.source.access_key, provider.source.access_key)
    return all(keys) and keys[0] != keys[1] and not (backend.source.roles or provider.source.roles)


def _is_meant(consumer: Consumer, facts: Facts) -> bool:
    """Whether its block says who it is. What init once saved for the backend is no declaration: the block is."""
    block = facts.configuration.backend
    arguments = (block.arguments if block else {}) if consumer.is_backend else consumer.arguments
    return any(arguments.get(name) for name in _ON_PURPOSE)
