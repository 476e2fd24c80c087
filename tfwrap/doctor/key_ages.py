"""How old long-term keys are: asked of IAM with the keys themselves, only by commands that may take their time."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.identity import sts_call
from tfwrap.identity.question import OK, question
from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv
from tfwrap.preflight.checks.key_age import key_age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.identity.question import Question
    from tfwrap.preflight.checks.finding import Facts, Finding
    from tfwrap.settings.settings import Settings


class KeyRecord(NamedTuple):
    """A key as IAM lists it. `status` is Active, Inactive or Expired, `created` a Unix time."""

    key_id: str
    status: str
    created: float


class Listed(NamedTuple):
    """The keys of the user whose key asked; `records` is None where IAM did not tell, and `why_not` says why."""

    records: tuple[KeyRecord, ...] | None
    why_not: str = ""


def check(facts: Facts, settings: Settings) -> Iterator[Finding]:
    """TFW211 for each long-term key that STS accepts. Without leave to ask, IAM says nothing, and so do we."""
    told: set[str] = set()
    for consumer in facts.consumers:
        key, answer = consumer.source.access_key, facts.answers.get(consumer.name)
        if key in told or not key.startswith(accesskey.LONG_TERM) or not answer or answer.status != OK:
            continue
        told.add(key)
        records = listed(question(consumer.source, consumer.endpoint)).records or ()
        made = next((record.created for record in records if record.key_id == key), 0.0)
        found = key_age(made, facts.now, settings.key_age_days, key) if made else None
        yield from filter(None, (found,))


def listed(asked: Question) -> Listed:
    """The keys of the user to whom the key that asks belongs. Never raises."""
    import botocore.exceptions

    url = asked.where.url
    where = asked.where._replace(url="" if url and childenv.is_aws(url) else url)
    try:
        answer = sts_call.client(asked._replace(where=where), "iam").list_access_keys()
        found = (
            KeyRecord(key["AccessKeyId"], key["Status"], float(key["CreateDate"].timestamp()))
            for key in answer["AccessKeyMetadata"]
        )
        return Listed(tuple(found))
    except botocore.exceptions.ClientError as error:
        return Listed(None, f"IAM answers {error.response.get('Error', {}).get('Code', '?')}")
    except Exception as error:  # noqa: BLE001 - not reachable, not IAM: the age is not known
        return Listed(None, f"IAM could not be asked ({type(error).__name__})")
