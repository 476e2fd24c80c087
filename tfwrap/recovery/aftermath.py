"""After a credential failure: find the cause, keep it for `--explain`, say it, and settle it where that is allowed."""

from __future__ import annotations

import os
import time

from tfwrap.diagnosis import diagnosis
from tfwrap.doctor import report
from tfwrap.errors import Interrupted
from tfwrap.explain import incident, incidents
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.lean import NamedTuple
from tfwrap.output import ask
from tfwrap.recovery import condition, gate, made_again, reconfiguring, refresh, refreshing, replacement
from tfwrap.redaction import redaction
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tfwrap.diagnosis.diagnosis import Case, Diagnosis, Remedy
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
    action = chosen(run, request)
    outcomes = action.outcomes if action else condition.outcomes(gate.BY_HAND, request)
    objections = tuple(map(redactor.text, condition.objections(outcomes)))
    # AWS's messages can echo a secret that stands in the wrong place, and a nested argument can hold one.
    cause = _with_answer(cause, action, objections).cleaned(_cleaner(run, redactor))
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


def chosen(run: Run, request: condition.Request) -> Action | None:
    """What tfwrap can do: the first remedy for which the gate is open, else the first."""
    proposed: list[Action | None] = [reconfiguring.propose(run, request), refreshing.propose(run, request)]
    found = [action for action in proposed if action]
    return next((action for action in found if not condition.objections(action.outcomes)), found[0] if found else None)


def store(examined: Examined) -> None:
    """Keep the record. A state directory that cannot be written costs only the later explanation."""
    try:
        incidents.store(examined.record)
    except OSError as error:
        examined.run.output.say(f"the explanation could not be kept ({error.strerror})")


def settle(examined: Examined) -> Examined | None:
    """Say what is wrong and apply the remedy, unasked or asked, where the gate allows it.

    What comes back is to be run again, its environment with it; None where nothing was put right.
    """
    _say(examined)
    run, action = examined.run, examined.action
    if action is None or examined.objections:
        _say_by_hand(examined)
        return None
    if run.settings.allows(action.kind):
        examined = _announced(examined, action)
    elif not run.may_ask:
        _say_by_hand(examined)
        return None
    elif not _ask(examined, action):
        return None
    return apply(examined, action)


def _announced(examined: Examined, action: Action) -> Examined:
    """Say in one line what is done unasked, and have it on record before it begins."""
    run, what = examined.run, examined.redactor.text(action.announcement)
    run.output.say(f"{what} (set by {run.settings.auto_origin})")
    noted = f"unasked (set by {run.settings.auto_origin}): {what}"
    announced = examined._replace(record=examined.record._replace(actions=[*examined.record.actions, noted]))
    store(announced)
    return announced


def apply(examined: Examined, action: Action) -> Examined | None:
    """Apply the remedy, and note how it went. Raises Interrupted where that was interrupted."""
    run = examined.run
    applied = action.apply(run)
    said = examined.redactor.text(applied.said)
    done = examined._replace(
        run=run._replace(changes=(*run.changes, *applied.changes)),
        record=examined.record._replace(actions=[*examined.record.actions, said]),
    )
    store(done)
    run.output.say(said, style="good" if applied.done else "error")
    if not applied.done:
        run.output.say(*examined.redactor.text("\n".join(applied.detail)).splitlines())
    if applied.signal:  # whoever stopped it wants to stop, not to hear how the first run ended
        raise Interrupted(applied.signal)
    return done if applied.done else None


def note_second_run(examined: Examined, status: int) -> None:
    """Add to the record how the command ended after the remedy."""
    done = [*examined.record.actions, f"ran the command again, once: exit status {status}"]
    store(examined._replace(record=examined.record._replace(actions=done)))


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


def _say(examined: Examined) -> None:
    found = examined.record
    examined.run.output.say(f"{found.code}: {found.title}", style="error")
    examined.run.output.say(*(f"  {line}" for line in found.evidence[-1:]))


def _say_by_hand(examined: Examined) -> None:
    out = examined.run.output
    for remedy in examined.diagnosis.remedies:
        if remedy.why_not:
            out.say(f"  not done for you: {examined.objections[0]}")
        out.say(f"  {_line(remedy)}")
    out.say("  more: tfwrap --explain", style="dim")


def _line(remedy: Remedy) -> str:
    """What to type; of several steps each with what it does, as a shell's comment."""
    if not remedy.step:
        return f"fix: {remedy.command or remedy.does}"
    return f"{remedy.step}. {remedy.command}  # {remedy.does}" if remedy.command else f"{remedy.step}. {remedy.does}"


def _ask(examined: Examined, action: Action) -> bool:
    """On the terminal: do it and retry, or explain and ask again, or quit."""
    from tfwrap.explain import story

    choices = {"r": action.choice, "e": "explain", "q": "quit"}
    answer = ask(examined.run.output, action.question, choices)
    if answer == "e":
        examined.run.output.say(*story.tell(examined.record, examined.run.output, with_tail=False).split("\n"))
        del choices["e"]
        answer = ask(examined.run.output, action.question, choices)
    return answer == "r"
