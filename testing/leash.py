"""Programs on a leash: what a test starts ends with the test's own process, however that one ends, or after a while.

`testing.processes` ends what it started as long as it lives itself. A Terraform outlives a killed pytest, and its
provider processes, which nobody tells, outlive everything.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Reads from a pipe that the test's process holds open: what ends the reading is that process's end, or the time.
WATCH = """
(timeout --foreground "$1" cat "$2"; kill -KILL 0) </dev/null >/dev/null 2>&1 &
shift 2
exec "$@"
"""


class Leash:
    """Makes commands whose process group is killed when this process has ended, or `limit_s` seconds have passed."""

    def __init__(self, path: Path, limit_s: int) -> None:
        os.mkfifo(path, 0o600)
        self.path = path
        self.limit_s = limit_s
        # For both, since a pipe without a reader cannot be opened for writing alone; Python lets no child inherit it.
        self._held = os.open(path, os.O_RDWR)

    def around(self, argv: Sequence[str | Path]) -> list[str]:
        """The command that runs `argv` on the leash, to be started as the leader of a process group."""
        return ["/bin/sh", "-c", WATCH, "leash", str(self.limit_s), str(self.path), *map(str, argv)]

    def let_go(self) -> None:
        """End all that is on the leash."""
        os.close(self._held)
