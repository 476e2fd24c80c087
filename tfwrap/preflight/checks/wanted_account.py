"""4xx: the account that is pinned, and the one that the credentials are of."""

from __future__ import annotations

from tfwrap.aws import accesskey, partitions
from tfwrap.identity.question import NOT_ASKED, OK, REJECTED
from tfwrap.preflight.checks import elsewhere
from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts, Finding
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer


def check(facts: Facts) -> Iterator[Finding]:
    """TFW404: for every consumer whose account is known and is another."""
    wanted = facts.intent.account
    for consumer in facts.consumers if wanted else ():
        found, how = of(consumer, facts)
        if found and found != wanted:
            title = f"{consumer.name} works in account {found}, and {facts.intent.account_origin} pins {wanted}"
            evidence = (f"{consumer.name}: {consumer.source.describe()}", how)
            fix = (f"use credentials of account {wanted}, or change the pin in {facts.intent.account_origin}",)
            yield Finding("TFW404", "account-mismatch", ERROR, title, evidence, fix)


def unchecked(facts: Facts) -> Iterator[Finding]:
    """TFW410: for every consumer whose account nobody knows, although one is pinned.

    To be looked for after STS is asked. Not where Terraform gets nowhere anyway: without any credentials, or with what
    AWS rejects.
    """
    wanted = facts.intent.account
    for consumer in facts.consumers if wanted else ():
        answer = facts.answers.get(consumer.name, NOT_ASKED)
        gets_nowhere = consumer.source.kind == sources.NONE or answer.status == REJECTED
        if gets_nowhere or elsewhere.has_no_identity(consumer, facts) or of(consumer, facts)[0]:
            continue
        title = f"which account {consumer.name} works in is not known: the pin of {wanted} was not checked"
        evidence = (f"{consumer.name}: {consumer.source.describe()}", answer.message or answer.describe())
        fix = ("tfwrap doctor shows what could be found out; TFWRAP_STRICT=1 refuses what is not confirmed",)
        yield Finding("TFW410", "pin-unchecked", WARNING, title, evidence, fix)


def of(consumer: Consumer, facts: Facts) -> tuple[str, str]:
    """The account that a consumer works in, and how it is known; empty where nothing tells it.

    The role that is assumed last decides; then what STS says about the key, then what the key id says by itself.
    """
    source, answer = consumer.source, facts.answers.get(consumer.name)
    if source.roles:
        last = source.roles[-1]
        return partitions.account_of_arn(last), f"the role {last} is assumed"
    if answer and answer.status == OK:
        return answer.account, answer.describe()
    encoded = accesskey.account(source.access_key) or ""
    return encoded, f"the key id {accesskey.mask(source.access_key)} is of account {encoded}"
