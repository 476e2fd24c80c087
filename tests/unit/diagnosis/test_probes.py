from __future__ import annotations

import pytest

from tests.unit.diagnosis.causes.scene import GONE, GOOD, SECRET, SESSION, TOKEN, Known, Sts
from tfwrap.aws.endpoint import Endpoint
from tfwrap.diagnosis import case, probes
from tfwrap.identity.question import REJECTED, UNCHECKED, Answer
from tfwrap.origin import Secret
from tfwrap.sources.source import ENVIRONMENT, Source

HERE = Endpoint("eu-west-1")
NOT_KNOWN = Answer(REJECTED, code="InvalidClientTokenId")


def source(key: str, token: str = "") -> Source:
    return Source(ENVIRONMENT, "E", key, Secret(SECRET), Secret(token) if token else None)


def sts(**known: Known) -> Sts:
    return Sts(known, asked=[])


def test_the_key_that_failed_and_the_other_one_are_asked_about() -> None:
    ask = sts(**{GOOD: Known()})
    used, fresh = probes.both(source(GONE), source(GOOD), HERE, ask.__call__)
    assert (used.code, fresh.status) == ("InvalidClientTokenId", "ok")
    assert sorted(ask.asked) == sorted([(GONE, "eu-west-1"), (GOOD, "eu-west-1")])


def test_the_same_credentials_are_asked_about_once() -> None:
    ask = sts(**{GOOD: Known()})
    used, fresh = probes.both(source(GOOD), source(GOOD), HERE, ask.__call__)
    assert used is fresh
    assert ask.asked == [(GOOD, "eu-west-1")]


def test_offline_nobody_is_asked() -> None:
    used, fresh = probes.both(source(GONE), source(GOOD), HERE, None)
    assert (used, fresh) == (probes.OFFLINE, probes.OFFLINE)
    assert probes.further(source(GONE), NOT_KNOWN, HERE, None) == ()


def test_a_key_that_sts_does_not_know_is_tried_where_else_it_may_be_known() -> None:
    found = probes.further(source(GONE), NOT_KNOWN, HERE, sts().__call__)
    assert [(probe.kind, probe.region) for probe in found] == [
        (case.HOME_REGION, "us-east-1"),
        (case.OTHER_PARTITION, "cn-north-1"),
        (case.OTHER_PARTITION, "us-gov-west-1"),
    ]


def test_a_token_is_not_shown_to_another_partition_and_its_key_is_tried_alone() -> None:
    ask = sts()
    found = probes.further(source(SESSION, TOKEN), NOT_KNOWN, HERE, ask.__call__)
    assert [(probe.kind, probe.region) for probe in found] == [
        (case.WITHOUT_TOKEN, "eu-west-1"),
        (case.HOME_REGION, "us-east-1"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer("ok"), id="accepted"),
        pytest.param(Answer(REJECTED, code="ExpiredToken"), id="over"),
        pytest.param(Answer(REJECTED, code="SignatureDoesNotMatch"), id="a wrong secret"),
        pytest.param(Answer("unreachable"), id="no answer"),
        pytest.param(Answer(UNCHECKED), id="not asked"),
    ],
)
def test_nothing_more_is_asked_where_the_answer_leaves_no_question(answer: Answer) -> None:
    ask = sts()
    assert probes.further(source(GONE), answer, HERE, ask.__call__) == ()
    assert ask.asked == []


def test_half_a_pair_is_not_asked_about() -> None:
    half = Source(ENVIRONMENT, "E", GONE)
    assert probes.further(half, NOT_KNOWN, HERE, sts().__call__) == ()


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-northwest-1", "us-gov-east-1", "nowhere-1", ""])
@pytest.mark.parametrize("token", ["", TOKEN])
def test_there_are_never_more_than_eight_questions(region: str, token: str) -> None:
    ask = sts()
    failed, where = source(SESSION, token), Endpoint(region)
    used, _ = probes.both(failed, source(GOOD), where, ask.__call__)
    probes.further(failed, used, where, ask.__call__)
    assert len(ask.asked) <= probes.MOST


def test_an_endpoint_of_ones_own_stays_the_one_that_is_asked() -> None:
    asked: list[str] = []

    def ask(_: Source, where: Endpoint) -> Answer:
        asked.append(where.url)
        return NOT_KNOWN

    probes.further(source(GONE), NOT_KNOWN, Endpoint("eu-west-1", "http://127.0.0.1:9"), ask)
    assert set(asked) == {"http://127.0.0.1:9"}
