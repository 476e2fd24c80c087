"""Calls to AWS for a refresh, through botocore sessions that inherit neither profile nor files nor endpoints."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tfwrap.identity import clients
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed, of_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.aws.config import Profile
    from tfwrap.aws.endpoint import Endpoint

_LIMITS = clients.Limits(timeout_s=10, attempts=2)
LONGEST_ROLE_S = 43200
LONGEST_USER_S = 129600


def client(service: str, where: Endpoint, credentials: Credentials | None = None) -> Any:
    """A client of `sts`, `sso` or `sso-oidc`; without credentials its calls are unsigned."""
    return clients.make(service, where, credentials, _LIMITS)


@contextmanager
def asking(who: str) -> Iterator[None]:
    """Turns whatever a call raises into NotRefreshed, with AWS's code where it is AWS that says no."""
    import botocore.exceptions
    import botocore.parsers

    try:
        yield
    except botocore.exceptions.ClientError as error:
        wrong = error.response.get("Error", {})
        code = wrong.get("Code", "")
        raise NotRefreshed(f"{who} answers {code}: {wrong.get('Message', '')}", code) from None
    except (botocore.parsers.ResponseParserError, KeyError):
        raise NotRefreshed(f"what answered is not {who}") from None
    except (botocore.exceptions.BotoCoreError, ValueError, OSError) as error:
        raise NotRefreshed(f"{who} could not be asked ({type(error).__name__})") from None


def assume_role(profile: Profile, base: Credentials, where: Endpoint, code: str = "") -> Credentials:
    """A session of the profile's role; `code` is that of its MFA device. Raises NotRefreshed."""
    arn = profile.get("role_arn")
    asked = {
        "RoleArn": arn,
        "RoleSessionName": profile.get("role_session_name") or f"tfwrap-{time.time_ns()}",
        "ExternalId": profile.get("external_id"),
        "DurationSeconds": duration_s(profile, LONGEST_ROLE_S),
        "SerialNumber": profile.get("mfa_serial") if code else "",
        "TokenCode": code,
    }
    with asking("STS"):
        answer = client("sts", where, base).assume_role(**_given(asked))
        return of_aws(answer["Credentials"], arn)


def session_token(profile: Profile, base: Credentials, where: Endpoint, code: str) -> Credentials:
    """A session of an IAM user's own, with MFA. Raises NotRefreshed."""
    asked = {
        "SerialNumber": profile.get("mfa_serial"),
        "TokenCode": code,
        "DurationSeconds": duration_s(profile, LONGEST_USER_S),
    }
    with asking("STS"):
        return of_aws(client("sts", where, base).get_session_token(**_given(asked))["Credentials"])


def assume_role_with_web_identity(arn: str, name: str, token: str, where: Endpoint) -> Credentials:
    """A session of a role for the token of a CI system or a cluster. Raises NotRefreshed."""
    asked = {"RoleArn": arn, "RoleSessionName": name or f"tfwrap-{time.time_ns()}", "WebIdentityToken": token}
    with asking("STS"):
        return of_aws(client("sts", where).assume_role_with_web_identity(**asked)["Credentials"], arn)


def duration_s(profile: Profile, longest_s: int) -> int:
    """The profile's `duration_seconds`, 0 where it has none. Raises NotRefreshed for what AWS would not take."""
    text = profile.get("duration_seconds")
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 900 <= int(text) <= longest_s):
        raise NotRefreshed(
            f'duration_seconds of profile "{profile.name}" is not a number of seconds from 900 to {longest_s}'
        )
    return int(text)


def sso_endpoint(service: str, region: str, where: Endpoint, environ: Mapping[str, str]) -> Endpoint:
    """Where `sso` and `sso-oidc` are asked: their own region, and the variables that name another address."""
    names = (f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}", "AWS_ENDPOINT_URL")
    url = next((environ[name] for name in names if environ.get(name)), "")
    return where._replace(region=region, url=url)


def _given(asked: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value}
