"""Terraform's error diagnostics, read back from what it wrote.

Terraform wraps a diagnostic's detail at the width of the terminal (78 columns without one), colours it and boxes it
even into a pipe; with `-json` it is a JSON object a line. A few commands write an error bare. So: colour out, log
lines out, box out, one line a paragraph. An error of the backend's names no place in the configuration; every other
one does.
"""

from __future__ import annotations

import json
import re

from tfwrap.failure.codes import CREDENTIAL_CODES, REFUSAL_CODES
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BACKEND = "backend"
PROVIDER = "provider"
RESOURCE = "resource"
LOCK = "lock"
STATE = "state"
CLI = "cli"
# Another provider's error, or one of the language: nothing that AWS said to Terraform.
OTHER = "other"

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
# hclog indents what belongs to an entry by `  | `.
_LOG_LINE = re.compile(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S* \[(?:TRACE|DEBUG|INFO|WARN|ERROR)\]|^  \| ")
_BOX = re.compile(r"^[│╷╵|]\s?")
_START = re.compile(
    r"^(?:Error|Warning): "
    # What `state …`, `workspace …`, `output` and an old `init` write bare (tried with 0.12.29, 1.0.3, 1.11.4, 1.15.5).
    r"|^Error (?:loading the|refreshing) state: |^Failed to (?:load|refresh) state: |^Backend reinitialization required"
    r"|^Failed to get configured named states: |^Unable to list objects in S3 bucket "
    rf"|^(?:{'|'.join((*CREDENTIAL_CODES, *REFUSAL_CODES))}): "
)
_CRASH = re.compile(r"^(?:panic: |Stack trace from the |!{5})")
_PLACE = re.compile(r"^  (?:with (?P<address>\S.*),|on .+ line \d+(?:, in (?P<context>.+))?:)$")
# Whose error it is by its summary, whatever place it names.
_SCOPES = (
    (LOCK, re.compile(r"Error: Error (?:acquiring|releasing|locking|unlocking) ")),
    (STATE, re.compile(r"(?:Error: )?(?:Failed to (?:save|persist) state|Error (?:saving|refreshing) state)")),
    (STATE, re.compile(r"Error: (?i:error loading state): Unable to access object ")),
    (CLI, re.compile(r"(?:Error: )?(?:Backend (?:re)?initialization required|Backend configuration changed)")),
    (CLI, re.compile(r"Error: (?:State store initialization required|Failed to decode current backend config)")),
    (CLI, re.compile(r"Error: (?:Failed to|Could not) download module")),
)
# These end with an error of their own, which without a box looks like another diagnostic.
_FRAME = re.compile(r"(?i)cannot assume|cannot be assumed|no valid credential sources")
_AWS_PROVIDER = re.compile(r'(?:^|\.)provider(?:\["[^"]*/|\.| ")aws(?:cc)?\b')
_AWS_RESOURCE = re.compile(r'(?:^|[."])aws(?:cc)?_')


class Diagnostic(NamedTuple):
    """An error of Terraform's: the scope that it names, its words a paragraph a line, and where it says that it is."""

    scope: str
    paragraphs: tuple[str, ...]
    place: str = ""

    @property
    def text(self) -> str:
        """The whole of it on one line."""
        return " ".join(filter(None, (*self.paragraphs[:1], self.place, *self.paragraphs[1:])))


def diagnostics(output: bytes) -> Iterator[Diagnostic]:
    """The error diagnostics in the output, in order."""
    before: Diagnostic | None = None
    for found in _each(output):
        if before and _continues(before, found):
            scope, place = max((before.scope, before.place), (found.scope, found.place), key=lambda each: len(each[1]))
            before = Diagnostic(scope, (*before.paragraphs, *found.paragraphs), place)
            continue
        yield from filter(None, (before,))
        before = found
    yield from filter(None, (before,))


def _continues(before: Diagnostic, found: Diagnostic) -> bool:
    """Whether this is the error within the one before; the place stands behind the first or behind the second."""
    scopes = {before.scope, found.scope}
    is_frame = any(map(_FRAME.search, before.paragraphs[:1]))
    return is_frame and not (before.place and found.place) and scopes <= {BACKEND, PROVIDER}


def plain_lines(output: bytes) -> list[str]:
    """The output's lines without colour, box and carriage returns."""
    return [_BOX.sub("", line) for line in _lines(output)]


def _each(output: bytes) -> Iterator[Diagnostic]:
    for block in _blocks(_spoken(_lines(output))):
        found = _from_json(block[0]) if block[0].startswith("{") else _from_text(block)
        if found:
            yield found


def _lines(output: bytes) -> list[str]:
    return _COLOUR.sub("", output.decode("utf-8", "replace")).replace("\r", "").split("\n")


def _spoken(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the log, and without a plugin's last words, which Terraform prints behind all else."""
    has_crashed = False
    for line in lines:
        has_crashed = has_crashed or bool(_CRASH.match(line))
        if not _LOG_LINE.match(line) and (not has_crashed or line[:1] in ("╷", "│", "╵", "{")):
            yield line


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines that belong together: a box, or what stands between two beginnings, or one JSON object."""
    current: list[str] = []
    boxed = False
    for line in lines:
        edge = line[:1]
        if boxed and edge not in ("╷", "╵"):
            current += [_BOX.sub("", line)] if edge == "│" else []  # else another program wrote into the box
        elif edge in ("╷", "╵", "{") or _begins(line, current):
            yield from filter(None, (current, [line] if edge == "{" else []))
            current = [line] if _START.match(line) else []
            boxed = edge == "╷"
        elif current:
            current.append(line)
    yield from filter(None, (current,))


def _begins(line: str, current: list[str]) -> bool:
    """Whether a diagnostic begins: with `Error: ` always, with a bare code only where nothing else has begun."""
    return bool(_START.match(line)) and (not current or line.startswith(("Error", "Warning: ", "Failed to ")))


def _from_text(lines: list[str]) -> Diagnostic | None:
    if lines[0].startswith("Warning: "):
        return None
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        paragraphs[-1].append(line) if line.strip() else paragraphs.append([])
    places = [found for line in lines if (found := _PLACE.match(line))]
    located = [paragraph for paragraph in paragraphs if any(map(_PLACE.match, paragraph))]
    # The source line that is quoted below a place may say anything.
    words = (_one_line(paragraph) for paragraph in paragraphs if paragraph not in located)
    names = [found["address"] or found["context"] or "" for found in places]
    return _made(names, tuple(filter(None, words)), " ".join(map(_one_line, located)))


def _from_json(line: str) -> Diagnostic | None:
    if '"diagnostic"' not in line:
        return None
    try:
        found = json.loads(line).get("diagnostic")
        if not isinstance(found, dict) or found.get("severity") != "error":
            return None
        context = (found.get("snippet") or {}).get("context")
    except (ValueError, RecursionError, AttributeError):
        return None
    names = [name for name in (found.get("address"), context) if isinstance(name, str)]
    place = f"with {found['address']}," if found.get("address") else ""
    words = (f"Error: {found.get('summary')}", *str(found.get("detail")).split("\n\n"))
    return _made(names, tuple(filter(None, map(_one_line, map(str.split, words)))), place)


def _one_line(parts: Iterable[str]) -> str:
    return " ".join(" ".join(parts).split())


def _made(names: list[str], paragraphs: tuple[str, ...], place: str) -> Diagnostic:
    by_summary = (scope for scope, summary in _SCOPES if paragraphs and summary.match(paragraphs[0]))
    return Diagnostic(next(by_summary, None) or _scope(names), paragraphs, place)


def _scope(names: list[str]) -> str:
    """The scope of an error that names these places: `provider["…/aws"]`, `resource "aws_vpc" "a"`, `terraform`."""
    if any(re.search(r'(?:^|\.)provider[\[. "]', name) for name in names):
        return PROVIDER if any(map(_AWS_PROVIDER.search, names)) else OTHER
    if all(name.partition(" ")[0] in ("terraform", "backend") for name in names):
        return BACKEND
    return RESOURCE if any(map(_AWS_RESOURCE.search, names)) else OTHER
