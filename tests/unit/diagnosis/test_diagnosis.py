from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.recovery import cases
from tests.unit.recovery.cases import ACCEPTED, FAILURE, REJECTED
from tfwrap.diagnosis import diagnosis
from tfwrap.diagnosis.diagnosis import STALE_SAVED_BACKEND, UNKNOWN, Diagnosis
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.identity.identity import Answer
from tfwrap.origin import Secret
from tfwrap.sources import sources
from tfwrap.terraform import saved_backend

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.sources.sources import Source

SECRETS = ("made up by the tests", "made up, too", cases.OLD_KEY, cases.NEW_KEY)
UNREACHABLE = Answer(identity.UNREACHABLE, message="ConnectTimeoutError")


def diagnose(directory: Path, of_case: dict[str, Any], of_facts: dict[str, Any]) -> Diagnosis:
    return diagnosis.diagnose(cases.case(cases.facts(directory, **of_facts), **of_case))


STALE = [
    ("STS rejects the saved key", {}, "certain"),
    ("STS rejects it otherwise", {"used": Answer(identity.REJECTED, code="SignatureDoesNotMatch")}, "certain"),
    ("STS could not be asked", {"used": UNREACHABLE}, "likely"),
    ("STS was not asked", {"used": Answer(identity.UNCHECKED, message="TFWRAP_OFFLINE is set")}, "likely"),
    ("the other credentials are rejected too", {"fresh": REJECTED}, "certain"),
    ("another code", {"what": FAILURE._replace(code="ExpiredToken")}, "certain"),
]
SAME_KEYS = cases.FRESH._replace(access_key=cases.OLD_KEY, secret_key=Secret("made up by the tests"))
NOT_STALE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("a provider failed", {"what": FAILURE._replace(scope=failure.PROVIDER)}, {}),
    ("a resource failed", {"what": FAILURE._replace(scope=failure.RESOURCE)}, {}),
    ("STS accepts the saved key", {"used": ACCEPTED}, {}),
    ("the same keys would apply without it", {}, {"fresh": SAME_KEYS}),
    ("no other source is known", {}, {"fresh": None}),
    ("the saved file cannot be read", {}, {"held": saved_backend.Unreadable("f", "is truncated")}),
]


@pytest.mark.parametrize(("of_case", "confidence"), [pytest.param(*row[1:], id=row[0]) for row in STALE])
def test_a_stale_saved_key_is_the_cause(tmp_path: Path, of_case: dict[str, Any], confidence: str) -> None:
    found = diagnose(tmp_path, of_case, {})
    assert (found.cause, found.confidence) == (STALE_SAVED_BACKEND, confidence)
    assert [remedy.kind for remedy in found.remedies] == [diagnosis.RECONFIGURE]


@pytest.mark.parametrize(("of_case", "of_facts"), [pytest.param(*row[1:], id=row[0]) for row in NOT_STALE])
def test_where_evidence_is_missing_the_cause_is_unknown(
    tmp_path: Path, of_case: dict[str, Any], of_facts: dict[str, Any]
) -> None:
    found = diagnose(tmp_path, of_case, of_facts)
    assert (found.cause, found.confidence) == (UNKNOWN, "unknown")
    assert found.evidence
    assert {remedy.kind for remedy in found.remedies} == {diagnosis.INSTRUCT}


def test_a_saved_profile_whose_key_is_gone_is_as_stale_as_a_saved_key(tmp_path: Path) -> None:
    facts = cases.facts(tmp_path, held=cases.saved(tmp_path, {"bucket": "b", "profile": "old"}))
    used = sources.Source(sources.PROFILE, "f", cases.OLD_KEY, Secret("x"), profile="old")
    found = diagnosis.diagnose(cases.case(facts._replace(backend_source=used)))
    assert found.cause == STALE_SAVED_BACKEND
    assert 'profile "old"' in found.title


def test_the_evidence_names_file_key_answers_and_what_would_apply(tmp_path: Path) -> None:
    found = diagnose(tmp_path, {}, {})
    assert found.evidence == (
        (
            ".terraform/terraform.tfstate holds access_key AKIA****0001: an earlier init saved it, and it beats every "
            "profile and variable"
        ),
        "the saved key AKIA****0001: STS answers InvalidClientTokenId: no",
        (
            'without the saved key the backend would use key AKIA****0002 of profile "default" (~/.aws/credentials): '
            "STS accepts it (account 111111111111, arn:aws:iam::111111111111:user/deployer)"
        ),
    )


def test_of_an_unknown_cause_it_is_said_what_was_looked_at(tmp_path: Path) -> None:
    found = diagnose(tmp_path, {"used": ACCEPTED}, {})
    assert (found.cause, found.checked) == (UNKNOWN, ("no key is set in the environment",))


@pytest.mark.parametrize("of_case", [{}, {"used": ACCEPTED}, {"used": UNREACHABLE, "fresh": REJECTED}])
def test_no_diagnosis_shows_a_secret_or_a_whole_key_id(tmp_path: Path, of_case: dict[str, Any]) -> None:
    shown = repr(diagnose(tmp_path, of_case, {}))
    assert not [secret for secret in SECRETS if secret in shown]


class Asked:
    """Stands in for STS, and keeps what it was asked about."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, source: Source, where: Endpoint) -> Answer:
        self.keys.append(source.access_key)
        return ACCEPTED if source.access_key == cases.NEW_KEY else REJECTED


def test_sts_is_asked_about_the_key_that_was_used_and_the_one_that_would_be(tmp_path: Path) -> None:
    ask = Asked()
    found = diagnosis.examine(FAILURE, cases.facts(tmp_path), ask)
    assert set(ask.keys) == {cases.OLD_KEY, cases.NEW_KEY}
    assert (found.used, found.fresh) == (REJECTED, ACCEPTED)


def test_of_the_same_keys_sts_is_asked_once(tmp_path: Path) -> None:
    ask = Asked()
    found = diagnosis.examine(FAILURE, cases.facts(tmp_path, fresh=SAME_KEYS), ask)
    assert set(ask.keys) == {cases.OLD_KEY}
    assert found.used == found.fresh == REJECTED


def test_where_no_backend_is_in_play_sts_is_not_asked(tmp_path: Path) -> None:
    ask = Asked()
    found = diagnosis.examine(FAILURE, cases.facts(tmp_path)._replace(backend_source=None, fresh_source=None), ask)
    assert ask.keys == []
    assert found.used.status == found.fresh.status == identity.UNCHECKED
    assert diagnosis.diagnose(found).cause == UNKNOWN
