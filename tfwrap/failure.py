"""Recognise a credential failure in what Terraform wrote before it exited with an error.

Terraform wraps a diagnostic's detail at 78 columns, colours it and boxes it even into a pipe; with `-json` it is a
JSON object a line. So: colour out, log lines out, box out, one line a diagnostic, and only then the table.
"""

from __future__ import annotations

import json
import re

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BACKEND = "backend"
PROVIDER = "provider"
RESOURCE = "resource"

# AWS's codes for "these credentials are no good" (facts with sources: docs/failures.md).
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
_LOG_LINE = re.compile(
    r'^\d{4}[-/]\d\d[-/]\d\d[T ]\S* \[(?:TRACE|DEBUG|INFO|WARN|ERROR)\]|^\{"@level":"(?:trace|debug|info|warn)"'
)
_BOX = re.compile(r"^[│╷╵|]\s?")
_START = re.compile(r"^(?:Error|Warning): |^(?:Error loading the state|Error refreshing state|Failed to load state): ")
# `api error CODE: ` in the SDK's second version, `CODE: ` in the first and in modelled errors.
_CODE = re.compile(r"(?:^|[\s:])(?:api error )?(" + "|".join(CREDENTIAL_CODES) + r"): ")
_LONGEST_MESSAGE = 600


class Failure(NamedTuple):
    """What failed: in which scope, AWS's code, and Terraform's own words on one line."""

    scope: str
    code: str
    message: str


def recognise(output: bytes) -> Failure | None:
    """The first credential failure among the error diagnostics of a run that failed; None without one."""
    for diagnostic in diagnostics(output):
        found = _CODE.search(diagnostic)
        if found:
            return Failure(_scope(diagnostic), found.group(1), diagnostic[:_LONGEST_MESSAGE])
    return None


def diagnostics(output: bytes) -> Iterator[str]:
    """The error diagnostics in the output, each on one line, in order."""
    lines = [line for line in plain_lines(output) if not _LOG_LINE.match(line)]
    current: list[str] = []
    for line in lines:
        if from_json := _json_diagnostic(line):
            yield from_json
        elif _START.match(line):
            yield from _joined(current)
            current = [line]
        elif current:
            current.append(line)
    yield from _joined(current)


def plain_lines(output: bytes) -> list[str]:
    """The output's lines without colour, box and carriage returns."""
    text = _COLOUR.sub("", output.decode("utf-8", "replace")).replace("\r", "")
    return [_BOX.sub("", line) for line in text.split("\n")]


def _joined(lines: list[str]) -> Iterator[str]:
    if lines and not lines[0].startswith("Warning: "):
        yield " ".join(" ".join(lines).split())


def _json_diagnostic(line: str) -> str | None:
    if not line.startswith("{") or '"diagnostic"' not in line:
        return None
    try:
        document = json.loads(line)
    except ValueError:
        return None
    diagnostic = document.get("diagnostic") if isinstance(document, dict) else None
    if not isinstance(diagnostic, dict) or diagnostic.get("severity") != "error":
        return None
    address = f"with {diagnostic['address']}," if diagnostic.get("address") else ""
    return " ".join(f"Error: {diagnostic.get('summary')} {address} {diagnostic.get('detail')}".split())


def _scope(diagnostic: str) -> str:
    if re.search(r'with provider\[|, in provider "', diagnostic):
        return PROVIDER
    if re.search(r"\bwith (?:module\.|data\.)?[\w.\[\]\"-]+,|, in (?:resource|data) \"", diagnostic):
        return RESOURCE
    return BACKEND
