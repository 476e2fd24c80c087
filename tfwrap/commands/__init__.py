"""The verbs of the `tfwrap` command, a module each: its docstring's first line is its help."""

from __future__ import annotations

from tfwrap.commands import demo, doctor, env, explain, fix, refresh, rotate_check, settings, trust, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping
    from typing import Protocol

    class Verb(Protocol):
        """What a verb's module has."""

        __doc__: str | None

        def add_arguments(self, parser: ArgumentParser) -> None:
            """Declare the verb's options."""

        def run(self, arguments: Namespace, environ: Mapping[str, str]) -> int:
            """Do it; returns the exit status."""


VERBS: Mapping[str, Verb] = {
    "doctor": doctor,
    "explain": explain,
    "fix": fix,
    "refresh": refresh,
    "rotate-check": rotate_check,
    "env": env,
    "demo": demo,
    "which": which,
    "trust": trust,
    "settings": settings,
}
