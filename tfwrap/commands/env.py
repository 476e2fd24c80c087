"""List what Terraform's environment here differs in; with --format, print the AWS variables for another tool.

A list never shows a value. With --format, secrets are masked where they would be seen unless --show-secrets is given.
"""

from __future__ import annotations

import os
import re
import stat
import sys

from tfwrap import childpatch, output, quoting, which
from tfwrap.doctor import doctor, report
from tfwrap.doctor.doctor import USAGE, Question
from tfwrap.preflight import bridgeable
from tfwrap.redaction import redaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Mapping, Sequence

    from tfwrap.childpatch import Change
    from tfwrap.preflight.checks.finding import Facts

STDOUT = 1
MASK = "****"
_SECRET = re.compile(r"SECRET|TOKEN|PASS|CREDENTIAL|PRIVATE")
# Names like the above whose value says where a secret is, or when it ends.
_PLACE = re.compile(r"_(?:FILE|PATH|URI|EXPIRATION|TTL)$")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap env`."""
    parser.add_argument("--format", choices=tuple(quoting.FORMS), help="print the variables, to be read by this")
    parser.add_argument("--show-secrets", action="store_true", help="even where they are seen")
    parser.add_argument("--program", choices=("terraform", "tofu"), default="terraform")
    parser.add_argument("-chdir", "--chdir", metavar="DIR", default="", help="as in this directory")
    parser.add_argument(
        "words", nargs="*", metavar="ARGUMENT", help="behind --: options of plan's, or a whole command line"
    )


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print it; returns the exit status. Raises BadInput for a value that the format cannot give back."""
    asked = Question(arguments.program, arguments.chdir, tuple(arguments.words), doctor.cwd())
    if not doctor.is_directory(asked):
        output.make(environ).say(f"{asked.chdir or asked.cwd} is not a directory", style="error")
        return USAGE
    facts, changes = _looked(asked, environ)
    if arguments.format:
        is_shown = arguments.show_secrets or not _is_seen(arguments.format)
        _export(arguments.format, environ, changes, is_shown=is_shown)
    else:
        changes = (*changes, *bridgeable.planned(facts.bridgeable, environ))
        _write(map(output.harmless, report.change_lines(changes)))
    return 0


def _is_seen(form: str) -> bool:
    """Whether somebody reads along: on a terminal, and in GitHub's log, which is what no file of its own goes to."""
    if form == "github":
        return not stat.S_ISREG(os.fstat(STDOUT).st_mode)
    return output.is_terminal(STDOUT)


def _looked(asked: Question, environ: Mapping[str, str]) -> tuple[Facts, tuple[Change, ...]]:
    """The facts, and what a run's environment differs in, tfwrap's own guard included, but for the bridge."""
    typed = doctor.read(asked, environ)
    real = which.find(typed.program, environ, None)
    facts = doctor.look(typed, environ, real, doctor.rules(typed, environ))
    return facts, (*childpatch.of_every_child(which.GUARD, real.guard, real.path, environ), *facts.changes)


def _export(form: str, environ: Mapping[str, str], changes: Sequence[Change], *, is_shown: bool) -> None:
    out = output.make(environ)
    values = _writable(childpatch.apply(environ, changes), out)
    removed = [change.name for change in changes if change.value is None and _is_aws(change.name)]
    lines = list(quoting.lines(form, values if is_shown else _masked(values, environ), removed))
    secrets = [value for name, value in values.items() if is_secret(name)]
    if is_shown and form == "github" and environ.get("GITHUB_ACTIONS") == "true":
        # Standard output is to become the file; the runner reads commands from standard error as well.
        output.write(output.STDERR, quoting.mask_commands(secrets))
    if secrets and not is_shown:
        out.say("secrets are masked where they would be seen; to print them all the same: --show-secrets")
    _write(lines)


def _writable(environ: Mapping[str, str], out: output.Output) -> dict[str, str]:
    """The AWS variables, sorted. In a shell a name that is no identifier would be a command."""
    values = {name: value for name, value in sorted(environ.items()) if _is_aws(name)}
    odd = [name for name in values if not quoting.is_identifier(name)]
    out.say(*(f"left out, since its name is no identifier: {name}" for name in odd), style="warning")
    return {name: value for name, value in values.items() if name not in odd}


def _is_aws(name: str) -> bool:
    return name.startswith("AWS_")


def is_secret(name: str) -> bool:
    """Whether an AWS variable of this name holds a secret."""
    return bool(_SECRET.search(name)) and not _PLACE.search(name)


def _masked(values: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The values as they may be seen: key ids keep their ends, and an address loses its password."""
    known = redaction.make(environ, None, None, ())
    return {name: MASK if is_secret(name) else known.text(value) for name, value in values.items()}


def _write(lines: Iterable[str]) -> None:
    """As bytes: a value that is no UTF-8 comes out as it came in."""
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode("".join(f"{line}\n" for line in lines)))
    sys.stdout.buffer.flush()
