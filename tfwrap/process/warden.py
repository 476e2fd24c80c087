"""A small process beside us that tells signals to the group from signals to us alone.

Ctrl-C, and `kill` of a process group, reach Terraform by themselves; `kill PID-of-the-shim` does not and has to be
passed on. The kernel does not say which it was. So a forked process waits in the same group with the same signals
blocked: what it got too went to the group. To pass on what Terraform has got already would be a second interrupt,
at which it gives up its state ("Two interrupts received. Exiting immediately. Note that data loss may have occurred").

It has a second duty. When the shim is killed in a way that nothing can catch, its end of the pipe closes, and the
warden interrupts Terraform once, so that no apply runs on unseen. Until then it holds the reading ends of Terraform's
streams as well, and empties them afterwards: a Terraform that nobody reads would die of SIGPIPE at its first word,
before it has saved its state and given its lock back.
"""

from __future__ import annotations

import os
import time

from tfwrap.process import descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums

_ASK = b"?"
_WATCH = b"w"
_CLOSE = b"c"
_GOODBYE = b"q"
# The kernel signals the members of a group one after the other; all of them have it within microseconds.
_SETTLE_S = 0.005


class Warden:
    """Our end of the conversation with the warden process. The signals must be blocked before it is made.

    `sources` are the reading ends of Terraform's streams; `held` are descriptors that stay open in it, to tell others
    by their end that Terraform has ended, even when we are killed. Raises OSError when there can be no more processes.
    """

    def __init__(self, signals: Iterable[int], sources: Iterable[int], held: Iterable[int] = ()) -> None:
        asks, self._lifeline = os.pipe()
        self._answers, answers = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _keep_watch(asks, answers, tuple(signals), tuple(sources), tuple(held))
        os.close(asks)
        os.close(answers)

    def watch(self, child: int) -> None:
        """Name the process that is to be interrupted should we be killed."""
        self._tell(_WATCH + child.to_bytes(8, "little"))

    def release(self, place: int) -> None:
        """Let go of a stream (by its place among `sources`): its reader is gone, and Terraform is to notice."""
        self._tell(_CLOSE + bytes([place]))

    def group_got(self, number: int) -> bool:
        """Whether a signal that we have just received went to the whole group. True when in doubt: never twice.

        Two of a kind within the time that the question takes are one to whoever was slower (signals do not queue). So
        what comes here meanwhile belongs to a signal of the group's, too.
        """
        answer = self._ask(number)
        while answer and number in signal.sigpending():
            signal.sigwait({number})
            self._ask(number)
        return answer

    def _ask(self, number: int) -> bool:
        time.sleep(_SETTLE_S)
        try:
            os.write(self._lifeline, _ASK + bytes([number]))
            return os.read(self._answers, 1) != b"n"
        except OSError:
            return True

    def dismiss(self) -> None:
        """End the warden and wait for it. A second time does nothing."""
        if not self._pid:
            return
        self._tell(_GOODBYE)
        lifeline, self._lifeline = self._lifeline, -1
        os.close(lifeline)
        os.close(self._answers)
        try:
            os.waitpid(self._pid, 0)
        except ChildProcessError:
            pass
        self._pid = 0

    def _tell(self, message: bytes) -> None:
        """A warden that is gone is told nothing."""
        try:
            os.write(self._lifeline, message)
        except OSError:
            return


def _keep_watch(
    asks: int, answers: int, signals: tuple[int, ...], sources: tuple[int, ...], held: tuple[int, ...]
) -> None:
    """The warden's life, in the forked process."""
    try:
        descriptors.close_all_but({asks, answers, *sources, *held})
        child = _answer(asks, answers, signals, sources)
        if child:
            os.kill(child, signal.SIGINT)
            _empty(sources)
    finally:
        os._exit(0)


def _answer(asks: int, answers: int, signals: tuple[int, ...], sources: tuple[int, ...]) -> int:
    """Answer until goodbye, which returns 0, or until the shim is gone, which returns Terraform's process id."""
    child = 0
    while message := os.read(asks, 1):
        if message == _GOODBYE:
            return 0
        if message == _WATCH:
            child = int.from_bytes(os.read(asks, 8), "little")
        elif message == _CLOSE:
            os.close(sources[os.read(asks, 1)[0]])
        else:
            _reply(answers, b"y" if _take(os.read(asks, 1)[0], signals) else b"n")
    return child


def _reply(answers: int, answer: bytes) -> None:
    """A shim that was killed after it had asked reads no answer; that it is gone shows at the next reading."""
    try:
        os.write(answers, answer)
    except OSError:
        return


def _take(number: int, signals: tuple[int, ...]) -> bool:
    """Whether that signal is pending here; it is consumed, so that the next one counts anew."""
    if number not in signals or number not in signal.sigpending():
        return False
    signal.sigwait({number})
    return True


def _empty(sources: tuple[int, ...]) -> None:
    """Read what Terraform still writes, to nowhere, until it has ended."""
    import select

    left = set(sources)
    while left:
        for source in select.select(list(left), [], [])[0]:
            try:
                is_open = bool(os.read(source, 1 << 16))
            except OSError:  # EIO: the last writer of a pseudo-terminal is gone
                is_open = False
            if not is_open:
                left.discard(source)
