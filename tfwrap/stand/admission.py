"""Who is let in: the checks that AWS makes of a signed call, in AWS's order."""

from __future__ import annotations

import calendar
import time
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from tfwrap.stand import regions, sigv4
from tfwrap.stand.wire import Call, amz_date

if TYPE_CHECKING:
    from collections.abc import Collection

    from tfwrap.stand.asked import Asked
    from tfwrap.stand.keys import AccessKey, KeyStore

MAXIMUM_SKEW_S = 15 * 60


class Reason(Enum):
    """Why a call is refused; each service family has its own code and words for it."""

    UNSIGNED = auto()
    MALFORMED = auto()
    UNKNOWN_KEY = auto()
    WRONG_TOKEN = auto()
    EXPIRED = auto()
    WRONG_SCOPE = auto()
    SKEWED = auto()
    WRONG_SIGNATURE = auto()
    WRONG_BODY = auto()


class Refusal(NamedTuple):
    """`detail` is the message where it depends on the call, `extra` what S3 adds to its error document."""

    reason: Reason
    detail: str = ""
    extra: tuple[tuple[str, str], ...] = ()


def admit(
    call: Call, asks: Asked, keys: KeyStore, now: float, disabled_regions: Collection[str]
) -> AccessKey | Refusal:
    """The key that signed the call, or why AWS would not take it."""
    header = call.header("authorization")
    if not header:
        return Refusal(Reason.UNSIGNED)
    try:
        authorization = sigv4.parse(header)
    except sigv4.MalformedError as error:
        return Refusal(Reason.MALFORMED, str(error))
    key = keys.get(authorization.access_key_id)
    if key is None or not _is_known_in(key, authorization.region, disabled_regions):
        return _unknown(authorization.access_key_id)
    return (
        _token_refusal(call, key, now)
        or _scope_refusal(call, asks, authorization)
        or _skew_refusal(call, now)
        or _signature_refusal(call, authorization, key)
        or key
    )


def _is_known_in(key: AccessKey, region: str, disabled_regions: Collection[str]) -> bool:
    # Another partition, and a region that is not enabled for the account, do not know the key at all. A
    # region of no partition is for the scope check.
    partition = regions.partition(region)
    return key.active and partition in (None, key.partition) and region not in disabled_regions


def _token_refusal(call: Call, key: AccessKey, now: float) -> Refusal | None:
    token = call.header("x-amz-security-token")
    if key.token is not None and not token:
        return _unknown(key.id)
    if token != (key.token or ""):
        return Refusal(Reason.WRONG_TOKEN, extra=(("Token-0", token),))
    if key.expires_at is not None and key.expires_at <= now:
        return Refusal(Reason.EXPIRED, extra=(("Token-0", token),))
    return None


def _scope_refusal(call: Call, asks: Asked, authorization: sigv4.Authorization) -> Refusal | None:
    if not regions.is_valid_for(asks.service, authorization.region):
        return Refusal(Reason.WRONG_SCOPE, "Credential should be scoped to a valid region.")
    if asks.service != authorization.service:
        return Refusal(Reason.WRONG_SCOPE, f"Credential should be scoped to correct service: '{asks.service}'.")
    sent = call.header("x-amz-date")
    if sent[:8] != authorization.date:
        return Refusal(
            Reason.WRONG_SCOPE,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{authorization.date}' != '{sent[:8]}', from '{sent}'.",
        )
    return None


def _skew_refusal(call: Call, now: float) -> Refusal | None:
    sent = call.header("x-amz-date")
    try:
        ahead_s = calendar.timegm(time.strptime(sent, "%Y%m%dT%H%M%SZ")) - now
    except ValueError:
        return Refusal(Reason.MALFORMED, f"Date must be in ISO-8601 'basic format'. Got '{sent}'.")
    if abs(ahead_s) <= MAXIMUM_SKEW_S:
        return None
    if ahead_s < 0:
        limit = f"is now earlier than {amz_date(now - MAXIMUM_SKEW_S)} ({amz_date(now)} - 15 min.)"
        return _skewed(f"Signature expired: {sent} {limit}", sent, now)
    limit = f"is still later than {amz_date(now + MAXIMUM_SKEW_S)} ({amz_date(now)} + 15 min.)"
    return _skewed(f"Signature not yet current: {sent} {limit}", sent, now)


def _skewed(detail: str, sent: str, now: float) -> Refusal:
    limit_ms = str(MAXIMUM_SKEW_S * 1000)
    server = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    extra = (("RequestTime", sent), ("ServerTime", server), ("MaxAllowedSkewMilliseconds", limit_ms))
    return Refusal(Reason.SKEWED, detail, extra)


def _signature_refusal(call: Call, authorization: sigv4.Authorization, key: AccessKey) -> Refusal | None:
    if not sigv4.is_signed_with(key.secret, call, authorization):
        return Refusal(
            Reason.WRONG_SIGNATURE,
            extra=(
                ("AWSAccessKeyId", key.id),
                ("StringToSign", sigv4.string_to_sign(call, authorization)),
                ("SignatureProvided", authorization.signature),
                ("CanonicalRequest", sigv4.canonical_request(call, authorization)),
            ),
        )
    return None if sigv4.has_body_as_signed(call) else Refusal(Reason.WRONG_BODY)


def _unknown(key_id: str) -> Refusal:
    return Refusal(Reason.UNKNOWN_KEY, extra=(("AWSAccessKeyId", key_id),))
