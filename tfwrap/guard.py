"""The story of a guarded run, on one page."""

from __future__ import annotations

import time

from tfwrap.errors import Refused
from tfwrap.process import process
from tfwrap.process.command import Command
from tfwrap.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.bridge.making import Served
    from tfwrap.failure.failure import Failure
    from tfwrap.invocation import Invocation
    from tfwrap.memory import Decision, Question
    from tfwrap.output import Output
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.process.finished import Finished
    from tfwrap.recovery.examining import Examined
    from tfwrap.settings.settings import Settings
    from tfwrap.which import Real

LONG_S = 15 * 60.0
_REMEMBERED = "as an earlier run decided"


def prepare(
    typed: Invocation, real: Real, environ: Mapping[str, str], settings: Settings, output: Output, now: float
) -> Run:
    """A run about which nothing has been found out yet, and nothing need be before Terraform fails."""
    return Run(typed, real, environ, settings, output, lambda known: _facts(typed, real, environ, known, now), now)


def as_decided(run: Run, decided: Decision) -> Run:
    """The run as an earlier one was, about which there was nothing to say."""
    from tfwrap import childpatch

    changes = (childpatch.Change(name, value, _REMEMBERED, childpatch.INTENT) for name, value in decided.patch)
    return run._replace(changes=tuple(changes))


def check(run: Run, asked: Question | None) -> Run:
    """Preflight: look, say what is wrong, and refuse where that is asked for. Silence is remembered. Raises Refused."""
    from tfwrap.preflight import verdict

    _tidy_up(run)
    run = _with_settings_files(run)
    facts = run.facts
    served: tuple[Served, ...] = ()
    if facts.bridgeable and not verdict.at_once(run.settings, facts).refusal:
        from tfwrap.bridge import guarded

        served, facts = guarded.made(run, facts)
    judged = verdict.reach(run.settings, facts)
    verdict.say(judged, run.output, run.environ, run.settings.form)
    if judged.refusal:
        raise Refused(judged.refusal)
    if asked:
        verdict.remember(judged, asked, run)
    return run._replace(look=lambda _: judged.facts, changes=facts.changes, served=served)


def _tidy_up(run: Run) -> None:
    """Put right what a reconfiguration that was killed has left: Terraform must find one whole saved backend."""
    from tfwrap.terraform import saved_backend

    if not saved_backend.copies_are_left(run.invocation.data_dir):
        return
    from tfwrap.recovery import leftovers

    try:
        done = leftovers.settle(run.invocation, run.environ)
    except OSError as error:
        done = f"what an earlier init -reconfigure left behind could not be put right ({error.strerror})"
    run.output.say(*filter(None, (done,)))


def launch(run: Run) -> Finished:
    """Run Terraform, over a bridge where it needs one: it stands for both runs, and for what is done between them."""
    if not run.served:
        return _launched(run)
    from tfwrap.bridge import guarded

    with guarded.over(run) as bridged:
        return _launched(bridged)


def _launched(run: Run) -> Finished:
    """Run Terraform; should it fail over its credentials, say why, and put it right where that is allowed."""
    finished = _terraform(run)
    _note_duration(run)
    if finished.status == 0 or finished.signal or finished.interrupted:
        return finished
    try:
        put_right = _put_right(run, finished)
    except Exception as error:  # noqa: BLE001 - what follows a failure is extra: the status stays Terraform's
        _report(error, run)
        return finished
    return _again(put_right) if put_right else finished


def _terraform(run: Run) -> Finished:
    typed = run.invocation
    command = Command(run.real.path, typed.argv, run.child_environment)
    return process.run(command, watch_stdout=typed.has("json"), say=run.output.say, held=run.lifelines)


def _note_duration(run: Run) -> None:
    seconds = time.time() - run.started
    if seconds > LONG_S:
        from tfwrap.preflight import durations

        durations.note(run.invocation.working_directory, seconds)


def _put_right(run: Run, finished: Finished) -> Examined | None:
    """The credential failure that was found, explained and removed, so that the command may run again."""
    from tfwrap.failure import failure

    found = failure.recognise(finished.tail) or failure.interrupted(finished.tail) or _own_lock(run, finished)
    if found is None:
        return None
    from tfwrap.recovery import aftermath, examining

    process.listen()
    run = _with_settings_files(run)
    facts = run.facts
    examined = examining.examine(run._replace(look=lambda _: facts), finished, found)
    aftermath.store(examined)
    return aftermath.settle(examined)


def _own_lock(run: Run, finished: Finished) -> Failure | None:
    """The lock that an apply of this directory left behind, where that is what kept Terraform out."""
    from tfwrap.failure import failure

    if failure.held_lock(finished.tail) is None:
        return None
    from tfwrap.recovery import unresolved

    return unresolved.lock(run.invocation, finished.tail)


def _again(put_right: Examined) -> Finished:
    from tfwrap.recovery import aftermath

    run = put_right.run
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
    from tfwrap.settings import layers as settings_layers

    typed = run.invocation
    settings = settings_layers.read(run.settings, run.environ, typed.directory, typed.working_directory)
    return run._replace(settings=settings)


def _facts(typed: Invocation, real: Real, environ: Mapping[str, str], settings: Settings, now: float) -> Facts:
    from tfwrap.preflight import preflight

    known = preflight.facts(typed, environ, real.path, settings.layers)._replace(now=now)
    if not any(consumer.source.expires for consumer in known.consumers):
        return known
    from tfwrap.preflight import durations

    return known._replace(longest=durations.longest(typed.working_directory))
