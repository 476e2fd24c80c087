"""The gate: decides about every call, answers for STS itself and passes the rest on to the services."""

from __future__ import annotations

import threading
import time
import traceback

from tfwrap.stand import errors, iam, sts
from tfwrap.stand.admission import Refusal, admit
from tfwrap.stand.asked import Asked, asked
from tfwrap.stand.journal import Journal, Request
from tfwrap.stand.keys import AccessKey, KeyStore
from tfwrap.stand.services import Services
from tfwrap.stand.wire import Answer, Call, Clock, http_date

LONGEST_HANG_S = 120.0


class Gate:
    """From a call to an answer. `disabled_regions` are those not enabled for the accounts.

    `denials` are the actions, as pairs of service and action, that no policy allows: who asks is known, and refused.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.keys = KeyStore(self.clock)
        self.journal = Journal()
        self.services = Services()
        self.disabled_regions: set[str] = set()
        self.denials: dict[tuple[str, str], str] = {}
        self.faults: list[str] = []
        self._late = Lateness()

    def hang(self, service: str, seconds: float) -> None:
        """Answer calls to this service that much later, two minutes at most; 0 also lets those waiting go."""
        self._late.set(service, min(max(seconds, 0.0), LONGEST_HANG_S))

    def open_all(self) -> None:
        """Let every waiting call go, and none wait any more."""
        self._late.end()

    def answer(self, call: Call) -> Answer:
        """What AWS would answer, with a Date of the stand's clock."""
        asks = asked(call)
        number = self.journal.arrived(_request(call, asks, self.clock.now()))
        self._late.wait(asks.service)
        now = self.clock.now()
        answer = self._answer(call, asks, now)
        self.journal.answered(number, answer.status, answer.code)
        return answer._replace(headers=(*answer.headers, ("Date", http_date(now)), ("Server", "stand")))

    def _answer(self, call: Call, asks: Asked, now: float) -> Answer:
        if asks.service == "sts" and asks.action == "AssumeRoleWithWebIdentity":
            return sts.answer(asks, call.parameters(), None, self.keys, now) or self._unknown(call, asks)
        admitted = admit(call, asks, self.keys, now, self.disabled_regions)
        if isinstance(admitted, Refusal):
            return errors.refusal(admitted, asks, call.method)
        code = self.denials.get((asks.service, asks.action))
        if code:
            return errors.denial(code, asks, admitted, call.method)
        return self._own(call, asks, admitted, now) or self._forwarded(call, asks, admitted)

    def _own(self, call: Call, asks: Asked, key: AccessKey, now: float) -> Answer | None:
        """What the stand answers by itself, since moto does not know its keys."""
        if asks.service == "sts":
            return sts.answer(asks, call.parameters(), key, self.keys, now)
        return iam.answer(asks, call.parameters(), key, self.keys) if asks.service == "iam" else None

    def _forwarded(self, call: Call, asks: Asked, key: AccessKey) -> Answer:
        try:
            if not self.services.knows(asks.service, asks.region):
                return self._unknown(call, asks)
            return self.services.answer(call, key.account)
        except Exception as error:  # noqa: BLE001 - whatever moto breaks on is an answer of 500, as with AWS
            self.faults.append(traceback.format_exc())
            return errors.error(asks, 500, "InternalFailure", f"{type(error).__name__}: {error}", (), call.method)

    def _unknown(self, call: Call, asks: Asked) -> Answer:
        message = f"The stand has no {asks.service} {asks.action}"
        return errors.error(asks, 404, "UnknownOperationException", message, (), call.method)


class Lateness:
    """How much later which service answers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._seconds: dict[str, float] = {}
        self._ended = False

    def set(self, service: str, seconds: float) -> None:
        with self._changed:
            self._seconds[service] = seconds
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait(self, service: str) -> None:
        """Return when the service is to answer a call that came now."""
        came = time.monotonic()
        with self._changed:
            while not self._ended and (left := self._seconds.get(service, 0.0) + came - time.monotonic()) > 0:
                self._changed.wait(left)


def _request(call: Call, asks: Asked, now: float) -> Request:
    return Request(
        now, asks.service, asks.action, asks.access_key_id, asks.region, call.header("host"), call.path, 0, ""
    )
