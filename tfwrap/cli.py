"""The `tfwrap` command: what there is to say about a run, before and after it."""

from __future__ import annotations

import os
import sys

from tfwrap import commands, output
from tfwrap.errors import EXIT_FAULT, Interrupted, TfwrapError
from tfwrap.main import inherited_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

USAGE_ERROR = 2
_TERRAFORM_WORDS = (
    "apply",
    "destroy",
    "init",
    "plan",
    "state",
    "validate",
    "workspace",
    "output",
    "import",
    "show",
)


def console() -> None:
    """The entry point of the installed command."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Run one `tfwrap` command; returns the exit status."""
    environ = inherited_environment(os.environ)
    out = output.make(environ)
    words = ["explain", *(word for word in argv if word != "--explain")] if "--explain" in argv else list(argv)
    if words[:1] and words[0] in _TERRAFORM_WORDS:
        out.say(f"type `terraform {words[0]}`: tfwrap stands behind that name and runs on its own")
        return USAGE_ERROR
    try:
        arguments = _parser().parse_args(words or ["--help"])
        status = commands.VERBS[arguments.verb].run(arguments, environ)
        sys.stdout.flush()  # here, where a reader that has gone or a full disk can still be dealt with
    except BrokenPipeError:  # `tfwrap --explain | head`: the reader has seen enough
        _forget_what_is_left()
        return 141
    except OSError as error:
        _forget_what_is_left()
        out.say(f"{error.filename or 'standard output'}: {(error.strerror or str(error)).lower()}", style="error")
        return EXIT_FAULT
    except TfwrapError as error:
        out.say(str(error), style="error")
        return error.status
    except KeyboardInterrupt:
        return 130
    except Interrupted as interrupted:  # while the real binary was asked for its version
        return 128 + interrupted.number
    return status


def _forget_what_is_left() -> None:
    """Python writes what is left in its buffer at the end, and would report in its own words that this fails."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    import argparse
    from importlib.metadata import version

    parser = argparse.ArgumentParser(
        prog="tfwrap",
        description="A terraform on PATH that knows what to do when AWS rejects your credentials.",
        epilog="After a failure: tfwrap --explain. In CI: TFWRAP_STRICT=1. To switch it off: TFWRAP_DISABLE=1.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tfwrap {version('tfwrap-shim')}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for name, verb in commands.VERBS.items():
        summary = (verb.__doc__ or "").partition("\n")[0]
        verb.add_arguments(verbs.add_parser(name, help=summary, description=summary, allow_abbrev=False))
    return parser
