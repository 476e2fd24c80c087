"""3xx: an apply that could not save its state has left it in the working directory."""

from __future__ import annotations

import os

from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "errored.tfstate"
# Each of these makes the next state from the old one; after that the two cannot be brought together any more.
_FORKS = {"apply": ERROR, "destroy": ERROR, "import": ERROR, "refresh": ERROR, "plan": WARNING}


def check(facts: Facts) -> Iterator[Finding]:
    """TFW312: before the commands that would go on from a state that does not know the last apply."""
    typed = facts.invocation
    path = os.path.join(typed.working_directory, FILE_NAME)
    severity = _FORKS.get(typed.command)
    if severity is None or not os.path.isfile(path):
        return
    title = f"{FILE_NAME} holds the state that an interrupted apply could not save: push it first"
    evidence = (f"{path}: what that apply created is known only there; another apply would create it again",)
    fix = (
        f"terraform state push {FILE_NAME}, and remove {FILE_NAME} when that has succeeded",
        "if the state is still locked: terraform force-unlock ID, with the ID that the error names",
    )
    yield Finding("TFW312", "errored-state", severity, title, evidence, fix)
