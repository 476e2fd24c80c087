"""The bridge of a guarded run: what it needs before the verdict, and while Terraform runs."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from tfwrap.bridge import making
from tfwrap.process import process
from tfwrap.recovery.refresh import Console
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.bridge.making import Served
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.run import Run


def made(run: Run, known: Facts) -> tuple[tuple[Served, ...], Facts]:
    """As making.made, for a run: where nobody can be asked nobody is, and offline nothing is made."""
    process.listen()  # what ends us must leave nothing behind
    if run.settings.offline:
        return (), making.declined(known, "tfwrap is set to be offline")
    return making.made(known, Console(run.output, run.may_ask, run.environ))


@contextlib.contextmanager
def over(run: Run) -> Iterator[Run]:
    """The run as it goes over a bridge that stands for the length of a `with`; as it was where none can be built."""
    if sys.platform == "win32":  # where nothing is bridged (bridgeable.py)
        yield run
        return
    from tfwrap.bridge import standing

    with contextlib.ExitStack() as stack:
        try:
            bridge = stack.enter_context(standing.standing(run.served, run.facts))
        except (NotRefreshed, OSError) as error:
            why = getattr(error, "strerror", None) or error
            run.output.say(f"the bridge could not be built: {why}", style="error")
            yield run
            return
        yield run._replace(changes=(*run.changes, *bridge.changes), lifelines=(bridge.lifeline,))
