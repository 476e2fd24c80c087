"""Recognise a credential failure in what Terraform wrote before it exited with an error.

Terraform wraps a diagnostic's detail at 78 columns, colours it and boxes it even into a pipe; with `-json` it is a
JSON object a line. A few commands write an error bare. So: colour out, log lines out, box out, one line a paragraph,
and only then the table. An error of the backend's names no place in the configuration; every other one does.
"""

from __future__ import annotations

import json
import re

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BACKEND = "backend"
PROVIDER = "provider"
RESOURCE = "resource"

# AWS's codes for "these credentials are no good", over all services (AWS "Common errors" pages; botocore models).
CREDENTIAL_CODES = (
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthorizedException",
    "UnrecognizedClientException",
)

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_LOG_LINE = re.compile(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S* \[(?:TRACE|DEBUG|INFO|WARN|ERROR)\]")
_BOX = re.compile(r"^[│╷╵|]\s?")
_CODES = "|".join(CREDENTIAL_CODES)
_START = re.compile(
    r"^(?:Error|Warning): "
    # What `state …`, `workspace …`, `output` and an old `init` write bare (tried with 0.12.29, 1.0.3, 1.11.4).
    r"|^Error (?:loading the|refreshing) state: |^Failed to (?:load|refresh) state: "
    rf"|^Failed to get configured named states: |^Unable to list objects in S3 bucket |^(?:{_CODES}): "
)
_CRASH = re.compile(r"^(?:panic: |Stack trace from the |!{5})")
_PLACE = re.compile(r"^  (?:with (?P<address>\S.*),|on .+ line \d+(?:, in (?P<context>.+))?:)$")
# `api error CODE: ` in the SDK's second version, `CODE: ` in the first and in modelled errors.
_CODE = re.compile(rf"(?:\bapi error |^|[:,*-] |[(\[])({_CODES}):(?: |$)")
_LONGEST_MESSAGE = 600


class Failure(NamedTuple):
    """What failed: in which scope, AWS's code, and Terraform's own words on one line."""

    scope: str
    code: str
    message: str


class Diagnostic(NamedTuple):
    """An error of Terraform's: the scope that it names, its words a paragraph a line, and where it says that it is."""

    scope: str
    paragraphs: tuple[str, ...]
    place: str = ""

    @property
    def text(self) -> str:
        """The whole of it on one line."""
        return " ".join(filter(None, (*self.paragraphs[:1], self.place, *self.paragraphs[1:])))


def recognise(output: bytes) -> Failure | None:
    """The first credential failure among the error diagnostics of a run that failed; None without one."""
    scope = BACKEND
    for diagnostic in diagnostics(output):
        # Where a provider or a resource was reached, the backend had been configured. What names no place after that
        # is the rest of the same error (`Cannot assume IAM Role`, then `Error: operation error STS`), or the state
        # that could not be saved.
        scope = diagnostic.scope if diagnostic.scope != BACKEND else scope
        found = next(filter(None, map(_CODE.search, diagnostic.paragraphs)), None)
        if found:
            return Failure(scope, found.group(1), diagnostic.text[:_LONGEST_MESSAGE])
    return None


def diagnostics(output: bytes) -> Iterator[Diagnostic]:
    """The error diagnostics in the output, in order."""
    for block in _blocks(line for line in _lines(output) if not _LOG_LINE.match(line)):
        found = _from_json(block[0]) if block[0].startswith("{") else _from_text(block)
        if found:
            yield found


def plain_lines(output: bytes) -> list[str]:
    """The output's lines without colour, box and carriage returns."""
    return [_BOX.sub("", line) for line in _lines(output)]


def _lines(output: bytes) -> list[str]:
    return _COLOUR.sub("", output.decode("utf-8", "replace")).replace("\r", "").split("\n")


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines that belong together: a box, or what stands between two beginnings, or one JSON object."""
    current: list[str] = []
    boxed = False
    for line in lines:
        edge = line[:1]
        if boxed and edge not in ("╷", "╵"):
            current += [_BOX.sub("", line)] if edge == "│" else []  # else another program wrote into the box
        elif edge in ("╷", "╵", "{") or _START.match(line) or _CRASH.match(line):
            yield from filter(None, (current, [line] if edge == "{" else []))
            current = [line] if _START.match(line) else []
            boxed = edge == "╷"
        elif current:
            current.append(line)
    yield from filter(None, (current,))


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
    return Diagnostic(_scope(names), tuple(filter(None, words)), " ".join(map(_one_line, located)))


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
    return Diagnostic(_scope(names), tuple(filter(None, map(_one_line, map(str.split, words)))), place)


def _one_line(parts: Iterable[str]) -> str:
    return " ".join(" ".join(parts).split())


def _scope(names: list[str]) -> str:
    """The scope of an error that names these places: `provider["…/aws"]`, `resource "aws_vpc" "a"`, `terraform`."""
    if any(re.search(r'(?:^|\.)provider[\[ "]', name) for name in names):
        return PROVIDER
    is_backends = all(name.partition(" ")[0] in ("terraform", "backend") for name in names)
    return BACKEND if is_backends else RESOURCE
