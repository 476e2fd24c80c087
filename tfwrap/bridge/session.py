"""Credentials that are made again before they expire, for as long as the run takes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.recovery.refresh.outcome import Credentials

# So much of a session's time is left, at most, when it counts as over: a request that is on its way must still arrive.
MARGIN_S = 300
_SHARE = 5  # of a short session it is a fifth
# How long the SDK keeps a session that could not be made again, before it asks once more.
_RETRY_S = 60


class Renewing:
    """The credentials that `make` makes. The first ones are made at once: raises NotRefreshed.

    `allow` raises NotRefreshed for what must not take the place of the first ones.
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
        self.first = self._hold(now(), make())

    def document(self) -> str:
        """What a `credential_process` prints. Raises NotRefreshed where they are over and cannot be made again."""
        ends = self._current_end()
        held = self._held
        document = {
            "Version": 1,
            "AccessKeyId": held.access_key,
            "SecretAccessKey": held.secret_key.reveal(),
            "SessionToken": held.token.reveal() if held.token else None,
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends)) if ends else None,
        }
        return json.dumps({name: value for name, value in document.items() if value is not None})

    def _current_end(self) -> float:
        """When the SDK is to ask again, 0 for never; by then they are made anew, or what is left of them is used up."""
        now = self._now()
        if not self._good_until or now < self._good_until:
            return self._good_until
        try:
            self._renew(now)
        except NotRefreshed:
            if now >= self._held.expires:
                raise
            return min(self._held.expires, now + _RETRY_S)
        return self._good_until

    def _renew(self, begun: float) -> None:
        made = self._make()
        self._allow(made, self.first)
        self._hold(begun, made)

    def _hold(self, begun: float, made: Credentials) -> Credentials:
        self._held = made
        ends = made.expires
        self._good_until = ends - min(MARGIN_S, max(0.0, ends - begun) / _SHARE) if ends else 0.0
        return made
