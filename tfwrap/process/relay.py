"""Bytes through, unchanged and at once, and the last part of them kept for the diagnosis.

Nothing is looked at on the way: scanning what passes costs ten times what passing costs.
"""

from __future__ import annotations

import errno
import io
import os
import sys

CHUNK = 1 << 17
KEEP = 1 << 18
_READER_IS_GONE = (errno.EPIPE, errno.EINVAL)  # the second is what Windows says of it (python issue 35754)
# What a pipe of Linux's holds, and what it may hold without privileges and still fits the processor's cache (tried).
PIPE = 1 << 16
WIDE_PIPE = 1 << 18


class Tail:
    """The last KEEP bytes of a stream, or a little more, in a ring that is read into and written from directly."""

    def __init__(self) -> None:
        # Zeroed bytes come from calloc, and BytesIO takes them over: a page costs nothing before it is read into.
        self._ring = io.BytesIO(bytes(KEEP + 2 * CHUNK)).getbuffer()
        self._place = 0
        self._older_end = 0

    def room(self) -> memoryview:
        """Where the next chunk goes."""
        if self._place + CHUNK > len(self._ring):
            self._older_end, self._place = self._place, 0
        return self._ring[self._place : self._place + CHUNK]

    def take(self, size: int) -> memoryview:
        """That many bytes were put into the room; returns them."""
        start, self._place = self._place, self._place + size
        return self._ring[start : self._place]

    def content(self) -> bytes:
        """What is kept, as one piece: what is left of the last round, then this one."""
        return bytes(self._ring[self._place : self._older_end]) + bytes(self._ring[: self._place])


class _ReaderIsGone(Exception):
    """Nobody reads any more what is written."""


class Pump:
    """Moves bytes from one descriptor to another until the writers are gone, or the reader is.

    `moved` counts bytes; `is_writing` says that a chunk is on its way to a reader that takes its time.
    """

    def __init__(self, source: int, target: int) -> None:
        self.tail = Tail()
        self.moved = 0
        self.is_writing = False
        self.source = source
        self._target = target
        self._is_wide = False

    def run(self) -> bool:
        """Move until the end; whether it was the reader who went away. The source is closed: the writer must notice."""
        try:
            while chunk := self._read():
                if len(chunk) >= PIPE and not self._is_wide:
                    self._is_wide = True
                    _widen(self.source)
                self.is_writing = True
                self._write(chunk)
                self.is_writing = False
                self.moved += len(chunk)
        except _ReaderIsGone:
            return True
        finally:
            self.is_writing = False
            os.close(self.source)
        return False

    def _write(self, chunk: memoryview) -> None:
        """Write what can be written. A full disk takes nothing, and Terraform (Go) then goes on without its words.

        A pipe that breaks because of it would end Terraform instead, in the middle of an apply.
        """
        try:
            write_all(self._target, chunk)
        except OSError as error:
            if error.errno in _READER_IS_GONE:
                raise _ReaderIsGone from error

    def _read(self) -> memoryview:
        try:
            return self.tail.take(_fill(self.tail.room(), self.source))
        except OSError:  # EIO: the last writer of a pseudo-terminal is gone
            return self.tail.take(0)


if sys.platform == "win32":

    def _fill(room: memoryview, source: int) -> int:
        chunk = os.read(source, len(room))
        room[: len(chunk)] = chunk
        return len(chunk)

else:

    def _fill(room: memoryview, source: int) -> int:
        return os.readv(source, [room])


if sys.platform == "linux":

    def _widen(pipe: int) -> None:
        """Let a pipe that was found full hold more: fewer switches."""
        try:
            import fcntl

            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, WIDE_PIPE)
        except (ImportError, OSError):  # no descriptor is left, or an unprivileged user's pipes are used up
            return

else:

    def _widen(pipe: int) -> None:
        """Other systems widen a pipe by themselves, or not at all."""


def write_all(target: int, chunk: bytes | memoryview) -> None:
    """Write everything, waiting where the descriptor was set non-blocking by another program. Raises OSError."""
    rest = memoryview(chunk)
    while rest:
        try:
            rest = rest[os.write(target, rest) :]
        except BlockingIOError:
            import select

            select.select([], [target], [])
