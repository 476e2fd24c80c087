"""When sessions end: the token that `aws sso login` keeps, and the times that tools write beside the keys they make."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 1 << 20

# Keys in profiles: saml2aws writes the first, others (aws-mfa, onelogin-aws-cli, okta-awscli) the rest.
IN_PROFILES = ("x_security_token_expires", "aws_expiration", "expiration", "aws_session_expiration")
# aws-vault and `aws configure export-credentials` set the first, granted the second.
IN_ENVIRONMENT = ("AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION")

# What a refreshed token needs beside its refreshToken.
_CLIENT = ("clientId", "clientSecret", "refreshToken")


def path(name: str, home: str) -> str:
    """Where the token of an SSO session lies: by the session's name, or by the start URL of a legacy profile."""
    import hashlib

    digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    return os.path.join(home, ".aws", "sso", "cache", f"{digest}.json")


def expires(name: str, home: str, is_refreshable: object = True) -> float:
    """When the kept token ends, as a Unix time; 0 where there is none or nobody can say.

    A token with all that a refresh needs ends with the client's registration: until then the SDK renews it by itself
    (aws-sdk-go-v2 ssocreds/sso_token_provider.go). A legacy profile's token is never renewed.
    """
    token = _read(path(name, home))
    ends = unix_time(token.get("expiresAt", ""))
    if is_refreshable and all(token.get(key) for key in _CLIENT):
        return max(ends, unix_time(token.get("registrationExpiresAt", ""))) if ends else 0
    return ends


def is_kept(name: str, home: str) -> bool:
    """Whether there is a token at all."""
    return bool(_read(path(name, home)).get("accessToken"))


def unix_time(text: object) -> float:
    """An ISO 8601 time as a Unix time, UTC where it names no zone; 0 for anything else."""
    if not isinstance(text, str) or not text:
        return 0
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text.strip().removesuffix("UTC"))
    except ValueError:
        return 0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def of_environment(environ: Mapping[str, str]) -> float:
    """When the environment's session ends, by the variables that tools set beside its keys."""
    return next((unix_time(environ[name]) for name in IN_ENVIRONMENT if environ.get(name)), 0)


def of_settings(settings: Mapping[str, str]) -> float:
    """When a profile's static session ends, by the keys that tools write beside it."""
    return next((unix_time(settings[name]) for name in IN_PROFILES if settings.get(name)), 0)


def _read(place: str) -> dict[str, object]:
    import json

    if not os.path.isfile(place):
        return {}
    try:
        with open(place, "rb", buffering=0) as file:
            found = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
