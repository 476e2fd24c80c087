"""A call as it came over the wire, an answer as it goes back, and the clock that dates them."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import parse_qs

FORM = "application/x-www-form-urlencoded"


class Call(NamedTuple):
    """One HTTP request. `path` and `query` are the raw request line, nothing decoded: SigV4 signs them so."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, several of one name joined by commas, empty where it is missing."""
        return ",".join(value.strip() for key, value in self.headers if key.lower() == name.lower())

    def parameters(self) -> dict[str, str]:
        """The decoded parameters of a Query API call (STS, IAM, EC2), from its form or its query string."""
        text = self.body.decode("utf-8", "replace") if self.header("content-type").startswith(FORM) else self.query
        return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


class Answer(NamedTuple):
    """One HTTP answer. `code` is the AWS error code, empty on success; a HEAD carries it nowhere else."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    code: str = ""


class Clock:
    """The stand's idea of now."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def shift(self, seconds: float) -> None:
        """Let the stand's clock be `seconds` ahead of the machine's (behind, if negative); 0 undoes it."""
        self._ahead_s = seconds

    def now(self) -> float:
        """Seconds since the epoch, as the stand sees it."""
        return time.time() + self._ahead_s


def http_date(now: float) -> str:
    """`Tue, 24 Nov 2026 10:00:00 GMT`, the form of the Date header (RFC 9110, 5.6.7)."""
    return formatdate(now, usegmt=True)


def amz_date(now: float) -> str:
    """`20261124T100000Z`, the form of X-Amz-Date."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))


def iso_date(now: float) -> str:
    """`2026-11-24T10:00:00Z`, the form of dates in AWS's answers."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
