"""On which line a key of a TOML file stands: tomllib reads values and tells no places."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.settings.settings import Key

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"({_PART}(?:[ \t]*\.[ \t]*{_PART})*)"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*{_DOTTED}[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*{_DOTTED}[ \t]*=")
_NAME = re.compile(_PART)


def of_keys(text: str) -> dict[Key, int]:
    """The line of each key and table header. Text inside of long strings is passed over."""
    found: dict[Key, int] = {}
    table: Key = ()
    is_inside = False
    for number, line in enumerate(text.split("\n"), 1):
        header = None if is_inside else _HEADER.match(line)
        assignment = None if is_inside or header else _ASSIGNMENT.match(line)
        if header:
            table = _names(header[1])
            _note(found, table, number)
        elif assignment:
            _note(found, (*table, *_names(assignment[1])), number)
        is_inside ^= (line.count('"""') + line.count("'''")) % 2 == 1
    return found


def _note(found: dict[Key, int], key: Key, number: int) -> None:
    """A key also opens the tables above it; no setting is deeper than three."""
    for length in {1, 2, 3, len(key)}:
        found.setdefault(key[:length], number)


def at(place: str, lines: Mapping[Key, int], key: Key) -> str:
    """The place of a key, or of the nearest table above it whose line is known."""
    known = (lines[key[:length]] for length in range(len(key), 0, -1) if key[:length] in lines)
    line = next(known, 0)
    return f"{place}:{line}" if line else place


def _names(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in _NAME.findall(dotted))
