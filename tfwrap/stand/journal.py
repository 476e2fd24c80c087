"""What arrived at the stand, and what it was told."""

from __future__ import annotations

import threading
from typing import NamedTuple


class Request(NamedTuple):
    """One call. `status` is 0 until it is answered; `code` is the AWS error code, empty on success."""

    time: float
    service: str
    action: str
    access_key_id: str
    region: str
    host: str
    path: str
    status: int
    code: str


class Journal:
    """The requests in the order of their arrival; safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: dict[int, Request] = {}
        self._count = 0

    def arrived(self, request: Request) -> int:
        """Write down a request; returns the number to give to `answered`."""
        with self._changed:
            self._count += 1
            self._requests[self._count] = request
            self._changed.notify_all()
            return self._count

    def answered(self, number: int, status: int, code: str) -> None:
        """Note the answer, unless the request has been forgotten in the meantime."""
        with self._changed:
            if number in self._requests:
                self._requests[number] = self._requests[number]._replace(status=status, code=code)
                self._changed.notify_all()

    def requests(self) -> list[Request]:
        """A copy of all that is written down."""
        with self._changed:
            return list(self._requests.values())

    def forget(self) -> None:
        """Start on an empty page."""
        with self._changed:
            self._requests.clear()

    def wait_for(self, service: str, timeout_s: float) -> Request:
        """The first request to this service, as soon as it arrives. TimeoutError if none does."""
        with self._changed:
            if self._changed.wait_for(lambda: self._first(service) is not None, timeout_s):
                found = self._first(service)
                if found is not None:
                    return found
        raise TimeoutError(f"no request to {service} in {timeout_s} s")

    def _first(self, service: str) -> Request | None:
        return next((request for request in self._requests.values() if request.service == service), None)
