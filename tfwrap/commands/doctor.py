"""Look at everything that a run here would rest on, without running it: who uses which credentials, and what is wrong.

Exit status 0 where all is well, 1 where a finding is at or above the threshold, 2 for a mistake in the command.
"""

from __future__ import annotations

import json
import os
import sys

from tfwrap import annotations, doctor, output, report, rootmodules
from tfwrap.doctor import CLEAN, FOUND, USAGE, Examined, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tfwrap.output import Output

STDOUT = 1
FORMATS = ("text", "json", "github", "gitlab")
# More do not help: STS answers in the time that a module takes to read.
MOST_WORKERS = 8


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap doctor`."""
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--offline", action="store_true", help="ask nothing over the network")
    parser.add_argument("--program", choices=("terraform", "tofu"), default="terraform")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("-chdir", "--chdir", metavar="DIR", default="", help="look at this directory")
    place.add_argument("--all", metavar="DIR", help="look at every root module in DIR and below, a line each")
    parser.add_argument(
        "words", nargs="*", metavar="-- ARGUMENT", help="behind --: a command line of Terraform's, or options of plan's"
    )


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print what was found; returns the exit status. Raises CannotRun and NotFound without a real binary."""
    asked = Question(arguments.program, arguments.all or arguments.chdir, tuple(arguments.words), _cwd())
    if not doctor.is_directory(asked):
        output.make(environ).say(f"{asked.chdir or asked.cwd} is not a directory", style="error")
        return USAGE
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    if arguments.all:
        return _all(arguments, asked, environ)
    examined = _examined(asked, environ, offline=arguments.offline)
    output.make(environ).say(*examined.mistakes, *examined.settings.notes)
    _print(_WRITERS[arguments.format](examined, environ))
    return examined.status


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # the directory was removed under us
        return os.sep


def _examined(asked: Question, environ: Mapping[str, str], *, offline: bool) -> Examined:
    typed = doctor.read(asked, environ)
    applied = doctor.rules(typed, environ)
    return doctor.examine(typed, environ, applied._replace(offline=offline or applied.offline))


def _text(examined: Examined, environ: Mapping[str, str]) -> Iterator[str]:
    return map(output.harmless, report.lines(examined, output.make(environ, STDOUT)))


def _json(examined: Examined, environ: Mapping[str, str]) -> list[str]:
    del environ
    return [json.dumps(report.document(examined), ensure_ascii=False, indent=2)]


def _github(examined: Examined, environ: Mapping[str, str]) -> list[str]:
    return annotations.lines(examined.counted, "github", _site(examined, environ))


def _gitlab(examined: Examined, environ: Mapping[str, str]) -> list[str]:
    return annotations.lines(examined.counted, "gitlab", _site(examined, environ))


def _site(examined: Examined, environ: Mapping[str, str]) -> annotations.Site:
    return annotations.site(environ, examined.facts.invocation.working_directory)


_WRITERS: Mapping[str, Callable[[Examined, Mapping[str, str]], Iterator[str] | list[str]]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
}
