"""A role with MFA, which Terraform cannot assume because it cannot ask; and the MFA session of an IAM user."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tfwrap.identity import identity
from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import aws, keys, mfa, session
from tfwrap.recovery.refresh.outcome import Credentials, Result
from tfwrap.sources.source import STATIC

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.aws.config import Profile
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal


class MfaRole(NamedTuple):
    """A chain of roles of which one wants a code."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether one of the roles has an `mfa_serial`, and the keys that assume the first are at hand."""
        return any(role.get("mfa_serial") for role in need.roles) and keys.are_at_hand(need)

    @property
    def is_interactive(self) -> bool:
        """Whether a code is asked for: not while a session is kept."""
        return _kept(self.need, time.time()) is None

    def describe(self) -> str:
        """What is going to be done."""
        serial = next(role.get("mfa_serial") for role in self.need.roles if role.get("mfa_serial"))
        return f"assume {self.need.roles[-1].get('role_arn')} with a code of {serial}"

    def run(self, terminal: Terminal) -> Result:
        """Assume the roles, and keep the session until it expires. Raises NotRefreshed."""
        return _kept_or(self.need, terminal, lambda: assume(self.need, terminal))


class MfaUser(NamedTuple):
    """An IAM user whose policies want a session with MFA: keys and an `mfa_serial`, and no role."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the profile is long-term keys with an `mfa_serial` beside them."""
        base = need.base
        is_user = base is not None and need.via == STATIC and not base.get("aws_session_token")
        return is_user and not need.roles and bool(base and base.get("mfa_serial"))

    @property
    def is_interactive(self) -> bool:
        """Whether a code is asked for: not while a session is kept."""
        return _kept(self.need, time.time()) is None

    def describe(self) -> str:
        """What is going to be done."""
        return f'get an MFA session for the keys of profile "{self.need.name}"'

    def run(self, terminal: Terminal) -> Result:
        """Get the session, and keep it until it expires. Raises NotRefreshed."""
        return _kept_or(self.need, terminal, lambda: self._session(terminal))

    def _session(self, terminal: Terminal) -> Credentials:
        base, user = keys.of(self.need, terminal), self.need.chain[-1]
        return mfa.with_code(
            user.get("mfa_serial"), lambda code: aws.session_token(user, base, self.need.where, code), terminal
        )


def assume(need: Need, terminal: Terminal) -> Credentials:
    """The session at the end of a chain of roles. Raises NotRefreshed."""
    credentials = keys.of(need, terminal)
    for role in need.roles:
        credentials = _assume_one(role, credentials, need, terminal)
    return credentials


def _assume_one(role: Profile, base: Credentials, need: Need, terminal: Terminal) -> Credentials:
    if not role.get("mfa_serial"):
        return aws.assume_role(role, base, need.where)
    return mfa.with_code(role.get("mfa_serial"), lambda code: aws.assume_role(role, base, need.where, code), terminal)


def _kept_or(need: Need, terminal: Terminal, make: Callable[[], Credentials]) -> Result:
    """The session that is kept, where STS still accepts it, else a new one."""
    kept = _kept(need, terminal.now())
    if kept and identity.ask(kept.as_source("the kept session"), need.where).status == identity.OK:
        return Result(True, kept, f'used the session that is kept for profile "{need.name}"')
    made = make()
    try:
        session.forget(need.environ, _key(need))  # what cannot be kept must not leave behind what STS rejects
        session.store(need.environ, _key(need), made, terminal.now())
    except OSError as error:  # it is in memory all the same
        terminal.say(f"the session could not be kept ({error.strerror})")
    return Result(True, made, f'got a session with MFA for profile "{need.name}"')


def _kept(need: Need, now: float) -> Credentials | None:
    return session.load(need.environ, _key(need), now)


def _key(need: Need) -> str:
    """What the session is one of: other keys, another role or device, and it is another session."""
    names = ("role_arn", "mfa_serial", "external_id", "aws_access_key_id", "credential_process")
    return session.key(need.name, need.where.url, *(profile.get(name) for profile in need.chain for name in names))
