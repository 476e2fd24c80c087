"""From a failure to its cause, by evidence: the facts and STS's answers are put to every row of the table of causes."""

from __future__ import annotations

from tfwrap.aws import endpoint
from tfwrap.diagnosis import probes, suspects
from tfwrap.diagnosis.case import (
    CONFIDENCES,
    INSTRUCT,
    RECONFIGURE,
    REFRESH,
    REPAIR,
    UNSURE,
    Case,
    Diagnosis,
    Probe,
    Remedy,
)
from tfwrap.diagnosis.causes import ROWS, slugs
from tfwrap.diagnosis.causes.slugs import STALE_SAVED_BACKEND, UNKNOWN
from tfwrap.diagnosis.causes.unknown import ruled_out, unknown
from tfwrap.identity import identity
from tfwrap.identity.question import NOT_ASKED
from tfwrap.preflight import findings
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.failure.failure import Failure
    from tfwrap.identity.identity import Answer
    from tfwrap.preflight.checks.finding import Facts, Finding
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.source import Source

__all__ = [
    "INSTRUCT", "RECONFIGURE", "REFRESH", "REPAIR", "STALE_SAVED_BACKEND", "UNKNOWN",
    "Case", "Diagnosis", "Probe", "Remedy", "diagnose", "examine", "slugs",
]  # fmt: skip

# With the questions about the one that is chosen these are the eight that are allowed.
_MOST_CANDIDATES = 3
_SKIPS = identity.Answer(identity.UNCHECKED, message="it skips the validation of its credentials")


def examine(found: Failure, facts: Facts, ask: Callable[[Source, Endpoint], Answer] | None) -> Case:
    """Find out whose credentials failed, and ask STS about the keys that matter; `ask` None asks nobody."""
    consumer = _suspect(suspects.of(found, facts), ask)
    return _with_probes(_case(found, facts, consumer, ask), ask)


def _suspect(candidates: list[Consumer], ask: Callable[[Source, Endpoint], Answer] | None) -> Consumer | None:
    """Of several providers the first whose keys STS rejects; a resource does not say which one it uses."""
    if len(candidates) < 2 or ask is None:
        return candidates[0] if candidates else None
    asking = [consumer for consumer in candidates if consumer.asks_sts and consumer.source.has_keys][:_MOST_CANDIDATES]
    told = probes.each([(consumer.source, consumer.endpoint) for consumer in asking], ask)
    pairs = zip(asking, told, strict=True)
    rejected = (consumer for consumer, answer in pairs if answer.status == identity.REJECTED)
    return next(rejected, candidates[0])


def diagnose(case: Case) -> Diagnosis:
    """The likeliest cause; the other ones that fit stand in its `also`. `unknown` says what was ruled out."""
    fitting = sorted(_fitting(case), key=lambda found: CONFIDENCES.index(found.confidence))
    first, *others = fitting or [unknown(case)]
    first = first._replace(evidence=_with_rejection(case, first.evidence))
    innocent = ruled_out(case, "\n".join((*first.evidence, *first.checked)))
    return first._replace(checked=(*first.checked, *innocent), also=tuple(others))


def _with_rejection(case: Case, evidence: tuple[str, ...]) -> tuple[str, ...]:
    """The evidence, and that STS rejects the key, where it does and that is not told yet."""
    is_told = any(case.used.describe() in line for line in evidence)
    return evidence if is_told or not case.is_rejected else (*evidence, case.asked)


def _fitting(case: Case) -> Iterator[Diagnosis]:
    """What each row makes of the case, each cause once."""
    told: set[str] = set()
    for row in ROWS:
        found = row(case)
        if found and found.cause not in told and found.confidence != UNSURE:
            told.add(found.cause)
            yield found


def _case(
    found: Failure, facts: Facts, consumer: Consumer | None, ask: Callable[[Source, Endpoint], Answer] | None
) -> Case:
    failed = suspects.source(consumer, found, facts)
    other = suspects.other(consumer, failed, facts)
    if consumer and not consumer.asks_sts:
        used, fresh = _SKIPS, NOT_ASKED
    else:
        used, fresh = probes.both(failed, other, _where(consumer, facts), ask)
    return Case(found, facts, used, fresh, consumer, failed, other, findings=_findings(consumer, facts))


def _with_probes(case: Case, ask: Callable[[Source, Endpoint], Answer] | None) -> Case:
    if case.consumer and not case.consumer.asks_sts:
        return case
    return case._replace(probes=probes.further(case.source, case.used, _where(case.consumer, case.facts), ask))


def _where(consumer: Consumer | None, facts: Facts) -> Endpoint:
    if consumer:
        return consumer.endpoint
    config: Mapping[str, object] = facts.saved.config if isinstance(facts.saved, SavedBackend) else {}
    return endpoint.of(config, facts.environ)


def _findings(consumer: Consumer | None, facts: Facts) -> tuple[Finding, ...]:
    """What the checks say about the consumer that failed, offline; what concerns the others is not its cause."""
    return findings.collect(facts._replace(consumers=(consumer,) if consumer else (), answers={}))
