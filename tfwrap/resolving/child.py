"""The process that makes credentials for `resolving`: an order on stdin, what was made on stdout, as JSON."""

from __future__ import annotations

import json
import sys

import botocore
import botocore.config
import botocore.exceptions as known
import botocore.session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# In words of our own: what botocore says may hold what a credential process has printed.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (known.ProfileNotFound, "there is no such profile"),
    (known.UnauthorizedSSOTokenError, "the SSO session has expired: aws sso login"),
    (known.SSOTokenLoadError, "there is no SSO session: aws sso login"),
    (known.TokenRetrievalError, "the SSO session could not be renewed: aws sso login"),
    (known.InfiniteLoopConfigError, "the profile's roles go round in a circle"),
    (known.InvalidConfigError, "the profile is not complete"),
    (known.CredentialRetrievalError, "the credential process or the service that makes them failed"),
    (known.PartialCredentialsError, "half a key pair"),
    (known.NoCredentialsError, "nothing on this machine gives credentials"),
    (OSError, "the token file cannot be read"),
    (KeyError, "no token file is named"),
    (known.ConnectionError, "no connection"),
    (known.HTTPClientError, "no connection"),
    (EOFError, "it needs an MFA code"),
)
_SESSION = "tfwrap"
_NAMES = {
    "role_arn": "RoleArn",
    "external_id": "ExternalId",
    "session_name": "RoleSessionName",
    "policy": "Policy",
    "source_identity": "SourceIdentity",
}


def main() -> None:
    """Follow the order. What went wrong is told, not raised."""
    try:
        told = _made(json.load(sys.stdin))
    except known.ClientError as error:
        wrong = error.response.get("Error", {})
        message = wrong.get("Message", "").partition("\n")[0]
        told = {"code": wrong.get("Code", ""), "message": f"{error.operation_name}: {message}"}
    except Exception as error:  # noqa: BLE001 - the parent has no use for a traceback
        words = next((words for kind, words in _WORDS if isinstance(error, kind)), type(error).__name__)
        told = {"code": "", "message": words}
    sys.stdout.write(json.dumps(told))


def _made(order: Mapping[str, Any]) -> dict[str, object]:
    session = botocore.session.Session()
    if order.get("profile"):
        session.set_config_variable("profile", order["profile"])
    keys, expires = _keys(session, order)
    for role in order.get("roles") or ():
        keys, expires = _assumed(session, order, keys, role)
    return {"access_key": keys[0], "secret_key": keys[1], "token": keys[2], "expires": expires}


def _keys(session: Any, order: Mapping[str, Any]) -> tuple[tuple[str, str, str | None], float | None]:
    if order.get("keys"):
        return tuple(order["keys"]), None
    if order.get("web"):
        return _by_web_identity(session, order)
    found = session.get_credentials()
    if found is None:
        raise known.NoCredentialsError
    frozen = found.get_frozen_credentials()
    expiry = getattr(found, "_expiry_time", None)
    return (frozen.access_key, frozen.secret_key, frozen.token), expiry.timestamp() if expiry else None


def _by_web_identity(session: Any, order: Mapping[str, Any]) -> tuple[tuple[str, str, str | None], float | None]:
    """A session of the block's own web identity role. Nothing signs this request but the token in it."""
    role = order["web"]
    unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
    client = session.create_client("sts", order["region"], endpoint_url=order.get("url") or None, config=unsigned)
    token = role.get("web_identity_token") or _text(role["web_identity_token_file"])
    return _made_of(client.assume_role_with_web_identity(WebIdentityToken=token, **_parameters(role)))


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read(1 << 16)


def _assumed(
    session: Any, order: Mapping[str, Any], keys: tuple[str, str, str | None], role: Mapping[str, Any]
) -> tuple[tuple[str, str, str | None], float | None]:
    client = session.create_client(
        "sts",
        region_name=order["region"],
        endpoint_url=order.get("url") or None,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2],
    )
    return _made_of(client.assume_role(**_parameters(role)))


def _parameters(role: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {_NAMES[name]: value for name, value in role.items() if name in _NAMES}
    arns = [{"arn": arn} for arn in role.get("policy_arns") or ()]
    limited = {"PolicyArns": arns} if arns else {}
    return {"RoleSessionName": _SESSION, **parameters, **limited}


def _made_of(answer: Mapping[str, Any]) -> tuple[tuple[str, str, str | None], float | None]:
    made = answer["Credentials"]
    return (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]), made["Expiration"].timestamp()
