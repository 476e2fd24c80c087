"""TFW101, TFW112 and TFW115: variables that stand in each other's way, and those that are meant to stand together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    KEY,
    OLD,
    OTHER,
    PAIR,
    SESSION,
    TEMPORARY,
    WEB_IDENTITY,
    consumer,
    facts,
    in_environment,
    keys,
    of_profile,
)
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.preflight.checks import conflicts
from tfwrap.preflight.checks.finding import WARNING, Facts
from tfwrap.settings.intent import Intent
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from tfwrap.sources.consumers import Consumer

LAB = Profile("lab", keys(OTHER), {})
SAME = Profile("same", keys(KEY), {})
ROLE = Profile("role", {"role_arn": "arn", "source_profile": "lab"}, {})
FILES = AwsFiles("c", "f", {"lab": LAB, "same": SAME, "role": ROLE})
BY_KEYS = consumer(in_environment())
BY_SESSION = consumer(in_environment(TEMPORARY))
OIDC = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/run/token", "AWS_ROLE_ARN": "arn"}
PROVIDER = "provider.aws"
REGIONS = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}


def made(environ: dict[str, str], *consumers: Consumer, **more: Any) -> Facts:
    return facts(environ, *consumers, files=FILES, **more)


FIRES: dict[str, list[Any]] = {
    "TFW101": [
        pytest.param(made({**PAIR, "AWS_PROFILE": "lab"}, BY_KEYS), 'goes before profile "lab" (set by AWS_PROFILE)'),
        pytest.param(made({**PAIR, "AWS_PROFILE": "role"}, BY_KEYS), 'before profile "role"', id="a role"),
        pytest.param(made({**PAIR, "AWS_DEFAULT_PROFILE": "lab"}, BY_KEYS), "AWS_DEFAULT_PROFILE", id="the other name"),
        pytest.param(
            made(PAIR, consumer(in_environment(), rules=OLD, profile="lab")), "argument of backend.s3", id="before 1.7"
        ),
        pytest.param(
            made({**SESSION, "AWS_VAULT": "prod", "AWS_PROFILE": "lab"}, BY_SESSION), "ASIA****T002", id="of another"
        ),
        pytest.param(
            made({**PAIR, "AWS_PROFILE": "lab"}, consumer(in_environment(), PROVIDER)), "AKIA****T001", id="a provider"
        ),
    ],
    "TFW112": [
        pytest.param(made({**PAIR, **OIDC}, BY_KEYS), "goes before the web identity role", id="a key in a pod"),
        pytest.param(made({**PAIR, **OIDC}, consumer(in_environment(), PROVIDER)), "AKIA****T001", id="a provider's"),
    ],
    "TFW115": [
        pytest.param(made(REGIONS, consumer()._replace(arguments={})), "Terraform takes the first", id="both"),
        pytest.param(
            made({**REGIONS, **PAIR}, BY_KEYS, BY_KEYS._replace(name=PROVIDER, arguments={})),
            '"eu-west-1"',
            id="one of",
        ),
    ],
}
SILENT: list[Any] = [
    pytest.param(made({}), id="nothing"),
    pytest.param(made(PAIR, BY_KEYS), id="keys alone"),
    pytest.param(made({"AWS_PROFILE": "lab"}, consumer(of_profile("lab", OTHER))), id="a profile alone"),
    pytest.param(made({**PAIR, "AWS_PROFILE": "lab"}), id="nobody uses them"),
    pytest.param(made({**PAIR, "AWS_PROFILE": "same"}, BY_KEYS), id="the profile's own key"),
    pytest.param(made({**PAIR, "AWS_PROFILE": "nowhere"}, BY_KEYS), id="not there: TFW201"),
    pytest.param(made({**SESSION, "AWS_VAULT": "lab", "AWS_PROFILE": "lab"}, BY_SESSION), id="aws-vault"),
    pytest.param(made({**SESSION, "AWSUME_PROFILE": "lab", "AWS_PROFILE": "lab"}, BY_SESSION), id="awsume"),
    pytest.param(made({**SESSION, "SAML2AWS_PROFILE": "lab", "AWS_PROFILE": "lab"}, BY_SESSION), id="saml2aws"),
    pytest.param(made({**SESSION, "GRANTED_SSO": "true", "AWS_PROFILE": "lab"}, BY_SESSION), id="granted"),
    pytest.param(made({**SESSION, "CI": "true", "AWS_REGION": "r"}, BY_SESSION), id="a CI action"),
    pytest.param(
        made({**PAIR, "AWS_PROFILE": "lab"}, consumer(of_profile("lab", OTHER), profile="lab")), id="the block's wins"
    ),
    pytest.param(made(PAIR, consumer(in_environment(), profile=UNKNOWN)), id="an argument nobody knows"),
    pytest.param(
        made({**PAIR, "AWS_PROFILE": "lab"}, consumer(in_environment(), shared_config_files=["x"])),
        id="files of its own",
    ),
    pytest.param(made({**SESSION, **OIDC}, BY_SESSION), id="a CI action that has assumed the role"),
    pytest.param(made(OIDC, consumer(WEB_IDENTITY)), id="web identity alone"),
    pytest.param(made({**PAIR, "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, BY_KEYS), id="half of web identity"),
    pytest.param(made({**PAIR, "AWS_ROLE_ARN": "arn"}, BY_KEYS), id="the other half"),
    pytest.param(made(REGIONS, consumer()), id="the block has a region"),
    pytest.param(
        made(REGIONS, consumer()._replace(arguments={"region": UNKNOWN})), id="or one that Terraform works out"
    ),
    pytest.param(
        made({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "a"}, consumer()._replace(arguments={})), id="the same twice"
    ),
    pytest.param(
        made({"AWS_REGION": "a", "AWS_DEFAULT_REGION": ""}, consumer()._replace(arguments={})), id="one is empty"
    ),
    pytest.param(made(REGIONS), id="nobody asks for a region"),
]
CASES = [
    pytest.param(name, *case.values, id=f"{name} {case.id or number}")
    for name, cases in FIRES.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("identifier", "known", "words"), CASES)
def test_it_fires_and_nothing_else_does(identifier: str, known: Facts, words: str) -> None:
    (found,) = conflicts.check(known)
    assert (found.id, found.severity) == (identifier, WARNING)
    assert words in found.title
    assert found.fix
    assert KEY not in repr(found)
    assert "canary" not in repr(found)


@pytest.mark.parametrize("known", SILENT)
def test_where_all_is_well_nothing_is_said(known: Facts) -> None:
    assert list(conflicts.check(known)) == []


def test_there_are_more_cases_of_silence_than_of_any_finding() -> None:
    assert all(len(cases) <= len(SILENT) for cases in FIRES.values())


def test_a_configured_profile_is_named_by_what_configured_it() -> None:
    meant = Intent("lab", "TFWRAP_PROFILE", is_configured=True)
    (found,) = conflicts.check(made({**PAIR, "AWS_PROFILE": "lab"}, BY_KEYS, intent=meant))
    assert "(set by TFWRAP_PROFILE)" in found.title


def test_the_tool_that_made_the_session_is_named() -> None:
    (found,) = conflicts.check(made({**SESSION, "AWS_VAULT": "prod", "AWS_PROFILE": "lab"}, BY_SESSION))
    assert 'aws-vault made it for "prod"' in found.evidence


def test_everybody_who_uses_the_keys_is_named_once() -> None:
    both = (BY_KEYS, BY_KEYS._replace(name=PROVIDER, rules=(5, 100)))
    (found,) = conflicts.check(made({**PAIR, "AWS_PROFILE": "lab"}, *both))
    assert found.evidence[0].startswith("backend.s3, provider.aws uses")
