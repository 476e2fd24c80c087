"""The way down a credential error, as a checklist with live answers for a directory.

Its branches are those in which such errors are usually looked for: are credentials present, do they work, is their
form right; do configuration, region and versions fit; are roles, sessions, containers and CI in order. Every answer is
a finding, an answer of STS or a fact of this directory; what could not be looked at says so.
"""

from __future__ import annotations

from tfwrap.identity import identity
from tfwrap.lean import NamedTuple
from tfwrap.sources.source import NONE, UNDECIDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tfwrap.doctor.doctor import Examined
    from tfwrap.output import Output
    from tfwrap.preflight.checks.finding import Finding
    from tfwrap.sources.consumers import Consumer

YES = "ok"
NO = "no"
OPEN = "?"
_STYLES = {YES: "good", NO: "error", OPEN: "warning"}


class Item(NamedTuple):
    """A question, the answer (YES, NO or OPEN), and what it rests on."""

    question: str
    answer: str
    why: tuple[str, ...] = ()


class Branch(NamedTuple):
    """A branch of the tree with its questions; each looks at what was examined."""

    title: str
    questions: tuple[Callable[[Examined], Iterator[Item]], ...]


def tree(examined: Examined) -> list[tuple[str, list[Item]]]:
    """The branches with their answers, in the order in which it pays to look."""
    return [(branch.title, [item for ask in branch.questions for item in ask(examined)]) for branch in BRANCHES]


def lines(examined: Examined, output: Output) -> Iterator[str]:
    """The checklist as text."""
    for number, (title, items) in enumerate(tree(examined), 1):
        yield output.paint(f"{number}. {title}", "bold")
        for item in items:
            mark = output.paint(f"[{item.answer:^4}]", _STYLES[item.answer])
            yield f"  {mark} {item.question}"
            yield from (f"         {line}" for line in item.why)


def _present(examined: Examined) -> Iterator[Item]:
    if not examined.facts.consumers:
        yield Item("nothing here uses AWS credentials, as far as the configuration tells", OPEN)
    for consumer in examined.facts.consumers:
        kind = consumer.source.kind
        answer = NO if kind == NONE else OPEN if kind == UNDECIDED else YES
        yield Item(f"{consumer.name} has credentials", answer, (consumer.source.describe(),))


def _tested(examined: Examined) -> Iterator[Item]:
    for consumer in examined.facts.consumers:
        told = examined.facts.answers.get(consumer.name)
        if told is None:
            yield Item(f"AWS accepts those of {consumer.name}", OPEN, ("STS was not asked",))
            continue
        answer = {identity.OK: YES, identity.REJECTED: NO}.get(told.status, OPEN)
        yield Item(f"AWS accepts those of {consumer.name}", answer, (told.describe(),))


def _of_findings(question: str, *ids: str) -> Callable[[Examined], Iterator[Item]]:
    """A question that is answered by findings: no finding of these is a yes."""

    def ask(examined: Examined) -> Iterator[Item]:
        found = [finding for finding in examined.findings if finding.id in ids]
        yield Item(question, NO if found else YES, tuple(map(_line, found)))

    return ask


def _of_answers(question: str, *ids: str) -> Callable[[Examined], Iterator[Item]]:
    """The same for findings that rest on what STS says: where it said nothing, nothing is known."""
    by_findings = _of_findings(question, *ids)

    def ask(examined: Examined) -> Iterator[Item]:
        is_told = any(told.status in (identity.OK, identity.REJECTED) for told in examined.facts.answers.values())
        for item in by_findings(examined):
            yield (
                item
                if is_told or item.answer == NO
                else Item(question, OPEN, ("STS was not asked, or gave no answer",))
            )

    return ask


def _line(found: Finding) -> str:
    return f"{found.id} {found.slug}: {found.title}"


def _regions(examined: Examined) -> Iterator[Item]:
    for consumer in examined.facts.consumers:
        yield Item(f"{consumer.name} has a region", YES if consumer.region else OPEN, tuple(_region(consumer)))


def _region(consumer: Consumer) -> Iterator[str]:
    yield consumer.region or "none in the block or the environment; a profile or the instance may have one"


def _versions(examined: Examined) -> Iterator[Item]:
    yield Item(
        "Terraform's version is known", YES if examined.version else OPEN, (examined.version or "it will not say",)
    )


BRANCHES = (
    Branch("Are there credentials?", (_present, _of_findings("no half pair is set", "TFW102"))),
    Branch(
        "Do they work?",
        (
            _tested,
            _of_answers("the clock is right", "TFW405"),
            _of_answers("STS can be reached", "TFW408"),
        ),
    ),
    Branch(
        "Is their form right?",
        (
            _of_findings("no value is damaged", "TFW106", "TFW110"),
            _of_findings("no placeholder, nothing swapped", "TFW109", "TFW111"),
            _of_findings("a token where one belongs, and none elsewhere", "TFW103", "TFW104", "TFW206"),
            _of_findings("no variable of old names", "TFW105"),
        ),
    ),
    Branch(
        "Do configuration, region and version fit?",
        (
            _of_findings("no stale key is saved", "TFW301", "TFW302", "TFW304", "TFW308"),
            _of_findings("nothing goes before what is meant", "TFW101", "TFW108", "TFW112", "TFW311"),
            _of_findings("backend and provider are the same identity", "TFW307", "TFW404"),
            _of_findings("the profiles are there and whole", "TFW201", "TFW202", "TFW203", "TFW204", "TFW208"),
            _regions,
            _of_findings("regions are named, and do not contradict each other", "TFW115", "TFW212"),
            _of_answers("the region is enabled and of the same partition", "TFW406", "TFW407"),
            _versions,
            _of_findings("the provider can use what is configured", "TFW309", "TFW310"),
        ),
    ),
    Branch(
        "Roles, sessions, containers and CI",
        (
            _of_findings("no session is over", "TFW113", "TFW114", "TFW402"),
            _of_findings("logins and codes are in order", "TFW207", "TFW209", "TFW210", "TFW213"),
            _of_findings("web identity is in order", "TFW502", "TFW503"),
            _of_findings("container and instance give what they should", "TFW504", "TFW505", "TFW506"),
            _of_findings("the run is carried out here", "TFW507"),
            _of_findings("no interrupted apply waits", "TFW312"),
        ),
    ),
)
