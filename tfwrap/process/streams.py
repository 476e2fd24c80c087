"""Which of Terraform's streams are watched, and through what.

What tfwrap has to read goes through a pipe, or through a pseudo-terminal where the user has a terminal; both streams
through the same one where they are the same, which keeps their order. stdin is never touched.
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple
from tfwrap.process.relay import Pump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Channel(NamedTuple):
    """One watched stream: which of the child's descriptors lead into it, and the pump that empties it.

    `terminal` is our side of a pseudo-terminal, or -1; `stdin` a descriptor that stands in for the child's, or -1.
    """

    child_descriptors: tuple[int, ...]
    child_end: int
    pump: Pump
    terminal: int = -1
    stdin: int = -1


def plug_closed_streams() -> list[int]:
    """Keep our pipes off the places of closed streams. The child does not get the plugs: closed stays closed."""
    plugs = [os.open(os.devnull, os.O_RDWR)]
    while plugs[-1] <= 2:
        plugs.append(os.open(os.devnull, os.O_RDWR))
    return plugs


def watched(watch_stdout: bool) -> list[tuple[int, ...]]:
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


def open_channel(descriptors: tuple[int, ...]) -> Channel:
    """A channel from these descriptors of the child's to our own of the same number. Raises OSError."""
    target = descriptors[-1]
    terminal = -1
    if os.isatty(target):
        ours, theirs = _pseudo_terminal(target)
        terminal = ours
    else:
        ours, theirs = os.pipe()
    return Channel(descriptors, theirs, Pump(ours, target), terminal)


def open_silent_channel(nowhere: int) -> Channel:
    """A channel from both of the child's output streams to nobody; its stdin is empty. Raises OSError."""
    ours, theirs = os.pipe()
    return Channel((1, 2), theirs, Pump(ours, nowhere), stdin=nowhere)


def _pseudo_terminal(like: int) -> tuple[int, int]:
    """A pseudo-terminal of the same size that changes no byte: the user's terminal does its own line ends."""
    import termios

    ours, theirs = os.openpty()
    try:
        attributes = termios.tcgetattr(like)
        attributes[1] &= ~termios.OPOST
        attributes[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    except termios.error as error:  # which is no OSError
        raise OSError(*error.args) from error
    _copy_size(like, ours)
    return ours, theirs


def _copy_size(source: int, target: int) -> None:
    import termios

    try:
        termios.tcsetwinsize(target, termios.tcgetwinsize(source))
    except (OSError, termios.error):  # the terminal is gone, or the pump has closed its side
        return


def resize(channels: Iterable[Channel]) -> None:
    """Hand a new size of the user's terminal on to the pseudo-terminals."""
    for channel in channels:
        if channel.terminal >= 0:
            _copy_size(channel.child_descriptors[-1], channel.terminal)
