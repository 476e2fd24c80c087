"""Recognise a credential failure in what Terraform wrote before it exited with an error."""

from __future__ import annotations

import re
from types import MappingProxyType

from tfwrap.failure.catalogue import FACTS, LEFT_BEHIND, ROWS
from tfwrap.failure.codes import CREDENTIAL_CODES
from tfwrap.failure.diagnostics import (
    BACKEND,
    CLI,
    LOCK,
    OTHER,
    PROVIDER,
    RESOURCE,
    STATE,
    Diagnostic,
    diagnostics,
    plain_lines,
)
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tfwrap.failure.catalogue import Fact

__all__ = [
    "BACKEND",
    "CLI",
    "CREDENTIAL_CODES",
    "LOCK",
    "OF_THE_BACKEND",
    "PROVIDER",
    "RESOURCE",
    "STATE",
    "Diagnostic",
    "Failure",
    "diagnostics",
    "held_lock",
    "interrupted",
    "plain_lines",
    "recognise",
]

# The scopes in which it is the backend's credentials that failed.
OF_THE_BACKEND = (BACKEND, LOCK, STATE)

STATE_NOT_SAVED = "StateNotSaved"
LOCK_NOT_RELEASED = "LockNotReleased"
LOCK_HELD = "LockHeld"

_LONGEST_MESSAGE = 600
_NOTHING: Mapping[str, str] = MappingProxyType({})
# These summaries introduce the words of other people and programs, who may quote any code.
_QUOTING = re.compile(
    r"Error: (?:(?:local|remote)-exec provisioner error|Error running command '|External Program |Unexpected External "
    r"|Test assertion failed|Check block assertion failed|.{0,40}(?:pre|post)condition failed"
    r"|Invalid value for (?:input )?variable|Invalid variable value|Error in function call|Invalid function argument"
    r"|(?:Failed to|Could not) download module(?!.*\"s3::))"
)
_HELD = re.compile(r"Error: Error acquiring the state lock")


class Interruption(NamedTuple):
    """By which summary Terraform says that a run left something behind, and what that is called."""

    scope: str
    code: str
    summary: re.Pattern[str]


_INTERRUPTIONS = (
    Interruption(
        STATE, STATE_NOT_SAVED, re.compile(r"(?:Error: )?(?:Failed to (?:save|persist) state|Error saving state)")
    ),
    Interruption(LOCK, LOCK_NOT_RELEASED, re.compile(r"Error: Error releasing the state lock")),
)


class Failure(NamedTuple):
    """What failed: in which scope, with which code, in Terraform's words on one line, and what those name.

    `facts` has, where the text says so, operation, status, profile, sso_session, role_arn, who, action, account,
    process, path, bucket, key, table, header, reason, and of what was left behind errored_state, lock_* and, as a code
    of tfwrap's own, interrupted.
    """

    scope: str
    code: str
    message: str
    facts: Mapping[str, str] = _NOTHING


def recognise(output: bytes) -> Failure | None:
    """The first credential failure among the error diagnostics of a run that failed; None without one."""
    scope = BACKEND
    every = list(_unquoted(diagnostics(output)))
    for diagnostic in every:
        # Where a provider or a resource was reached, the backend had been configured. What names no place after that
        # is the rest of the same error (`Cannot assume IAM Role`, then `Error: operation error STS`).
        scope = diagnostic.scope if diagnostic.scope != BACKEND else scope
        code = _code(diagnostic, scope)
        if code:
            facts = {**_facts(FACTS, _words(diagnostic)), **_left_behind(every)}
            return Failure(scope, code, diagnostic.text[:_LONGEST_MESSAGE], facts)
    return None


def interrupted(output: bytes) -> Failure | None:
    """An apply that could not save its state, or a lock that was not let go, for whatever reason; None without one."""
    every = list(diagnostics(output))
    return next((_as_failure(row, found, every) for row, found in _interruptions(every)), None)


def held_lock(output: bytes) -> Failure | None:
    """A lock that kept Terraform out, with lock_id, lock_path, lock_operation, lock_who, lock_created.

    That is no failure of credentials: a colleague may be at work. It is what an interrupted apply leaves behind all
    the same.
    """
    every = [each for each in diagnostics(output) if _HELD.match(each.text)]
    held = _facts(LEFT_BEHIND, every[0].text) if every else {}
    return Failure(LOCK, LOCK_HELD, every[0].text[:_LONGEST_MESSAGE], held) if "lock_id" in held else None


def _interruptions(every: Iterable[Diagnostic]) -> Iterator[tuple[Interruption, Diagnostic]]:
    """What says that something was left behind: the state before the lock."""
    said = list(every)
    for row in _INTERRUPTIONS:
        yield from ((row, each) for each in said if row.summary.match(each.text))


def _as_failure(row: Interruption, found: Diagnostic, every: list[Diagnostic]) -> Failure:
    return Failure(row.scope, row.code, found.text[:_LONGEST_MESSAGE], _left_behind(every))


def _left_behind(every: list[Diagnostic]) -> dict[str, str]:
    facts = _facts(LEFT_BEHIND, _all_words(every))
    found = next(_interruptions(every), None)
    return {**facts, "interrupted": found[0].code} if found else facts


def _code(diagnostic: Diagnostic, scope: str) -> str:
    if scope == OTHER:
        return ""
    words = _words(diagnostic)
    for row in ROWS:
        found = row.pattern.search(words) if scope in row.scopes else None
        if found:
            return row.code or found["code"]
    return ""


def _unquoted(every: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Without those that quote others, and what follows them placeless: where no box ends them, it is theirs."""
    is_quoting = False
    for diagnostic in every:
        is_quoting = bool(_QUOTING.match(diagnostic.text)) or (is_quoting and diagnostic.scope == BACKEND)
        if not is_quoting:
            yield diagnostic


def _all_words(every: Iterable[Diagnostic]) -> str:
    return "\n".join(diagnostic.text for diagnostic in every)


def _words(diagnostic: Diagnostic) -> str:
    return "\n".join(diagnostic.paragraphs)


def _facts(table: Iterable[Fact], text: str) -> dict[str, str]:
    facts: dict[str, str] = {}
    for fact in table:
        found = fact.pattern.search(text) if fact.name not in facts else None
        if found:
            facts[fact.name] = found["value"]
    return facts
