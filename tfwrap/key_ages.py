"""How old the keys are that a run would use: asked of IAM with the keys themselves, by `tfwrap doctor` alone."""

from __future__ import annotations

from tfwrap import accesskey, childenv, sts_call
from tfwrap.checks.key_age import key_age
from tfwrap.question import OK, Question, question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.checks.finding import Facts, Finding

LIMIT_DAYS = 90


def check(facts: Facts) -> Iterator[Finding]:
    """TFW211 for each long-term key that STS accepts. Without leave to ask, IAM says nothing, and so do we."""
    told: set[str] = set()
    for consumer in facts.consumers:
        key, answer = consumer.source.access_key, facts.answers.get(consumer.name)
        if key in told or not key.startswith(accesskey.LONG_TERM) or not answer or answer.status != OK:
            continue
        told.add(key)
        made = created(question(consumer.source, consumer.endpoint))
        found = key_age(made, facts.now, LIMIT_DAYS, key) if made else None
        yield from filter(None, (found,))


def created(asked: Question) -> float:
    """When a key was made, as a Unix time; 0 where IAM does not tell. Never raises."""
    url = asked.where.url
    where = asked.where._replace(url="" if url and childenv.is_aws(url) else url)
    try:
        keys = sts_call.client(asked._replace(where=where), "iam").list_access_keys()["AccessKeyMetadata"]
        made = next((key["CreateDate"] for key in keys if key["AccessKeyId"] == asked.access_key), None)
        return float(made.timestamp()) if made else 0.0
    except Exception:  # noqa: BLE001 - not allowed, not reachable, not IAM: the age is not known
        return 0.0
