"""The story of a guarded run, on one page."""

from __future__ import annotations

from tfwrap import memory, process
from tfwrap.errors import Refused
from tfwrap.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.checks.finding import Facts, Finding
    from tfwrap.finished import Finished
    from tfwrap.invocation import Invocation
    from tfwrap.memory import Question
    from tfwrap.output import Output
    from tfwrap.recovery.aftermath import Examined
    from tfwrap.settings import Settings
    from tfwrap.which import Real

MOST_LINES = 3


def prepare(
    typed: Invocation, real: Real, environ: Mapping[str, str], settings: Settings, output: Output, now: float
) -> Run:
    """A run about which nothing has been found out yet, and nothing need be before Terraform fails."""
    return Run(typed, real, environ, settings, output, lambda: _facts(typed, real, environ), now)


def check(run: Run, asked: Question | None) -> Run:
    """Preflight: look, say what is wrong, and in strict mode refuse. Silence is remembered. Raises Refused."""
    from tfwrap import findings, preflight, versions

    facts = run.facts
    run = _with_settings_files(run._replace(look=lambda: facts))
    settings = run.settings
    grave = [found for found in findings.grave(findings.collect(facts)) if found.id not in settings.ignored]
    lines = (*settings.mistakes, *settings.notes)
    _say(grave, lines, run.output)
    if any(settings.refuses(found.severity) for found in grave) or (settings.strict and settings.mistakes):
        raise Refused(f"{settings.why_strict}: refused, Terraform was not started")
    is_settled = not (preflight.rests_on_version(facts) and versions.may_differ(run.real.path))
    if asked and not grave and not lines and is_settled:
        paths = preflight.paths(run.invocation, run.environ, run.real.path)
        memory.remember(asked, memory.QUIET, (*paths, *settings.rests_on))
    return run


def launch(run: Run) -> Finished:
    """Run Terraform; should it fail over its credentials, say why, and put it right where that is allowed."""
    finished = _terraform(run)
    if finished.status == 0 or finished.signal or finished.interrupted:
        return finished
    try:
        put_right = _put_right(run, finished)
    except Exception as error:  # noqa: BLE001 - what follows a failure is extra: the status stays Terraform's
        _report(error, run)
        return finished
    return _again(run, put_right) if put_right else finished


def _terraform(run: Run) -> Finished:
    typed = run.invocation
    return process.run(
        run.real.path, typed.argv, run.child_environment, watch_stdout=typed.has("json"), say=run.output.say
    )


def _put_right(run: Run, finished: Finished) -> Examined | None:
    """The credential failure that was found, explained and removed, so that the command may run again."""
    from tfwrap import failure

    found = failure.recognise(finished.tail)
    if found is None:
        return None
    from tfwrap.recovery import aftermath

    process.listen()
    run = _with_settings_files(run)
    facts = run.facts
    examined = aftermath.examine(run._replace(look=lambda: facts), finished, found)
    aftermath.store(examined)
    return examined if aftermath.settle(examined) else None


def _again(run: Run, put_right: Examined) -> Finished:
    from tfwrap.recovery import aftermath

    finished = _terraform(run)
    try:
        aftermath.note_second_run(put_right, finished.status)
    except Exception as error:  # noqa: BLE001 - Terraform has run: its status is what counts
        _report(error, run)
    return finished


def _report(error: Exception, run: Run) -> None:
    from tfwrap import fault

    fault.report(error, run.environ, run.output)


def _with_settings_files(run: Run) -> Run:
    """The run with the files' settings, too: a remembered decision rests on them, and only a failure needs them."""
    if run.settings.rests_on:
        return run
    from tfwrap import settings_layers

    typed = run.invocation
    settings = settings_layers.read(run.settings, run.environ, typed.directory, typed.working_directory)
    return run._replace(settings=settings)


def _facts(typed: Invocation, real: Real, environ: Mapping[str, str]) -> Facts:
    from tfwrap import preflight

    return preflight.facts(typed, environ, real.path)


def _say(grave: Sequence[Finding], mistakes: Sequence[str], output: Output) -> None:
    lines = [
        *mistakes,
        *(f"{output.paint(f'{found.id} {found.slug}', found.severity)}: {found.title}" for found in grave),
    ]
    output.say(*lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        output.say(f"and {len(lines) - MOST_LINES} more")
    fixes = dict.fromkeys(finding.fix[0] for finding in grave[:MOST_LINES] if finding.fix)
    output.say(*(f"  fix: {fix}" for fix in fixes), style="dim")
