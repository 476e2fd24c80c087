"""How a run of the real binary ended."""

from __future__ import annotations

from tfwrap.lean import NamedTuple


class Finished(NamedTuple):
    """`status` as a shell shows it, the signal that it died by or 0, and the end of what the watched streams got."""

    status: int
    signal: int
    tail: bytes
