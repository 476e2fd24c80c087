"""A `credential_process`: run again, as the SDK would."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import programs
from tfwrap.recovery.refresh.outcome import Result
from tfwrap.sources.source import PROCESS

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal


class Process(NamedTuple):
    """A program that prints credentials."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the profile, or the one that its roles rest on, has one."""
        return need.via == PROCESS

    @property
    def is_interactive(self) -> bool:
        """Terraform runs it without anybody, and so can we."""
        return False

    def describe(self) -> str:
        """What is going to be done; the command itself is not shown, for it may hold a secret."""
        return f'run the credential_process of profile "{self.need.chain[-1].name}" again'

    def run(self, terminal: Terminal) -> Result:
        """Run it, and look at what it prints. Raises NotRefreshed."""
        name = self.need.chain[-1].name
        made = programs.credentials(command(self.need), terminal)
        return Result(
            True, made, f'the credential_process of profile "{name}" gives good credentials', is_in_place=True
        )


def command(need: Need) -> list[str]:
    """The program's command line."""
    return programs.by_shell(need.chain[-1].get("credential_process"))


def program(need: Need) -> str:
    """The name of the program that a `credential_process` begins with, without folder and `.exe`; empty for none."""
    try:
        words = shlex.split(need.chain[-1].get("credential_process"), posix=os.name == "posix") if need.chain else []
    except ValueError:  # a quotation mark without its other half
        return ""
    return os.path.basename(words[0]).removesuffix(".exe") if words else ""
