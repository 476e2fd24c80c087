"""Print every setting that applies here, with the place where it was set.

Exit status 1 where a setting or a file was not understood: what is wrong is on standard error.
"""

from __future__ import annotations

import os
import sys

from tfwrap import output
from tfwrap.settings import files as settings_files
from tfwrap.settings import layers as settings_layers
from tfwrap.settings import schema as settings_schema
from tfwrap.settings import settings
from tfwrap.settings.settings import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

    from tfwrap.settings.merge import Effective
    from tfwrap.settings.settings import Key

MISTAKEN = 1
_DEFAULTS = {"strict": False, "auto": "off", "offline": False, "key_age_days": settings.KEY_AGE_DAYS}


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap settings`: none."""
    del parser


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Print the settings; returns the exit status."""
    del arguments
    here = os.getcwd()
    own = settings.read(environ)
    found = settings_layers.effective(own, environ, settings_files.places(environ, here, here), here)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    sys.stdout.write("".join(f"{output.harmless(line)}\n" for line in _lines(found)))
    mistakes = (*own.mistakes, *found.mistakes)
    output.make(environ).say(*mistakes, *found.notes)
    return MISTAKEN if mistakes else 0


def _lines(found: Effective) -> Iterator[str]:
    values: dict[Key, Value] = {(name,): Value(value, settings.DEFAULT) for name, value in _DEFAULTS.items()}
    values |= found.values
    yield from settings_schema.rows(values)
    if found.aside:
        yield from ("", "Set aside:")
    for aside in found.aside:
        yield from (f"{row}: {aside.why}" for row in settings_schema.rows({aside.key: aside.value}))
