"""The token of an SSO session in `~/.aws/sso/cache`, in the form in which the AWS CLI and the SDKs share it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tfwrap import state, userdirs
from tfwrap.aws import ssocache
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.recovery.refresh.need import Need


class Session(NamedTuple):
    """An SSO session as the config file has it. `name` is empty for a legacy profile, whose token is never renewed."""

    name: str
    start_url: str
    region: str
    scopes: tuple[str, ...]

    @property
    def cached_as(self) -> str:
        """What the token's file is named after: the session's name, or the start URL."""
        return self.name or self.start_url


class Client(NamedTuple):
    """The registration of a program with SSO-OIDC: who asks for tokens. `expires` is a Unix time."""

    id: str
    secret: Secret
    expires: float


class Token(NamedTuple):
    """An access token, and what renews it."""

    access: Secret
    expires: float
    client: Client | None = None
    refresh: Secret | None = None


class Renewal(NamedTuple):
    """Who asks for a new token, and with what."""

    client: Client
    refresh: Secret


def session(need: Need) -> Session:
    """The session of a need's profile. Raises NotRefreshed where the config file lacks something."""
    base = need.base
    name = base.get("sso_session").strip() if base else ""
    settings: Mapping[str, str] = need.files.sso_sessions.get(name, {}) if name else base.settings if base else {}
    start_url, region = settings.get("sso_start_url", ""), settings.get("sso_region", "")
    if not (start_url and region):
        section = f"[sso-session {name}]" if name else f'profile "{need.name}"'
        raise NotRefreshed(f"{section} in {need.files.config_path} needs sso_start_url and sso_region")
    scopes = settings.get("sso_registration_scopes", "") or "sso:account:access"
    return Session(name, start_url, region, tuple(scope.strip() for scope in scopes.split(",") if scope.strip()))


def read(found: Session, environ: Mapping[str, str]) -> Token | None:
    """The token that is kept, None where there is none that can be read."""
    try:
        with open(_path(found, environ), "rb", buffering=0) as file:
            document = json.loads(file.read(ssocache.LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not all(isinstance(text, str) for text in document.values()):
        return None
    access, refresh = document.get("accessToken"), document.get("refreshToken")
    if not access:
        return None
    ends = ssocache.unix_time(document.get("expiresAt"))
    return Token(Secret(access), ends, _client(document), Secret(refresh) if refresh else None)


def write(found: Session, environ: Mapping[str, str], token: Token) -> None:
    """Keep a token, whole or not at all, for our user alone. Raises OSError."""
    path = _path(found, environ)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    document = {
        "startUrl": found.start_url,
        "region": found.region,
        "accessToken": token.access.reveal(),
        "expiresAt": _iso(token.expires),
    }
    if token.client:
        document |= {
            "clientId": token.client.id,
            "clientSecret": token.client.secret.reveal(),
            "registrationExpiresAt": _iso(token.client.expires),
        }
    if token.refresh:
        document["refreshToken"] = token.refresh.reveal()
    state.write(path, json.dumps(document).encode())


def renewal(found: Session, token: Token | None, now: float) -> Renewal | None:
    """What renews a token without anybody: only a named session's token has it (botocore tokens.py)."""
    if not (found.name and token and token.client and token.refresh) or token.client.expires <= now:
        return None
    return Renewal(token.client, token.refresh)


def _client(document: Mapping[str, str]) -> Client | None:
    name, secret = document.get("clientId"), document.get("clientSecret")
    if not (name and secret):
        return None
    return Client(name, Secret(secret), ssocache.unix_time(document.get("registrationExpiresAt")))


def _path(found: Session, environ: Mapping[str, str]) -> str:
    return ssocache.path(found.cached_as, userdirs.home(environ) or os.path.expanduser("~"))


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
