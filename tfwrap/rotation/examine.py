"""Everything that is to be known about a candidate before it goes live."""

from __future__ import annotations

from tfwrap.identity.question import NOT_ASKED
from tfwrap.lean import NamedTuple
from tfwrap.rotation import asked, channels, shape
from tfwrap.rotation.check import FAILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.identity.question import Answer
    from tfwrap.recovery.refresh import Terminal
    from tfwrap.rotation.asked import OtherKey
    from tfwrap.rotation.candidate import Candidate
    from tfwrap.rotation.channels import Arrival
    from tfwrap.rotation.check import Check
    from tfwrap.rotation.situation import Situation


class Examined(NamedTuple):
    """What was found out. `expected` are accounts, each with what says so."""

    candidate: Candidate
    checks: tuple[Check, ...]
    answer: Answer = NOT_ASKED
    expected: Mapping[str, str] = {}
    others: tuple[OtherKey, ...] = ()
    arrivals: tuple[Arrival, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether the key may go live: everything that matters was checked, and is well."""
        return not any(check.stands_in_the_way for check in self.checks)


def examine(candidate: Candidate, here: Situation, terminal: Terminal, chosen: Sequence[str] = ()) -> Examined:
    """Look at a candidate. `chosen` are the channels that count; all of them where none is named."""
    shaped = shape.look(candidate)
    answer, of_sts = asked.sts(shaped.usable, here, terminal)
    if shaped.usable and shaped.check.status == FAILED and answer != NOT_ASKED:
        of_sts = of_sts._replace(evidence=("it was asked about the key without the damage", *of_sts.evidence))
    expected, of_account = asked.account(shaped.usable or candidate, answer, here)
    others, of_others = asked.other_keys(shaped.usable, answer, here)
    arrivals = channels.arrivals(candidate, here.environ, chosen)
    checks = (shaped.check, of_sts, of_account, of_others, channels.check(arrivals))
    return Examined(candidate, checks, answer, expected, tuple(others), tuple(arrivals))
