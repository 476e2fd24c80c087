"""The private directory of a bridge: mode 0700, gone with the run; what a killed run left is swept by the next one."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOCKET = "s"
_PREFIX = "tfwrap-bridge-"
_OWN_NAME = re.compile(rf"{_PREFIX}\d+-\w+")
# What needs no quoting in a shell and has no meaning in an AWS file.
_PLAIN = re.compile(r"[\w./+-]+", re.ASCII)
_LONGEST = 100  # bytes of a Unix socket's path: 104 on macOS, 108 on Linux (unix(7))


@contextmanager
def private(environ: Mapping[str, str]) -> Iterator[str]:
    """A directory for the length of a `with`. Raises NotRefreshed where none can be had."""
    path = _made(environ)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _made(environ: Mapping[str, str]) -> str:
    for base in _bases(environ):
        _sweep(base)
        try:
            return tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base)
        except OSError:
            continue
    raise NotRefreshed("there is no directory for a private socket (XDG_RUNTIME_DIR, TMPDIR and /tmp were tried)")


def _bases(environ: Mapping[str, str]) -> Iterator[str]:
    """Where it may lie: the user's own runtime directory first, then those for everybody's temporary files."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if is_fit(runtime) and _is_private(runtime):
        yield runtime
    yield from filter(is_fit, (environ.get("TMPDIR", ""), "/tmp"))  # noqa: S108 - mkdtemp is made for it


def is_fit(base: str) -> bool:
    """Whether the path of a socket in there is short enough, and can stand in an AWS file as it is."""
    longest = os.path.join(base, f"{_PREFIX}{1 << 22}-12345678", SOCKET)
    return os.path.isabs(base) and bool(_PLAIN.fullmatch(base)) and len(longest) <= _LONGEST


def _is_private(path: str) -> bool:
    try:
        seen = os.stat(path)
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o077


def _sweep(base: str) -> None:
    """Remove the directories of our user's runs that are no more."""
    try:
        entries = [entry for entry in os.scandir(base) if _OWN_NAME.fullmatch(entry.name)]
    except OSError:
        return
    for entry in entries:
        if _is_left_over(entry):
            shutil.rmtree(entry.path, ignore_errors=True)


def _is_left_over(entry: os.DirEntry[str]) -> bool:
    """Ours, its process gone, and nobody who answers: in another container the same numbers are other processes."""
    try:
        seen = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    is_ours = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid()
    number = int(entry.name.split("-")[2])
    return is_ours and not _runs(number) and not _answers(os.path.join(entry.path, SOCKET))


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _answers(path: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1)
            connection.connect(path)
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:
        return True
    return True
