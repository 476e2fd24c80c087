"""4xx: the account that is pinned, and the one that the credentials are of."""

from __future__ import annotations

from tfwrap.aws import accesskey, partitions
from tfwrap.identity.question import OK
from tfwrap.preflight.checks.finding import ERROR, Facts, Finding

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
