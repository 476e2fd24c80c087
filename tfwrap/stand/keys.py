"""The stand's own access keys, sessions, roles and MFA devices: the part of IAM that lets people in."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tfwrap.stand.wire import Clock

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class AccessKey(NamedTuple):
    """An access key. `token` and `expires_at` (seconds since the epoch) are None for a long-term key.

    `has_mfa`: a session that a user's own key and a code were given for, with which roles that want MFA are assumed.
    `created_at`: seconds since the epoch.
    """

    id: str
    secret: str
    token: str | None
    account: str
    arn: str
    user_id: str
    partition: str
    active: bool
    expires_at: float | None
    has_mfa: bool = False
    created_at: float = 0


class Role(NamedTuple):
    """A role that may be assumed by everyone who gives the external id and the MFA that it asks for."""

    arn: str
    external_id: str | None
    needs_mfa: bool


class KeyStore:
    """Keys that can be created, deactivated, activated, deleted and expired while the stand runs.

    `longest_role_s`: no session of a role lasts longer, whatever is asked for; AWS itself gives none below 900 s.
    """

    def __init__(self, clock: Clock) -> None:
        self.longest_role_s: float = 43200
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, AccessKey] = {}
        self._roles: dict[str, Role] = {}
        self._mfa_codes: dict[str, str] = {}
        self._forbidden: set[tuple[str, str]] = set()

    def create(
        self,
        account: str = "111111111111",
        user: str = "deployer",
        suffix: str | None = None,
        partition: str = "aws",
    ) -> AccessKey:
        """A long-term key (AKIA...) of an IAM user; its id ends in `suffix`, four of A-Z0-9."""
        arn = f"arn:{partition}:iam::{account}:user/{user}"
        return self._add("AKIA", account, suffix, arn, _unique_id("AIDA", arn), partition, None)

    def create_old(self, account: str = "111111111111", user: str = "deployer") -> AccessKey:
        """A long-term key as they were made before 2019: its id does not tell its account."""
        made = self.create(account, user)
        old = made._replace(id=f"AKIA{_random(_BASE32[:16], 1)}{_random(_BASE32, 15)}")
        with self._lock:
            del self._keys[made.id]
            self._keys[old.id] = old
        return old

    def create_session(
        self,
        account: str = "111111111111",
        role: str = "ci",
        lifetime_s: float = 900,
        suffix: str | None = None,
        partition: str = "aws",
        session_name: str = "stand",
    ) -> AccessKey:
        """The temporary key (ASIA..., with a token) of an assumed role; the role need not be known."""
        arn = f"arn:{partition}:sts::{account}:assumed-role/{role}/{session_name}"
        user_id = _unique_id("AROA", f"{account}/{role}") + f":{session_name}"
        return self._add("ASIA", account, suffix, arn, user_id, partition, lifetime_s)

    def create_user_session(self, owner: AccessKey, lifetime_s: float, has_mfa: bool = False) -> AccessKey:
        """The temporary key that GetSessionToken gives: the user's own identity, for a while."""
        made = self._add("ASIA", owner.account, None, owner.arn, owner.user_id, owner.partition, lifetime_s)
        with self._lock:
            self._keys[made.id] = made = made._replace(has_mfa=has_mfa)
        return made

    def get(self, key_id: str) -> AccessKey | None:
        """The key of this id as it stands now, None if there is none (any more)."""
        return self._keys.get(key_id)

    def of_user(self, arn: str) -> list[AccessKey]:
        """The long-term keys of a user, the oldest first."""
        with self._lock:
            own = [key for key in self._keys.values() if key.arn == arn and key.token is None]
        return sorted(own, key=lambda key: key.created_at)

    def age(self, key_id: str, seconds: float) -> None:
        """Let a key have been made that long ago. KeyError if there is no such key."""
        with self._lock:
            self._keys[key_id] = self._keys[key_id]._replace(created_at=self._clock.now() - seconds)

    def forbid(self, arn: str, action: str) -> None:
        """Deny a user an action of IAM's, `iam:ListAccessKeys`; here all are allowed, at AWS none is."""
        self._forbidden.add((arn, action))

    def is_forbidden(self, arn: str, action: str) -> bool:
        """Whether `forbid` said so."""
        return (arn, action) in self._forbidden

    def deactivate(self, key_id: str) -> None:
        """As the console's "Deactivate" does. KeyError if there is no such key."""
        self._change(key_id, active=False)

    def activate(self, key_id: str) -> None:
        """Undo `deactivate`. KeyError if there is no such key."""
        self._change(key_id, active=True)

    def expire(self, key_id: str) -> None:
        """End a session now. KeyError if there is no such key, ValueError for a long-term one."""
        if self._keys[key_id].token is None:
            raise ValueError("a long-term key does not expire: deactivate or delete it")
        self._change(key_id, expires_at=self._clock.now() - 1)

    def delete(self, key_id: str) -> None:
        """Remove a key. KeyError if there is no such key."""
        with self._lock:
            del self._keys[key_id]

    def add_role(
        self,
        account: str,
        name: str,
        external_id: str | None = None,
        needs_mfa: bool = False,
        partition: str = "aws",
    ) -> Role:
        """A role that AssumeRole and AssumeRoleWithWebIdentity give sessions of; all others are denied."""
        role = Role(f"arn:{partition}:iam::{account}:role/{name}", external_id, needs_mfa)
        self._roles[role.arn] = role
        return role

    def role(self, arn: str) -> Role | None:
        """The known role of this ARN, or None."""
        return self._roles.get(arn)

    def add_mfa_device(self, serial: str, code: str) -> None:
        """An MFA device whose one and only valid code is `code`."""
        self._mfa_codes[serial] = code

    def accepts_mfa(self, serial: str, code: str) -> bool:
        """Whether this device is known and shows this code."""
        return code != "" and self._mfa_codes.get(serial) == code

    def _add(
        self,
        prefix: str,
        account: str,
        suffix: str | None,
        arn: str,
        user_id: str,
        partition: str,
        lifetime_s: float | None,
    ) -> AccessKey:
        expires_at = None if lifetime_s is None else self._clock.now() + lifetime_s
        token = None if lifetime_s is None else _token()
        with self._lock:
            key_id = self._free_id(prefix, account, suffix)
            key = AccessKey(key_id, _secret(), token, account, arn, user_id, partition, True, expires_at)
            key = key._replace(created_at=self._clock.now())
            self._keys[key_id] = key
        return key

    def _free_id(self, prefix: str, account: str, suffix: str | None) -> str:
        while (candidate := key_id(prefix, account, suffix)) in self._keys:
            pass
        return candidate

    def _change(self, key_id: str, *, active: bool | None = None, expires_at: float | None = None) -> None:
        with self._lock:
            key = self._keys[key_id]
            self._keys[key_id] = key._replace(
                active=key.active if active is None else active,
                expires_at=key.expires_at if expires_at is None else expires_at,
            )


