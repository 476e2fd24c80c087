"""A watched run on POSIX systems: start, relay, signals, status."""

from __future__ import annotations

import errno
import os
import time
from _thread import allocate_lock, start_new_thread

from tfwrap.errors import CannotRun, Interrupted, NotLaunched
from tfwrap.lean import NamedTuple
from tfwrap.process import streams
from tfwrap.process.finished import Finished
from tfwrap.process.newborn import Newborn, Program
from tfwrap.process.posix import IGNORED_BY_PYTHON, reason
from tfwrap.process.relay import KEEP
from tfwrap.process.warden import Warden

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from _thread import LockType
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tfwrap.process.relay import Pump
    from tfwrap.process.streams import Channel
else:
    import _signal as signal

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# After SIGCONT the terminal may have another size: somebody else had it while we were stopped.
_RESIZING = (signal.SIGWINCH, signal.SIGCONT)
_NOTED = (signal.SIGCHLD, *_RESIZING)
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# How long a stream must be silent, once Terraform is gone, before somebody who still holds it is no longer waited for.
_SILENCE_S = 0.2
# Terraform hears two interrupts: stop, and stop at once. While it configures the backend it hears none at all
# (terraform internal/command/meta_backend.go runs without the stop context; tried with an STS that does not answer).
_INTERRUPTS_THAT_IT_HEARS = 2
_BEFORE_A_KILL_S = 1.0
# SIGCHLD goes to any thread that does not block it, and the caller may have one: the child is looked at now and then.
_LOOK_AGAIN_S = 1.0


class Child(NamedTuple):
    """The running child, and everything that watches it."""

    pid: int
    passed_on: tuple[int, ...]
    warden: Warden
    channels: tuple[Channel, ...]
    say: Callable[[str], None]


class Crew(NamedTuple):
    """Everything that is ready before Terraform begins. `done` are locks, each free once a channel's pump has ended."""

    newborn: Newborn
    warden: Warden
    channels: tuple[Channel, ...]
    done: list[LockType]


def run(
    path: str,
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    watch_stdout: bool,
    say: Callable[[str], None],
    held: Sequence[int] = (),
) -> Finished:
    """As process.run."""
    watched = streams.watched(watch_stdout)
    return _supervise(path, argv, environ, lambda: tuple(map(streams.open_channel, watched)), say, held)


