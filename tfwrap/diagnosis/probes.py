"""What STS is asked after a failure: one call a question, three seconds each, all at once, eight at most.

What separates the look-alikes: the very key that failed where it failed; the keys that would be used without what goes
before them; and, only for a key that STS does not know, the same key without its token, in its partition's home region
and in the other partitions. A session token is not shown to another partition. None of this is asked for keys that are
not meant for AWS (`skip_credentials_validation` and the like), and nothing at all in TFWRAP_OFFLINE.
"""

from __future__ import annotations

from tfwrap.aws import accesskey, partitions
from tfwrap.diagnosis import case
from tfwrap.diagnosis.case import Probe
from tfwrap.identity import identity
from tfwrap.identity.question import NO_KEYS, NOT_ASKED, UNKNOWN_KEY, Answer
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.sources.source import Source

    Ask = Callable[[Source, Endpoint], Answer]

MOST = 8
OFFLINE = Answer(identity.UNCHECKED, message="tfwrap is set to be offline")
_UNKNOWN_CODES = (UNKNOWN_KEY, "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "AuthFailure")


class Asked(NamedTuple):
    """A question that is going to be put: which kind, about what in words, with which keys, and where."""

    kind: str
    about: str
    source: Source
    where: Endpoint


def both(failed: Source | None, other: Source | None, where: Endpoint, ask: Ask | None) -> tuple[Answer, Answer]:
    """STS's answers to the key that failed and to the one that would be used instead."""
    if failed is None:
        return NO_KEYS, NO_KEYS
    if other is None or other.same_credentials(failed):
        (answer,) = _answers([failed], where, ask)
        return answer, answer if other else NOT_ASKED
    first, second = _answers([failed, other], where, ask)
    return first, second


def further(failed: Source | None, answer: Answer, where: Endpoint, ask: Ask | None) -> tuple[Probe, ...]:
    """The questions that tell apart why STS does not know a key; none where it does, or was not asked."""
    if failed is None or not failed.has_keys or answer.status != identity.REJECTED or ask is None:
        return ()
    if answer.code not in _UNKNOWN_CODES:
        return ()
    asked = list(_questions(failed, where))[: MOST - 2]
    answers = each([(one.source, one.where) for one in asked], ask)
    return tuple(Probe(one.kind, one.about, told, one.where.region) for one, told in zip(asked, answers, strict=True))


def _answers(keys: Sequence[Source], where: Endpoint, ask: Ask | None) -> list[Answer]:
    if ask is None:
        return [OFFLINE] * len(keys)
    return each([(source, where) for source in keys], ask)


def _questions(failed: Source, where: Endpoint) -> Iterator[Asked]:
    key = accesskey.mask(failed.access_key)
    if failed.token:
        yield Asked(case.WITHOUT_TOKEN, f"the same key {key} without its token", failed._replace(token=None), where)
    own = partitions.of_region(where.region)
    for region in partitions.elsewhere(where.region):
        is_other = partitions.of_region(region) != own
        if failed.token and is_other:
            continue
        kind = case.OTHER_PARTITION if is_other else case.HOME_REGION
        yield Asked(kind, f"the same key {key}", failed, where._replace(region=region))


def each(asked: Sequence[tuple[Source, Endpoint]], ask: Ask) -> list[Answer]:
    """The answers, in the order of the questions. `ask` keeps to its own three seconds, and never raises."""
    if len(asked) < 2:
        return [_one(question, ask) for question in asked]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        return list(pool.map(lambda question: _one(question, ask), asked))


def _one(asked: tuple[Source, Endpoint], ask: Ask) -> Answer:
    source, where = asked
    return ask(source, where)
