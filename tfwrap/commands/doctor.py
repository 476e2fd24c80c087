"""Look at everything that a run here would rest on, without running it: who uses which credentials, and what is wrong.

Exit status 0 where all is well, 1 where a finding is at or above the threshold, 2 for a mistake in the command.
"""

from __future__ import annotations

import json
import os
import sys

from tfwrap import output
from tfwrap.doctor import doctor, report, survey
from tfwrap.doctor.doctor import CLEAN, FOUND, USAGE, Examined, Question
from tfwrap.errors import TfwrapError
from tfwrap.lean import NamedTuple
from tfwrap.preflight.annotations import Site, code_quality, site, workflow_commands
from tfwrap.terraform import rootmodules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Mapping, Sequence

STDOUT = 1


class Task(NamedTuple):
    """One of many directories to look at; the command that asks for it, and the environment."""

    question: Question
    environ: dict[str, str]
    offline: bool
    form: str


class Told(NamedTuple):
    """What is told of one directory of many: its exit status, and its part of the output."""

    status: int
    part: object


class Form(NamedTuple):
    """A format: the lines for one directory; and for many, each one's part, a failed one's, and the lines of all."""

    one: Callable[[Examined, Mapping[str, str]], Iterable[str]]
    part: Callable[[Examined, Mapping[str, str]], object]
    failed: Callable[[str, str], object]
    all: Callable[[Sequence[str], Sequence[object]], Iterable[str]]


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap doctor`."""
    parser.add_argument("--format", choices=tuple(FORMS), help="default: TFWRAP_FORMAT, else text")
    parser.add_argument("--offline", action="store_true", help="ask nothing over the network")
    parser.add_argument("--program", choices=("terraform", "tofu"), default="terraform")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("-chdir", "--chdir", metavar="DIR", default="", help="look at this directory")
    place.add_argument("--all", metavar="DIR", help="look at every root module in DIR and below, a line each")
    parser.add_argument(
        "words", nargs="*", metavar="ARGUMENT", help="behind --: options of plan's, or a whole command line"
    )


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print what was found; returns the exit status. Raises CannotRun and NotFound without a real binary."""
    asked = Question(arguments.program, arguments.all or arguments.chdir, tuple(arguments.words), doctor.cwd())
    if not doctor.is_directory(asked):
        output.make(environ).say(f"{asked.chdir or asked.cwd} is not a directory", style="error")
        return USAGE
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    task = Task(asked, dict(environ), arguments.offline, arguments.format or _format(environ))
    return _all(task) if arguments.all else _one(task)


def _format(environ: Mapping[str, str]) -> str:
    """What the setting says; that it is not understood is among the problems."""
    named = environ.get("TFWRAP_FORMAT", "").lower()
    return named if named in FORMS else "text"


def _one(task: Task) -> int:
    examined = _examined(task)
    output.make(task.environ).say(*examined.settings.notes)
    _print(FORMS[task.form].one(examined, task.environ))
    return examined.status


def _examined(task: Task) -> Examined:
    typed = doctor.read(task.question, task.environ)
    applied = doctor.rules(typed, task.environ)
    return doctor.examine(typed, task.environ, applied._replace(offline=task.offline or applied.offline))


def _all(task: Task) -> int:
    top = os.path.join(task.question.cwd, task.question.chdir)
    folders = rootmodules.below(top, task.question.program)
    tasks = [task._replace(question=task.question._replace(chdir=folder)) for folder in folders]
    told = list(survey.each(_told, tasks))
    names = [os.path.relpath(folder, top) for folder in folders]
    _print(FORMS[task.form].all(names, [one.part for one in told]))
    return max((one.status for one in told), default=CLEAN)


def _told(task: Task) -> Told:
    form = FORMS[task.form]
    try:
        examined = _examined(task)
        return Told(examined.status, form.part(examined, task.environ))
    except Exception as error:  # noqa: BLE001 - one directory must not cost the others their answer
        told = str(error) if isinstance(error, TfwrapError) else f"tfwrap itself failed ({type(error).__name__})"
        return Told(FOUND, form.failed(task.question.chdir, told))


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _site(examined: Examined, environ: Mapping[str, str]) -> Site:
    return site(environ, examined.facts.invocation.working_directory)


def _text(examined: Examined, environ: Mapping[str, str]) -> Iterable[str]:
    return map(output.harmless, report.lines(examined, output.make(environ, STDOUT)))


def _table(names: Sequence[str], rows: Sequence[object]) -> Iterable[str]:
    width = max(map(len, names), default=0)
    shown = [output.harmless(f"{name:{width}}  {row}") for name, row in zip(names, rows, strict=True)]
    return shown or ["no root module here: no directory with a backend, cloud or provider block"]


def _json(document: object) -> list[str]:
    return [json.dumps(document, ensure_ascii=False, indent=2)]


def _github(examined: Examined, environ: Mapping[str, str]) -> list[str]:
    return workflow_commands(examined.counted, _site(examined, environ))


def _gitlab(examined: Examined, environ: Mapping[str, str]) -> list[dict[str, object]]:
    return code_quality(examined.counted, _site(examined, environ))


def _joined(parts: Sequence[object]) -> list[object]:
    return [item for part in parts if isinstance(part, list) for item in part]


FORMS: Mapping[str, Form] = {
    "text": Form(
        _text,
        lambda examined, _: report.row(examined),
        lambda _, why: why,
        _table,
    ),
    "json": Form(
        lambda examined, _: _json(report.document(examined)),
        lambda examined, _: report.document(examined),
        report.failure,
        lambda _, parts: _json(parts),
    ),
    "github": Form(
        _github,
        _github,
        lambda folder, why: workflow_commands([doctor.failure(folder, why)], Site()),
        lambda _, parts: map(str, _joined(parts)),
    ),
    "gitlab": Form(
        lambda examined, environ: _json(_gitlab(examined, environ)),
        _gitlab,
        lambda folder, why: code_quality([doctor.failure(folder, why)], Site()),
        lambda _, parts: _json(_joined(parts)),
    ),
}
