"""Tell why the last Terraform command here failed; or show the page of a finding, a cause or an AWS code."""

from __future__ import annotations

import json
import os
import sys

from tfwrap import explain, incident, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

STDOUT = 1


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap explain`."""
    parser.add_argument("page", nargs="?", help="a finding (TFW301), a cause or an AWS code: show its page")
    parser.add_argument("--all", action="store_true", help="list the stored incidents")
    parser.add_argument("--id", help="explain this incident (the beginning of its id is enough)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--verbose", action="store_true", help="with the end of Terraform's output, redacted")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print what was asked for; returns the exit status."""
    out = output.make(environ, STDOUT)
    if arguments.page:
        _print(explain.page(arguments.page))
        return 0
    if arguments.all:
        _print("\n".join(_row(found) for found in incident.all_incidents()) or "no incidents")
        return 0
    found = incident.by_id(arguments.id) if arguments.id else incident.last(_cwd())
    if found is None and arguments.format == "json":
        _print(json.dumps({"version": incident.VERSION, "incident": None}))
    elif found is None:
        _print("nothing has failed over its credentials here: there is no incident to explain")
    elif arguments.format == "json":
        _print(json.dumps(incident.document(found), ensure_ascii=False, indent=2))
    else:
        _print(explain.story(found, out, with_tail=arguments.verbose))
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
