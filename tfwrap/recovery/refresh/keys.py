"""The keys that a role is assumed with: what stands at the end of a chain of profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.recovery.refresh import programs
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed
from tfwrap.sources import profiles
from tfwrap.sources.source import PROCESS, STATIC

if TYPE_CHECKING:
    from tfwrap.aws.config import Profile
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

FROM_ENVIRONMENT = "Environment"


def are_at_hand(need: Need) -> bool:
    """Whether they can be had without a login."""
    base = need.base
    return base is not None and (need.via in (STATIC, PROCESS) or base.get("credential_source") == FROM_ENVIRONMENT)


def of(need: Need, terminal: Terminal) -> Credentials:
    """The keys. Raises NotRefreshed."""
    base = need.base
    if base is None:
        raise NotRefreshed(f'there is no profile "{need.name}"')
    if need.via == PROCESS:
        return programs.credentials(programs.by_shell(base.get("credential_process")), terminal)
    if base.get("credential_source") == FROM_ENVIRONMENT:
        return _of_environment(need)
    return _static(base)


def _static(base: Profile) -> Credentials:
    secret_key = base.secret_key
    if not (base.get("aws_access_key_id") and secret_key):
        raise NotRefreshed(f'profile "{base.name}" has no complete pair of keys')
    return Credentials(base.get("aws_access_key_id"), secret_key, base.token)


def _of_environment(need: Need) -> Credentials:
    found = profiles.environment_keys(need.environ)
    if found is None or found.secret_key is None:
        raise NotRefreshed("credential_source is Environment, and the environment has no complete pair of keys")
    return Credentials(found.access_key, found.secret_key, found.token)
