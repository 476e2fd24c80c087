"""Straight through, or guarded; and the one handler for everything that goes wrong in tfwrap itself."""

from __future__ import annotations

import os
import sys
import time

from tfwrap import invocation, output, which
from tfwrap.errors import EXIT_FAULT, Interrupted, NotLaunched, Refused, TfwrapError
from tfwrap.process import process
from tfwrap.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.invocation import Invocation
    from tfwrap.memory import Question
    from tfwrap.output import Output
    from tfwrap.run import Run
    from tfwrap.which import Guard, Real


def main(program: str, argv: Sequence[str]) -> int:
    """Run `terraform` or `tofu` for the user; returns the exit status. Does not return where it can step aside."""
    environ = inherited_environment(os.environ)
    out = output.make(environ)
    try:
        return _main(program, argv, environ, out)
    except TfwrapError as error:
        out.say(str(error), style="error")
        return error.status
    except Exception as error:  # noqa: BLE001 - Terraform has run, or cannot be: there is nothing to fall back to
        from tfwrap import fault

        fault.report(error, environ, out)
        return EXIT_FAULT
    except Interrupted as interrupted:
        process.die_by(interrupted.number)
        return 128 + interrupted.number


def _main(program: str, argv: Sequence[str], environ: Mapping[str, str], out: Output) -> int:
    caller = which.read_guard(environ)
    real = which.find(program, environ, caller)
    try:
        run = _prepared(invocation.read(program, argv, environ, _cwd()), caller, real, environ, out)
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001 - tfwrap's own fault must never cost the user the command
        from tfwrap import fault

        fault.report(error, environ, out)
        if settings.is_strict(environ) or settings.is_pinned(environ):
            return EXIT_FAULT
        run = None
    return _step_aside(real, argv, environ) if run is None else _guarded(run, argv)


def _prepared(
    typed: Invocation, caller: Guard | None, real: Real, environ: Mapping[str, str], out: Output
) -> Run | None:
    """The run, ready to be launched; None where there is nothing to guard."""
    if caller or not typed.needs or environ.get("COMP_LINE") or settings.is_disabled(environ):
        return None
    from tfwrap import memory

    asked = memory.question(typed, real.path, environ)
    decided = memory.recall(asked) if asked else memory.Decision()
    if decided.kind == memory.NO_AWS or (not decided and _uses_no_aws(typed, asked)):
        return None
    from tfwrap import guard

    run = guard.prepare(typed, real, environ, settings.read(environ), out, time.time())
    return guard.as_decided(run, decided) if decided else guard.check(run, asked)


def _uses_no_aws(typed: Invocation, asked: Question | None) -> bool:
    from tfwrap import memory
    from tfwrap.terraform import module_files

    if module_files.mentions_aws(typed.directory, typed.data_dir):
        return False
    if asked:
        memory.remember(asked, memory.Decision(memory.NO_AWS), module_files.paths(typed.directory, typed.data_dir))
    return True


def _guarded(run: Run, argv: Sequence[str]) -> int:
    from tfwrap import guard

    try:
        finished = guard.launch(run)
    except NotLaunched as error:
        run.output.say(f"watching Terraform is not possible here ({error}); it runs unwatched", style="warning")
        process.replace(run.real.path, argv, run.child_environment)
        return EXIT_FAULT  # not reached, as below
    if finished.signal:
        process.die_by(finished.signal)
    return finished.status


def _step_aside(real: Real, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    from tfwrap import childpatch

    patch = childpatch.of_every_child(which.GUARD, real.guard, real.path, environ)
    process.replace(real.path, argv, childpatch.apply(environ, patch))
    return EXIT_FAULT  # not reached: replace() raises, or this program is gone


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # the directory was removed under us: Terraform says so in its own words
        return os.sep


def inherited_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that we were given, without the LC_CTYPE that Python sets itself in the C locale (PEP 538).

    An entry without a name goes, too: Python hands none on, and bash takes it out as well.
    """
    if sys.platform == "win32":
        import nt

        from tfwrap import environment_windows

        return environment_windows.as_looked_up(nt.environ)
    result = dict(environ)
    result.pop("", None)
    if result.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8") and not result.get("LC_ALL") and _was_coerced():
        del result["LC_CTYPE"]
    return result


def _was_coerced() -> bool:
    try:
        with open("/proc/self/environ", "rb", buffering=0) as file:
            return b"\0LC_CTYPE=" not in b"\0" + (file.readall() or b"")
    except OSError:
        return False
