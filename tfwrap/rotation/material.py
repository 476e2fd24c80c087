"""The text that holds a candidate key: a file's, or standard input's, decoded, with what the encoding says."""

from __future__ import annotations

import os
import sys

from tfwrap.errors import BadInput
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

LARGEST = 1 << 20
STDIN = "standard input"
BYTE_ORDER_MARK = "a byte order mark"
UTF_16 = "UTF-16"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Usage(BadInput):
    """What the command was given names no candidate."""

    status = 2


class Unfit(BadInput):
    """There is no key in what was read: the message names the place and what is wrong there."""

    status = 1


class Material(NamedTuple):
    """A text and where it is from.

    `place` is for people; `section` the profile, or the user of a CSV file, that is wanted of it, empty for the
    only or the default one. `encoding` is what is special about its bytes, empty for plain UTF-8. `changed` is when
    the file was written, as a Unix time, 0 where that is not known. A byte order mark is not in `text`.
    """

    place: str
    text: Secret
    section: str = ""
    encoding: str = ""
    changed: float = 0

    def at(self, line: int) -> str:
        """A line of it, as people write it."""
        return f"{self.place}:{line}"


def of_file(path: str, place: str, section: str = "") -> Material:
    """What a file or a pipe (`<(vault read …)`) holds. Raises Usage where it cannot be read, Unfit for no text."""
    try:
        with open(path, "rb") as file:
            is_file = os.path.isfile(path)
            changed = os.fstat(file.fileno()).st_mtime if is_file else 0
            return _decoded(_read(file, place), place)._replace(section=section, changed=changed)
    except OSError as error:
        raise Usage(f"{place}: {(error.strerror or str(error)).lower()}") from None


def of_stdin(section: str = "") -> Material:
    """What comes in on standard input. Raises Unfit for no text."""
    return _decoded(_read(sys.stdin.buffer, STDIN), STDIN)._replace(section=section)


def _read(file: BinaryIO, place: str) -> bytes:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unfit(f"{place} is larger than {LARGEST >> 20} MiB: that is no file with one key")
    return content


def _decoded(content: bytes, place: str) -> Material:
    """PowerShell 5 writes UTF-16 behind `>`, and Notepad a byte order mark."""
    is_wide = content[:2] in _UTF_16_MARKS
    try:
        text = content.decode("utf-16" if is_wide else "utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unfit(f"{place}:{line}: is not {UTF_16 if is_wide else 'UTF-8'}") from None
    if "\0" in text:
        raise Unfit(f"{place}:{text[: text.index(chr(0))].count(chr(10)) + 1}: is no text: it holds a NUL")
    if not text.strip("\ufeff \t\r\n"):
        raise Unfit(f"{place} is empty")
    encoding = UTF_16 if is_wide else BYTE_ORDER_MARK if text.startswith("\ufeff") else ""
    return Material(place, Secret(text.removeprefix("\ufeff")), encoding=encoding)
