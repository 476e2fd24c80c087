"""A web identity: the token's file read again, its `exp` looked at, the role assumed with it."""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import aws
from tfwrap.recovery.refresh.outcome import NotRefreshed, Result
from tfwrap.sources.source import WEB_IDENTITY

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

LARGEST = 1 << 16


class Identity(NamedTuple):
    """Where the token is, and the role that it is for."""

    token_file: str
    role: str
    session_name: str


class WebIdentity(NamedTuple):
    """A token that somebody else renews: the cluster, or the CI system."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the source is the environment's web identity or a profile's."""
        return need.source.kind == WEB_IDENTITY or need.via == WEB_IDENTITY

    @property
    def is_interactive(self) -> bool:
        """Nobody is asked."""
        return False

    def describe(self) -> str:
        """What is going to be done."""
        return f"read the web identity token in {_identity(self.need).token_file or '?'} again"

    def run(self, terminal: Terminal) -> Result:
        """Read, check and use the token. Raises NotRefreshed."""
        found = _identity(self.need)
        if not found.role:
            raise NotRefreshed("AWS_ROLE_ARN is not set: a web identity needs the role that it is for")
        token = _read(found.token_file)
        _check(token, found.token_file, terminal.now())
        made = aws.assume_role_with_web_identity(found.role, found.session_name, token, self.need.where)
        return Result(True, made, f"assumed {found.role} with the token in {found.token_file}", is_in_place=True)


def _identity(need: Need) -> Identity:
    base = need.base
    if need.source.kind != WEB_IDENTITY and base and base.get("web_identity_token_file"):
        return Identity(base.get("web_identity_token_file"), base.get("role_arn"), base.get("role_session_name"))
    names = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME")
    return Identity(*(need.environ.get(name, "") for name in names))


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST).decode("ascii").strip()
    except OSError as error:
        raise NotRefreshed(f"{path or 'the token file'} cannot be read: {(error.strerror or '?').lower()}") from None
    except UnicodeDecodeError:
        raise NotRefreshed(f"{path} holds no token") from None


def _check(token: str, path: str, now: float) -> None:
    """Refuse a token that AWS would refuse anyway, in words that say why."""
    expires = _claims(token, path).get("exp")
    if isinstance(expires, int | float) and expires <= now:
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(min(expires, now)))
        raise NotRefreshed(f"the token in {path} expired at {when}, and nobody has written a new one")


def _claims(token: str, path: str) -> dict[str, object]:
    """The second part of a JWT, whose signature is AWS's to check (RFC 7519)."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise NotRefreshed(f"{path} holds no JSON web token")
    return claims
