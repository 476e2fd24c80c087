"""The real binary as a child that does not notice us: the same six functions on every platform."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from tfwrap.process.windows import capture, die_by, listen, replace, run, undisturbed
else:
    from tfwrap.process.posix import die_by, listen, replace, undisturbed

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from collections.abc import Callable, Sequence

        from tfwrap.process.command import Command
        from tfwrap.process.finished import Finished

    def run(command: Command, *, watch_stdout: bool, say: Callable[[str], None], held: Sequence[int] = ()) -> Finished:
        """Run the real binary in our place and say how it ended. Raises CannotRun and NotLaunched.

        `watch_stdout` is for `-json`, where Terraform writes its errors there. `say` gets what a person has to be told.
        `held` are descriptors whose other ends learn by their end that Terraform has ended, even when we are killed.
        """
        from tfwrap.process import watch  # what passes straight through needs none of it

        return watch.run(command, watch_stdout=watch_stdout, say=say, held=held)

    def capture(command: Command, *, say: Callable[[str], None]) -> Finished:
        """Run the real binary unseen: nothing to read, its output kept. Raises CannotRun and NotLaunched."""
        from tfwrap.process import watch

        return watch.capture(command, say=say)


__all__ = ["capture", "die_by", "listen", "replace", "run", "undisturbed"]
