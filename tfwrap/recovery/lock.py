"""One reconfiguration at a time in a data directory. The lock goes when its last holder does, killed or not."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

if sys.platform == "win32":
    import msvcrt

    _FILE = "tfwrap.lock"  # a directory cannot be opened here

    def _acquire(data_dir: str) -> int | None:
        descriptor = os.open(os.path.join(data_dir, _FILE), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor

else:
    import fcntl

    def _acquire(data_dir: str) -> int | None:
        descriptor = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        # An init that outlives a tfwrap killed by SIGKILL goes on holding the lock: nobody must tidy up under it.
        os.set_inheritable(descriptor, True)
        return descriptor


def alone(data_dir: str, work: Callable[[], T], busy: Callable[[], T]) -> T:
    """What `work` gives, done by nobody else in this data directory meanwhile; `busy`'s where somebody is at it.

    Raises OSError where the directory cannot be opened.
    """
    descriptor = _acquire(data_dir)
    if descriptor is None:
        return busy()
    try:
        return work()
    finally:
        os.close(descriptor)
