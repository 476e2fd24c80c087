"""Kills a program right after one of its system calls: Linux on x86-64, where the kernel lets us trace."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

IS_POSSIBLE = sys.platform == "linux" and platform.machine() == "x86_64"

_TRACEME, _PEEKUSER, _SYSCALL, _SETOPTIONS = 0, 3, 24, 0x4200
_SYSGOOD = 1
_STOPPED_AT_A_CALL = signal.SIGTRAP | 0x80
_NUMBER = 15 * 8  # where the kernel keeps the call's number: orig_rax of struct user_regs_struct
FLOCK = 73
# Of the calls, those that change a file or a process, or wait for one (arch/x86/entry/syscalls/syscall_64.tbl).
CHANGING = {
    1: "write", 2: "open", 56: "clone", 57: "fork", 58: "vfork", 61: "wait4", 62: "kill", FLOCK: "flock", 74: "fsync",
    82: "rename", 87: "unlink", 90: "chmod", 91: "fchmod", 257: "openat", 263: "unlinkat", 264: "renameat",
    268: "fchmodat", 316: "renameat2", 435: "clone3",
}  # fmt: skip


class Traced(NamedTuple):
    """The changing calls of the first thread since the first `flock`, and the exit status (-9: killed)."""

    calls: tuple[str, ...]
    status: int


def run(argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path, last: int = 0) -> Traced:
    """Run a program and kill it right after its `last`-th changing call since it took a lock; 0 lets it end.

    Raises OSError where tracing is not allowed.
    """
    nothing = subprocess.DEVNULL
    # The program's first thread alone is traced: what it starts lives on, as after a real kill.
    traced = subprocess.Popen(  # between fork and exec there is one call, which takes no lock
        argv,
        env=dict(environ),
        cwd=cwd,
        stdin=nothing,
        stdout=nothing,
        stderr=nothing,
        preexec_fn=_be_traced,  # noqa: PLW1509
    )
    _wait(traced)
    _ptrace(_SETOPTIONS, traced.pid, _SYSGOOD)
    calls: list[str] = []
    for call in _changing_calls(traced):
        calls.append(call)
        if len(calls) == last:
            traced.kill()
            while _wait(traced) is not None:
                continue
    return Traced(tuple(calls), traced.returncode)


def _changing_calls(traced: subprocess.Popen[bytes]) -> Iterator[str]:
    """The changing calls since the first `flock`, each when it has returned, until the program ends."""
    is_locked = is_inside = False
    deliver = 0
    while traced.returncode is None:
        _ptrace(_SYSCALL, traced.pid, deliver)
        stop = _wait(traced)
        if stop is None:
            return
        deliver = 0 if stop == _STOPPED_AT_A_CALL else stop
        if deliver:
            continue
        is_inside = not is_inside
        number = _ptrace(_PEEKUSER, traced.pid, 0, _NUMBER)
        is_locked = is_locked or number == FLOCK
        if is_locked and not is_inside and number in CHANGING:
            yield CHANGING[number]


def _wait(traced: subprocess.Popen[bytes]) -> int | None:
    """The signal at which it stopped; None where it has ended."""
    _, status = os.waitpid(traced.pid, 0)
    if os.WIFSTOPPED(status):
        return os.WSTOPSIG(status)
    traced.returncode = os.waitstatus_to_exitcode(status)
    return None


def _be_traced() -> None:
    _ptrace(_TRACEME, 0, 0)


def _ptrace(request: int, pid: int, data: int, address: int = 0) -> int:
    call = ctypes.CDLL(None, use_errno=True).ptrace
    call.restype = ctypes.c_long
    call.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    ctypes.set_errno(0)
    answer = int(call(request, pid, address, data))
    if answer == -1 and ctypes.get_errno():
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
