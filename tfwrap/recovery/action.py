"""Something that tfwrap can do about a failure, and how it went."""

from __future__ import annotations

from typing import Protocol

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfwrap.preflight.childenv import Change
    from tfwrap.recovery.condition import Outcome
    from tfwrap.run import Run


class Applied(NamedTuple):
    """How it went. `said` is one line for the user and the record, `detail` more lines where it failed.

    `changes` is what Terraform's environment differs in from now on; `signal` is what interrupted it, 0 for nothing.
    """

    done: bool
    said: str
    detail: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    signal: int = 0


class Action(Protocol):
    """A remedy that tfwrap can apply itself, where the gate is open."""

    @property
    def kind(self) -> str:
        """RECONFIGURE or REFRESH."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """The conditions, and which of them do not hold."""

    @property
    def command(self) -> str:
        """What a person would type; empty where there is no such command."""

    @property
    def choice(self) -> str:
        """What is chosen by `r`: "reconfigure and retry"."""

    @property
    def question(self) -> str:
        """What the user is asked."""

    @property
    def announcement(self) -> str:
        """What is said when it is done unasked."""

    def apply(self, run: Run) -> Applied:
        """Do it. On failure everything is as it was before."""