def capture(path: str, argv: Sequence[str], environ: Mapping[str, str], *, say: Callable[[str], None]) -> Finished:
    """As process.capture."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        return _supervise(path, argv, environ, lambda: (streams.open_silent_channel(nowhere),), say)
    finally:
        os.close(nowhere)


def _supervise(
    path: str,
    argv: Sequence[str],
    environ: Mapping[str, str],
    open_channels: Callable[[], tuple[Channel, ...]],
    say: Callable[[str], None],
    held: Sequence[int] = (),
) -> Finished:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    passed_on = tuple(number for number in _PASSED_ON if signal.getsignal(number) != signal.SIG_IGN)
    for number in _NOTED:
        signal.signal(number, lambda *_: None)  # BSD delivers these to sigwait only where a handler is set
    signal.pthread_sigmask(signal.SIG_BLOCK, {*passed_on, *_NOTED})
    plugs: list[int] = []
    try:
        program = Program(path, argv, environ, (), before, _defaults(passed_on))
        crew = _prepare(program, passed_on, open_channels, plugs, held)
        try:
            crew.warden.watch(crew.newborn.pid)  # first: there must be no moment at which it would run on unseen
            _begin(crew.newborn, path, passed_on)
            status, interrupted = _wait(Child(crew.newborn.pid, passed_on, crew.warden, crew.channels, say))
        finally:
            crew.warden.dismiss()
        cut_short = _drain(crew.channels, crew.done, passed_on)
    finally:
        for plug in plugs:
            os.close(plug)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _finished(status, cut_short, interrupted, crew.channels)


def _defaults(passed_on: Iterable[int]) -> list[int]:
    """What Terraform must not inherit: that Python ignores a signal, or what we ourselves do at one."""
    ignored = [number for number in IGNORED_BY_PYTHON if signal.getsignal(number) == signal.SIG_IGN]
    return [*ignored, *passed_on]


def _prepare(
    program: Program,
    passed_on: tuple[int, ...],
    open_channels: Callable[[], tuple[Channel, ...]],
    plugs: list[int],
    held: Sequence[int],
) -> Crew:
    """Everything that can fail for want of descriptors, processes or threads, before Terraform is started."""
    try:
        plugs += streams.plug_closed_streams()
        channels = open_channels()
        warden = Warden(passed_on, [channel.pump.source for channel in channels], held)
    except OSError as error:
        raise NotLaunched(error.strerror or str(error)) from error
    try:
        newborn = _bear(program, channels)
        try:
            done = [_start(channel.pump, warden, place) for place, channel in enumerate(channels)]
        except RuntimeError:
            newborn.abandon()
            raise
    except (OSError, RuntimeError) as error:
        warden.dismiss()
        raise NotLaunched(getattr(error, "strerror", None) or str(error)) from error
    return Crew(newborn, warden, channels, done)


def _bear(program: Program, channels: Sequence[Channel]) -> Newborn:
    connect = [(channel.child_end, descriptor) for channel in channels for descriptor in channel.child_descriptors]
    connect += [(channel.stdin, 0) for channel in channels if channel.stdin >= 0]
    try:
        return Newborn(program._replace(connect=connect))
    finally:
        for channel in channels:
            os.close(channel.child_end)


def _begin(newborn: Newborn, path: str, passed_on: tuple[int, ...]) -> None:
    """Let it begin, unless a signal came before: it would be lost, with nobody there to pass it on to."""
    try:
        _stop_if_told_to(passed_on)
    except Interrupted:
        newborn.abandon()
        raise
    try:
        newborn.begin()
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.ENOMEM):
            raise NotLaunched(error.strerror) from error
        raise CannotRun(f"{path} cannot be run: {reason(path, error)}") from error


def _stop_if_told_to(passed_on: tuple[int, ...]) -> None:
    pending = signal.sigpending().intersection(passed_on)
    if pending:
        raise Interrupted(signal.sigwait(pending))


def _start(pump: Pump, warden: Warden, place: int) -> LockType:
    """Run a pump in a thread of its own; the lock that comes back is free once it has ended."""
    lock = allocate_lock()
    lock.acquire()

    def work() -> None:
        try:
            if pump.run():
                warden.release(place)
        finally:
            lock.release()

    start_new_thread(work, ())
    return lock


def _wait(child: Child) -> tuple[int, int]:
    """Wait for the child; pass on what only we got. Returns the status of waitpid, and the last signal to stop."""
    interrupts, notice_at, last = 0, 0.0, 0
    while True:
        number = _next_signal({*child.passed_on, *_NOTED})
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
    if number != signal.SIGINT or interrupts <= _INTERRUPTS_THAT_IT_HEARS or not os.isatty(2):
        return notice_at
    now = time.monotonic()
    if not notice_at:
        child.say(
            "Terraform still runs: it does not listen to interrupts while it configures its backend. "
            "Press Ctrl-C once more to kill it (a state lock that it holds stays)"
        )
        return now
    if now - notice_at > _BEFORE_A_KILL_S:
        _pass_on(child.pid, signal.SIGKILL)
    return notice_at


def _drain(channels: Sequence[Channel], done: Sequence[LockType], passed_on: tuple[int, ...]) -> int:
    """Let the pumps finish. Returns the signal that cut it short, or 0."""
    for channel, lock in zip(channels, done, strict=True):
        silent_at = -1
        while not lock.acquire(timeout=_SILENCE_S):
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


def _finished(status: int, cut_short: int, interrupted: int, channels: Sequence[Channel]) -> Finished:
    code = os.waitstatus_to_exitcode(status)
    number = cut_short or max(0, -code)
    tail = b"".join(channel.pump.tail.content() for channel in channels)
    return Finished(128 + number if number else code, number, tail, interrupted, _is_whole(channels))


def _is_whole(channels: Iterable[Channel]) -> bool:
    """Whether both of Terraform's streams were watched, and all of them was kept."""
    seen = [descriptor for channel in channels for descriptor in channel.child_descriptors]
    return {1, 2}.issubset(seen) and all(channel.pump.moved <= KEEP for channel in channels)
