"""Clients of botocore that inherit nothing: no profile, no file, no endpoint, no metadata service."""

from __future__ import annotations

import os
import sys

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.origin import Secret

    class Keys(Protocol):
        """What a request is signed with."""

        @property
        def access_key(self) -> str:
            """The key id."""

        @property
        def secret_key(self) -> Secret | None:
            """The secret key."""

        @property
        def token(self) -> Secret | None:
            """The session token; None for a key that is none of a session's."""


# Where Go looks for the system's certificates (crypto/x509/root_linux.go); botocore brings its own instead.
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_INHERIT_NOTHING: dict[str, tuple[object, object, object, object]] = {
    "profile": (None, [], None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "sts_regional_endpoints": (None, None, "regional", None),
    "ignore_configured_endpoint_urls": (None, None, True, None),
    "defaults_mode": (None, None, "legacy", None),  # `auto` would ask the instance's metadata service
}


class Limits(NamedTuple):
    """How long the connection and the answer may take, each, and how often it is tried."""

    timeout_s: float
    attempts: int


def make(service: str, where: Endpoint, keys: Keys | None, limits: Limits) -> Any:
    """A client of the service there; without keys its calls are unsigned."""
    import botocore.session

    return botocore.session.Session(session_vars=_INHERIT_NOTHING).create_client(
        service,
        region_name=where.region,
        endpoint_url=where.url or None,
        verify=where.ca_bundle or system_certificates() or None,
        aws_access_key_id=keys.access_key if keys else None,
        aws_secret_access_key=keys.secret_key.reveal() if keys and keys.secret_key else None,
        aws_session_token=keys.token.reveal() if keys and keys.token else None,
        config=_config(where, limits, is_signed=keys is not None),
    )


def _config(where: Endpoint, limits: Limits, *, is_signed: bool) -> Any:
    import botocore.config
    from botocore import UNSIGNED

    way = where.proxy.url.reveal() if where.proxy else ""
    return botocore.config.Config(
        signature_version=None if is_signed else UNSIGNED,
        connect_timeout=limits.timeout_s,
        read_timeout=limits.timeout_s,
        retries={"total_max_attempts": limits.attempts},
        proxies={"http": way, "https": way} if way else {},
    )


def system_certificates() -> str:
    """The file of certificates that Go would use on this system; empty where it uses no file."""
    paths = _SYSTEM_CERTIFICATES if sys.platform == "linux" else ()
    return next((path for path in paths if os.path.isfile(path)), "")
