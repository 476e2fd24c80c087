"""Approve this project's .tfwrap.toml, after you have read it; or take that back.

Until then only its account counts. Any change of the file makes it a file that is not approved.
"""

from __future__ import annotations

import os
import sys

from tfwrap import output
from tfwrap.errors import BadInput
from tfwrap.settings import files as settings_files
from tfwrap.settings import schema as settings_schema
from tfwrap.settings import trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap trust`."""
    parser.add_argument("--revoke", action="store_true", help="take back every approval of the file")
    parser.add_argument("file", nargs="?", metavar="FILE", help="default: the nearest .tfwrap.toml")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Approve, or revoke; returns the exit status. Raises BadInput where there is nothing that can be approved."""
    path = _path(arguments.file, environ)
    if arguments.revoke:
        count = trust.revoke(environ, path)
        _print(f"{path}: {'no longer approved' if count else 'was not approved'}")
        return 0
    content = _read(path)
    layer = settings_schema.parse(content, path, settings_schema.PROJECT)
    if layer.mistakes:
        raise BadInput(f"not approved: {layer.mistakes[0]}")
    trust.approve(environ, path, content)
    _print(f"{path}: approved, as long as it stays as it is:", *settings_schema.rows(layer.values))
    return 0


def _path(named: str | None, environ: Mapping[str, str]) -> str:
    if named is None:
        here = os.getcwd()
        found = next(filter(settings_files.is_there, settings_files.places(environ, here, here).projects), None)
        if found is None:
            raise BadInput(
                f"there is no {settings_files.NAME} here or in a directory above, up to the repository's root"
            )
        return found
    folder, name = os.path.split(named)
    if name != settings_files.NAME:
        raise BadInput(f"{named}: only a file named {settings_files.NAME} needs approval")
    return os.path.join(os.path.realpath(folder), name)


def _read(path: str) -> bytes:
    try:
        return settings_files.read(path).data
    except BadInput as error:
        raise BadInput(f"{path} {error}") from None


def _print(*lines: str) -> None:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    sys.stdout.write("".join(f"{output.harmless(line)}\n" for line in lines))
