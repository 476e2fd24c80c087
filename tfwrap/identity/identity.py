"""Who a key is: one STS GetCallerIdentity with exactly that key, token, region, endpoint and proxy.

The call needs no permission, and an explicit Deny does not stop it (AWS STS API reference). It inherits neither
profile nor shared files nor endpoints: what the user's default session would say is a different question.
"""

from __future__ import annotations

import time

from tfwrap.aws import partitions
from tfwrap.identity import sts_call
from tfwrap.identity.question import (
    NO_KEYS,
    OK,
    REJECTED,
    TIMEOUT,
    TIMEOUT_S,
    UNCHECKED,
    UNKNOWN_KEY,
    UNREACHABLE,
    Answer,
    Question,
    question,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.sources import Source

__all__ = [
    "OK", "REJECTED", "TIMEOUT_S", "UNCHECKED", "UNREACHABLE", "Answer", "Question",
    "ask", "ask_all", "ask_each", "question",
]  # fmt: skip


def ask(source: Source, where: Endpoint) -> Answer:
    """Ask STS who the source's keys are. One attempt, three seconds at most, never raises for the answer."""
    asked = question(source, where)
    return _in_parallel([asked], _ask_once)[asked]


def ask_all(consumers: Iterable[Consumer]) -> dict[str, Answer]:
    """Ask for every consumer, the same question once, all in parallel and in three seconds together.

    A key that its STS does not know is tried where else it may be known, in the time that is left: another answer
    there is evidence that the key is good and the region is not.
    """
    questions = {consumer.name: question(consumer.source, consumer.endpoint) for consumer in consumers}
    answers = ask_each(list(questions.values()))
    return {name: answers[asked] for name, asked in questions.items()}


def ask_each(questions: Sequence[Question]) -> dict[Question, Answer]:
    """The answers to several questions, as `ask_all` gets them."""
    return _in_parallel(questions, _ask_and_probe)


def _in_parallel(
    questions: Sequence[Question], work: Callable[[Question, Callable[[Answer], None]], None]
) -> dict[Question, Answer]:
    """What `work` has told about each question until the time is up.

    A timeout of botocore's counts for each address of a name and not for the resolver, so the clock is ours. The
    threads are daemons: none that still waits keeps tfwrap from ending.
    """
    import threading

    import botocore.session  # noqa: F401 - before the clock starts: the network is not to blame for it

    told: dict[Question, Answer] = {}
    open_ones = [asked for asked in dict.fromkeys(questions) if asked.has_keys]
    threads = [
        threading.Thread(
            target=work, args=(asked, lambda answer, asked=asked: told.update({asked: answer})), daemon=True
        )
        for asked in open_ones
    ]
    deadline = time.monotonic() + TIMEOUT_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    in_time = dict(told)
    late = Answer(UNREACHABLE, message=f"no answer within {TIMEOUT_S} seconds", trouble=TIMEOUT)
    return {asked: in_time.get(asked, late) if asked.has_keys else NO_KEYS for asked in questions}


def _ask_once(asked: Question, tell: Callable[[Answer], None]) -> None:
    tell(sts_call.call(asked))


def _ask_and_probe(asked: Question, tell: Callable[[Answer], None]) -> None:
    answer = sts_call.call(asked)
    tell(answer)
    if answer.code != UNKNOWN_KEY:
        return
    for region in partitions.elsewhere(asked.where.region):
        is_other = partitions.of_region(region) != partitions.of_region(asked.where.region)
        if asked.token and is_other:  # a token is not shown to those whom it does not concern
            continue
        if sts_call.call(asked._replace(where=asked.where._replace(region=region))).status == OK:
            tell(answer._replace(accepted_in=region))
            return
