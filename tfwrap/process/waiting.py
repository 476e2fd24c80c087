"""Waiting for Terraform on POSIX systems: which signals it is told, and what it may still write once it is gone."""

from __future__ import annotations

import os
import time

from tfwrap.lean import NamedTuple
from tfwrap.process import patience, streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from _thread import LockType
    from collections.abc import Callable, Sequence

    from tfwrap.process.relay import Pump
    from tfwrap.process.streams import Channel
    from tfwrap.process.warden import Warden
else:
    import _signal as signal

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# After SIGCONT the terminal may have another size: somebody else had it while we were stopped.
_RESIZING = (signal.SIGWINCH, signal.SIGCONT)
NOTED = (signal.SIGCHLD, *_RESIZING)
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# SIGCHLD goes to any thread that does not block it, and the caller may have one: the child is looked at now and then.
_LOOK_AGAIN_S = 1.0


class Child(NamedTuple):
    """The running child, and everything that watches it."""

    pid: int
    passed_on: tuple[int, ...]
    warden: Warden
    channels: tuple[Channel, ...]
    say: Callable[[str], None]


def wait(child: Child) -> tuple[int, int]:
    """Wait for the child; pass on what only we got. Returns the status of waitpid, and the last signal to stop."""
    interrupts, notice_at, last = 0, 0.0, 0
    while True:
        number = _next_signal({*child.passed_on, *NOTED})
        if number == signal.SIGCHLD:
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            if ended:
                return status, last
            continue
        if number in _RESIZING:
            streams.resize(child.channels)
        elif not child.warden.group_got(number):
            _pass_on(child.pid, number)
        last = number if number in _STOPPING else last
        interrupts += number == signal.SIGINT
        notice_at = _mind_a_deaf_child(child, number, interrupts, notice_at)


def _next_signal(signals: set[int]) -> int:
    """The next of these blocked signals to arrive, or SIGCHLD when it is time to look whether there was one."""
    if not hasattr(signal, "sigtimedwait"):  # macOS
        return signal.sigwait(signals)
    arrived = signal.sigtimedwait(signals, _LOOK_AGAIN_S)
    return arrived.si_signo if arrived else signal.SIGCHLD


def _pass_on(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:  # a "real binary" that became another user's, by sudo
        return


def _mind_a_deaf_child(child: Child, number: int, interrupts: int, notice_at: float) -> float:
    """After a third Ctrl-C on a terminal say how it can be killed; kill at the next. Returns when that was said."""
    if number != signal.SIGINT or interrupts <= patience.INTERRUPTS_THAT_IT_HEARS or not os.isatty(2):
        return notice_at
    now = time.monotonic()
    if not notice_at:
        child.say(patience.STILL_RUNS)
        return now
    if now - notice_at > patience.BEFORE_A_KILL_S:
        _pass_on(child.pid, signal.SIGKILL)
    return notice_at


def drain(channels: Sequence[Channel], done: Sequence[LockType], passed_on: tuple[int, ...]) -> int:
    """Let the pumps finish (`done`: a lock each, free once it has). Returns the signal that cut it short, or 0."""
    for channel, lock in zip(channels, done, strict=True):
        silent_at = -1
        while not lock.acquire(timeout=patience.SILENCE_S):
            pending = signal.sigpending().intersection(passed_on)
            if pending:
                return signal.sigwait(pending)
            if not channel.pump.is_writing and channel.pump.moved == silent_at and not _has_more(channel.pump):
                break
            silent_at = channel.pump.moved
    return 0


def _has_more(pump: Pump) -> bool:
    """Whether something waits to be read: then the pump was not silent, it only had no turn."""
    import select

    try:
        return bool(select.select([pump.source], [], [], 0)[0])
    except (OSError, ValueError):  # closed meanwhile
        return False
