"""What a credential failure is: its cause, what can be done about it, what objects, and the record for `--explain`."""

from __future__ import annotations

import os
import time

from tfwrap.diagnosis import diagnosis
from tfwrap.doctor import report
from tfwrap.explain import incident
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.lean import NamedTuple
from tfwrap.recovery import condition, gate, made_again, reconfiguring, refresh, refreshing, replacement
from tfwrap.redaction import redaction
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tfwrap.diagnosis.diagnosis import Case, Diagnosis
    from tfwrap.explain.incident import Incident
    from tfwrap.failure.failure import Failure
    from tfwrap.process.finished import Finished
    from tfwrap.recovery.action import Action
    from tfwrap.run import Run


class Examined(NamedTuple):
    """A failure that has been looked into: its cause, what can be done about it and what objects, and the record."""

    run: Run
    redactor: redaction.Redactor
    diagnosis: Diagnosis
    action: Action | None
    objections: tuple[str, ...]
    record: Incident


def examine(run: Run, finished: Finished, found: Failure) -> Examined:
    """Find the cause of a failure, and whether the gate is open for a remedy."""
    case = _case(run, found)
    cause = diagnosis.diagnose(case)
    redactor = _redactor(run)
    request = condition.Request(case, cause, run.environ, finished.tail, finished.is_whole)
    action = _chosen(run, request)
    outcomes = action.outcomes if action else condition.outcomes(gate.BY_HAND, request)
    objections = tuple(map(redactor.text, condition.objections(outcomes)))
    # AWS's messages can echo a secret that stands in the wrong place, and a nested argument can hold one.
    cause = _with_answer(refreshing.feasible(run, request), action, objections).cleaned(_cleaner(run, redactor))
    conditions = incident.conditions(each._replace(why_not=redactor.text(each.why_not)) for each in outcomes)
    changed = list(map(report.sentence, run.facts.changes))
    record = _record(run, redactor, finished, case, cause)._replace(conditions=conditions, actions=changed)
    return Examined(run, redactor, cause, action, objections, record)


def _case(run: Run, found: Failure) -> Case:
    """The failure with STS's answers, also to what a process gives now, and to what would follow saved credentials."""
    if run.settings.offline:
        return diagnosis.examine(found, run.facts, None)
    case = diagnosis.examine(found, run.facts, identity.ask)
    case = made_again.asked_about(case, refresh.Console(run.output, False, run.environ))
    is_saved = diagnosis.diagnose(case).cause == diagnosis.STALE_SAVED_BACKEND
    return replacement.asked_about(case, run.child_environment) if is_saved else case


def _cleaner(run: Run, redactor: redaction.Redactor) -> Callable[[str], str]:
    """Takes secrets out, and the way to where the user stands."""
    here = f"{run.invocation.shown_from}{os.sep}"
    return lambda text: redactor.text(text.replace(here, "") if len(here) > 1 else text)


def _chosen(run: Run, request: condition.Request) -> Action | None:
    """What tfwrap can do: the first remedy for which the gate is open, else the first."""
    proposed: list[Action | None] = [reconfiguring.propose(run, request), refreshing.propose(run, request)]
    found = [action for action in proposed if action]
    return next((action for action in found if not condition.objections(action.outcomes)), found[0] if found else None)


def _with_answer(found: Diagnosis, action: Action | None, objections: Sequence[str]) -> Diagnosis:
    """The diagnosis with the action's whole command in it, and the gate's answer."""
    if action is None:
        return found
    remedies = tuple(
        remedy._replace(command=action.command or remedy.command, allowed=not objections, why_not="; ".join(objections))
        if remedy.kind == action.kind
        else remedy
        for remedy in found.remedies
    )
    return found._replace(remedies=remedies)


def _record(run: Run, redactor: redaction.Redactor, finished: Finished, case: Case, cause: Diagnosis) -> Incident:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(run.started))
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(run.started))
    return incident.make(
        f"{stamp}-{run.real.guard.partition(':')[0]}",
        when,
        redactor.arguments([run.invocation.program, *run.invocation.argv]),
        run.invocation.directory,
        finished.status,
        case.failure._replace(message=redactor.text(case.failure.message)),
        cause,
        redactor.text("\n".join(_kept_lines(run, finished))),
    )


def _kept_lines(run: Run, finished: Finished) -> list[str]:
    """What of Terraform's output is kept. A trace holds whole answers of AWS, with secrets that no rule knows."""
    if any(name.startswith("TF_LOG") for name in run.environ):
        return [diagnostic.text for diagnostic in failure.diagnostics(finished.tail)]
    return failure.plain_lines(finished.tail)


def _redactor(run: Run) -> redaction.Redactor:
    facts = run.facts
    saved = facts.saved if isinstance(facts.saved, SavedBackend) else None
    repaired = {f"repaired_{change.name}": change.value for change in facts.changes if change.value}
    said = [block.arguments for block in (facts.configuration.backend, *facts.configuration.providers) if block]
    blocks = [*said, *(consumer.arguments for consumer in facts.consumers)]
    return redaction.make({**run.environ, **repaired}, facts.files, saved, run.invocation.argv, blocks)
