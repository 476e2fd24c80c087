"""A watched run on POSIX systems: what is made ready, the start, the status."""

from __future__ import annotations

import errno
import os
from _thread import allocate_lock, start_new_thread

from tfwrap.errors import CannotRun, Interrupted, NotLaunched
from tfwrap.lean import NamedTuple
from tfwrap.process import streams
from tfwrap.process.finished import Finished
from tfwrap.process.newborn import Newborn, Program
from tfwrap.process.posix import IGNORED_BY_PYTHON, reason
from tfwrap.process.relay import KEEP
from tfwrap.process.waiting import NOTED, PASSED_ON, Child, drain, wait
from tfwrap.process.warden import Warden

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from _thread import LockType
    from collections.abc import Callable, Iterable, Sequence

    from tfwrap.process.command import Command
    from tfwrap.process.relay import Pump
    from tfwrap.process.streams import Channel
else:
    import _signal as signal


class Crew(NamedTuple):
    """Everything that is ready before Terraform begins. `done` are locks, each free once a channel's pump has ended."""

    newborn: Newborn
    warden: Warden
    channels: tuple[Channel, ...]
    done: list[LockType]


def run(command: Command, *, watch_stdout: bool, say: Callable[[str], None], held: Sequence[int] = ()) -> Finished:
    """As process.run."""
    watched = streams.watched(watch_stdout)
    return _supervise(command, lambda: tuple(map(streams.open_channel, watched)), say, held)


def capture(command: Command, *, say: Callable[[str], None]) -> Finished:
    """As process.capture."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        return _supervise(command, lambda: (streams.open_silent_channel(nowhere),), say, ())
    finally:
        os.close(nowhere)


def _supervise(
    command: Command,
    open_channels: Callable[[], tuple[Channel, ...]],
    say: Callable[[str], None],
    held: Sequence[int],
) -> Finished:
    """Run it with the signals blocked, so that none is lost, and with no standard stream closed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    passed_on = tuple(number for number in PASSED_ON if signal.getsignal(number) != signal.SIG_IGN)
    for number in NOTED:
        signal.signal(number, lambda *_: None)  # BSD delivers these to sigwait only where a handler is set
    signal.pthread_sigmask(signal.SIG_BLOCK, {*passed_on, *NOTED})
    plugs: list[int] = []
    try:
        crew = _prepare(Program(command, (), before, _defaults(passed_on)), passed_on, open_channels, plugs, held)
        return _run(crew, command.path, passed_on, say)
    finally:
        for plug in plugs:
            os.close(plug)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(crew: Crew, path: str, passed_on: tuple[int, ...], say: Callable[[str], None]) -> Finished:
    try:
        crew.warden.watch(crew.newborn.pid)  # first: there must be no moment at which it would run on unseen
        _begin(crew.newborn, path, passed_on)
        status, interrupted = wait(Child(crew.newborn.pid, passed_on, crew.warden, crew.channels, say))
    finally:
        crew.warden.dismiss()
    cut_short = drain(crew.channels, crew.done, passed_on)
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


def _finished(status: int, cut_short: int, interrupted: int, channels: Sequence[Channel]) -> Finished:
    code = os.waitstatus_to_exitcode(status)
    number = cut_short or max(0, -code)
    tail = b"".join(channel.pump.tail.content() for channel in channels)
    return Finished(128 + number if number else code, number, tail, interrupted, _is_whole(channels))


def _is_whole(channels: Iterable[Channel]) -> bool:
    """Whether both of Terraform's streams were watched, and all of them was kept."""
    seen = [descriptor for channel in channels for descriptor in channel.child_descriptors]
    return {1, 2}.issubset(seen) and all(channel.pump.moved <= KEEP for channel in channels)
