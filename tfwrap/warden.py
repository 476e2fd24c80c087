"""A small process beside us that tells signals to the group from signals to us alone.

Ctrl-C, and `kill` of a process group, reach Terraform by themselves; `kill PID-of-the-shim` does not and has to be
passed on. The kernel does not say which it was. So a forked process waits in the same group with the same signals
blocked: what it got too went to the group. To pass on what Terraform has got already would be a second interrupt,
at which it gives up its state ("Two interrupts received. Exiting immediately. Note that data loss may have occurred").

It has a second duty. When the shim is killed in a way that nothing can catch, its end of the pipe closes, and the
warden interrupts Terraform once, so that no apply runs on unseen.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums

_ASK = b"?"
_WATCH = b"w"
_GOODBYE = b"q"
# The kernel signals the members of a group one after the other; all of them have it within microseconds.
_SETTLE_S = 0.005


class Warden:
    """Our end of the conversation with the warden process. The signals must be blocked before it is made."""

    def __init__(self, signals: Iterable[int]) -> None:
        self._signals = tuple(signals)
        asks, self._lifeline = os.pipe()
        self._answers, answers = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _keep_watch(asks, answers, self._signals)
        os.close(asks)
        os.close(answers)

    def watch(self, child: int) -> None:
        """Name the process that is to be interrupted should we be killed."""
        os.write(self._lifeline, _WATCH + child.to_bytes(8, "little"))

    def group_got(self, number: int) -> bool:
        """Whether a signal that we have just received went to the whole group. True when in doubt: never twice."""
        time.sleep(_SETTLE_S)
        try:
            os.write(self._lifeline, _ASK + bytes([number]))
            return os.read(self._answers, 1) != b"n"
        except OSError:
            return True

    def dismiss(self) -> None:
        """End the warden and wait for it."""
        try:
            os.write(self._lifeline, _GOODBYE)
        except OSError:
            pass
        os.close(self._lifeline)
        os.close(self._answers)
        try:
            os.waitpid(self._pid, 0)
        except ChildProcessError:
            pass


def _keep_watch(asks: int, answers: int, signals: tuple[int, ...]) -> None:
    """The warden's life, in the forked process."""
    try:
        _close_all_but(asks, answers)
        _answer(asks, answers, signals)
    finally:
        os._exit(0)


def _answer(asks: int, answers: int, signals: tuple[int, ...]) -> None:
    child = 0
    while message := os.read(asks, 1):
        if message == _GOODBYE:
            return
        if message == _WATCH:
            child = int.from_bytes(os.read(asks, 8), "little")
        else:
            os.write(answers, b"y" if _take(os.read(asks, 1)[0], signals) else b"n")
    if child:
        os.kill(child, signal.SIGINT)


def _take(number: int, signals: tuple[int, ...]) -> bool:
    """Whether that signal is pending here; it is consumed, so that the next one counts anew."""
    if number not in signals or number not in signal.sigpending():
        return False
    signal.sigwait({number})
    return True


def _close_all_but(*kept: int) -> None:
    """Let go of the user's streams: a reader waits until the last writer has closed."""
    low, high = sorted(kept)
    os.closerange(0, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, os.sysconf("SC_OPEN_MAX"))
