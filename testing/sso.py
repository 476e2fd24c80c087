"""A stand-in for IAM Identity Center: SSO-OIDC's device grant and refresh tokens, and the portal's role credentials."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from testing import jsonserver
from testing.jsonserver import Call, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.keys import KeyStore
    from tfwrap.stand.wire import Clock

START_URL = "https://made-up.awsapps.com/start"
TOKEN_S = 3600
CLIENT_S = 90 * 86400
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Sso:
    """`answers` are the codes that the token endpoint gives, one a poll, before it gives the token.

    `tokens` are the access tokens that the portal accepts, `refresh_tokens` those that can be changed for one; `roles`
    are pairs of account and role that it hands out.
    """

    def __init__(self, keys: KeyStore, clock: Clock) -> None:
        self._keys, self._clock = keys, clock
        self.answers: list[str] = []
        self.tokens: set[str] = set()
        self.refresh_tokens: set[str] = set()
        self.roles: set[tuple[str, str]] = set()
        self.calls: list[Call] = []
        self.url = ""

    def answer(self, call: Call) -> Reply:
        """What SSO answers."""
        self.calls.append(call)
        ways = {
            "/client/register": self._register,
            "/device_authorization": self._authorize,
            "/token": self._token,
            "/federation/credentials": self._credentials,
        }
        return ways[call.path](call) if call.path in ways else _error(404, "ResourceNotFoundException")

    def environment(self) -> dict[str, str]:
        """The variables that send the SDKs here."""
        return {"AWS_ENDPOINT_URL_SSO": self.url, "AWS_ENDPOINT_URL_SSO_OIDC": self.url}

    def _register(self, call: Call) -> Reply:
        if call.body.get("clientType") != "public":
            return _error(400, "InvalidClientMetadataException")
        now = int(self._clock.now())
        given = {"clientId": "made-up-client", "clientSecret": f"made-up-{secrets.token_hex(8)}"}
        return Reply(200, {**given, "clientIdIssuedAt": now, "clientSecretExpiresAt": now + CLIENT_S})

    def _authorize(self, call: Call) -> Reply:
        if call.body.get("startUrl") != START_URL:
            return _error(400, "InvalidRequestException")
        address = f"{self.url}/device"
        codes = {"deviceCode": "made-up-device", "userCode": "ABCD-WXYZ", "expiresIn": 600, "interval": 1}
        return Reply(
            200, {**codes, "verificationUri": address, "verificationUriComplete": f"{address}?user_code=ABCD-WXYZ"}
        )

    def _token(self, call: Call) -> Reply:
        if call.body.get("grantType") == "refresh_token":
            is_known = call.body.get("refreshToken") in self.refresh_tokens
            return self._give() if is_known else _error(400, "InvalidGrantException")
        if call.body.get("grantType") != DEVICE_GRANT or call.body.get("deviceCode") != "made-up-device":
            return _error(400, "InvalidGrantException")
        return _error(400, self.answers.pop(0)) if self.answers else self._give()

    def _give(self) -> Reply:
        access, refresh = f"made-up-access-{secrets.token_hex(8)}", f"made-up-refresh-{secrets.token_hex(8)}"
        self.tokens.add(access)
        self.refresh_tokens.add(refresh)
        return Reply(200, {"accessToken": access, "tokenType": "Bearer", "expiresIn": TOKEN_S, "refreshToken": refresh})

    def _credentials(self, call: Call) -> Reply:
        asked: dict[str, Any] = {name: values[0] for name, values in parse_qs(call.query).items()}
        if call.headers.get("x-amz-sso_bearer_token") not in self.tokens:
            return _error(401, "UnauthorizedException")
        account, role = asked.get("account_id", ""), asked.get("role_name", "")
        if (account, role) not in self.roles:
            return _error(403, "ForbiddenException")
        key = self._keys.create_session(account=account, role=f"AWSReservedSSO_{role}", lifetime_s=TOKEN_S)
        names = ("accessKeyId", "secretAccessKey", "sessionToken", "expiration")
        values = (key.id, key.secret, key.token, int((key.expires_at or 0) * 1000))
        return Reply(200, {"roleCredentials": dict(zip(names, values, strict=True))})


def _error(status: int, code: str) -> Reply:
    return Reply(status, {"message": f"made up: {code}"}, (("x-amzn-ErrorType", code),))


@contextmanager
def start(keys: KeyStore, clock: Clock) -> Iterator[Sso]:
    """An Identity Center for the length of a `with`."""
    sso = Sso(keys, clock)
    with jsonserver.serve(sso.answer) as url:
        sso.url = url
        yield sso
