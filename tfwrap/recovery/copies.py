"""Copies of what `init` changes, in such an order that a crash at any instant can be made good from the files alone.

The copy of the saved backend is the last to be made and the first to go: while it is there, everything can be put
back, and nothing else says so. A file `environment` without a copy was not there before.
"""

from __future__ import annotations

import os
import sys

from tfwrap import state
from tfwrap.lean import NamedTuple
from tfwrap.terraform.saved_backend import COPY_SUFFIX as SUFFIX


class Kept(NamedTuple):
    """The two files that `init` changes: the saved backend and the name of the selected workspace."""

    saved: str
    environment: str

    @property
    def copies(self) -> tuple[str, str]:
        """Where their copies are, the one that decides first."""
        return self.saved + SUFFIX, self.environment + SUFFIX


def of(saved: str, environment: str) -> Kept:
    """The files of these paths. Where one is a link, what it leads to is what init changes."""
    return Kept(os.path.realpath(saved), os.path.realpath(environment))


def are_there(kept: Kept) -> bool:
    """Whether a run that ended without tidying up has left copies behind."""
    return any(map(os.path.lexists, kept.copies))


def make(kept: Kept) -> None:
    """Copy both, mode 0600. Raises OSError; then `put_back` takes away what was copied."""
    state.remove(kept.copies[0])
    _copy(kept.environment)
    _copy(kept.saved)


def put_back(kept: Kept) -> None:
    """Make both as they were, and the copies go. Without the copy of the saved backend nothing was changed."""
    saved_copy, environment_copy = kept.copies
    if os.path.exists(saved_copy):
        _restore_environment(kept)
        os.chmod(saved_copy, _mode(kept.saved))
        state.replace(saved_copy, kept.saved)
    if os.path.lexists(environment_copy):  # on a read-only file system not even nothing can be removed
        state.remove(environment_copy)


def discard(kept: Kept) -> None:
    """All is well: the copies go."""
    for copy in kept.copies:
        state.remove(copy)


def _copy(path: str) -> None:
    copy = path + SUFFIX
    try:
        with open(path, "rb") as file:
            content, seen = file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        state.remove(copy)
        return
    state.write(copy, content)
    _own(copy, seen)


def _restore_environment(kept: Kept) -> None:
    copy = kept.copies[1]
    if not os.path.exists(copy):
        state.remove(kept.environment)
        return
    content = _content(copy)
    if os.path.exists(kept.environment) and _content(kept.environment) == content:
        return
    mode = _mode(kept.environment)
    state.write(kept.environment, content)
    os.chmod(kept.environment, mode)
    _own(kept.environment, os.stat(copy))


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _mode(path: str) -> int:
    """A file's mode: init writes into the file that is there. One that is gone gets what Terraform would give it."""
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return 0o644


def _own(path: str, seen: os.stat_result) -> None:
    if sys.platform != "win32" and seen.st_uid != os.geteuid():
        os.chown(path, seen.st_uid, seen.st_gid)
