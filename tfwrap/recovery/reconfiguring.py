"""`init -reconfigure` as a remedy, where the diagnosis names it."""

from __future__ import annotations

import shlex

from tfwrap.diagnosis.case import RECONFIGURE
from tfwrap.failure import failure
from tfwrap.lean import NamedTuple
from tfwrap.recovery import condition, reconfigurable, reconfigure
from tfwrap.recovery.action import Applied
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.recovery.condition import Outcome, Request
    from tfwrap.run import Run

DONE = "ran init -reconfigure: the state's address is the same, and no credential is saved any more"
_LAST_LINES = 8


class Reconfigure(NamedTuple):
    """The plan of a reconfiguration, None where the block is gone, and the gate's answers."""

    plan: reconfigure.Plan | None
    outcomes: tuple[Outcome, ...]
    program: str
    kind: str = RECONFIGURE
    choice: str = "reconfigure and retry"
    announcement: str = "reconfiguring the backend and running again"

    @property
    def command(self) -> str:
        """The whole command, with every value that has to be given again."""
        return shlex.join(reconfigure.command(self.plan)) if self.plan else ""

    @property
    def question(self) -> str:
        """What the user is asked."""
        return f"Run {self.program} init -reconfigure, then your command again?"

    def apply(self, run: Run) -> Applied:
        """Reconfigure."""
        if self.plan is None:
            return Applied(done=False, said="the configuration has no backend block any more")
        result = reconfigure.run(self.plan, run.real.path, run.child_environment, run.output.say)
        if result.done:
            return Applied(done=True, said=DONE)
        tried = (
            "tried init -reconfigure and put everything back" if result.was_begun else "init -reconfigure was not run"
        )
        said = f"{tried}: {result.reason}"
        last = tuple(failure.plain_lines(result.output)[-_LAST_LINES:])
        return Applied(done=False, said=said, detail=last, signal=result.signal)


def propose(run: Run, request: Request) -> Reconfigure | None:
    """The action, where the diagnosis names it as a remedy and there is a saved backend to work on."""
    saved, block = run.facts.saved, run.facts.configuration.backend
    is_named = any(remedy.kind == RECONFIGURE for remedy in request.diagnosis.remedies)
    if not is_named or not isinstance(saved, SavedBackend):
        return None
    given = run.facts.given.arguments
    plan = reconfigure.plan(run.invocation, saved, block, run.environ, given) if block else None
    return Reconfigure(plan, condition.outcomes(reconfigurable.RECONFIGURE, request), run.invocation.program)
