"""A condition of the gate: what has to hold, who is asked, and what it says when it does not hold."""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tfwrap.diagnosis.diagnosis import Case, Diagnosis
    from tfwrap.invocation import Invocation


class Request(NamedTuple):
    """What the gate is asked: may this failed run be put right, and run again?

    `output` is what was seen of Terraform's words; `is_whole` says that it is all of them, on both streams.
    """

    case: Case
    diagnosis: Diagnosis
    environ: Mapping[str, str]
    output: bytes
    is_whole: bool

    @property
    def invocation(self) -> Invocation:
        """The command that failed."""
        return self.case.facts.invocation


class Condition(NamedTuple):
    """What has to hold, in words, and the function that says why it does not (empty where it does)."""

    name: str
    objection: Callable[[Request], str]


class Outcome(NamedTuple):
    """A condition and what was found: `why_not` is empty where it holds."""

    name: str
    why_not: str


def outcomes(conditions: Iterable[Condition], request: Request) -> tuple[Outcome, ...]:
    """Every condition with its answer, in the order of the list."""
    return tuple(Outcome(condition.name, condition.objection(request)) for condition in conditions)


def objections(found: Iterable[Outcome]) -> tuple[str, ...]:
    """Why not: a line for each condition that does not hold; empty where it may go ahead."""
    return tuple(outcome.why_not for outcome in found if outcome.why_not)
