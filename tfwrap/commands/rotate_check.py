"""Look at a new access key before it goes live: is it good, of the expected account, and does it arrive unchanged.

Exit status 0 when everything that matters was checked and is well, 1 when not, 2 for a mistake in the command.
"""

from __future__ import annotations

import json
import sys
import time

from tfwrap import output
from tfwrap.aws import config as awsconfig
from tfwrap.doctor import doctor
from tfwrap.preflight import preflight
from tfwrap.recovery.refresh import Console
from tfwrap.rotation import candidates, channels, examine, lookup, report, situation
from tfwrap.rotation.candidate import SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tfwrap.rotation.candidate import Candidate
    from tfwrap.rotation.examine import Examined
    from tfwrap.rotation.situation import Situation

STDOUT = 1
NOT_READY = 1
FORMATS = ("text", "json")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap rotate-check`."""
    parser.add_argument(
        "candidate", nargs="?", default="", metavar="FILE|PROFILE",
        help="a file (FILE:PROFILE for a profile in it), a profile of the shared AWS files, or - for standard input",
    )  # fmt: skip
    parser.add_argument("--profile", default="", help="the profile in FILE, or, without one, of the shared AWS files")
    parser.add_argument(
        "--channel", action="append", default=[], choices=channels.names(),
        help="count only this way to Terraform; may be given several times (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--offline", action="store_true", help="ask nothing over the network: the key is not ready then"
    )
    parser.add_argument("--format", choices=FORMATS, default="text")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print it; returns the exit status. Raises Usage, and Unfit where there is no key in what was named."""
    out = output.make(environ)
    if not (arguments.candidate or arguments.profile):
        out.say("name the new key's file or profile, or - for standard input", style="error")
        return doctor.USAGE
    candidate = candidates.read(lookup.find(arguments.candidate, arguments.profile, environ))
    here = _situation(environ, _region(candidate, environ), is_offline=arguments.offline)
    out.say(*here.settings.mistakes, *here.settings.notes)
    found = examine.examine(candidate, here, Console(out, False, environ), arguments.channel)
    _print(found, arguments.format, environ)
    return 0 if found.is_ready else NOT_READY


def _region(candidate: Candidate, environ: Mapping[str, str]) -> str:
    """The region of the profile that the key stands in, empty where it has none."""
    profile = awsconfig.read(environ).profiles.get(candidate.material.section or candidate.section)
    return profile.get("region") if profile and candidate.form == SHARED else ""


def _situation(environ: Mapping[str, str], region: str, *, is_offline: bool) -> Situation:
    typed = doctor.read(doctor.Question("terraform", "", (), doctor.cwd()), environ)
    applied = doctor.rules(typed, environ)
    applied = applied._replace(offline=applied.offline or is_offline)
    facts = preflight.facts(typed, environ, "", applied.layers)._replace(now=time.time())
    return situation.read(facts, applied, environ, region)


def _print(found: Examined, form: str, environ: Mapping[str, str]) -> None:
    if form == "json":
        text = json.dumps(report.document(found), ensure_ascii=False, indent=2)
    else:
        text = "\n".join(map(output.harmless, report.lines(found, output.make(environ, STDOUT))))
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    sys.stdout.write(report.without_secrets(f"{text}\n", found.candidate))
