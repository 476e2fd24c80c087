"""Recognise a credential failure in what Terraform wrote before it exited with an error."""

from __future__ import annotations

import re
from types import MappingProxyType

from tfwrap.catalogue import FACTS, LEFT_BEHIND, ROWS
from tfwrap.codes import CREDENTIAL_CODES
from tfwrap.diagnostics import (
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

    from tfwrap.catalogue import Fact

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

_LONGEST_MESSAGE = 600
_NOTHING: Mapping[str, str] = MappingProxyType({})
# These summaries introduce the words of other people and programs, who may quote any code.
_QUOTING = re.compile(
    r"Error: (?:(?:local|remote)-exec provisioner error|Error running command '|External Program |Unexpected External "
    r"|Test assertion failed|Check block assertion failed|.{0,40}(?:pre|post)condition failed"
    r"|Invalid value for (?:input )?variable|Invalid variable value|Error in function call|Invalid function argument"
    r"|(?:Failed to|Could not) download module(?!.*\"s3::))"
)
_SAVING = re.compile(r"(?:Error: )?(?:Failed to (?:save|persist) state|Error saving state)")
_RELEASING = re.compile(r"Error: Error releasing the state lock")
_ACQUIRING = re.compile(r"Error: Error acquiring the state lock")


class Failure(NamedTuple):
    """What failed: in which scope, with which code, in Terraform's words on one line, and what those name.

    `facts` has, where the text says so, operation, status, profile, sso_session, role_arn, who, action, account,
    process, path, bucket, key, table, header, reason, and of what was left behind errored_state and lock_*.
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
            facts = {**_facts(FACTS, _words(diagnostic)), **_facts(LEFT_BEHIND, _all_words(every))}
            return Failure(scope, code, diagnostic.text[:_LONGEST_MESSAGE], facts)
    return None


def interrupted(output: bytes) -> Failure | None:
    """An apply that could not save its state, or a lock that was not let go, for whatever reason; None without one."""
    every = list(diagnostics(output))
    facts = _facts(LEFT_BEHIND, _all_words(every))
    for scope, code, summary in ((STATE, STATE_NOT_SAVED, _SAVING), (LOCK, LOCK_NOT_RELEASED, _RELEASING)):
        found = next((each for each in every if summary.match(each.text)), None)
        if found:
            return Failure(scope, code, found.text[:_LONGEST_MESSAGE], facts)
    return None


def held_lock(output: bytes) -> Mapping[str, str]:
    """The lock that kept Terraform out: lock_id, lock_path, lock_operation, lock_who, lock_created; else empty.

    A lock that is held is no failure of credentials: a colleague may be at work. It is what an interrupted apply
    leaves behind all the same.
    """
    found = next((each for each in diagnostics(output) if _ACQUIRING.match(each.text)), None)
    return _facts(LEFT_BEHIND, found.text) if found else _NOTHING


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
