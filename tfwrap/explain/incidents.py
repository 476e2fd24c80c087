"""The incidents on disk: the last fifty of the user's, each in a file of its own."""

from __future__ import annotations

import json
import os

from tfwrap import state
from tfwrap.errors import BadInput
from tfwrap.explain.incident import TAIL, document, of_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.explain.incident import Incident

MOST = 50
LARGEST = 256 << 10
_MOST_LINES = 24
_FOLDER = "incidents"


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
    longest = TAIL // 16
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
            return of_document(json.loads(file.read(LARGEST + 1)))
    except (OSError, ValueError, RecursionError):
        return None
