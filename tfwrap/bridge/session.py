"""Credentials that are made again before they expire, for as long as the run takes."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.recovery.refresh.outcome import Credentials

# So much of a session's time is left, at most, when it counts as over: a request that is on its way must still arrive.
MARGIN_S = 300
_SHARE = 5  # of a short session it is a fifth
# How long the SDK keeps a session that could not be made again, before it asks once more.
_RETRY_S = 60
# How long one who asks waits for a new session: the SDK waits for a minute, our client for 55 seconds (client.py).
LIMIT_S = 45.0


class Renewing:
    """The credentials that `make` makes. The first ones are made at once: raises NotRefreshed.

    `allow` raises NotRefreshed for what must not take the place of the first ones. Threads may ask at a time: they
    wait for one renewal, which is in a thread of its own.
    """

    def __init__(
        self,
        make: Callable[[], Credentials],
        allow: Callable[[Credentials, Credentials], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._make = make
        self._allow = allow
        self._now = now
        begun = now()
        self.first = make()
        self._held = _held(begun, self.first)
        self._lock = threading.Lock()
        self._renewal: _Renewal | None = None

    def document(self, limit_s: float = LIMIT_S) -> str:
        """What a `credential_process` prints.

        Raises NotRefreshed where they are over and cannot be made again, or not within these seconds.
        """
        held = self._current(limit_s)
        made = held.credentials
        document = {
            "Version": 1,
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret_key.reveal(),
            "SessionToken": made.token.reveal() if made.token else None,
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(held.ends)) if held.ends else None,
        }
        return json.dumps({name: value for name, value in document.items() if value is not None})

    def _current(self, limit_s: float) -> _Held:
        """Those that are good, made anew where they have to be; or what is left of the last ones."""
        with self._lock:
            held = self._held
            if not held.ends or self._now() < held.ends:
                return held
            if self._renewal is None or self._renewal.is_over:
                self._renewal = _Renewal(self._renew)
            renewal = self._renewal
        try:
            renewal.wait(limit_s)
        except NotRefreshed:
            now, expires = self._now(), held.credentials.expires
            if now >= expires:
                raise
            return held._replace(ends=min(expires, now + _RETRY_S))
        return self._held

    def _renew(self) -> None:
        begun = self._now()
        made = self._make()
        self._allow(made, self.first)
        self._held = _held(begun, made)


class _Held(NamedTuple):
    """Credentials, and when the SDK is to ask again: 0 for never."""

    credentials: Credentials
    ends: float


def _held(begun: float, made: Credentials) -> _Held:
    ends = made.expires
    return _Held(made, ends - min(MARGIN_S, max(0.0, ends - begun) / _SHARE) if ends else 0.0)


class _Renewal:
    """A renewal that goes on when nobody waits for it any more: whoever asks next has what it made."""

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._ended = threading.Event()
        self._wrong = ""
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def is_over(self) -> bool:
        return self._ended.is_set()

    def wait(self, limit_s: float) -> None:
        """Raises NotRefreshed where it came to nothing, or takes longer."""
        if not self._ended.wait(limit_s):
            raise NotRefreshed(f"no new credentials were made within {limit_s:g} seconds")
        if self._wrong:
            raise NotRefreshed(self._wrong)

    def _run(self) -> None:
        try:
            self._renew()
        except NotRefreshed as error:
            self._wrong = str(error) or "no new credentials were made"
        except Exception as error:  # noqa: BLE001 - in words of our own: what it says may hold a secret
            self._wrong = f"tfwrap failed to make credentials ({type(error).__name__})"
        finally:
            self._ended.set()
