"""How long the longest run in a directory took: a session should last that long.

Kept are only runs of more than a quarter of an hour, which is what a session should last in any case.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT_S = 15 * 60.0
MOST = 200
LARGEST = 1 << 16
_NAME = "durations.json"


def longest(directory: str) -> float:
    """The seconds that the longest known run in a directory took, SHORT_S where no longer one is known."""
    return max(SHORT_S, _load().get(directory, 0.0))


def note(directory: str, seconds: float) -> None:
    """Remember a run that took longer than those before it. What cannot be kept is not. Never raises."""
    if seconds <= SHORT_S:
        return
    known = _load()
    if seconds <= known.pop(directory, 0.0):
        return
    known[directory] = seconds
    try:
        _keep(dict(list(known.items())[-MOST:]))
    except OSError:
        return


def _keep(known: Mapping[str, float]) -> None:
    import json

    from tfwrap import state

    state.write(os.path.join(state.directory(), _NAME), json.dumps(known).encode())


def _load() -> dict[str, float]:
    import json

    from tfwrap import state

    try:
        with open(os.path.join(state.directory(), _NAME), "rb") as file:
            found = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: float(value) for name, value in pairs if isinstance(value, int | float)}
