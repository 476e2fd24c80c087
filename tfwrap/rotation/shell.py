"""Which variables a POSIX shell has after it has read a file (`. ./FILE`): the part of its grammar that matters here.

POSIX.1-2024, "Shell Command Language", 2.2 (quoting) and 2.9.1 (simple commands). What is expanded is not worked
out: such a value is UNKNOWN. tests/unit/rotation/test_readers.py holds this to the shells that there are.
"""

from __future__ import annotations

import re

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=", re.ASCII)
_ENDS_COMMAND = "\n;"
_ENDS_WORD = f" \t{_ENDS_COMMAND}&|<>()"
_AND = "&&"
_EXPORT = "export"
# Patterns, bash's braces, and the expansions that are no more than a name.
_EXPANDED = "$*?[{~"
_TOKEN = re.compile(
    r"""(?P<single>'[^']*') | (?P<double>"(?:\\.|[^"\\])*") | (?P<escape>\\.) | (?P<open>['"\\]) | (?P<plain>.)""",
    re.DOTALL | re.VERBOSE,
)
_IN_DOUBLE = re.compile(r'\\(["\\$`\n])')
# What is expanded has a grammar of its own inside, quotes included: there our own ends. A backslash prevents it.
_SUBSTITUTED = re.compile(r"(?:\\.|[^\\`$]|\$(?![({]))*(?:`|\$[({])", re.DOTALL)
_NAMED = re.compile(r"(?:\\.|[^\\$])*\$", re.DOTALL)


class UnclearError(ValueError):
    """A quote is not closed, at which a shell stops, or there is more of its grammar than variables need."""


class Word(NamedTuple):
    """A word as the shell takes it apart: `raw` as it is written, `is_known` unless something in it is expanded."""

    raw: str
    text: str
    is_known: bool

    @property
    def assigned(self) -> str:
        """The name of the variable that this word gives a value, empty where it gives none."""
        found = _ASSIGNMENT.match(self.raw)
        return found[1] if found else ""


def variables(text: str) -> dict[str, str | None]:
    """The variables that the text sets, None for a value that is not worked out. Raises UnclearError."""
    found: dict[str, str | None] = {}
    for command in _commands(text):
        words = [word for word in command if word.assigned]
        others = [word for word in command if not word.assigned]
        if not others or command[0].raw == _EXPORT:
            found |= {word.assigned: word.text.partition("=")[2] if word.is_known else None for word in words}
        elif any(word.raw == _EXPORT or not word.is_known for word in others):
            # In front of `export` POSIX keeps them and bash does not; what expands to nothing is no command.
            found |= dict.fromkeys((word.assigned for word in words), None)
    return found


def _commands(text: str) -> Iterator[list[Word]]:
    """The simple commands, a list of words each."""
    words: list[Word] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character in _ENDS_COMMAND or text.startswith(_AND, at):
            if words:
                yield words
            words, at = [], at + (1 if character in _ENDS_COMMAND else 2)
        elif character in " \t":
            at += 1
        elif character in _ENDS_WORD:
            raise UnclearError(f"line {_line(text, at)}: there is more of a script than variables")
        elif character == "#":
            at = _behind_line(text, at)
        else:
            word, at = _word(text, at)
            words += [word] if word.raw else []
    if words:
        yield words


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _behind_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _word(text: str, start: int) -> tuple[Word, int]:
    """The word that starts there, and where it ends."""
    pieces: list[str] = []
    at, is_known = start, True
    while at < len(text) and text[at] not in _ENDS_WORD:
        found = _TOKEN.match(text, at)
        if found is None or found["open"]:
            raise UnclearError(f"line {_line(text, start)}: a quote is not closed")
        if _is_substitution(found, text):
            raise UnclearError(f"line {_line(text, start)}: there is more of a script than variables")
        is_known &= not _is_expanded(found)
        pieces.append(_meant(found))
        at = found.end()
    raw = text[start:at].replace("\\\n", "")
    return Word(raw, "".join(pieces), is_known), at


def _is_substitution(found: re.Match[str], text: str) -> bool:
    inner = text[found.start() : found.end() + 1] if found["plain"] else found["double"] or ""
    return _SUBSTITUTED.match(inner) is not None


def _is_expanded(found: re.Match[str]) -> bool:
    if found["plain"]:
        return found["plain"] in _EXPANDED
    return _NAMED.match(found["double"] or "") is not None


def _meant(found: re.Match[str]) -> str:
    """The characters that a token stands for."""
    if found["single"]:
        return found["single"][1:-1]
    if found["double"]:
        return _IN_DOUBLE.sub(lambda inner: inner[1].strip("\n"), found["double"][1:-1])
    if found["escape"]:
        return found["escape"][1].strip("\n")
    return found["plain"]
