"""One reconfiguration at a time in a data directory. The lock goes when its last holder does, killed or not."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY = "another tfwrap is reconfiguring the backend here"

if sys.platform == "win32":
    import msvcrt

    _FILE = "tfwrap.lock"  # a directory cannot be opened here
    _HELD = (PermissionError,)

    def _open(data_dir: str) -> int:
        return os.open(os.path.join(data_dir, _FILE), os.O_RDWR | os.O_CREAT, 0o600)

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    _HELD = (BlockingIOError,)

    def _open(data_dir: str) -> int:
        return os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # An init that outlives a tfwrap killed by SIGKILL goes on holding the lock: nobody must tidy up under it.
        os.set_inheritable(descriptor, True)


@contextmanager
def alone(data_dir: str) -> Iterator[str]:
    """Nobody else is at work in this data directory meanwhile. What comes is why not: empty where it may begin."""
    try:
        descriptor = _open(data_dir)
    except OSError as error:
        yield f"{data_dir} cannot be opened ({error.strerror})"
        return
    try:
        yield _refusal(descriptor)
    finally:
        os.close(descriptor)


def _refusal(descriptor: int) -> str:
    """Why it cannot be locked. Some network file systems know no locks; then nothing is done without one."""
    try:
        _lock(descriptor)
    except _HELD:
        return BUSY
    except OSError as error:
        return f"the data directory cannot be locked ({error.strerror})"
    return ""
