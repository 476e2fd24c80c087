"""Play the story of a stale saved key against an AWS stand-in on this machine, with your real Terraform."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping


def add_arguments(parser: ArgumentParser) -> None:
    """`tfwrap demo` has no options."""


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Play it; returns the exit status."""
    return 0
