"""TFW401 to TFW409: what is said about STS's answers, and silence where there is nothing to say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.made import (
    ACCOUNT,
    KEY,
    OTHER,
    OTHER_ACCOUNT,
    PROVIDER,
    SAVED,
    SECRET,
    SESSION,
    TOKEN,
    accepted,
    backend,
    consumer,
    facts,
    rejected,
    source,
)
from tfwrap.aws import accesskey
from tfwrap.aws.endpoint import Endpoint
from tfwrap.aws.proxies import Proxy
from tfwrap.identity import identity, question
from tfwrap.identity.question import UNCHECKED, UNREACHABLE, Answer
from tfwrap.origin import Secret
from tfwrap.preflight.checks import identity as check
from tfwrap.preflight.checks import wanted_account
from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts
from tfwrap.settings.intent import Intent
from tfwrap.sources import sources
from tfwrap.sources.sources import Source
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.server import Stand

CN_ROLE = "arn:aws-cn:iam::111111111111:role/x"
ROLE_OF_OTHER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"
PINNED = Intent(account=ACCOUNT, account_origin="TFWRAP_ACCOUNT")
MASKED = accesskey.mask(KEY)
THROUGH = Endpoint("us-east-1", "", Proxy("HTTPS_PROXY", Secret("http://anna:canary@p")))


def told(answer: Answer, used: object = None, where: Endpoint | None = None, **more: Any) -> Facts:
    one = consumer(used=used if isinstance(used, sources.Source) else None, where=where)
    return facts(consumers=(one,), answers={PROVIDER: answer}, **more)


def lost(trouble: str, message: str = "why") -> Answer:
    return Answer(UNREACHABLE, message=message, trouble=trouble, host="sts.us-east-1.amazonaws.com")


def temporary(token: str | None = TOKEN) -> sources.Source:
    return source(SESSION, token=Secret(token) if token else None)


# what is known; id and severity; a part of the title; a part of the evidence or the fix
FIRES: dict[str, tuple[Facts, tuple[str, str], str, str]] = {
    "a key that AWS does not know": (
        told(rejected()),
        ("TFW401", ERROR),
        f"AWS rejects the key {MASKED} (AWS_ACCESS_KEY_ID): InvalidClientTokenId",
        "deleted or deactivated",
    ),
    "a token beside a long-term key": (
        told(rejected(), source(token=Secret(TOKEN))),
        ("TFW401", ERROR),
        "AWS rejects",
        "remove the session token",
    ),
    "a temporary key without its token": (
        told(rejected(), temporary(None)),
        ("TFW401", ERROR),
        "AWS rejects",
        "nothing without its session token",
    ),
    "a temporary key with another token": (
        told(rejected(), temporary()),
        ("TFW401", ERROR),
        "AWS rejects",
        "belongs to another key",
    ),
    "a region that may not be enabled": (
        told(rejected(), where=Endpoint("me-south-1")),
        ("TFW401", ERROR),
        "AWS rejects",
        "has not enabled me-south-1",
    ),
    "a role of another partition": (
        told(rejected(), source(roles=(CN_ROLE,))),
        ("TFW401", ERROR),
        "AWS rejects",
        "partition aws-cn",
    ),
    "swapped": (
        told(rejected("IncompleteSignature")),
        ("TFW401", ERROR),
        "IncompleteSignature",
        "may be swapped",
    ),
    "a code of its own": (told(rejected("OptInRequired")), ("TFW401", ERROR), "OptInRequired", "other credentials"),
    "an expired session": (
        told(rejected("ExpiredToken"), temporary()),
        ("TFW402", ERROR),
        "the session of the key",
        "all three values",
    ),
    "an expired session by its other name": (
        told(rejected("ExpiredTokenException"), temporary()),
        ("TFW402", ERROR),
        "has expired",
        "get new temporary",
    ),
    "another's secret": (
        told(rejected("SignatureDoesNotMatch")),
        ("TFW403", ERROR),
        f"does not belong to the key {MASKED}",
        "anew",
    ),
    "a pinned account, by STS": (
        told(accepted(OTHER_ACCOUNT), intent=PINNED),
        ("TFW404", ERROR),
        f"provider.aws works in account {OTHER_ACCOUNT}, and TFWRAP_ACCOUNT pins {ACCOUNT}",
        "STS accepts it",
    ),
    "a pinned account, by the key id": (
        facts(consumers=(consumer(used=source(OTHER)),), intent=PINNED),
        ("TFW404", ERROR),
        OTHER_ACCOUNT,
        "the key id",
    ),
    "a pinned account, by the role": (
        told(accepted(), source(roles=("arn:aws:iam::111111111111:role/a", ROLE_OF_OTHER)), intent=PINNED),
        ("TFW404", ERROR),
        f"works in account {OTHER_ACCOUNT}",
        "is assumed",
    ),
    "a clock that is slow": (told(accepted(skew=400)), ("TFW405", WARNING), "clock is 7 minutes slow", "timedatectl"),
    "a clock that is fast": (told(accepted(skew=-400)), ("TFW405", WARNING), "clock is 7 minutes fast", "w32tm"),
    "a clock that STS does not take": (
        told(rejected("SignatureDoesNotMatch", "Signature expired: now", skew=1000)),
        ("TFW405", ERROR),
        "17 minutes slow: AWS refuses what it signs",
        "Signature expired",
    ),
    "a clock that STS does not take, and no date": (
        told(rejected("SignatureDoesNotMatch", "Signature not yet current: now")),
        ("TFW405", ERROR),
        "this machine's clock is wrong",
        "Signature not yet current",
    ),
    "a region that is not enabled": (
        told(rejected(accepted_in="us-east-1"), where=Endpoint("me-south-1")),
        ("TFW406", ERROR),
        "is good, but STS does not accept it in me-south-1",
        "STS in us-east-1 accepts the same key",
    ),
    "a session of the global endpoint": (
        told(rejected(accepted_in="us-east-1"), temporary(), Endpoint("me-south-1")),
        ("TFW406", ERROR),
        "is good",
        "made at the global endpoint",
    ),
    "a region whose STS is switched off": (
        told(rejected("RegionDisabledException")),
        ("TFW406", ERROR),
        "does not accept it in us-east-1",
        "enable-region",
    ),
    "another partition": (
        told(rejected(accepted_in="cn-north-1")),
        ("TFW407", ERROR),
        "belongs to the partition aws-cn, and us-east-1 is a region of aws",
        "STS in cn-north-1 accepts",
    ),
    "no name": (told(lost(question.NAME)), ("TFW408", WARNING), "could not be asked", "name server"),
    "no answer": (told(lost(question.TIMEOUT)), ("TFW408", WARNING), "could not be asked", "firewall"),
    "no proxy": (
        told(lost(question.PROXY), where=THROUGH),
        ("TFW408", WARNING),
        "could not be asked",
        "the proxy that HTTPS_PROXY names",
    ),
    "no trust": (told(lost(question.TLS)), ("TFW408", WARNING), "could not be asked", "AWS_CA_BUNDLE"),
    "a login page": (told(lost(question.NOT_STS)), ("TFW408", WARNING), "could not be asked", "sign in"),
    "no idea": (told(lost(question.OTHER)), ("TFW408", WARNING), "could not be asked", "endpoint and the region"),
}
SAVED_KEY = source(kind=sources.SAVED_BACKEND, location=SAVED.place)
DOES_NOT_FIRE: dict[str, Facts] = {
    "nobody uses credentials": facts(),
    "nobody was asked": facts(consumers=(consumer(), backend())),
    "all is well": told(accepted()),
    "a clock within five minutes": told(accepted(skew=299)),
    "a clock within five minutes, the other way": told(accepted(skew=-299)),
    "no keys to ask with": told(question.NO_KEYS),
    "offline": told(Answer(UNCHECKED, message="offline")),
    "an answer for nobody": facts(answers={"provider.aws.gone": rejected()}),
    "the pinned account": told(accepted(), intent=PINNED),
    "the pinned account, by the key id": facts(consumers=(consumer(),), intent=PINNED),
    "the pinned account, by the role": told(
        accepted(OTHER_ACCOUNT), source(OTHER, roles=("arn:aws:iam::111111111111:role/a",)), intent=PINNED
    ),
    "a pin, and an account that nobody knows": facts(
        consumers=(consumer(used=sources.Source(sources.IMDS)),), intent=PINNED
    ),
    "a pin, and an old key id": facts(consumers=(consumer(used=source("AKIAMADEUPBYATEST001")),), intent=PINNED),
    "a pin, and a role that only Terraform knows": told(
        accepted(OTHER_ACCOUNT), source(roles=("arn:aws:iam::${var.a}:role/a",)), intent=PINNED
    ),
    "no pin": told(accepted(OTHER_ACCOUNT)),
    "a stale saved key, which TFW302 tells": facts(
        consumers=(backend(SAVED_KEY),),
        answers={"backend.s3": rejected()},
        saved=SAVED,
        backend_source=SAVED_KEY,
        fresh_source=source(OTHER),
    ),
}


@pytest.mark.parametrize(("known", "what", "title", "part"), FIRES.values(), ids=FIRES)
def test_it_fires(known: Facts, what: tuple[str, str], title: str, part: str) -> None:
    (finding,) = check.check(known)
    assert (finding.id, finding.severity) == what
    assert title in finding.title
    assert any(part in line for line in (*finding.evidence, *finding.fix))
    assert finding.fix


@pytest.mark.parametrize("known", DOES_NOT_FIRE.values(), ids=DOES_NOT_FIRE)
def test_it_does_not_fire(known: Facts) -> None:
    assert list(check.check(known)) == []


# What each of them is not said about: silence, or what another id has to say. A set-up can stand in several lists.
SAID_BY_TFW302 = DOES_NOT_FIRE["a stale saved key, which TFW302 tells"]
BAHRAIN = Endpoint("me-south-1")
SLOW = rejected("SignatureDoesNotMatch", "Signature expired: now", skew=1000)
IS_NOT: dict[str, dict[str, Facts]] = {
    "TFW401": {
        "AWS accepts the key": told(accepted()),
        "nobody was asked about it": facts(consumers=(consumer(),)),
        "it was somebody else's key": facts(consumers=(consumer(),), answers={"provider.aws.gone": rejected()}),
        "no answer is no rejection": told(lost(question.TIMEOUT)),
        "a session that is over has an id of its own": told(rejected("ExpiredToken"), temporary()),
        "so has another's secret": told(rejected("SignatureDoesNotMatch")),
        "the clock is to blame, not the key": told(SLOW),
        "another region accepts the key": told(rejected(accepted_in="us-east-1"), where=BAHRAIN),
        "another partition accepts it": told(rejected(accepted_in="cn-north-1")),
        "the stale saved key has an id of its own": SAID_BY_TFW302,
    },
    "TFW402": {
        "a session that AWS accepts": told(accepted(), temporary()),
        "a token that is another key's": told(rejected(), temporary()),
        "it is the signature that has expired, by a wrong clock": told(SLOW, temporary()),
        "offline nobody knows": told(Answer(UNCHECKED, message="offline"), temporary()),
    },
    "TFW403": {
        "AWS does not know the key id, whatever the secret": told(rejected()),
        "a signature that is refused for its time": told(SLOW),
        "a signature that is not yet good": told(rejected("SignatureDoesNotMatch", "Signature not yet current: now")),
        "a header that is not whole is no wrong secret": told(rejected("IncompleteSignature")),
    },
    "TFW404": {
        name: known for name, known in DOES_NOT_FIRE.items() if name.startswith(("the pinned", "a pin", "no pin"))
    },
    "TFW405": {
        "five minutes slow is tolerated": told(accepted(skew=299)),
        "five minutes fast, too": told(accepted(skew=-299)),
        "a wrong secret, and the clock is right": told(rejected("SignatureDoesNotMatch", skew=2)),
        "a wrong secret, and a clock that AWS tolerates": told(rejected("SignatureDoesNotMatch", skew=299)),
        "no answer has no date": told(lost(question.TIMEOUT)),
        "a session that is over": told(rejected("ExpiredToken", "The security token has expired"), temporary()),
    },
    "TFW406": {
        "AWS accepts it in that very region": told(accepted(), where=BAHRAIN),
        "no other region accepts it either": told(rejected(), where=BAHRAIN),
        "the region that accepts it is another partition's": told(rejected(accepted_in="us-gov-west-1")),
        "nobody was asked there": told(Answer(UNCHECKED, message="offline"), where=BAHRAIN),
    },
    "TFW407": {
        "a region of the same partition accepts it": told(rejected(accepted_in="us-east-1"), where=BAHRAIN),
        "no partition accepts it": told(rejected()),
        "a key of China in China": told(accepted(), where=Endpoint("cn-north-1")),
        "the role's partition is another, and nobody accepted the key": told(rejected(), source(roles=(CN_ROLE,))),
    },
    "TFW408": {
        "it answers": told(accepted()),
        "it answers through a proxy": told(accepted(), where=THROUGH),
        "a refusal is an answer": told(rejected()),
        "so is one of an expired session": told(rejected("ExpiredToken"), temporary()),
        "nobody wanted to ask": told(Answer(UNCHECKED, message="offline")),
        "there was nothing to ask with": told(question.NO_KEYS),
        "nobody has asked": facts(consumers=(consumer(), backend())),
        "the answer of nobody's place": facts(answers={"provider.aws.gone": lost(question.NAME)}),
    },
}


@pytest.mark.parametrize(
    ("finding_id", "known"),
    [pytest.param(each, known, id=f"{each}: {why}") for each, rows in IS_NOT.items() for why, known in rows.items()],
)
def test_another_id_or_none_is_meant(finding_id: str, known: Facts) -> None:
    assert finding_id not in [finding.id for finding in check.check(known)]


def test_each_id_is_kept_back_at_least_as_often_as_it_fires() -> None:
    fires = Counter(what[0] for _, what, _, _ in FIRES.values())
    assert {each: len(IS_NOT[each]) for each, times in fires.items() if len(IS_NOT[each]) < times} == {}


@pytest.mark.parametrize("known", [row[0] for row in FIRES.values()], ids=list(FIRES))
def test_no_secret_is_in_a_finding_and_a_title_is_one_line(known: Facts) -> None:
    for finding in check.check(known):
        assert "canary" not in repr(finding)
        assert KEY not in repr(finding)
        assert "\n" not in finding.title
        assert not finding.title.endswith(".")


def test_who_shares_credentials_shares_the_finding() -> None:
    users = (backend(), consumer(), consumer("provider.aws.eu", where=Endpoint("eu-west-1")))
    known = facts(consumers=users, answers={user.name: rejected() for user in users})
    first, second = check.check(known)
    assert first.evidence[0].startswith("used by backend.s3, provider.aws: ")
    assert second.evidence[0].startswith("used by provider.aws.eu: ")


def test_a_saved_key_that_a_provider_uses_too_is_a_rejection_of_the_provider_s() -> None:
    users = (backend(SAVED_KEY), consumer())
    known = facts(
        consumers=users,
        answers={user.name: rejected() for user in users},
        saved=SAVED,
        backend_source=SAVED_KEY,
        fresh_source=source(OTHER),
    )
    assert [finding.id for finding in check.check(known)] == ["TFW401"]


def test_one_place_that_does_not_answer_is_told_once() -> None:
    users = (backend(), consumer(used=source(OTHER)))
    known = facts(consumers=users, answers={user.name: lost(question.NAME) for user in users})
    assert [finding.id for finding in check.check(known)] == ["TFW408"]


@pytest.mark.parametrize(
    ("answer", "fires"),
    [(None, True), (question.NO_KEYS, True), (accepted(), False), (rejected(), False), (lost("x"), False)],
)
def test_strict_mode_wants_to_know(answer: Answer | None, fires: bool) -> None:
    known = facts(consumers=(consumer(),), answers={PROVIDER: answer} if answer else {})
    found = list(check.unconfirmed(known))
    assert [(one.id, one.severity) for one in found] == ([("TFW409", WARNING)] if fires else [])


IMDS = sources.Source(sources.IMDS)
OFFLINE = Answer(UNCHECKED, message="tfwrap is set to be offline")
UNREADABLE = source("AKIAMADEUPBYATEST001")
UNKNOWN_ROLE = source(OTHER, roles=("arn:aws:iam::${var.a}:role/a",))
NOT_CHECKED: dict[str, tuple[Facts, str]] = {
    "an instance's role": (told(question.NO_KEYS, IMDS, intent=PINNED), "keys"),
    "offline, and an old key id": (told(OFFLINE, UNREADABLE, intent=PINNED), "offline"),
    "an old key id, and no answer": (told(lost(question.TIMEOUT), UNREADABLE, intent=PINNED), "why"),
    "a role that only Terraform knows": (told(accepted(), UNKNOWN_ROLE, intent=PINNED), ACCOUNT),
    "what only Terraform can evaluate": (
        told(question.NO_KEYS, sources.Source(sources.UNDECIDED), intent=PINNED), "keys"
    ),
}  # fmt: skip
NOTHING_UNCHECKED: dict[str, Facts] = {
    "no pin": told(question.NO_KEYS, IMDS),
    "the pinned account": told(accepted(), intent=PINNED),
    "another account, which TFW404 refuses": told(accepted(OTHER_ACCOUNT), intent=PINNED),
    "the key id tells it offline": told(OFFLINE, intent=PINNED),
    "the role tells it": told(
        question.NO_KEYS, IMDS._replace(roles=("arn:aws:iam::111111111111:role/a",)), intent=PINNED
    ),
    "AWS rejects it anyway": told(rejected(), UNREADABLE, intent=PINNED),
    "there are no credentials at all": told(question.NO_KEYS, sources.Source(sources.NONE), intent=PINNED),
    "the run is carried out elsewhere": told(question.NO_KEYS, IMDS, intent=PINNED)._replace(
        configuration=Configuration(cloud=Block((), {"organization": "o"}, "main.tf:1"))
    ),
}


@pytest.mark.parametrize(("known", "part"), NOT_CHECKED.values(), ids=NOT_CHECKED)
def test_a_pin_that_could_not_be_checked_is_said(known: Facts, part: str) -> None:
    (finding,) = wanted_account.unchecked(known)
    assert (finding.id, finding.severity) == ("TFW410", WARNING)
    assert f"the pin of {ACCOUNT} was not checked" in finding.title
    assert part.lower() in " ".join(finding.evidence).lower()


@pytest.mark.parametrize("known", NOTHING_UNCHECKED.values(), ids=NOTHING_UNCHECKED)
def test_nothing_is_said_of_a_pin_that_was_or_need_not_be(known: Facts) -> None:
    assert list(wanted_account.unchecked(known)) == []


def test_what_has_its_credentials_where_the_run_is_carried_out_need_not_be_known_here() -> None:
    cloud = Configuration(cloud=Block((), {"organization": "o"}, "main.tf:1"))
    nobody = consumer(used=Source(sources.IMDS))
    assert list(check.unconfirmed(facts(consumers=(nobody,), configuration=cloud))) == []
    assert len(list(check.unconfirmed(facts(consumers=(nobody,))))) == 1
    assert len(list(check.unconfirmed(facts(consumers=(consumer(),), configuration=cloud)))) == 1


def test_a_store_that_only_speaks_like_s3_has_no_identity_to_confirm() -> None:
    skips: dict[str, Any] = {"skip_credentials_validation": True, "skip_requesting_account_id": True}
    store = backend(endpoints={"s3": "http://minio:9000"}, **skips)
    assert list(check.unconfirmed(facts(consumers=(store,)))) == []
    assert len(list(check.unconfirmed(facts(consumers=(backend(**skips),))))) == 1
    asked = backend(endpoints={"s3": "http://minio:9000"})
    assert len(list(check.unconfirmed(facts(consumers=(asked,))))) == 1


# With answers of the stand's own


@pytest.fixture
def whole(stand: Stand) -> Iterator[Stand]:
    """The stand, put right again afterwards."""
    yield stand
    stand.clock.shift(0)
    stand.disabled_regions.clear()


def ids(stand: Stand, key: Any, region: str = "us-east-1", **change: Any) -> list[str]:
    token = Secret(key.token) if key.token else None
    used = sources.Source(sources.ENVIRONMENT, "f", key.id, Secret(key.secret), token)._replace(**change)
    one = consumer(used=used, where=Endpoint(region, stand.url))
    return [finding.id for finding in check.check(facts(consumers=(one,), answers=identity.ask_all([one])))]


def test_the_stand_s_answers_are_told_apart(whole: Stand) -> None:
    key, session, old = whole.keys.create(), whole.keys.create_session(), whole.keys.create_session()
    gone, chinese = whole.keys.create(), whole.keys.create(partition="aws-cn")
    whole.keys.deactivate(gone.id)
    whole.keys.expire(old.id)
    whole.disabled_regions.add("me-south-1")
    assert ids(whole, key) == ids(whole, session) == []
    assert ids(whole, gone) == ["TFW401"]
    assert ids(whole, session, token=None) == ["TFW401"]
    assert ids(whole, old) == ["TFW402"]
    assert ids(whole, key, secret_key=Secret(SECRET)) == ["TFW403"]
    assert ids(whole, key, "me-south-1") == ["TFW406"]
    assert ids(whole, chinese) == ["TFW407"]
    assert ids(whole, chinese, "cn-north-1") == []


@pytest.mark.parametrize(
    ("ahead_s", "found"), [(280, []), (320, ["TFW405"]), (-320, ["TFW405"]), (1200, ["TFW405"]), (-1200, ["TFW405"])]
)
def test_the_stand_s_clock_is_told(whole: Stand, ahead_s: int, found: list[str]) -> None:
    key = whole.keys.create()
    whole.clock.shift(ahead_s)
    assert ids(whole, key) == found
