"""The real binary as a child that does not notice us: streams, terminals, signals, exit status.

Terraform stays in our process group, so that the terminal's own signals reach it, and a pipeline's members stay
together. Its stdin is ours. What tfwrap has to read of its output goes through a pipe, or through a pseudo-terminal
where the user's is one; both streams through the same one where they are the same, which keeps their order.
"""

from __future__ import annotations

import errno
import os
from _thread import allocate_lock, start_new_thread

from tfwrap.errors import CannotRun, TfwrapError
from tfwrap.lean import NamedTuple
from tfwrap.relay import Pump
from tfwrap.warden import Warden

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterable, Mapping, Sequence
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# Python ignores these two in itself; a child must not inherit that (terraform | head would never end).
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
# How long a stream must be silent, once Terraform is gone, before somebody who still holds it is no longer waited for.
_SILENCE_S = 0.2


class NotLaunchedError(TfwrapError):
    """The preparations for watching failed (no descriptors, no processes left); Terraform was not started."""


class Finished(NamedTuple):
    """How a run ended: `status` as a shell shows it, and the last part of what was written to the watched streams."""

    status: int
    signal: int
    tail: bytes


class Channel(NamedTuple):
    """One watched stream: which of the child's descriptors lead into it, and the pump that empties it.

    `terminal` is our side of a pseudo-terminal, or -1; `stdin` a descriptor that stands in for the child's, or -1.
    """

    child_descriptors: tuple[int, ...]
    child_end: int
    pump: Pump
    terminal: int = -1
    stdin: int = -1


def replace(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> None:
    """Become the real binary: no parent is left. Raises CannotRun; never returns otherwise."""
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(path, [path, *argv], dict(environ))  # noqa: S606 - no shell is the point
    except OSError as error:
        raise CannotRun(f"{path} cannot be run: {_reason(path, error)}") from error


def run(path: str, argv: Sequence[str], environ: Mapping[str, str], *, watch_stdout: bool) -> Finished:
    """Run the real binary in our place and say how it ended. Raises CannotRun.

    `watch_stdout` is for `-json`, where Terraform writes its errors there.
    """
    watched = _watched(watch_stdout)
    return _supervise(path, argv, environ, lambda: [_channel(descriptors) for descriptors in watched])


def capture(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> Finished:
    """Run the real binary unseen, its output kept and shown to nobody, with nothing to read. Raises CannotRun."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        return _supervise(path, argv, environ, lambda: [_silent_channel(nowhere)])
    finally:
        os.close(nowhere)


def _supervise(
    path: str, argv: Sequence[str], environ: Mapping[str, str], open_channels: Callable[[], list[Channel]]
) -> Finished:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    passed_on = tuple(number for number in _PASSED_ON if signal.getsignal(number) != signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # BSD delivers it to sigwait only where a handler is set
    signal.pthread_sigmask(signal.SIG_BLOCK, {*passed_on, signal.SIGCHLD, signal.SIGWINCH})
    try:
        warden, channels, plugs = _prepare(passed_on, open_channels)
        try:
            child = _spawn(path, argv, environ, channels, before)
            warden.watch(child)
            done = [_start(channel.pump) for channel in channels]
            status = _wait(child, passed_on, warden, channels)
            interrupted = _drain(channels, done, passed_on)
        finally:
            warden.dismiss()
            for plug in plugs:
                os.close(plug)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _finished(status, interrupted, channels)


def _prepare(
    passed_on: tuple[int, ...], open_channels: Callable[[], list[Channel]]
) -> tuple[Warden, list[Channel], list[int]]:
    try:
        plugs = _plug_closed_streams()
        return Warden(passed_on), open_channels(), plugs
    except OSError as error:
        raise NotLaunchedError(error.strerror or str(error)) from error


def die_by(number: int) -> None:
    """End by a signal, as the child did, so that the caller's shell sees the same. Returns if it does not kill."""
    if number == signal.SIGQUIT:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the child has dumped already; ours would hide it
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)


# Streams


def _plug_closed_streams() -> list[int]:
    """Keep our pipes off the places of closed streams. The child does not get the plugs: closed stays closed."""
    plugs = [os.open(os.devnull, os.O_RDWR)]
    while plugs[-1] <= 2:
        plugs.append(os.open(os.devnull, os.O_RDWR))
    return plugs


def _watched(watch_stdout: bool) -> list[tuple[int, ...]]:
    """Which of the child's descriptors to watch, those that are one and the same together."""
    if not _is_open(2):
        return [(1,)] if watch_stdout and _is_open(1) else []
    if _is_open(1) and os.path.sameopenfile(1, 2):
        return [(1, 2)]
    return [(2,), (1,)] if watch_stdout and _is_open(1) else [(2,)]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _channel(descriptors: tuple[int, ...]) -> Channel:
    target = descriptors[-1]
    terminal = -1
    if os.isatty(target):
        ours, theirs = _pseudo_terminal(target)
        terminal = ours
    else:
        ours, theirs = os.pipe()
    return Channel(descriptors, theirs, Pump(ours, target), terminal)


def _silent_channel(nowhere: int) -> Channel:
    ours, theirs = os.pipe()
    return Channel((1, 2), theirs, Pump(ours, nowhere), stdin=nowhere)


def _pseudo_terminal(like: int) -> tuple[int, int]:
    """A pseudo-terminal of the same size that changes no byte: the user's terminal does its own line ends."""
    import termios

    ours, theirs = os.openpty()
    attributes = termios.tcgetattr(like)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    _copy_size(like, ours)
    return ours, theirs


def _copy_size(source: int, target: int) -> None:
    import termios

    try:
        termios.tcsetwinsize(target, termios.tcgetwinsize(source))
    except OSError:
        return


# The child


def _spawn(
    path: str, argv: Sequence[str], environ: Mapping[str, str], channels: Iterable[Channel], mask: set[int]
) -> int:
    connect = [
        (os.POSIX_SPAWN_DUP2, channel.child_end, descriptor)
        for channel in channels
        for descriptor in channel.child_descriptors
    ]
    connect += [(os.POSIX_SPAWN_DUP2, channel.stdin, 0) for channel in channels if channel.stdin >= 0]
    defaults = [number for number in _IGNORED_BY_PYTHON if signal.getsignal(number) == signal.SIG_IGN]
    try:
        return os.posix_spawn(
            path,
            [path, *argv],
            dict(environ),
            file_actions=connect,
            setsigmask=mask,
            setsigdef=defaults,
        )
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.ENOMEM):
            raise NotLaunchedError(error.strerror) from error
        raise CannotRun(f"{path} cannot be run: {_reason(path, error)}") from error
    finally:
        for channel in channels:
            os.close(channel.child_end)


