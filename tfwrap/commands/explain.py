"""Tell why the last Terraform command here failed; or show the page of a finding, a cause or an AWS code."""

from __future__ import annotations

import json
import os
import shutil
import sys

from tfwrap import output
from tfwrap.explain import explain, incident, incidents, markdown, story

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tfwrap.output import Output

STDOUT = 1
_NOTHING = "nothing has failed over its credentials here: there is no incident to explain"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap explain`."""
    parser.add_argument("page", nargs="?", help="a finding (TFW301), a cause or an AWS code: show its page")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--all", action="store_true", help="list the stored incidents")
    what.add_argument("--id", help="explain this incident (the beginning of its id is enough)")
    what.add_argument(
        "--tree", action="store_true", help="the way down a credential error, answered for this directory"
    )
    what.add_argument(
        "--trace", action="store_true", help="run a read-only command with Terraform's trace, and say what was asked"
    )
    parser.add_argument("--yes", action="store_true", help="run it without asking (--trace)")
    parser.add_argument("--program", choices=("terraform", "tofu"), default="terraform", help="which one to look at")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--verbose", action="store_true", help="with the end of Terraform's output, redacted")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print what was asked for; returns the exit status."""
    out = output.make(environ, STDOUT)
    if arguments.page:
        _print(_page(arguments.page, out))
        return 0
    if arguments.tree:
        return _tree(arguments, environ, out)
    if arguments.trace:
        return _trace(arguments, environ, out)
    if arguments.all:
        return _all(arguments)
    return _one(arguments, out)


def _page(name: str, out: Output) -> str:
    """Rendered on a terminal; as it is anywhere else, where another program may render it."""
    text = explain.page(name)
    if not output.is_terminal(STDOUT):
        return text
    return markdown.render(text, _width(), out.paint)


def _width() -> int:
    """The terminal's columns, within reason; a story's own width anywhere else."""
    columns = shutil.get_terminal_size().columns if output.is_terminal(STDOUT) else story.WIDTH
    return min(columns, markdown.WIDEST)


def _tree(arguments: Namespace, environ: Mapping[str, str], out: Output) -> int:
    from tfwrap.doctor import doctor
    from tfwrap.explain import checklist

    asked = doctor.Question(arguments.program, "", (), doctor.cwd())
    typed = doctor.read(asked, environ)
    examined = doctor.examine(typed, environ, doctor.rules(typed, environ))
    _print("\n".join(checklist.lines(examined, out)))
    return 0


def _trace(arguments: Namespace, environ: Mapping[str, str], out: Output) -> int:
    from tfwrap.explain import tracing

    plan = tracing.prepare(arguments.program, environ, _cwd())
    speaker = output.make(environ)
    if not arguments.yes and not _agreed(plan, speaker, environ):
        speaker.say("nothing was run; --yes says yes beforehand")
        return 2
    told = tracing.run(plan)
    if arguments.format == "json":
        _print(json.dumps(tracing.document(told), ensure_ascii=False, indent=2))
    else:
        _print("\n".join(tracing.lines(told, out)))
    return 0


def _agreed(plan: object, speaker: Output, environ: Mapping[str, str]) -> bool:
    from tfwrap.explain import tracing

    if not isinstance(plan, tracing.Plan) or not output.may_ask(environ, ()):
        return False
    question = f"Run `{plan.shown}` in {plan.directory} with TF_LOG=trace? It changes nothing; the trace is removed."
    return output.ask(speaker, question, {"y": "yes", "n": "no"}) == "y"


def _all(arguments: Namespace) -> int:
    every = incidents.all_incidents()
    if arguments.format == "json":
        _print(json.dumps([incident.document(found) for found in every], ensure_ascii=False, indent=2))
    else:
        _print("\n".join(map(_row, every)) or "no incidents")
    return 0


def _one(arguments: Namespace, out: Output) -> int:
    found = incidents.by_id(arguments.id) if arguments.id else incidents.last(_cwd())
    if found is None:
        as_json = json.dumps({"version": incident.VERSION, "incident": None})
        _print(as_json if arguments.format == "json" else _NOTHING)
    elif arguments.format == "json":
        _print(json.dumps(incident.document(found), ensure_ascii=False, indent=2))
    else:
        _print(story.tell(found, out, width=_width(), with_tail=arguments.verbose))
    return 0


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # the directory was removed under us: the last incident of all, then
        return ""


def _row(found: incident.Incident) -> str:
    return f"{found.id}  {found.cause:24}  {' '.join(found.command)}  ({found.workdir})"


def _print(text: str) -> None:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    sys.stdout.write("".join(f"{output.harmless(line)}\n" for line in text.rstrip("\n").split("\n")))