def key_id(prefix: str, account: str, suffix: str | None = None) -> str:
    """A new key id that encodes its account as real ones do: `tfwrap.aws.accesskey.account` reads it back.

    The first 48 bits behind the prefix are a one, the account in 40 bits, and seven others. ValueError for an
    account that is not twelve digits or a suffix that is not four letters or digits.
    """
    if len(account) != 12 or not account.isdecimal():
        raise ValueError(f"an account number has twelve digits: {account!r}")
    if suffix is not None and not (len(suffix) == 4 and suffix.isalnum() and suffix.isascii()):
        raise ValueError(f"a suffix is four letters or digits: {suffix!r}")
    number = (1 << 47 | int(account) << 7 | secrets.randbelow(1 << 7)) << 2
    head = "".join(_BASE32[number >> shift & 31] for shift in range(45, -1, -5))
    return f"{prefix}{head}{_random(_BASE32, 2)}{suffix or _random(_BASE32, 4)}"


def _secret() -> str:
    # Forty characters of the real alphabet, + and / included, that nobody takes for a real secret.
    return f"madeUp/by+the/stand/{_random(_BASE64, 20)}"


def _token() -> str:
    # Real tokens begin with IQoJb3JpZ2luX2Vj, the base64 of a tag and "origin_ec".
    return "IQoJb3JpZ2luX2Vj" + base64.b64encode(b"made up by the stand: " + secrets.token_bytes(100)).decode()


def _unique_id(prefix: str, name: str) -> str:
    return prefix + base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()[:17]


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
