"""TFW201, TFW202, TFW206 and TFW208: the profiles of a run, and those that nobody loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    KEY,
    NOTHING,
    OLD,
    OTHER,
    PAIR,
    SECRET,
    TEMPORARY,
    TOKEN,
    consumer,
    in_environment,
    of_profile,
    with_files,
    written,
)
from tfwrap.preflight.checks import profiles
from tfwrap.preflight.checks.finding import ERROR, WARNING
from tfwrap.settings.intent import Intent
from tfwrap.sources import sources
from tfwrap.sources.sources import Source
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.sources.consumers import Consumer

MISSING = consumer(Source(sources.NONE, "AWS_PROFILE", profile="x", detail=sources.NO_PROFILE))
BY_KEYS = consumer(in_environment())
HALF = consumer(Source(sources.NONE, "AWS_PROFILE", profile="half", detail="half a key pair"))
EMPTY = consumer(NOTHING)


def pair(key: str = KEY, token: str = "") -> str:
    more = f"aws_session_token={token}\n" if token else ""
    return f"aws_access_key_id={key}\naws_secret_access_key={SECRET}\n{more}"


ROLE = "role_arn=arn:aws:iam::111111111111:role/r\n"
CONFIG = (
    f"[profile lab]\n{pair()}[profile Dev]\n{pair()}[profile none]\nregion=us-east-1\n"
    f"[profile half]\naws_access_key_id={KEY}\n"
    f"[profile temp]\n{pair(TEMPORARY)}[profile whole]\n{pair(TEMPORARY, TOKEN)}[profile stray]\n{pair(KEY, TOKEN)}"
    f"[profile oldname]\n{pair(TEMPORARY)}aws_security_token={TOKEN}\n"
    f"[profile role]\n{ROLE}source_profile=lab\n[profile astray]\n{ROLE}source_profile=labb\n"
    f"[profile ring]\n{ROLE}source_profile=ring2\n[profile ring2]\n{ROLE}source_profile=ring\n"
    f"[profile self]\n{ROLE}source_profile=self\n[profile selfkeys]\n{ROLE}source_profile=selfkeys\n{pair()}"
    f"[profile hollow]\n{ROLE}source_profile=none\n[profile split]\n{ROLE}source_profile=half\n"
    f"[profile armless]\nsource_profile=lab\n[profile twice]\n{ROLE}source_profile=lab\ncredential_source=Environment\n"
    f"[profile odd]\n{ROLE}credential_source=Moon\n[profile instance]\n{ROLE}credential_source=Ec2InstanceMetadata\n"
    f"[profile alone]\n{ROLE}[profile own]\n{ROLE}{pair()}[profile overtemp]\n{ROLE}source_profile=temp\n"
    "[profile sso]\nsso_session=s\n[sso-session s]\nsso_region=r\nsso_start_url=https://x\n"
    "[profile lost]\nsso_session=t\n"
    "[profile process]\ncredential_process=/bin/x\n[profile login]\nlogin_session=arn\n"
)


def found(home: Path, profile: str, who: Consumer, **environ: str) -> list[Any]:
    given = {**written(home, CONFIG), "AWS_PROFILE": profile, **environ}
    return list(profiles.check(with_files(given, who)))


def source(profile: str, key: str = "") -> Consumer:
    return consumer(of_profile(profile, key))


# profile, consumer; id, severity, words of the title
FIRES: dict[str, list[Any]] = {
    "TFW201": [
        pytest.param("x", MISSING, ERROR, 'profile "x" is not there (set by AWS_PROFILE): Terraform stops', id="gone"),
        pytest.param("x", BY_KEYS, ERROR, "whatever else is set", id="beside good keys"),
        pytest.param("x", BY_KEYS._replace(rules=OLD), WARNING, "passes it over", id="beside good keys before 1.6"),
        pytest.param("x", MISSING._replace(rules=OLD), ERROR, "finds no credentials", id="alone before 1.6"),
        pytest.param("dev", MISSING, ERROR, '"dev" is not there', id="another case"),
        pytest.param("lab ", MISSING, ERROR, '"lab " is not there', id="a blank"),
        pytest.param("lab", consumer(profile="x"), ERROR, "argument of backend.s3", id="an argument"),
        pytest.param("x", consumer(in_environment(), "provider.aws", (5, 100)), ERROR, "stops", id="a provider"),
    ],
    "TFW202": [
        pytest.param("none", EMPTY, ERROR, "has no credentials", id="only a region"),
        pytest.param("half", HALF, ERROR, "half a key pair", id="half a pair"),
        pytest.param("half", BY_KEYS, ERROR, "half a key pair", id="beside good keys"),
        pytest.param(
            "lost", source("lost"), ERROR, "sso_session that the config file does not have", id="lost session"
        ),
        pytest.param("lost", BY_KEYS, ERROR, "sso_session", id="even beside good keys"),
    ],
    "TFW206": [
        pytest.param("temp", source("temp", TEMPORARY), ERROR, "without aws_session_token", id="no token"),
        pytest.param("stray", source("stray", KEY), ERROR, "AWS refuses the two together", id="a stray token"),
        pytest.param("oldname", source("oldname", TEMPORARY), ERROR, "old name aws_security_token", id="the old name"),
        pytest.param("overtemp", source("overtemp", TEMPORARY), ERROR, 'profile "temp"', id="below a role"),
    ],
    "TFW208": [
        pytest.param("astray", EMPTY, ERROR, 'source_profile "labb" of profile "astray" is not there', id="missing"),
        pytest.param("astray", BY_KEYS, ERROR, "is not there", id="beside good keys"),
        pytest.param("ring", EMPTY, ERROR, "leads back to itself", id="a circle"),
        pytest.param("self", EMPTY, ERROR, "leads back to itself", id="itself"),
        pytest.param("hollow", EMPTY, ERROR, "has no credentials", id="an empty end"),
        pytest.param("split", EMPTY, ERROR, "half a key pair", id="half a pair at the end"),
        pytest.param("armless", EMPTY, ERROR, "needs a role_arn", id="no role"),
        pytest.param("twice", EMPTY, ERROR, "has both source_profile and credential_source", id="two sources"),
        pytest.param("odd", EMPTY, ERROR, 'credential_source "Moon"', id="an unknown source"),
        pytest.param("alone", EMPTY, WARNING, "nothing to assume it with", id="a role alone"),
    ],
}
# profile, consumer
SILENT: list[Any] = [
    pytest.param("lab", source("lab", KEY), id="static keys"),
    pytest.param("Dev", source("Dev", KEY), id="the exact case"),
    pytest.param("", consumer(NOTHING), id="no name at all"),
    pytest.param("lab", BY_KEYS, id="a profile that keys go before"),
    pytest.param("none", BY_KEYS, id="an empty profile that keys go before"),
    pytest.param("temp", BY_KEYS, id="half a session that keys go before"),
    pytest.param("half", BY_KEYS._replace(rules=OLD), id="half a pair beside keys before 1.6"),
    pytest.param("lost", BY_KEYS._replace(rules=OLD), id="a lost session beside keys before 1.6"),
    pytest.param("whole", source("whole", TEMPORARY), id="a whole session"),
    pytest.param("role", source("role", KEY), id="a role with its source"),
    pytest.param("selfkeys", source("selfkeys", KEY), id="a role on its own keys"),
    pytest.param("own", source("own", KEY), id="a role with keys beside it"),
    pytest.param("instance", consumer(NOTHING), id="a role of the instance"),
    pytest.param("alone", BY_KEYS, id="a role alone that keys go before"),
    pytest.param("sso", source("sso"), id="an SSO session"),
    pytest.param("process", source("process"), id="a process"),
    pytest.param("login", source("login"), id="a login session"),
    pytest.param("x", consumer(profile="lab"), id="an argument goes before AWS_PROFILE"),
    pytest.param("x", consumer(profile=UNKNOWN), id="an argument that nobody knows"),
    pytest.param("x", consumer(shared_credentials_files=["y"]), id="files of its own"),
]
CASES = [pytest.param(name, *case.values, id=f"{name} {case.id}") for name, cases in FIRES.items() for case in cases]


@pytest.mark.parametrize(("identifier", "profile", "who", "severity", "words"), CASES)
def test_it_fires_and_nothing_else_does(
    identifier: str, profile: str, who: Consumer, severity: str, words: str, tmp_path: Path
) -> None:
    (one,) = found(tmp_path, profile, who)
    assert (one.id, one.severity) == (identifier, severity)
    assert words in one.title
    assert one.fix
    assert not any(secret in repr(one) for secret in ("canary", KEY, TEMPORARY))


@pytest.mark.parametrize(("profile", "who"), SILENT)
def test_where_all_is_well_nothing_is_said(profile: str, who: Consumer, tmp_path: Path) -> None:
    assert found(tmp_path, profile, who) == []


def test_there_are_more_cases_of_silence_than_of_any_finding() -> None:
    assert all(len(cases) <= len(SILENT) for cases in FIRES.values())


def test_nobody_who_loads_it_is_nobody_to_tell(tmp_path: Path) -> None:
    given = {**written(tmp_path, CONFIG), "AWS_PROFILE": "x"}
    assert list(profiles.check(with_files(given))) == []


@pytest.mark.parametrize(
    ("name", "hint", "fix"),
    [
        pytest.param("dev", 'there is "Dev": upper and lower case count', "export AWS_PROFILE=Dev", id="case"),
        pytest.param("lab ", 'there is "lab": they differ in blanks', "export AWS_PROFILE=lab", id="blanks"),
        pytest.param("proces", 'there is "process"', "export AWS_PROFILE=process", id="a letter"),
        pytest.param("qqqq", 'there is "lab", "Dev"', "add [profile qqqq] to your AWS", id="nothing alike"),
    ],
)
def test_what_is_alike_is_offered(name: str, hint: str, fix: str, tmp_path: Path) -> None:
    (one,) = found(tmp_path, name, MISSING)
    assert one.evidence[1].startswith(hint)
    assert one.fix[0].startswith(fix)


def test_a_default_profile_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    (one,) = found(tmp_path, "", EMPTY, AWS_DEFAULT_PROFILE="x")
    assert (one.id, one.severity) == ("TFW201", WARNING)
    assert found(tmp_path, "", BY_KEYS, AWS_DEFAULT_PROFILE="x", **PAIR) == []
    assert found(tmp_path, "", EMPTY._replace(rules=OLD), AWS_DEFAULT_PROFILE="x") == []


def test_an_intended_profile_is_named_by_what_intends_it(tmp_path: Path) -> None:
    given = {**written(tmp_path, CONFIG), "AWS_PROFILE": "x"}
    meant = Intent("x", ".tfwrap.toml", is_configured=True)
    (one,) = profiles.check(with_files(given, MISSING, intent=meant))
    assert "(set by .tfwrap.toml)" in one.title


def test_an_emulator_takes_half_a_session(tmp_path: Path) -> None:
    assert found(tmp_path, "temp", source("temp", TEMPORARY), AWS_ENDPOINT_URL="http://localhost:4566") == []


def test_a_name_with_odd_characters_is_shown_as_text(tmp_path: Path) -> None:
    (one,) = found(tmp_path, "a\x1b[31m", MISSING)
    assert "\x1b" not in one.title
    assert OTHER not in repr(one)
