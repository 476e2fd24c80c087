"""After a credential failure: find the cause, keep it for `--explain`, say it, and settle it where that is allowed."""

from __future__ import annotations

import shlex
import time

from tfwrap import diagnosis, failure, identity, incident, redaction
from tfwrap.diagnosis import RECONFIGURE
from tfwrap.errors import Interrupted
from tfwrap.lean import NamedTuple
from tfwrap.output import ask
from tfwrap.recovery import gate, reconfigure
from tfwrap.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.diagnosis import Case, Diagnosis
    from tfwrap.failure import Failure
    from tfwrap.finished import Finished
    from tfwrap.identity import Answer
    from tfwrap.incident import Incident
    from tfwrap.run import Run
    from tfwrap.sources import Source

_RECONFIGURED = "ran init -reconfigure: the state's address is the same, and no credential is saved any more"


class Examined(NamedTuple):
    """A failure that has been looked into: its cause, what objects to the remedy, and the record of it all."""

    run: Run
    redactor: redaction.Redactor
    diagnosis: Diagnosis
    plan: reconfigure.Plan | None
    objections: tuple[str, ...]
    record: Incident


def examine(run: Run, finished: Finished, found: Failure) -> Examined:
    """Find the cause of a failure, and whether the gate is open for its remedy."""
    case = diagnosis.examine(found, run.facts, _asker(run))
    plan = _plan(run)
    cause = diagnosis.diagnose(case)
    redactor = _redactor(run)
    request = gate.Request(case, cause, run.environ, finished.tail)
    outcomes = gate.outcomes(gate.RECONFIGURE, request)
    objections = tuple(map(redactor.text, gate.objections(outcomes)))
    cause = _redacted(_with_command(cause, plan, objections), redactor)
    return Examined(run, redactor, cause, plan, objections, _record(run, redactor, finished, case, cause))


def store(examined: Examined) -> None:
    """Keep the record. A state directory that cannot be written costs only the later explanation."""
    try:
        incident.store(examined.record)
    except OSError as error:
        examined.run.output.say(f"the explanation could not be kept ({error.strerror})")


def settle(examined: Examined) -> bool:
    """Say what is wrong and apply the remedy, unasked or asked, where the gate allows it. True to run again."""
    _say(examined)
    run, plan = examined.run, examined.plan
    if examined.objections or plan is None:
        _say_by_hand(examined)
        return False
    if run.settings.allows(RECONFIGURE):
        run.output.say(f"reconfiguring the backend and running again (set by {run.settings.auto_origin})")
    elif not run.may_ask:
        _say_by_hand(examined)
        return False
    elif not _ask(examined):
        return False
    return _reconfigure(examined, plan)


def note_second_run(examined: Examined, status: int) -> None:
    """Add to the record how the command ended after the remedy."""
    done = (_RECONFIGURED, f"ran the command again, once: exit status {status}")
    store(examined._replace(record=examined.record._replace(actions=done)))


def _asker(run: Run) -> Callable[[Source], Answer]:
    saved = run.facts.saved
    config: Mapping[str, object] = saved.config if isinstance(saved, SavedBackend) else {}
    where = identity.endpoint(config, run.environ)
    if run.settings.offline:
        return lambda _: identity.Answer(identity.UNCHECKED, message="tfwrap is set to be offline")
    return lambda source: identity.ask(source, where)


def _plan(run: Run) -> reconfigure.Plan | None:
    saved, block = run.facts.saved, run.facts.configuration.backend
    if not isinstance(saved, SavedBackend) or block is None:
        return None
    return reconfigure.plan(run.invocation, saved, block, run.environ)


def _with_command(found: Diagnosis, plan: reconfigure.Plan | None, objections: tuple[str, ...]) -> Diagnosis:
    """The diagnosis with the whole command in it, and the gate's answer."""
    remedies = tuple(
        remedy._replace(
            command=shlex.join(reconfigure.command(plan)) if plan else remedy.command,
            allowed=not objections,
            why_not="; ".join(objections),
        )
        if remedy.kind == RECONFIGURE
        else remedy
        for remedy in found.remedies
    )
    return found._replace(remedies=remedies)


def _redacted(found: Diagnosis, redactor: redaction.Redactor) -> Diagnosis:
    """AWS's messages can echo a secret that stands in the wrong place, and a nested argument can hold one."""
    remedies = tuple(remedy._replace(command=redactor.text(remedy.command)) for remedy in found.remedies)
    return found._replace(
        title=redactor.text(found.title),
        evidence=tuple(map(redactor.text, found.evidence)),
        checked=tuple(map(redactor.text, found.checked)),
        remedies=remedies,
    )


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
    return redaction.make({**run.environ, **repaired}, facts.files, saved, run.invocation.argv)


def _say(examined: Examined) -> None:
    found = examined.record
    examined.run.output.say(f"{found.code}: {found.title}", style="error")
    examined.run.output.say(f"  {found.evidence[-1]}")


def _say_by_hand(examined: Examined) -> None:
    out = examined.run.output
    for remedy in examined.diagnosis.remedies:
        if remedy.why_not:
            out.say(f"  not done for you: {examined.objections[0]}")
        out.say(f"  fix: {remedy.command}")
    out.say("  more: tfwrap --explain", style="dim")


def _ask(examined: Examined) -> bool:
    """On the terminal: reconfigure and retry, or explain and ask again, or quit."""
    from tfwrap import explain

    choices = {"r": "reconfigure and retry", "e": "explain", "q": "quit"}
    question = f"Run {examined.run.invocation.program} init -reconfigure, then your command again?"
    answer = ask(examined.run.output, question, choices)
    if answer == "e":
        examined.run.output.say(*explain.story(examined.record, examined.run.output, with_tail=False).split("\n"))
        del choices["e"]
        answer = ask(examined.run.output, question, choices)
    return answer == "r"


def _reconfigure(examined: Examined, plan: reconfigure.Plan) -> bool:
    run = examined.run
    result = reconfigure.run(plan, run.real.path, run.child_environment)
    action = _RECONFIGURED if result.done else f"tried init -reconfigure and put everything back: {result.reason}"
    store(examined._replace(record=examined.record._replace(actions=[action])))
    run.output.say(action, style="good" if result.done else "error")
    if not result.done:
        last = "\n".join(failure.plain_lines(result.output)[-8:])
        run.output.say(*examined.redactor.text(last).splitlines())
    if result.signal:  # whoever stopped init wants to stop, not to hear how the first run ended
        raise Interrupted(result.signal)
    return result.done
