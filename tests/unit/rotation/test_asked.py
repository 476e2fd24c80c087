"""What AWS says about a candidate, on the stand: STS, the account that is meant, and the other keys of its user."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.unit.recovery.refreshing import Person
from tfwrap.aws.endpoint import Endpoint
from tfwrap.identity.question import NOT_ASKED, Answer
from tfwrap.origin import Secret
from tfwrap.rotation import asked, rejected
from tfwrap.rotation.candidate import JSON, KEY_ID, SECRET, Candidate, Part
from tfwrap.rotation.check import FAILED, NOTE, OK, UNCHECKED
from tfwrap.rotation.material import Material
from tfwrap.rotation.situation import InUse, Situation
from tfwrap.settings.settings import Settings
from tfwrap.sources.source import ENVIRONMENT, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

DAY_S = 86_400
OLD_FILE = 1.0


class Keys(NamedTuple):
    """The two keys of one user, and where they are tried."""

    stand: Stand
    old: AccessKey
    new: AccessKey


@pytest.fixture
def keys(stand: Stand) -> Keys:
    user = f"user-{time.monotonic_ns()}"
    return Keys(stand, stand.keys.create(user=user, suffix="0001"), stand.keys.create(user=user, suffix="0002"))


def candidate(key: AccessKey, changed: float = 0, secret: str = "") -> Candidate:
    parts = {KEY_ID: Part(Secret(key.id)), SECRET: Part(Secret(secret or key.secret))}
    return Candidate(JSON, Material("key.json", Secret(""), changed=changed), parts)


def here(stand: Stand, *in_use: AccessKey, pinned: str = "", settings: Settings | None = None) -> Situation:
    where = Endpoint("us-east-1", stand.url)
    users = tuple(
        InUse("backend.s3", Source(ENVIRONMENT, "AWS_ACCESS_KEY_ID", key.id, Secret(key.secret)), where)
        for key in in_use
    )
    return Situation(pinned, "TFWRAP_ACCOUNT" if pinned else "", users, where, settings or Settings(), {}, time.time())


# STS


def test_a_good_key_is_accepted_at_once(keys: Keys) -> None:
    person = Person({})
    answer, check = asked.sts(candidate(keys.new), here(keys.stand, keys.old), person)
    assert (check.status, answer.account, person.heard) == (OK, "111111111111", [])


def test_offline_nothing_is_asked_and_that_is_no_yes(keys: Keys) -> None:
    keys.stand.forget()
    offline = here(keys.stand, settings=Settings(offline=True))
    answer, check = asked.sts(candidate(keys.new), offline, Person({}))
    assert (answer, check.status, check.stands_in_the_way) == (NOT_ASKED, UNCHECKED, True)
    assert keys.stand.requests == []


def test_what_cannot_be_a_key_is_not_sent(keys: Keys) -> None:
    keys.stand.forget()
    assert asked.sts(None, here(keys.stand), Person({}))[1].status == UNCHECKED
    assert keys.stand.requests == []


def test_an_sts_that_cannot_be_asked_is_no_yes(keys: Keys) -> None:
    nowhere = here(keys.stand)._replace(where=Endpoint("us-east-1", "http://127.0.0.1:9"))
    _, check = asked.sts(candidate(keys.new), nowhere, Person({}))
    assert (check.status, check.stands_in_the_way) == (UNCHECKED, True)


def test_a_key_that_may_be_new_is_asked_about_until_aws_knows_it(keys: Keys) -> None:
    keys.stand.keys.deactivate(keys.new.id)
    person = Person({})
    pauses: Iterator[int] = iter(range(9))

    def known_after_the_fourth() -> None:
        if next(pauses) == 3:
            keys.stand.keys.activate(keys.new.id)

    person.whenever_asleep = known_after_the_fourth
    answer, check = asked.sts(candidate(keys.new), here(keys.stand), person)
    assert (check.status, answer.status) == (OK, "ok")
    assert person.heard == [
        "waiting until AWS knows the new key AKIA****0002 (0 of 30 s)",
        "waiting until AWS knows the new key AKIA****0002 (6 of 30 s)",
    ]


def test_an_sts_that_is_silent_for_a_moment_does_not_end_the_wait(keys: Keys) -> None:
    keys.stand.keys.deactivate(keys.new.id)
    person = Person({})

    def silent_once() -> None:
        keys.stand.hang("sts", 30 if len(person.slept) == 1 else 0)
        if len(person.slept) == 2:
            keys.stand.keys.activate(keys.new.id)

    person.whenever_asleep = silent_once
    assert asked.sts(candidate(keys.new), here(keys.stand), person)[1].status == OK
    assert len(person.slept) >= 2


def test_the_wait_is_bounded(keys: Keys) -> None:
    keys.stand.keys.deactivate(keys.new.id)
    person = Person({})
    _, check = asked.sts(candidate(keys.new, changed=time.time()), here(keys.stand), person)
    assert check.status == FAILED
    assert "InvalidClientTokenId" in check.title
    assert sum(person.slept) <= 30


def test_a_key_in_an_old_file_is_not_waited_for(keys: Keys) -> None:
    keys.stand.keys.deactivate(keys.new.id)
    person = Person({})
    _, check = asked.sts(candidate(keys.new, changed=OLD_FILE), here(keys.stand), person)
    assert (check.status, person.heard) == (FAILED, [])
    assert check.evidence[0].startswith("AWS does not know the key id: it was deleted or switched off")


def test_a_key_that_iam_lists_as_inactive_is_not_waited_for(keys: Keys) -> None:
    keys.stand.keys.deactivate(keys.new.id)
    person = Person({})
    _, check = asked.sts(candidate(keys.new), here(keys.stand, keys.old), person)
    assert (check.status, check.evidence, person.heard) == (FAILED, ("IAM lists it as Inactive",), [])
    assert check.fix == ("aws iam update-access-key --status Active --access-key-id AKIA****0002",)


def test_a_wrong_secret_is_told_from_an_unknown_key(keys: Keys) -> None:
    _, check = asked.sts(candidate(keys.new, secret=keys.old.secret), here(keys.stand), Person({}))
    assert (check.status, check.evidence) == (
        FAILED,
        ("AWS knows the key id, and the secret is not the one that belongs to it",),
    )


ELSEWHERE = Answer("rejected", code="InvalidClientTokenId", accepted_in="us-east-1")
REASONS = [
    (ELSEWHERE, "STS in us-east-1 accepts it: cn-north-1 is in another partition"),
    (Answer("rejected", code="SignatureDoesNotMatch", skew=5), "AWS knows the key id, and the secret"),
]


@pytest.mark.parametrize(("answer", "evidence"), REASONS)
def test_a_rejection_has_its_evidence(answer: Answer, evidence: str) -> None:
    assert rejected.why(answer, "cn-north-1", None).evidence[0].startswith(evidence)


@pytest.mark.parametrize(
    "answer",
    [Answer("rejected", code="SignatureDoesNotMatch", skew=-1000), Answer("rejected", code="ExpiredToken")],
)
def test_what_the_evidence_does_not_show_is_not_said(answer: Answer) -> None:
    assert rejected.why(answer, "us-east-1", None) == ((), (f"tfwrap --explain {answer.code}",))


# The account


def account(keys: Keys, situation: Situation, offline: bool = False) -> tuple[str, str]:
    answer = NOT_ASKED if offline else Answer("ok", "111111111111", "arn:aws:iam::111111111111:user/x")
    check = asked.account(candidate(keys.new), answer, situation)[1]
    return check.status, check.title


def test_the_pinned_account_is_the_expected_one(keys: Keys) -> None:
    assert account(keys, here(keys.stand, keys.old, pinned="111111111111")) == (
        OK,
        "111111111111, as TFWRAP_ACCOUNT pins it",
    )
    assert account(keys, here(keys.stand, keys.old, pinned="222222222222")) == (
        FAILED,
        "111111111111, as STS says; expected is 222222222222 (as TFWRAP_ACCOUNT pins it)",
    )


def test_without_a_pin_it_is_the_account_of_the_key_in_use(keys: Keys) -> None:
    assert account(keys, here(keys.stand, keys.old)) == (
        OK,
        "111111111111, that of key AKIA****0001, which backend.s3 uses now",
    )
    other = keys.stand.keys.create(account="333333333333", suffix="0003")
    status, title = account(keys, here(keys.stand, other))
    assert (status, "expected is 333333333333 (that of key AKIA****0003" in title) == (FAILED, True)


def test_one_of_several_accounts_in_use_is_expected(keys: Keys) -> None:
    other = keys.stand.keys.create(account="333333333333", suffix="0003")
    assert account(keys, here(keys.stand, other, keys.old))[0] == OK


def test_offline_the_key_id_says_it(keys: Keys) -> None:
    pinned = here(keys.stand, pinned="222222222222", settings=Settings(offline=True))
    assert account(keys, pinned, offline=True)[1].startswith("111111111111, as the key id says; expected is 2")


def test_where_nothing_says_which_account_is_expected_nobody_knows(keys: Keys) -> None:
    assert account(keys, here(keys.stand)) == (UNCHECKED, "nothing here says which account is expected")
    status, title = account(keys, here(keys.stand, keys.new))
    assert (status, title.startswith("backend.s3 uses this very key already")) == (UNCHECKED, True)


# The other keys


def test_the_other_keys_are_told_with_age_and_user(keys: Keys) -> None:
    keys.stand.keys.age(keys.old.id, 95.5 * DAY_S)
    where = here(keys.stand, keys.old)
    answer = Answer("ok", "111111111111")
    (other,), check = asked.other_keys(candidate(keys.new), answer, where)
    assert (other.days, other.is_old, other.used_by) == (95, True, "backend.s3")
    assert (check.status, check.stands_in_the_way) == (NOTE, False)
    assert check.title == "AKIA****0001 is Active, 95 days old (too old), and backend.s3 uses it now"
    assert check.evidence == ("the limit is 90 days (key_age_days)",)


def test_the_limit_of_the_age_is_the_settings(keys: Keys) -> None:
    keys.stand.keys.age(keys.old.id, 95.5 * DAY_S)
    where = here(keys.stand, keys.old, settings=Settings(key_age_days=120))
    (other,), check = asked.other_keys(candidate(keys.new), Answer("ok"), where)
    assert (other.is_old, check.evidence) == (False, ())


def test_an_only_key_has_no_others(stand: Stand) -> None:
    only = stand.keys.create(user=f"user-{time.monotonic_ns()}")
    others, check = asked.other_keys(candidate(only), Answer("ok"), here(stand))
    assert (others, check.status, check.title) == ([], OK, "the user has no other key")


def test_a_session_has_no_others_and_nobody_is_asked(stand: Stand) -> None:
    session = stand.keys.create_session()
    stand.forget()
    assert asked.other_keys(candidate(session), Answer("ok"), here(stand))[1].status == OK
    assert stand.requests == []


def test_an_iam_that_does_not_tell_is_said_and_is_no_harm(keys: Keys) -> None:
    keys.stand.keys.forbid(keys.new.arn, "iam:ListAccessKeys")
    _, check = asked.other_keys(candidate(keys.new), Answer("ok"), here(keys.stand))
    assert (check.status, check.stands_in_the_way) == (UNCHECKED, False)
    assert check.title == "IAM answers AccessDenied; iam:ListAccessKeys tells"


def test_a_rejected_key_does_not_ask_iam(keys: Keys) -> None:
    keys.stand.forget()
    assert asked.other_keys(candidate(keys.new), Answer("rejected"), here(keys.stand))[1].status == UNCHECKED
    assert keys.stand.requests == []
