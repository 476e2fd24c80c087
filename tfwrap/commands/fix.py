"""Apply the first allowed remedy of the last failure, after showing it; your command is not run again.

Exit status 0 when it was applied (or, with --dry-run, could be), 1 when nothing was done.
"""

from __future__ import annotations

import os
import time

from tfwrap import guard, invocation, output, which
from tfwrap.explain import incidents
from tfwrap.failure import failure
from tfwrap.process import process
from tfwrap.process.finished import Finished
from tfwrap.recovery import aftermath, examining
from tfwrap.settings import layers as settings_layers
from tfwrap.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tfwrap.explain.incident import Incident
    from tfwrap.recovery.action import Action
    from tfwrap.recovery.examining import Examined
    from tfwrap.run import Run

NOT_DONE = 1


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap fix`."""
    parser.add_argument("--id", help="the incident (the beginning of its id is enough); without it, the last one here")
    parser.add_argument("--dry-run", action="store_true", help="show the remedy, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Apply it; returns the exit status. Raises BadInput for an unknown id, NotFound, CannotRun, Interrupted."""
    found = incidents.by_id(arguments.id) if arguments.id else incidents.last(os.getcwd())
    if found is None:
        output.make(environ).say("nothing has failed over its credentials here: there is nothing to fix")
        return NOT_DONE
    again = _run(found, environ)
    process.listen()
    examined = _examined(found, again)
    action = examined.action
    out = again.output
    out.say(f"{found.code}: {examined.diagnosis.title}")
    if action is None or examined.objections:
        out.say(*(f"  not done for you: {why}" for why in examined.objections))
        out.say(*(f"  fix: {remedy.command or remedy.does}" for remedy in examined.diagnosis.remedies))
        return NOT_DONE
    out.say(f"  remedy: {examined.redactor.text(action.command or _done(action))}")
    if arguments.dry_run:
        return 0
    if not (arguments.yes or again.settings.allows(action.kind) or _agrees(again, action)):
        return NOT_DONE
    return 0 if aftermath.apply(examined, action) else NOT_DONE


def _run(found: Incident, environ: Mapping[str, str]) -> Run:
    """The run that failed, as it would be now. Its directory is the root module's: `-chdir` has been followed."""
    program, *words = found.command
    typed = invocation.read(program, [word for word in words if not word.startswith("-chdir=")], environ, found.workdir)
    own = settings_layers.read(settings.read(environ), environ, typed.directory, typed.working_directory)
    real = which.find(program, environ, None)
    return guard.prepare(typed, real, environ, own, output.make(environ), time.time())


def _examined(found: Incident, again: Run) -> Examined:
    """The failure, looked into anew: what was true then may have changed."""
    facts = again.facts
    known = again._replace(look=lambda _: facts, changes=facts.changes)
    said = failure.recognise(found.tail.encode())
    what = failure.Failure(found.scope, found.code, found.message, said.facts if said else {})
    # Nothing is run again: what was not seen of the first run is no objection.
    finished = Finished(found.exit_status, 0, found.tail.encode(), is_whole=True)
    examined = examining.examine(known, finished, what)
    return examined._replace(record=found)


def _agrees(again: Run, action: Action) -> bool:
    if not again.may_ask:
        again.output.say("  nobody can be asked here: give --yes")
        return False
    return output.ask(again.output, "Do this?", {"y": f"yes, {_done(action)}", "n": "no"}) == "y"


def _done(action: Action) -> str:
    """What is done here: of a failed run's announcement all but the second run."""
    return action.announcement.removesuffix(" and running again")
