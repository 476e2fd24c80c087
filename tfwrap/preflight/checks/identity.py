"""4xx: what STS said about the credentials that Terraform will use. Nobody is asked here."""

from __future__ import annotations

from tfwrap.aws import accesskey, partitions
from tfwrap.identity.question import NOT_ASKED, REJECTED, UNCHECKED, UNKNOWN_KEY
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks import clock, elsewhere, outdated, reachability, wanted_account
from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tfwrap.identity.question import Answer
    from tfwrap.sources.consumers import Consumer

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")
_WRONG_SECRET = ("SignatureDoesNotMatch", "InvalidSignatureException")
_NEW_KEY = "make a new access key in IAM, or have the old one activated again, and use that"


class Case(NamedTuple):
    """An answer, and the consumers whose credentials it is about."""

    consumers: tuple[Consumer, ...]
    answer: Answer

    @property
    def key(self) -> str:
        """The key id, masked, and where it comes from."""
        source = self.consumers[0].source
        return f"the key {accesskey.mask(source.access_key)} ({source.location})"

    @property
    def evidence(self) -> tuple[str, str]:
        """Who uses the credentials, and what AWS said to them."""
        names = ", ".join(consumer.name for consumer in self.consumers)
        return (f"used by {names}: {self.consumers[0].source.describe()}", f"{self.host}: {self.answer.describe()}")

    @property
    def host(self) -> str:
        """Whom Terraform would ask."""
        return self.answer.host or f"STS in {self.consumers[0].endpoint.region}"


def check(facts: Facts) -> Iterator[Finding]:
    """TFW401 to TFW408, as far as anybody was asked; the account's check needs nobody where the key id tells it."""
    yield from wanted_account.check(facts)
    yield from clock.check(facts)
    yield from reachability.check(facts)
    for case in _cases(facts):
        yield from _rejected(case, facts)


def unconfirmed(facts: Facts) -> Iterator[Finding]:
    """TFW409, for strict mode: the consumers of whose credentials nobody knows whether AWS accepts them."""
    for consumer in facts.consumers:
        answer = facts.answers.get(consumer.name, NOT_ASKED)
        if answer.status == UNCHECKED and not elsewhere.has_no_identity(consumer, facts):
            title = f"whose credentials {consumer.name} uses is not confirmed: {answer.message}"
            fix = ("tfwrap doctor shows what could be found out; strict mode wants an answer of STS",)
            evidence = (f"{consumer.name}: {consumer.source.describe()}",)
            yield Finding("TFW409", "unconfirmed", WARNING, title, evidence, fix)


def _cases(facts: Facts) -> Iterator[Case]:
    """The rejections, each once: whoever uses the same credentials at the same place has the same answer."""
    found: dict[object, Case] = {}
    for consumer in facts.consumers:
        answer = facts.answers.get(consumer.name)
        if answer and answer.status == REJECTED and not clock.explains(answer):
            source = consumer.source
            what = (source.access_key, source.secret_key, source.token, consumer.endpoint)
            known = found.get(what, Case((), answer))
            found[what] = known._replace(consumers=(*known.consumers, consumer))
    yield from found.values()


def _rejected(case: Case, facts: Facts) -> Iterator[Finding]:
    """The first explanation whose evidence is there."""
    if outdated.explains(case.answer, case.consumers, facts):
        return  # TFW302 says it
    yield next(filter(None, (row(case) for row in _EXPLANATIONS)))


def _expired(case: Case) -> Finding | None:
    if case.answer.code not in _EXPIRED:
        return None
    title = f"the session of {case.key} has expired"
    return Finding("TFW402", "expired", ERROR, title, case.evidence, (_renewal(case.consumers[0]),))


def _renewal(consumer: Consumer) -> str:
    profile = consumer.source.profile
    where = f'profile "{profile}"' if profile else consumer.source.location
    return f"get new temporary credentials where these came from ({where}), all three values together"


def _wrong_secret(case: Case) -> Finding | None:
    if case.answer.code not in _WRONG_SECRET:
        return None
    title = f"the secret key does not belong to {case.key}"
    evidence = (*case.evidence, "AWS knows the key id: the secret key is another's, or was damaged on its way")
    fix = ("copy the key id and the secret key anew, from the same place",)
    return Finding("TFW403", "wrong-secret", ERROR, title, evidence, fix)


def _region(case: Case) -> Finding | None:
    answer, region = case.answer, case.consumers[0].endpoint.region
    is_same = partitions.of_region(answer.accepted_in) == partitions.of_region(region)
    if answer.code != "RegionDisabledException" and not (answer.accepted_in and is_same):
        return None
    title = f"{case.key} is good, but STS does not accept it in {region}"
    elsewhere = (f"STS in {answer.accepted_in} accepts the same key",) if answer.accepted_in else ()
    causes = "the region is not enabled for the account"
    if case.consumers[0].source.token:
        causes += ", or the session was made at the global endpoint, whose tokens newer regions do not accept"
    fix = (f"aws account enable-region --region-name {region}", f"or make the session in {region}")
    return Finding("TFW406", "region-not-enabled", ERROR, title, (*case.evidence, *elsewhere, causes), fix)


def _partition(case: Case) -> Finding | None:
    if not case.answer.accepted_in:
        return None
    region, other = case.consumers[0].endpoint.region, case.answer.accepted_in
    theirs = partitions.of_region(other)
    title = f"{case.key} belongs to the partition {theirs}, and {region} is a region of {partitions.of_region(region)}"
    evidence = (*case.evidence, f"STS in {other} accepts the same key")
    fix = (f"use a region of {theirs}, such as {other}, or credentials of {partitions.of_region(region)}",)
    return Finding("TFW407", "wrong-partition", ERROR, title, evidence, fix)


def _no_good(case: Case) -> Finding:
    title = f"AWS rejects {case.key}: {case.answer.code}"
    causes, fix = _causes(case)
    return Finding("TFW401", "rejected", ERROR, title, (*case.evidence, *causes), (fix,))


def _causes(case: Case) -> tuple[tuple[str, ...], str]:
    """What can be behind it, by what is known about the key, and what to do."""
    source = case.consumers[0].source
    if case.answer.code == "IncompleteSignature":
        return ("a key id with a slash in it: key id and secret key may be swapped",), "exchange the two"
    if case.answer.code != UNKNOWN_KEY:
        return (), "use other credentials"
    if source.access_key.startswith(accesskey.TEMPORARY):
        missing = "" if source.token else "a temporary key is nothing without its session token, and there is none"
        wrong = "the session token belongs to another key, or the session was revoked"
        return (missing or wrong, *_hints(case)), _renewal(case.consumers[0])
    if source.token:
        return ("a long-term key has no session token, and one stands beside it",), "remove the session token"
    return ("AWS does not know the key: it was deleted or deactivated, or it is mistyped", *_hints(case)), _NEW_KEY


def _hints(case: Case) -> Iterator[str]:
    """What would explain it too, and was not shown: a region that is to be enabled, an ARN of another partition."""
    region = case.consumers[0].endpoint.region
    if region in partitions.OPT_IN:
        yield f"or the account has not enabled {region}"
    own = partitions.of_region(region)
    for arn in case.consumers[0].source.roles:
        if own and partitions.of_arn(arn) not in ("", own):
            yield f"or it is a key of the partition {partitions.of_arn(arn)}, as {arn} is"


_EXPLANATIONS: tuple[Callable[[Case], Finding | None], ...] = (_expired, _wrong_secret, _region, _partition, _no_good)
