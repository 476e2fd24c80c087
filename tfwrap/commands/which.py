"""Print the path of the real terraform (or tofu) that tfwrap runs."""

from __future__ import annotations

import sys

from tfwrap import which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap which`."""
    parser.add_argument("program", nargs="?", choices=("terraform", "tofu"), default="terraform")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print the path; returns the exit status. Raises NotFound and CannotRun."""
    sys.stdout.write(which.find(arguments.program, environ, None).path + "\n")
    return 0
