"""A command of the user's own: `[refresh.NAME] command`, run without a shell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tfwrap import which
from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import programs
from tfwrap.recovery.refresh.outcome import NotRefreshed, Result

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal


class Command(NamedTuple):
    """What the user's settings say is to be run for this profile."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether there is such a setting."""
        return bool(_words(need))

    @property
    def is_interactive(self) -> bool:
        """Nobody knows: so a person is there, or it is not run."""
        return True

    def describe(self) -> str:
        """What is going to be done; the arguments are not shown, for one may be a secret."""
        return f"run {_words(self.need)[0]}, the command of [refresh.{self.need.name}]"

    def run(self, terminal: Terminal) -> Result:
        """Run it; the source has to be read again. Raises NotRefreshed."""
        words = _words(self.need)
        programs.show([_path(words[0], terminal), *words[1:]], terminal)
        return Result(True, message=f"the command of [refresh.{self.need.name}] ended well", is_in_place=True)


def _words(need: Need) -> list[str]:
    words = need.settings.get("command")
    return [str(word) for word in words] if isinstance(words, list) else []


def _path(word: str, terminal: Terminal) -> str:
    """The program's absolute path. A relative one would be another program in another directory."""
    if os.path.isabs(word):
        if reason := which.why_not(word):
            raise NotRefreshed(f"{word} {reason}")
        return word
    if os.path.basename(word) != word:
        raise NotRefreshed(f"{word} is a relative path: write it from / on, or only the program's name")
    return programs.needed(word, terminal.environ)
