"""TFW301 saved-backend-credentials and TFW303 saved-backend-unreadable."""

from __future__ import annotations

from typing import Any

import pytest

from tfwrap import invocation
from tfwrap.aws.config import AwsFiles
from tfwrap.origin import Secret
from tfwrap.preflight import findings
from tfwrap.preflight.checks import saved_backend as check
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts
from tfwrap.sources import sources
from tfwrap.sources.sources import Source
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.saved_backend import SavedBackend, Unreadable

CONFIG = {"bucket": "b", "access_key": "AKIAMADEUPBYATEST001", "secret_key": "madeUp/canary"}
SAVED = SavedBackend("/w/.terraform/terraform.tfstate", ".terraform/terraform.tfstate", "s3", CONFIG, "1.11.4")
USED = Source(sources.SAVED_BACKEND, SAVED.place, SAVED.access_key, SAVED.secret("secret_key"))
FRESH = Source(sources.PROFILE, "~/.aws/credentials", "AKIAMADEUPBYATEST002", Secret("madeUp/canary2"), None, "default")
NONE = Source(sources.NONE)
SSO = Source(sources.PROFILE, "~/.aws/config", profile="lab", detail="an SSO session")


def facts(saved: SavedBackend | Unreadable | None, used: Source | None, fresh: Source | None) -> Facts:
    typed = invocation.read("terraform", ["plan"], {}, "/w")
    return Facts(typed, Configuration(), saved, AwsFiles("", "", {}), used, fresh)


FIRES: list[Any] = [
    pytest.param(
        facts(SAVED, USED, FRESH),
        ("TFW301", WARNING),
        "the backend will use the saved key AKIA****T001, "
        'not key AKIA****T002 of profile "default" (~/.aws/credentials)',
        id="another key applies now",
    ),
    pytest.param(
        facts(SAVED, USED, SSO),
        ("TFW301", WARNING),
        'the backend will use the saved key AKIA****T001, not an SSO session of profile "lab" (~/.aws/config)',
        id="a session applies now",
    ),
    pytest.param(
        facts(SAVED, USED, NONE),
        ("TFW301", INFO),
        "the backend uses the key AKIA****T001 that terraform init saved in .terraform/terraform.tfstate",
        id="there is nothing else: worth knowing, no warning",
    ),
    pytest.param(
        facts(SAVED, USED, None),
        ("TFW301", INFO),
        "the backend uses the key AKIA****T001 that terraform init saved in .terraform/terraform.tfstate",
        id="nothing else was looked for",
    ),
    pytest.param(
        facts(SAVED, USED, USED._replace(kind=sources.ENVIRONMENT)),
        ("TFW301", INFO),
        "the backend uses the key AKIA****T001 that terraform init saved in .terraform/terraform.tfstate",
        id="the very same keys apply now",
    ),
    pytest.param(
        facts(SAVED, USED, USED._replace(secret_key=Secret("madeUp/canary3"))),
        ("TFW301", WARNING),
        "the backend will use the saved key AKIA****T001, not key AKIA****T001 (.terraform/terraform.tfstate)",
        id="the same key with another secret",
    ),
    pytest.param(
        facts(Unreadable("here", "is not the JSON that terraform init writes (truncated?)"), None, None),
        ("TFW303", WARNING),
        "here is not the JSON that terraform init writes (truncated?); the backend's credentials are not checked",
        id="a file that cannot be understood",
    ),
]
DOES_NOT_FIRE: list[Any] = [
    pytest.param(facts(None, None, None), id="nothing is saved"),
    pytest.param(facts(SAVED, None, None), id="the S3 backend is not in play"),
    pytest.param(facts(SAVED, FRESH, FRESH), id="init -reconfigure sets the saved one aside"),
    pytest.param(facts(SAVED._replace(config={"bucket": "b"}), FRESH, FRESH), id="no credentials are saved"),
    pytest.param(facts(SAVED._replace(config={"profile": "lab"}), SSO, FRESH), id="a profile is saved, and no key"),
    pytest.param(facts(SAVED, NONE, FRESH), id="half a pair is saved: Terraform says so itself"),
    pytest.param(facts(SAVED._replace(type="gcs"), None, None), id="another backend"),
    pytest.param(facts(None, FRESH, FRESH), id="nothing saved, but credentials at hand"),
]


@pytest.mark.parametrize(("known", "what", "title"), FIRES)
def test_it_fires(known: Facts, what: tuple[str, str], title: str) -> None:
    (finding,) = check.check(known)
    assert ((finding.id, finding.severity), finding.title) == (what, title)
    assert finding.fix[0].startswith("terraform init -reconfigure")


@pytest.mark.parametrize("known", DOES_NOT_FIRE)
def test_it_does_not_fire(known: Facts) -> None:
    assert list(check.check(known)) == []


def test_the_evidence_names_the_value_and_where_it_was_set() -> None:
    (finding,) = findings.collect(facts(SAVED, USED, FRESH))
    assert finding.evidence == (
        ".terraform/terraform.tfstate holds access_key AKIA****T001, saved by terraform init",
        'without it the backend would use key AKIA****T002 of profile "default" (~/.aws/credentials)',
    )


@pytest.mark.parametrize("known", [case.values[0] for case in FIRES])
def test_no_secret_is_in_a_finding(known: object) -> None:
    assert isinstance(known, Facts)
    for finding in check.check(known):
        assert "canary" not in repr(finding)
        assert "\n" not in finding.title
