"""The story of a guarded run, on one page."""

from __future__ import annotations

from tfwrap import explain, fault, findings, preflight, process
from tfwrap.errors import Refused
from tfwrap.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.checks.finding import Finding
    from tfwrap.invocation import Invocation
    from tfwrap.output import Output
    from tfwrap.process import Finished
    from tfwrap.recovery.aftermath import Examined
    from tfwrap.settings import Settings
    from tfwrap.which import Real

MOST_LINES = 3


def prepare(
    invocation: Invocation,
    real: Real,
    environ: Mapping[str, str],
    settings: Settings,
    output: Output,
    now: float,
) -> Run:
    """Preflight: look, say what is wrong, and in strict mode refuse. Raises Refused."""
    facts = preflight.facts(invocation, environ, real.path)
    grave = findings.grave(findings.collect(facts))
    _say(grave, settings.mistakes, output)
    if settings.strict and (grave or settings.mistakes):
        raise Refused("TFWRAP_STRICT is set: refused, Terraform was not started")
    return Run(invocation, real, environ, settings, output, facts, now)


def launch(run: Run) -> Finished:
    """Run Terraform; should it fail over its credentials, say why, and put it right where that is allowed."""
    finished = _terraform(run)
    if finished.status == 0 or finished.signal:
        return finished
    try:
        put_right = _put_right(run, finished)
    except Exception as error:  # noqa: BLE001 - what follows a failure is extra: the status stays Terraform's
        fault.report(error, run.environ, run.output)
        return finished
    return _again(run, put_right) if put_right else finished


def _terraform(run: Run) -> Finished:
    json = run.invocation.has("json")
    return process.run(run.real.path, run.invocation.argv, run.child_environment, watch_stdout=json)


def _put_right(run: Run, finished: Finished) -> Examined | None:
    """The credential failure that was found, explained and removed, so that the command may run again."""
    from tfwrap import failure

    found = failure.recognise(finished.tail)
    if found is None:
        return None
    from tfwrap.recovery import aftermath

    examined = aftermath.examine(run, finished, found)
    aftermath.store(examined)
    return examined if aftermath.settle(examined) else None


def _again(run: Run, put_right: Examined) -> Finished:
    from tfwrap.recovery import aftermath

    finished = _terraform(run)
    aftermath.note_second_run(put_right, finished.status)
    return finished


def _say(grave: Sequence[Finding], mistakes: Sequence[str], output: Output) -> None:
    lines = [*mistakes, *(explain.one_line(finding, output) for finding in grave)]
    output.say(*lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        output.say(f"and {len(lines) - MOST_LINES} more")
    fixes = dict.fromkeys(finding.fix[0] for finding in grave[:MOST_LINES] if finding.fix)
    output.say(*(f"  fix: {fix}" for fix in fixes), style="dim")