def _reason(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and os.path.exists(path):
        return "its interpreter or loader does not exist"
    return (error.strerror or str(error)).lower()


def _start(pump: Pump) -> object:
    """Run a pump in a thread of its own; the lock that comes back is free once it has ended."""
    lock = allocate_lock()
    lock.acquire()

    def work() -> None:
        try:
            pump.run()
        finally:
            lock.release()

    start_new_thread(work, ())
    return lock


def _wait(child: int, passed_on: tuple[int, ...], warden: Warden, channels: Iterable[Channel]) -> int:
    """Wait for the child; pass on what only we got."""
    while True:
        number = signal.sigwait({*passed_on, signal.SIGCHLD, signal.SIGWINCH})
        if number == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
        elif number == signal.SIGWINCH:
            _resize(channels)
        elif not warden.group_got(number):
            os.kill(child, number)


def _resize(channels: Iterable[Channel]) -> None:
    for channel in channels:
        if channel.terminal >= 0:
            _copy_size(channel.child_descriptors[-1], channel.terminal)


def _drain(channels: Sequence[Channel], done: Sequence[object], passed_on: tuple[int, ...]) -> int:
    """Let the pumps finish. Returns the signal that cut it short, or 0."""
    for channel, lock in zip(channels, done, strict=True):
        silent_at = -1
        while not lock.acquire(timeout=_SILENCE_S):  # type: ignore[attr-defined]
            pending = signal.sigpending().intersection(passed_on)
            if pending:
                return signal.sigwait(pending)
            if not channel.pump.is_writing and channel.pump.moved == silent_at:
                break
            silent_at = channel.pump.moved
    return 0


def _finished(status: int, interrupted: int, channels: Iterable[Channel]) -> Finished:
    code = os.waitstatus_to_exitcode(status)
    number = interrupted or max(0, -code)
    tail = b"".join(channel.pump.tail.content() for channel in channels)
    return Finished(128 + number if number else code, number, tail)
