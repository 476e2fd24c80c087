"""A failed run, redacted, kept so that it can be explained later without running anything again."""

from __future__ import annotations

import json
import os
import shlex

from tfwrap import state
from tfwrap.errors import BadInput
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol, TypeGuard

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
MOST = 50
LARGEST = 256 << 10
_TAIL = 64 << 10
_MOST_LINES = 24
_FOLDER = "incidents"
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
        tail[-_TAIL:],
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


def store(incident: Incident) -> None:
    """Write the incident, replacing an earlier version of it, and let go of the oldest. Raises OSError."""
    folder = state.directory(_FOLDER)
    content = _bounded(document(incident))
    state.write(os.path.join(folder, f"{incident.id}.json"), content)
    for old in list(state.newest_first(folder, ".json"))[MOST:]:
        state.remove(old)


def _bounded(content: dict[str, object]) -> bytes:
    """As JSON, and if need be with every text cut short: a command line can hold megabytes."""
    encoded = _encoded(content)
    longest = _TAIL // 16
    while len(encoded) > LARGEST:
        encoded = _encoded(_clipped(content, longest))
        longest //= 4
    return encoded


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def _clipped(value: object, longest: int) -> object:
    """The beginning of every text and list, but the end of the tail."""
    if isinstance(value, dict):
        return {
            name: str(inner)[-longest:] if name == "tail" else _clipped(inner, longest) for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_clipped(inner, longest) for inner in value[:_MOST_LINES]]
    return value[:longest] if isinstance(value, str) else value


def last(workdir: str) -> Incident | None:
    """The last incident of a directory, else the user's last. Files that cannot be read are passed over."""
    every = all_incidents()
    here = (incident for incident in every if incident.workdir == workdir)
    return next(here, every[0] if every else None)


def all_incidents() -> list[Incident]:
    """The stored incidents, newest first; none where there is no state directory and none can be made."""
    try:
        folder = state.directory(_FOLDER)
    except OSError:
        return []
    found = (_load(path) for path in state.newest_first(folder, ".json"))
    return [incident for incident in found if incident]


def by_id(identifier: str) -> Incident:
    """The incident with that id, or a beginning of it. Raises BadInput."""
    every = all_incidents()
    exact = [incident for incident in every if incident.id == identifier]
    matching = exact or [incident for incident in every if incident.id.startswith(identifier)]
    if len(matching) != 1:
        how_many = "no" if not matching else "more than one"
        raise BadInput(f"{how_many} incident has the id {identifier!r}; tfwrap --explain --all lists them")
    return matching[0]


def _load(path: str) -> Incident | None:
    try:
        with open(path, "rb") as file:
            content = json.loads(file.read(LARGEST + 1))
        if content["version"] != VERSION:
            return None
        about, cause = content["incident"], content["cause"]
        rest = {name: content[name] for name in (*_LISTS, "tail")}
        rest |= {name: content.get(name, []) for name in _ADDED}
        rest["remedies"] = list(map(_with_words, rest["remedies"]))
        found = Incident(**about, cause=cause["slug"], confidence=cause["confidence"], title=cause["title"], **rest)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if _is_sound(found) else None


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
