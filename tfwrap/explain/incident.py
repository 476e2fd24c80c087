"""A failed run, redacted, as a record that can be explained later without running anything again."""

from __future__ import annotations

import shlex

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Protocol, TypeGuard

    from tfwrap.diagnosis.case import Diagnosis, Remedy
    from tfwrap.failure.failure import Failure

    class Outcome(Protocol):
        """A condition of the gate, and why it does not hold; empty where it does."""

        @property
        def name(self) -> str:
            """What has to hold."""

        @property
        def why_not(self) -> str:
            """Why it does not."""


VERSION = 1
TAIL = 64 << 10
_LISTS = ("evidence", "checked", "remedies", "actions")
# What the first records did not have.
_ADDED = ("conditions", "also")


class Incident(NamedTuple):
    """One failed run. Every text in it has been redacted before it came here."""

    id: str
    time: str
    command: Sequence[str]
    workdir: str
    exit_status: int
    scope: str
    code: str
    message: str
    cause: str
    title: str
    confidence: str
    evidence: Sequence[str]
    checked: Sequence[str]
    remedies: Sequence[dict[str, object]]
    actions: Sequence[str]
    tail: str
    conditions: Sequence[dict[str, object]] = ()
    also: Sequence[dict[str, object]] = ()


def make(
    identifier: str,
    time: str,
    command: Sequence[str],
    workdir: str,
    exit_status: int,
    failure: Failure,
    diagnosis: Diagnosis,
    tail: str,
) -> Incident:
    """The record of a run that failed for a reason of credentials."""
    return Incident(
        identifier,
        time,
        list(command),
        workdir,
        exit_status,
        failure.scope,
        failure.code,
        failure.message,
        diagnosis.cause,
        diagnosis.title,
        diagnosis.confidence,
        list(diagnosis.evidence),
        list(diagnosis.checked),
        list(map(_remedy, diagnosis.remedies)),
        [],
        tail[-TAIL:],
        [],
        list(map(_another, diagnosis.also)),
    )


def conditions(outcomes: Iterable[Outcome]) -> list[dict[str, object]]:
    """The gate's conditions as a record has them."""
    return [{"name": each.name, "held": not each.why_not, "why_not": each.why_not} for each in outcomes]


def _remedy(remedy: Remedy) -> dict[str, object]:
    return {**remedy._asdict(), "command": words(remedy.command)}


def _another(other: Diagnosis) -> dict[str, object]:
    """A cause that fits as well."""
    remedies = list(map(_remedy, other.remedies))
    about = {"slug": other.cause, "confidence": other.confidence, "title": other.title}
    return {**about, "evidence": list(other.evidence), "remedies": remedies}


def words(command: str) -> list[str]:
    """A command line as words; empty for none. One that no shell would read stays in one piece."""
    try:
        return shlex.split(command)
    except ValueError:
        return [command]


def document(incident: Incident) -> dict[str, object]:
    """The incident as the JSON that is stored and that `tfwrap --explain --format json` prints."""
    fields = incident._asdict()
    about = ("id", "time", "command", "workdir", "exit_status", "scope", "code", "message")
    cause = {"slug": incident.cause, "confidence": incident.confidence, "title": incident.title}
    return {
        "version": VERSION,
        "incident": {name: fields[name] for name in about},
        "cause": cause,
        **{name: fields[name] for name in (*_LISTS, *_ADDED, "tail")},
    }


def of_document(content: object) -> Incident | None:
    """The incident in a document that was stored; None for one of another version, or that is none."""
    try:
        found = _read(content)
    except (KeyError, TypeError):
        return None
    return found if found and _is_sound(found) else None


def _read(content: Any) -> Incident | None:
    if content["version"] != VERSION:
        return None
    about, cause = content["incident"], content["cause"]
    rest = {name: content[name] for name in (*_LISTS, "tail")}
    rest |= {name: content.get(name, []) for name in _ADDED}
    rest["remedies"] = list(map(_with_words, rest["remedies"]))
    return Incident(**about, cause=cause["slug"], confidence=cause["confidence"], title=cause["title"], **rest)


def _with_words(remedy: dict[str, object]) -> dict[str, object]:
    """The first records had the command as one text."""
    command = remedy["command"]
    return {**remedy, "command": words(command)} if isinstance(command, str) else remedy


def _is_sound(incident: Incident) -> bool:
    """Whether everything in a record has the type that those who print it rely on."""
    fields = incident._asdict()
    texts = [fields.pop(name) for name in ("command", "evidence", "checked", "actions")]
    remedies, conditions, also = (fields.pop(name) for name in ("remedies", "conditions", "also"))
    plain = all(isinstance(value, int if name == "exit_status" else str) for name, value in fields.items())
    lists = all(isinstance(lines, list) and all(isinstance(line, str) for line in lines) for lines in texts)
    kinds = ((remedies, _is_remedy), (conditions, _is_condition), (also, _is_cause))
    return plain and lists and all(isinstance(rows, list) and all(map(is_one, rows)) for rows, is_one in kinds)


def _is_remedy(value: object) -> bool:
    return _has_texts(value, ("kind", "does", "why_not")) and _is_texts(value["command"])


def _is_condition(value: object) -> bool:
    return _has_texts(value, ("name", "why_not")) and isinstance(value.get("held"), bool)


def _is_cause(value: object) -> bool:
    return _has_texts(value, ("slug", "confidence", "title")) and _is_texts(value.get("evidence"))


def _has_texts(value: object, names: Iterable[str]) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
