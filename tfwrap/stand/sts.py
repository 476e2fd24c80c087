"""The actions of STS that need the stand's own keys: who am I, whose is this key, and new sessions."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tfwrap.aws import accesskey
from tfwrap.stand.errors import error, namespace
from tfwrap.stand.wire import Answer, iso_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.stand.asked import Asked
    from tfwrap.stand.keys import AccessKey, KeyStore, Role

_WRONG_MFA = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


class DeniedError(Exception):
    """STS says no: HTTP status, code and message of the answer."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def answer(
    asks: Asked, parameters: dict[str, str], caller: AccessKey | None, keys: KeyStore, now: float
) -> Answer | None:
    """What STS answers, None for an action that is not the stand's own; `caller` None is an unsigned call."""
    if asks.action == "AssumeRoleWithWebIdentity":
        return answered(asks, lambda: _assume_role_with_web_identity(parameters, keys, now))
    action = _SIGNED.get(asks.action)
    if action is None or caller is None:
        return None
    return answered(asks, lambda: action(parameters, caller, keys))


def answered(asks: Asked, result: Callable[[], str]) -> Answer:
    """A document of the Query API around a result, or the refusal that making it raised."""
    try:
        inner = result()
    except DeniedError as denied:
        return error(asks, denied.status, denied.code, denied.message)
    name, request_id = asks.action, str(uuid.uuid4())
    text = (
        f'<{name}Response xmlns="{namespace(asks)}">\n  <{name}Result>\n{inner}\n  </{name}Result>\n'
        f"  <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\n</{name}Response>\n"
    )
    return Answer(200, (("x-amzn-RequestId", request_id), ("Content-Type", "text/xml")), text.encode())


def _get_caller_identity(_parameters: dict[str, str], caller: AccessKey, _keys: KeyStore) -> str:
    return elements(Arn=caller.arn, UserId=caller.user_id, Account=caller.account)


def _get_access_key_info(parameters: dict[str, str], _caller: AccessKey, keys: KeyStore) -> str:
    key_id = parameters.get("AccessKeyId", "")
    known = keys.get(key_id)
    account = known.account if known else accesskey.account(key_id)
    if account is None:
        raise DeniedError("ValidationError", "The access key ID is not valid.", 400)
    return elements(Account=account)


def _assume_role(parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> str:
    arn = parameters.get("RoleArn", "")
    role = keys.role(arn)
    _check_mfa(parameters, keys)
    if role is None or not _is_trusted(role, parameters, caller):
        message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise DeniedError("AccessDenied", message)
    return _role_session(parameters, keys)


def _is_trusted(role: Role, parameters: dict[str, str], caller: AccessKey) -> bool:
    has_mfa = "SerialNumber" in parameters or caller.has_mfa
    return (has_mfa or not role.needs_mfa) and role.external_id in (None, parameters.get("ExternalId"))


def _get_session_token(parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> str:
    if caller.token is not None:
        raise DeniedError("AccessDenied", "Cannot call GetSessionToken with session credentials")
    _check_mfa(parameters, keys)
    has_mfa = "SerialNumber" in parameters
    return _credentials(keys.create_user_session(caller, _lifetime_s(parameters, 43200, 129600), has_mfa))


def _assume_role_with_web_identity(parameters: dict[str, str], keys: KeyStore, now: float) -> str:
    claims = _claims(parameters.get("WebIdentityToken", ""))
    expires_at = claims.get("exp")
    if isinstance(expires_at, int | float) and expires_at < now:
        text = f"current date/time {int(now)} must be before the expiration date/time {expires_at}"
        raise DeniedError("ExpiredTokenException", f"Token expired: {text}", 400)
    if keys.role(parameters.get("RoleArn", "")) is None:
        raise DeniedError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    subject = elements(SubjectFromWebIdentityToken=str(claims.get("sub", "")))
    return f"{_role_session(parameters, keys)}\n{subject}"


def _claims(token: str) -> dict[str, object]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError):
        claims = None
    if not isinstance(claims, dict):
        raise DeniedError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.", 400)
    return claims


def _role_session(parameters: dict[str, str], keys: KeyStore) -> str:
    _, partition, _, _, account, resource = parameters["RoleArn"].split(":", 5)
    name = parameters.get("RoleSessionName", "")
    if not name:
        raise DeniedError("ValidationError", "Value null at 'roleSessionName'", 400)
    session = keys.create_session(
        account,
        resource.rpartition("/")[2],
        min(_lifetime_s(parameters, 3600, 43200), keys.longest_role_s),
        partition=partition,
        session_name=name,
    )
    user = f"<AssumedRoleUser>\n{elements(Arn=session.arn, AssumedRoleId=session.user_id)}\n</AssumedRoleUser>"
    return f"{_credentials(session)}\n{user}"


def _credentials(session: AccessKey) -> str:
    inner = elements(
        AccessKeyId=session.id,
        SecretAccessKey=session.secret,
        SessionToken=session.token or "",
        Expiration=iso_date(session.expires_at or 0),
    )
    return f"<Credentials>\n{inner}\n</Credentials>"


def _check_mfa(parameters: dict[str, str], keys: KeyStore) -> None:
    serial = parameters.get("SerialNumber", "")
    if serial and not keys.accepts_mfa(serial, parameters.get("TokenCode", "")):
        raise DeniedError("AccessDenied", _WRONG_MFA)


def _lifetime_s(parameters: dict[str, str], default: int, longest: int) -> int:
    text = parameters.get("DurationSeconds", str(default))
    if not text.isdecimal() or not 900 <= int(text) <= longest:
        message = (
            f"1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: "
            f"Member must have value between 900 and {longest}"
        )
        raise DeniedError("ValidationError", message, 400)
    return int(text)


def elements(**fields: str) -> str:
    """XML elements, a line each."""
    return "\n".join(f"    <{name}>{escape(value)}</{name}>" for name, value in fields.items())


_SIGNED: dict[str, Callable[[dict[str, str], AccessKey, KeyStore], str]] = {
    "GetCallerIdentity": _get_caller_identity,
    "GetAccessKeyInfo": _get_access_key_info,
    "AssumeRole": _assume_role,
    "GetSessionToken": _get_session_token,
}
