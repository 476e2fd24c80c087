"""The child on POSIX systems: exec, signals, the end. What only a watched run needs is in watch.

Terraform stays in our process group, so that the terminal's own signals reach it and a pipeline's members stay
together (docs/decisions.md).
"""

from __future__ import annotations

import os

from tfwrap.errors import CannotRun, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums

# Python ignores these two in itself; a child must not inherit that (terraform | head would never end).
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def replace(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> None:
    """Become the real binary: no parent is left. Raises CannotRun; never returns otherwise."""
    for number in IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(path, [path, *argv], dict(environ))  # noqa: S606 - no shell is the point
    except OSError as error:
        raise CannotRun(f"{path} cannot be run: {reason(path, error)}") from error


def listen() -> None:
    """From now on a signal that ends us is raised as Interrupted, so that what was begun is put back first."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _raise)


def _raise(number: int, frame: object) -> None:
    del frame
    raise Interrupted(number)


def undisturbed(work: Callable[[], None]) -> None:
    """Do something that must not be left half done: a signal that would end us waits until it is over."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        work()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_by(number: int) -> None:
    """End by a signal, as the child did, so that the caller's shell sees the same. Returns if it does not kill."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the child has dumped already; ours would hide it
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)


def reason(path: str, error: OSError) -> str:
    """Why a program could not be started, in the words that follow "cannot be run"."""
    if isinstance(error, FileNotFoundError) and os.path.exists(path):
        return "its interpreter or loader does not exist"
    return (error.strerror or str(error)).lower()
