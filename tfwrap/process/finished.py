"""How a run of the real binary ended."""

from __future__ import annotations

from tfwrap.lean import NamedTuple


class Finished(NamedTuple):
    """`status` as a shell shows it, the signal that it died by or 0, and the end of what the watched streams got.

    `interrupted` is the last signal to stop that arrived during the run, or 0: Terraform may have ended by itself all
    the same, with any status, and whoever sent it wants nothing to be started after it. `is_whole` says that `tail` is
    everything that Terraform wrote, to both streams: only then does it show what did not happen.
    """

    status: int
    signal: int
    tail: bytes
    interrupted: int = 0
    is_whole: bool = False
