"""A stand-in for HashiCorp Vault: tokens, namespaces, the AWS engine and KV version 2, as the HTTP API documents them.

The AWS engine makes its keys in the AWS stand-in. What no test needs (auth methods, policies, leases that can be
revoked) is left out.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from testing import jsonserver
from testing.jsonserver import Call, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.keys import AccessKey, KeyStore

PREFIX = "/v1/"
LEASE_S = 3600


class Vault:
    """`tokens` maps a token to the path prefixes that it may read; `secrets` a KV path to what is there.

    `namespace` is the only one that there is. `made` are the keys that the AWS engine has made; `status` other than 0
    answers everything with that status (503: sealed).
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self.tokens: dict[str, tuple[str, ...]] = {}
        self.secrets: dict[str, dict[str, Any]] = {}
        self.namespace = ""
        self.account = "111111111111"
        self.made: list[AccessKey] = []
        self.calls: list[Call] = []
        self.status = 0
        self.url = ""

    def answer(self, call: Call) -> Reply:
        """What Vault answers."""
        self.calls.append(call)
        path = call.path.removeprefix(PREFIX)
        if self.status:
            return _errors(self.status, "Vault is sealed")
        if call.headers.get("x-vault-namespace", "").strip("/") != self.namespace:
            return _errors(404)
        allowed = self.tokens.get(call.headers.get("x-vault-token", ""))
        if allowed is None:
            return _errors(403, "permission denied")
        if path == "auth/token/lookup-self":
            return _secret({"ttl": LEASE_S, "policies": ["default"]})
        if not path.startswith(allowed):
            return _errors(403, "permission denied")
        return self._read(call.method, path)

    def _read(self, method: str, path: str) -> Reply:
        mount, _, name = path.partition("/data/")
        if name and method == "GET":
            return self._kv(f"{mount}/{name}")
        *_, kind, role = ["", "", *path.split("/")]
        if (method, kind) == ("GET", "creds"):
            return self._made(self._keys.create(account=self.account, user=f"vault-{role}"), "")
        if (method, kind) == ("POST", "sts"):
            key = self._keys.create_session(account=self.account, role=role, lifetime_s=LEASE_S)
            return self._made(key, key.token or "")
        return _errors(404)

    def _kv(self, path: str) -> Reply:
        if path not in self.secrets:
            return _errors(404)
        metadata = {"created_time": "2026-01-01T00:00:00Z", "deletion_time": "", "destroyed": False, "version": 1}
        return _secret({"data": self.secrets[path], "metadata": metadata}, 0)

    def _made(self, key: AccessKey, token: str) -> Reply:
        self.made.append(key)
        data = {"access_key": key.id, "secret_key": key.secret, "security_token": token or None}
        return _secret({**data, "session_token": token or None}, LEASE_S)


def _secret(data: dict[str, Any], lease_s: int = 0) -> Reply:
    ids = {"request_id": str(uuid.uuid4()), "lease_id": "made-up" if lease_s else ""}
    rest = {"renewable": False, "lease_duration": lease_s, "wrap_info": None, "warnings": None, "auth": None}
    return Reply(200, {**ids, **rest, "data": data}, (("Content-Type", "application/json"),))


def _errors(status: int, *messages: str) -> Reply:
    return Reply(status, {"errors": list(messages)}, (("Content-Type", "application/json"),))


@contextmanager
def start(keys: KeyStore) -> Iterator[Vault]:
    """A Vault for the length of a `with`."""
    vault = Vault(keys)
    with jsonserver.serve(vault.answer) as url:
        vault.url = url
        yield vault
