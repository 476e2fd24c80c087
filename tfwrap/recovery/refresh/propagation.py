"""New IAM keys: AWS needs some seconds until it knows them everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.aws import accesskey
from tfwrap.identity import identity
from tfwrap.identity.question import REJECTED, UNKNOWN_KEY, UNREACHABLE
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.identity.question import Answer
    from tfwrap.recovery.refresh.outcome import Credentials
    from tfwrap.recovery.refresh.terminal import Terminal
    from tfwrap.sources.source import Source

# Vault's own advice is to wait 5 to 10 s; up to 30 were seen (hashicorp/vault issues 687, 3115).
LIMIT_S = 30
PAUSE_S = 2
SAID_EVERY_S = 6


def answered(source: Source, where: Endpoint, terminal: Terminal) -> Answer:
    """What STS says in the end: as long as it does not know the key it is asked again, LIMIT_S at most.

    That it cannot be asked for a moment meanwhile is no answer.
    """
    key = accesskey.mask(source.access_key)
    answer = identity.ask(source, where)
    begun, said = terminal.now(), float("-inf")
    while answer.status == REJECTED and answer.code == UNKNOWN_KEY:
        waited = terminal.now() - begun
        if waited + PAUSE_S > LIMIT_S:
            return answer
        if waited - said >= SAID_EVERY_S:
            said = waited
            terminal.say(f"waiting until AWS knows the new key {key} ({waited:.0f} of {LIMIT_S} s)")
        terminal.sleep(PAUSE_S)
        latest = identity.ask(source, where)
        answer = answer if latest.status == UNREACHABLE else latest
    return answer


def wait(credentials: Credentials, where: Endpoint, terminal: Terminal) -> None:
    """Return as soon as STS knows the key, or cannot be asked. Raises NotRefreshed where it never does."""
    answer = answered(credentials.as_source("Vault"), where, terminal)
    key = accesskey.mask(credentials.access_key)
    if answer.code == UNKNOWN_KEY:
        raise NotRefreshed(f"AWS does not know the new key {key} after {LIMIT_S} seconds", answer.code)
    if answer.status == REJECTED:
        raise NotRefreshed(f"STS answers {answer.code} to the new key {key}", answer.code)
