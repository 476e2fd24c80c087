"""What makes the credentials of a bridged profile, now and again, with nobody asked after the first time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tfwrap import output
from tfwrap.aws.config import Profile
from tfwrap.identity.question import Answer
from tfwrap.lean import NamedTuple
from tfwrap.preflight import bridgeable
from tfwrap.recovery.refresh import Console, Need, aws, keys, mfa, mfa_role, programs, session
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed
from tfwrap.resolving import resolving
from tfwrap.sources.source import LOGIN, PROFILE, ROLE, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.preflight.bridgeable import Bridgeable
    from tfwrap.recovery.refresh.terminal import Terminal

# Longer than anybody's answer, and short of the minute that the SDK gives a credential_process.
LIMIT_S = 40
# So much of a kept session must be left for a run: what takes longer would end in the middle for want of a code.
ENOUGH_S = 3600
# A policy may forbid GetSessionToken, and what is wanted is the role.
_NOT_ALLOWED = ("AccessDenied", "AccessDeniedException")


class Maker(NamedTuple):
    """What makes the credentials: each call makes others. `is_lasting`: it goes on for as long as a run may take."""

    make: Callable[[], Credentials]
    is_lasting: bool = True


def maker(needed: Bridgeable, environ: Mapping[str, str], terminal: Terminal) -> Maker:
    """The maker for a profile; asks for the code of an MFA device here, if at all. Raises NotRefreshed."""
    if needed.how == bridgeable.MFA:
        return _with_mfa(_need(needed, environ), terminal)
    if needed.how == LOGIN and programs.find("aws", environ):
        return Maker(lambda: _exported(needed, environ))
    return Maker(lambda: _resolved(needed, environ))


def _need(needed: Bridgeable, environ: Mapping[str, str]) -> Need:
    source = Source(PROFILE, profile=needed.profile)
    return Need(source, needed.profile, needed.files, environ, needed.consumer.endpoint)


# Roles with MFA


def _with_mfa(need: Need, terminal: Terminal) -> Maker:
    if not keys.are_at_hand(need):
        raise NotRefreshed(f'what profile "{need.name}" is assumed with is not at hand')
    first, *others = need.roles
    base = keys.of(need, terminal)
    if base.token or not first.get("mfa_serial") or any(role.get("mfa_serial") for role in others):
        return _once(need, terminal)  # GetSessionToken is for the long-term keys of a user
    try:
        user = _user_session(need, base, terminal)
    except NotRefreshed as error:
        if error.code not in _NOT_ALLOWED:
            raise
        return _once(need, terminal)
    return Maker(lambda: _chain(need, user))


def _user_session(need: Need, base: Credentials, terminal: Terminal) -> Credentials:
    """A session of the user's own that knows of the MFA: roles are assumed with it without another code.

    AWS gives it for twelve hours (GetSessionToken), and it is kept like the sessions of a refresh.
    """
    serial = need.roles[0].get("mfa_serial")
    name = session.key("user with MFA", base.access_key, serial, need.where.url)
    kept = session.load(need.environ, name, terminal.now())
    if kept and _is_enough(kept, terminal) and _is_accepted(need, kept):
        return kept
    device = Profile(need.roles[0].name, {"mfa_serial": serial}, {})  # its duration_seconds are the role's
    made = mfa.with_code(serial, lambda code: aws.session_token(device, base, need.where, code), terminal)
    try:
        session.forget(need.environ, name)
        session.store(need.environ, name, made, terminal.now())
    except OSError as error:  # it is in memory all the same
        terminal.say(f"the session could not be kept ({error.strerror})")
    return made


def _is_enough(kept: Credentials, terminal: Terminal) -> bool:
    """With it ends what can be renewed; where nobody can be asked for a code, a little is better than nothing."""
    return not terminal.may_ask or kept.expires - terminal.now() > ENOUGH_S


def _is_accepted(need: Need, kept: Credentials) -> bool:
    try:
        _chain(need, kept)
    except NotRefreshed:
        return False
    return True


def _chain(need: Need, user: Credentials) -> Credentials:
    made = user
    for role in need.roles:
        made = aws.assume_role(role, made, need.where)
    return made


def _once(need: Need, terminal: Terminal) -> Maker:
    """A session of the role's that the code itself buys: AWS gives another one only for another code."""
    made = mfa_role.MfaRole(need).run(terminal).credentials
    if made is None:
        raise NotRefreshed("no credentials were made")
    held = [made]

    def make() -> Credentials:
        if not held:
            raise NotRefreshed(f'the session of profile "{need.name}" ends, and a new one needs a code: run it again')
        return held.pop()

    return Maker(make, is_lasting=False)


# Everything else


def _resolved(needed: Bridgeable, environ: Mapping[str, str]) -> Credentials:
    """As botocore makes them, in a process of its own that sees the files that the consumer sees."""
    consumer = needed.consumer._replace(arguments={}, source=Source(PROFILE, profile=needed.profile, how=ROLE))
    found = resolving.resolve(consumer, _seen(needed, environ), LIMIT_S)
    if isinstance(found, Answer):
        raise NotRefreshed(found.message or found.code or "they could not be made")
    if not found.secret_key:
        raise NotRefreshed("half a key pair was made")
    return Credentials(found.access_key, found.secret_key, found.token, found.expires)


def _seen(needed: Bridgeable, environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name != "AWS_SHARED_CONFIG_FILE"}
    files = {"AWS_SHARED_CREDENTIALS_FILE": needed.places.credentials[0], "AWS_CONFIG_FILE": needed.places.config[0]}
    url = needed.consumer.endpoint.url
    return {**kept, **files, **({"AWS_ENDPOINT_URL_STS": url} if url else {})}


def _exported(needed: Bridgeable, environ: Mapping[str, str]) -> Credentials:
    """As the AWS CLI makes them: botocore knows `aws login` only where awscrt is installed."""
    path = programs.needed("aws", environ)
    command = [path, "configure", "export-credentials", "--profile", needed.profile, "--format", "process"]
    nobody = Console(output.Output(output.STDERR, False), False, _seen(needed, environ))
    try:
        return programs.credentials(command, nobody, LIMIT_S)
    except NotRefreshed as error:
        hint = f"aws login --profile {needed.profile}"
        raise NotRefreshed(f"{error} ({os.path.basename(path)} configure export-credentials): {hint}") from None
