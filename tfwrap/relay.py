"""Bytes through, unchanged and at once, and the last part of them kept for the diagnosis.

Nothing is looked at on the way: scanning what passes costs ten times what passing costs.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
else:
    from _collections import deque  # the C half: `collections` itself is 2 ms of Python

CHUNK = 1 << 16
KEEP = 1 << 18


class Tail:
    """The last KEEP bytes of a stream, or a little more."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Take another chunk and let go of the oldest that are no longer needed."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= KEEP:
            self._size -= len(self._chunks.popleft())

    def content(self) -> bytes:
        """What is kept, as one piece."""
        return b"".join(self._chunks)


class Pump:
    """Moves bytes from one descriptor to another until the writers are gone, or the reader is.

    `moved` counts bytes; `is_writing` says that a chunk is on its way to a reader that takes its time.
    """

    def __init__(self, source: int, target: int) -> None:
        self.tail = Tail()
        self.moved = 0
        self.is_writing = False
        self._source = source
        self._target = target

    def run(self) -> None:
        """Move until the end. The source is closed then: where the reader went away, the writer must notice."""
        try:
            while chunk := self._read():
                self.tail.add(chunk)
                self.is_writing = True
                write_all(self._target, chunk)
                self.is_writing = False
                self.moved += len(chunk)
        except OSError:
            return
        finally:
            self.is_writing = False
            os.close(self._source)

    def _read(self) -> bytes:
        try:
            return os.read(self._source, CHUNK)
        except OSError:  # EIO: the last writer of a pseudo-terminal is gone
            return b""


def write_all(target: int, chunk: bytes) -> None:
    """Write everything, waiting where the descriptor was set non-blocking by another program. Raises OSError."""
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(target, rest) :]
        except BlockingIOError:
            import select

            select.select([], [target], [])
