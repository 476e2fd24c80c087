"""The device authorisation grant of SSO-OIDC, for where there is no AWS CLI that can log in (RFC 8628)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfwrap.origin import Secret
from tfwrap.recovery.refresh import aws
from tfwrap.recovery.refresh.outcome import NotRefreshed
from tfwrap.recovery.refresh.ssotoken import Client, Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.recovery.refresh.ssotoken import Renewal, Session
    from tfwrap.recovery.refresh.terminal import Terminal

WHO = "SSO"
CLIENT_NAME = "tfwrap"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PENDING, SLOWER = "AuthorizationPendingException", "SlowDownException"
SLOWER_S = 5  # RFC 8628, section 3.5
_WORDS = {
    "ExpiredTokenException": "nobody confirmed the code in time",
    "AccessDeniedException": "the login was declined in the browser",
}


def login(session: Session, where: Endpoint, terminal: Terminal) -> Token:
    """Show a code, and wait until a person has confirmed it in a browser somewhere. Raises NotRefreshed."""
    oidc = aws.client("sso-oidc", where)
    with aws.asking(WHO):
        asked: dict[str, Any] = {"clientName": CLIENT_NAME, "clientType": "public"}
        if session.name:  # a registration with scopes gets a refresh token; a legacy profile has none
            asked["scopes"] = list(session.scopes)
        registered = oidc.register_client(**asked)
        client = Client(
            registered["clientId"], Secret(registered["clientSecret"]), float(registered["clientSecretExpiresAt"])
        )
        started = oidc.start_device_authorization(
            clientId=client.id, clientSecret=client.secret.reveal(), startUrl=session.start_url
        )
        address, code = started["verificationUri"], started["userCode"]
    terminal.say(f"open {address} in a browser and enter the code {code}")
    if complete := started.get("verificationUriComplete"):
        terminal.say(f"or open {complete} and compare the code")
    return _wait(oidc, client, started, terminal)


def renew(renewal: Renewal, where: Endpoint, terminal: Terminal) -> Token:
    """A new token for a refresh token: nobody is asked. Raises NotRefreshed."""
    with aws.asking(WHO):
        answer = aws.client("sso-oidc", where).create_token(
            clientId=renewal.client.id,
            clientSecret=renewal.client.secret.reveal(),
            grantType="refresh_token",
            refreshToken=renewal.refresh.reveal(),
        )
        return _token(answer, renewal.client, terminal.now(), renewal.refresh)


def _wait(oidc: Any, client: Client, started: Mapping[str, Any], terminal: Terminal) -> Token:
    ends = terminal.now() + float(started.get("expiresIn") or 600)
    pause_s = float(started.get("interval") or 5)
    while terminal.now() < ends:
        terminal.sleep(pause_s)
        try:
            return _ask(oidc, client, started["deviceCode"], terminal)
        except NotRefreshed as error:
            if error.code not in (PENDING, SLOWER):
                raise NotRefreshed(_WORDS.get(error.code, str(error)), error.code) from None
            pause_s += SLOWER_S if error.code == SLOWER else 0
    raise NotRefreshed(_WORDS["ExpiredTokenException"])


def _ask(oidc: Any, client: Client, code: str, terminal: Terminal) -> Token:
    with aws.asking(WHO):
        answer = oidc.create_token(
            clientId=client.id, clientSecret=client.secret.reveal(), grantType=GRANT, deviceCode=code
        )
        return _token(answer, client, terminal.now(), None)


def _token(answer: Mapping[str, Any], client: Client, now: float, refresh: Secret | None) -> Token:
    """The token of an answer. One that brings no new refresh token leaves the old one good (botocore tokens.py)."""
    new = answer.get("refreshToken")
    return Token(
        Secret(answer["accessToken"]), now + float(answer["expiresIn"]), client, Secret(new) if new else refresh
    )
