"""4xx: STS could not be asked, and what is in the way."""

from __future__ import annotations

from tfwrap.identity import question
from tfwrap.preflight.checks.finding import WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer

_FIXES = {
    question.NAME: "check the network and the name server; in a private network, AWS's STS endpoint has to resolve",
    question.TIMEOUT: "check the network, a firewall, or whether a proxy has to be set (HTTPS_PROXY)",
    question.PROXY: "check the proxy that {proxy} names, and the name and password in it",
    question.TLS: "name the certificates of the proxy or gateway that opens TLS: export AWS_CA_BUNDLE=FILE",
    question.REFUSED: "check the endpoint that is configured; nothing listens there",
    question.NOT_STS: "sign in to the network, or let requests to AWS past the proxy that answers instead",
    question.BUSY: "try again later",
}


def check(facts: Facts) -> Iterator[Finding]:
    """TFW408: once for each place that does not answer."""
    told: set[tuple[str, str]] = set()
    for consumer in facts.consumers:
        answer = facts.answers.get(consumer.name)
        if answer and answer.status == question.UNREACHABLE and (answer.host, answer.trouble) not in told:
            told.add((answer.host, answer.trouble))
            yield _unreachable(consumer, answer)


def _unreachable(consumer: Consumer, answer: question.Answer) -> Finding:
    way = consumer.endpoint.proxy
    host = answer.host or f"STS in {consumer.endpoint.region}"
    through = (f"requests go through the proxy of {way.name}",) if way else ()
    fix = _FIXES.get(answer.trouble, "check the endpoint and the region that are configured")
    return Finding(
        "TFW408",
        "unreachable",
        WARNING,
        f"{host} could not be asked whose credentials these are: {answer.message}",
        (f"for {consumer.name}: {consumer.source.describe()}", *through),
        (fix.format(proxy=way.name if way else "HTTPS_PROXY"),),
    )
