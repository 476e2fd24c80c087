"""What preflight makes of the facts: what is said, whether the run is refused, and for how long that holds."""

from __future__ import annotations

from tfwrap import memory
from tfwrap.identity.question import UNCHECKED
from tfwrap.lean import NamedTuple
from tfwrap.output import write
from tfwrap.preflight import asking, childenv, findings, preflight
from tfwrap.terraform import versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tfwrap.memory import Question
    from tfwrap.output import Output
    from tfwrap.preflight.checks.finding import Facts, Finding
    from tfwrap.run import Run
    from tfwrap.settings.settings import Settings

TEXT = "text"
MOST_LINES = 3
ANSWERS_LAST_S = 600


class Verdict(NamedTuple):
    """The facts with STS's answers, the findings worth a line, other lines, and why the run is refused, if it is."""

    facts: Facts
    grave: tuple[Finding, ...]
    lines: tuple[str, ...] = ()
    refusal: str = ""


def reach(settings: Settings, facts: Facts) -> Verdict:
    """Look at what is known offline; ask STS only where that has not refused the run already."""
    offline = at_once(settings, facts)
    return offline if offline.refusal else at_once(settings, asking.answered(facts, settings))


def at_once(settings: Settings, facts: Facts) -> Verdict:
    """The verdict on what is known."""
    lines = (*settings.mistakes, *settings.notes, *filter(None, (facts.intent.wanting,)))
    collected = (*findings.collect(facts), *not_known(settings, facts))
    grave = tuple(found for found in findings.grave(collected) if _counts(found, settings))
    return Verdict(facts, grave, lines, _refusal(settings, facts, grave))


def not_known(settings: Settings, facts: Facts) -> tuple[Finding, ...]:
    """What nobody knows once STS was asked as far as possible. To strict mode it is all the same what is pinned."""
    if not facts.answers:
        return ()
    return findings.unconfirmed(facts) if settings.strict else findings.unchecked_pin(facts)


def _counts(found: Finding, settings: Settings) -> bool:
    """No setting silences a pin: it is there to protect."""
    return found.id not in settings.ignored or found.id in findings.REFUSING


def _refusal(settings: Settings, facts: Facts, grave: Iterable[Finding]) -> str:
    """Why Terraform is not started; empty where it is."""
    if any(found.id in findings.REFUSING for found in grave):
        return (
            f"account {facts.intent.account} is pinned (set by {facts.intent.account_origin}): refused, {_NOT_STARTED}"
        )
    is_mistaken = bool(settings.mistakes or facts.intent.wanting)
    if any(settings.refuses(found.severity) for found in grave) or (settings.strict and is_mistaken):
        return f"{settings.why_strict}: refused, {_NOT_STARTED}"
    return ""


_NOT_STARTED = "Terraform was not started"


def say(judged: Verdict, output: Output, environ: Mapping[str, str], form: str) -> None:
    """One line for each of the gravest, and what to do; `form` is TFWRAP_FORMAT: text, or what a CI system reads."""
    if form != TEXT and judged.grave:
        _annotate(judged, output, environ, form)
        output.say(*judged.lines)
        return
    lines = [
        *judged.lines,
        *(f"{output.paint(f'{found.id} {found.slug}', found.severity)}: {found.title}" for found in judged.grave),
    ]
    output.say(*lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        output.say(f"and {len(lines) - MOST_LINES} more: tfwrap doctor")
    fixes = dict.fromkeys(finding.fix[0] for finding in judged.grave[:MOST_LINES] if finding.fix)
    output.say(*(f"  fix: {fix}" for fix in fixes), style="dim")


def _annotate(judged: Verdict, output: Output, environ: Mapping[str, str], form: str) -> None:
    """Every finding, without tfwrap's prefix: GitHub's runner wants a command at the beginning of a line."""
    from tfwrap.preflight.annotations import lines, site

    where = site(environ, judged.facts.invocation.working_directory)
    write(output.descriptor, lines(judged.grave, form, where))


def remember(judged: Verdict, asked: Question, run: Run) -> None:
    """Keep a decision about which there is nothing to say, with what it changes in the environment."""
    facts = judged.facts
    may_change = preflight.rests_on_version(facts) and versions.may_differ(run.real.path)
    is_special = may_change or facts.bridgeable  # a bridge is built anew for each run
    if judged.grave or judged.lines or is_special or any(made.rule != childenv.INTENT for made in facts.changes):
        return
    patch = tuple((made.name, made.value) for made in facts.changes)
    paths = (*preflight.paths(facts, run.real.path), *findings.paths(facts), *run.settings.rests_on)
    memory.remember(asked, memory.Decision(memory.QUIET, patch), paths, _until(facts))


def _until(facts: Facts) -> float:
    """A session ends, and what STS said counts for a while."""
    is_asked = any(answer.status != UNCHECKED for answer in facts.answers.values())
    return min(findings.until(facts), facts.now + ANSWERS_LAST_S if is_asked else memory.NEVER)
