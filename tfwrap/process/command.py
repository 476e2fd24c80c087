"""What is to be run: the real binary, with what it was given."""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Command(NamedTuple):
    """A program by its path, its arguments without its own name, and its whole environment."""

    path: str
    argv: Sequence[str]
    environ: Mapping[str, str]
