"""A role without MFA: assumed again with the keys of its source profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import keys, mfa_role
from tfwrap.recovery.refresh.outcome import Result

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal


class Role(NamedTuple):
    """A chain of roles that needs nobody."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether there are roles, none of them with MFA, and the keys that assume the first are at hand."""
        return bool(need.roles) and not any(role.get("mfa_serial") for role in need.roles) and keys.are_at_hand(need)

    @property
    def is_interactive(self) -> bool:
        """Nobody is asked."""
        return False

    def describe(self) -> str:
        """What is going to be done."""
        return f"assume {self.need.roles[-1].get('role_arn')} again"

    def run(self, terminal: Terminal) -> Result:
        """Assume the roles. The session stays in memory: another one costs nothing. Raises NotRefreshed."""
        made = mfa_role.assume(self.need, terminal)
        return Result(True, made, f"assumed {made.role}", is_in_place=True)
