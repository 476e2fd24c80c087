"""IAM tells how old a key is, when it is asked with that key and allows it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tfwrap import invocation
from tfwrap.aws import config as awsconfig
from tfwrap.aws.endpoint import Endpoint
from tfwrap.doctor import key_ages
from tfwrap.doctor.key_ages import Listed
from tfwrap.identity.question import Answer, question
from tfwrap.origin import Secret
from tfwrap.preflight.checks.finding import Facts
from tfwrap.settings.settings import Settings
from tfwrap.sources import consumers
from tfwrap.sources.source import ENVIRONMENT, Source
from tfwrap.terraform.configuration import Configuration

if TYPE_CHECKING:
    from tfwrap.identity.question import Question
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

DAY_S = 86_400


def source(key: AccessKey) -> Source:
    token = Secret(key.token) if key.token else None
    return Source(ENVIRONMENT, "AWS_ACCESS_KEY_ID", key.id, Secret(key.secret), token)


def asked(key: AccessKey, url: str) -> Question:
    return question(source(key), Endpoint("us-east-1", url))


def facts(url: str, key: AccessKey, status: str = "ok") -> Facts:
    """What is known of a provider that uses a key."""
    one = consumers.Consumer(
        "provider.aws", "main.tf:1", {}, source(key), (5,), "us-east-1", Endpoint("us-east-1", url)
    )
    typed = invocation.read("terraform", ["plan"], {}, "/w")
    files = awsconfig.AwsFiles("~/.aws/credentials", "~/.aws/config", {})
    known = Facts(typed, Configuration(), None, files, None, None, consumers=(one, one._replace(name="provider.aws.b")))
    return known._replace(now=time.time(), answers={"provider.aws": Answer(status, "1" * 12)})


@pytest.fixture
def key(stand: Stand) -> AccessKey:
    return stand.keys.create(user=f"user-{time.monotonic_ns()}", suffix="0001")


def test_an_old_key_is_found_once(stand: Stand, key: AccessKey) -> None:
    stand.keys.age(key.id, 91.5 * DAY_S)
    (found,) = key_ages.check(facts(stand.url, key), Settings())
    assert (found.id, found.severity) == ("TFW211", "info")
    assert "AKIA****0001 is 91 days old, 1 more than the limit of 90" in found.title


@pytest.mark.parametrize("days", [0, 1, 90])
def test_a_young_key_is_no_finding(stand: Stand, key: AccessKey, days: int) -> None:
    stand.keys.age(key.id, days * DAY_S)
    assert list(key_ages.check(facts(stand.url, key), Settings())) == []


def test_the_limit_is_a_setting(stand: Stand, key: AccessKey) -> None:
    stand.keys.age(key.id, 91.5 * DAY_S)
    assert list(key_ages.check(facts(stand.url, key), Settings(key_age_days=180))) == []
    (found,) = key_ages.check(facts(stand.url, key), Settings(key_age_days=30))
    assert (found.severity, "61 more than the limit of 30" in found.title) == ("warning", True)


def test_of_sessions_and_of_keys_that_nobody_accepts_nothing_is_asked(stand: Stand, key: AccessKey) -> None:
    session = stand.keys.create_session(suffix="0002")
    stand.keys.age(key.id, 500 * DAY_S)
    stand.forget()
    assert list(key_ages.check(facts(stand.url, session), Settings())) == []
    assert list(key_ages.check(facts(stand.url, key, status="rejected"), Settings())) == []
    assert not stand.requests


def test_what_iam_does_not_tell_is_not_known_and_says_why(stand: Stand, key: AccessKey) -> None:
    assert key_ages.listed(asked(key, "http://127.0.0.1:9")) == Listed(
        None, "IAM could not be asked (EndpointConnectionError)"
    )
    stand.keys.forbid(key.arn, "iam:ListAccessKeys")
    assert key_ages.listed(asked(key, stand.url)) == Listed(None, "IAM answers AccessDenied")
    assert list(key_ages.check(facts(stand.url, key), Settings())) == []
    stand.keys.deactivate(key.id)
    assert key_ages.listed(asked(key, stand.url)) == Listed(None, "IAM answers InvalidClientTokenId")
