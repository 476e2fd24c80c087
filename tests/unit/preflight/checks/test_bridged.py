"""TFW213, and TFW209 where there is a bridge: information where a profile is bridged, else why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    DISABLED,
    KEY,
    NOTHING,
    SECRET,
    consumer,
    in_environment,
    of_profile,
    with_files,
    written,
)
from tfwrap.aws import config as awsconfig
from tfwrap.preflight import bridgeable
from tfwrap.preflight.bridgeable import Bridgeable
from tfwrap.preflight.checks import bridged, makers
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING
from tfwrap.sources.source import LOGIN, PROCESS, ROLE, SSO, SSO_SESSION

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.preflight.checks.finding import Facts, Finding

ROLE_LINES = "role_arn=arn:aws:iam::111111111111:role/r\nsource_profile=base\n"
WITH_MFA = f"{ROLE_LINES}mfa_serial=arn:aws:iam::111111111111:mfa/x\n"
BASE = f"[profile base]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n"
CONFIG = f"{BASE}[profile lab]\n{WITH_MFA}[profile plain]\n{ROLE_LINES}"
OFFLINE = "tfwrap is set to be offline"
LAB = consumer(DISABLED, profile="lab")
LOGIN_COMMAND, SSO_COMMAND = "aws login --profile lab", "aws sso login --profile lab"
NEWER = 'export credentials of profile "lab", or use a newer Terraform'


def needed(how: str, why_not: str = "", name: str = "lab", who: Any = LAB) -> Bridgeable:
    files = awsconfig.AwsFiles("~/.aws/credentials", "~/.aws/config", {})
    return Bridgeable(name, how, who, files, awsconfig.Places((), ()), why_not)


def known(home: Path, *found: Bridgeable, config: str = CONFIG) -> Facts:
    environ = {**written(home, config), "AWS_EC2_METADATA_DISABLED": "true"}
    consumers = tuple({each.consumer.name: each.consumer for each in found}.values()) or (LAB,)
    return with_files(environ, *consumers, bridgeable=found)


# how, why not, consumer; severity, words of the title, fix
FIRES: list[Any] = [
    pytest.param(LOGIN, "", LAB, INFO, "is a login session, which this version does not know: tf", (), id="login"),
    pytest.param(SSO_SESSION, "", LAB, INFO, "is an sso-session, which this version does not", (), id="sso-session"),
    pytest.param(SSO, "", LAB, INFO, "is an SSO profile, which this version", (), id="the older kind of SSO"),
    pytest.param(ROLE, "", LAB, INFO, "is a role that this version does not assume", (), id="a role"),
    pytest.param(PROCESS, "", LAB, INFO, "is a credential process that this version", (), id="a process"),
    pytest.param(LOGIN, "", LAB._replace(source=NOTHING), INFO, "tfwrap makes", (), id="bridged, beside an instance"),
    pytest.param(LOGIN, OFFLINE, LAB, ERROR, f"make its credentials: {OFFLINE}", (LOGIN_COMMAND,), id="not: login"),
    pytest.param(SSO, OFFLINE, LAB, ERROR, OFFLINE, (SSO_COMMAND,), id="not: SSO"),
    pytest.param(SSO_SESSION, OFFLINE, LAB, ERROR, OFFLINE, (SSO_COMMAND,), id="not: sso-session"),
    pytest.param(ROLE, OFFLINE, LAB, ERROR, OFFLINE, (NEWER,), id="not: a role"),
    pytest.param(PROCESS, OFFLINE, LAB, ERROR, OFFLINE, (NEWER,), id="not: a process"),
    pytest.param(
        LOGIN, OFFLINE, LAB._replace(source=NOTHING), WARNING, OFFLINE, (LOGIN_COMMAND,), id="not: the instance may do"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("how", "why_not", "who", "severity", "words", "fix"), FIRES)
def test_a_profile_that_this_version_does_not_know(
    how: str, why_not: str, who: Any, severity: str, words: str, fix: tuple[str, ...], tmp_path: Path
) -> None:
    (one,) = bridged.check(known(tmp_path, needed(how, why_not, who=who)))
    assert (one.id, one.slug, one.severity, one.fix) == ("TFW213", "bridged-profile", severity, fix)
    assert one.title.startswith('profile "lab" is ')
    assert words in one.title
    assert one.evidence == ("in ~/.aws/config, for backend.s3",)


# Which profiles Terraform can use by itself, tests/unit/preflight/test_bridgeable.py says.
SILENT: list[Any] = [
    pytest.param((), id="nothing is to be bridged"),
    pytest.param((needed(bridgeable.MFA),), id="a role with MFA, bridged: TFW209"),
    pytest.param((needed(bridgeable.MFA, OFFLINE),), id="a role with MFA, not bridged: TFW209"),
    pytest.param((needed(bridgeable.MFA), needed(bridgeable.MFA, name="plain")), id="two of them"),
]


@pytest.mark.parametrize("found", SILENT)
def test_what_is_no_such_profile(found: tuple[Bridgeable, ...], tmp_path: Path) -> None:
    assert list(bridged.check(known(tmp_path, *found))) == []


def test_one_profile_of_several_consumers_is_said_once(tmp_path: Path) -> None:
    found = (needed(LOGIN), needed(LOGIN, who=LAB._replace(name="provider.aws")))
    (one,) = bridged.check(known(tmp_path, *found))
    assert one.evidence == ("in ~/.aws/config, for backend.s3, provider.aws",)


def test_a_profile_that_is_bridged_for_one_consumer_alone_is_said_twice(tmp_path: Path) -> None:
    found = (needed(LOGIN), needed(LOGIN, "another reason", who=LAB._replace(name="provider.aws")))
    assert [one.severity for one in bridged.check(known(tmp_path, *found))] == [INFO, ERROR]


def test_a_name_that_a_shell_would_split_is_quoted(tmp_path: Path) -> None:
    (one,) = bridged.check(known(tmp_path, needed(LOGIN, OFFLINE, name="my lab")))
    assert one.fix == ("aws login --profile 'my lab'",)


# TFW209


def mfa(home: Path, *found: Bridgeable, config: str = CONFIG) -> list[Finding]:
    return list(makers.check(known(home, *found, config=config)))


def test_a_role_with_mfa_that_is_bridged_is_information(tmp_path: Path) -> None:
    (one,) = mfa(tmp_path, needed(bridgeable.MFA, who=LAB._replace(source=of_profile("lab"))))
    assert (one.id, one.severity, one.fix) == ("TFW209", INFO, ())
    assert one.title.endswith("tfwrap asks for the code, and makes its credentials for Terraform")


def test_a_role_with_mfa_that_is_not_bridged_is_an_error_with_the_reason(tmp_path: Path) -> None:
    who = LAB._replace(source=of_profile("lab"))
    (one,) = mfa(tmp_path, needed(bridgeable.MFA, OFFLINE, who=who))
    assert (one.id, one.severity) == ("TFW209", ERROR)
    assert one.title.endswith(f"Terraform cannot ask for the code, and tfwrap cannot make its credentials: {OFFLINE}")
    assert "aws configure export-credentials --profile lab" in one.fix[0]


def test_a_role_with_mfa_about_which_no_bridge_was_considered_is_an_error(tmp_path: Path) -> None:
    facts = known(tmp_path)._replace(consumers=(LAB._replace(source=of_profile("lab")),))
    (one,) = makers.check(facts)
    assert (one.severity, one.title.endswith("Terraform cannot ask for the code")) == (ERROR, True)


@pytest.mark.parametrize(
    "who",
    [
        pytest.param(consumer(of_profile("plain"), profile="plain"), id="a role without MFA"),
        pytest.param(consumer(of_profile("base"), profile="base"), id="keys"),
        pytest.param(consumer(in_environment()), id="keys in the environment"),
        pytest.param(consumer(NOTHING), id="nothing named"),
    ],
)
def test_what_needs_no_code_says_nothing_of_one(who: Any, tmp_path: Path) -> None:
    assert list(makers.check(known(tmp_path)._replace(consumers=(who,)))) == []
