"""Where the backend's credentials come from. tests/real/test_sources.py asks real Terraforms the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tfwrap import awsconfig, sources
from tfwrap.awsconfig import AwsFiles, Profile
from tfwrap.origin import Secret
from tfwrap.saved_backend import SavedBackend
from tfwrap.sources import ENVIRONMENT, NONE, PROFILE, SAVED_BACKEND, WEB_IDENTITY, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW = (1, 11)
FIRST_SDK = (1, 5)
LEGACY_ORDER = (1, 6)

SAVED = "AKIAMADEUPBYATEST000"
BY_DEFAULT = "AKIAMADEUPBYATEST001"
LAB = "AKIAMADEUPBYATEST002"
IN_ENVIRONMENT = "AKIAMADEUPBYATEST003"

KEYS = {"AWS_ACCESS_KEY_ID": IN_ENVIRONMENT, "AWS_SECRET_ACCESS_KEY": "madeUp"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/run/token", "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/ci"}

CREDENTIALS = f"""
[default]
aws_access_key_id = {BY_DEFAULT}
aws_secret_access_key = madeUp
[lab]
aws_access_key_id = {LAB}
aws_secret_access_key = madeUp
aws_session_token = madeUpToo
[half]
aws_access_key_id = {LAB}
[nothing]
region = us-east-1
[role]
role_arn = arn:aws:iam::111111111111:role/ci
source_profile = default
[role-and-keys]
role_arn = arn:aws:iam::111111111111:role/ci
aws_access_key_id = {LAB}
aws_secret_access_key = madeUp
[web]
role_arn = arn:aws:iam::111111111111:role/ci
web_identity_token_file = /run/token
[sso]
sso_session = corp
[old-sso]
sso_start_url = https://made-up.invalid/start
[process]
credential_process = made-up
[login]
login_session = arn:aws:iam::111111111111:user/me
"""


def files(text: str = CREDENTIALS) -> AwsFiles:
    profiles = {
        name: Profile(name, settings, dict.fromkeys(settings, "~/.aws/credentials"))
        for name, settings in awsconfig.parse(text).items()
    }
    return AwsFiles("~/.aws/credentials", "~/.aws/config", profiles)


def ambient(environ: Mapping[str, str], profile: str = "", version: tuple[int, ...] = NEW) -> Source:
    return sources.ambient(environ, files(), profile, version)


def backend(**config: object) -> SavedBackend:
    return SavedBackend("/w/.terraform/terraform.tfstate", ".terraform/terraform.tfstate", "s3", config, "1.11.4")


# Which one is chosen

CHOSEN: list[Any] = [
    pytest.param({}, "", PROFILE, BY_DEFAULT, id="the default profile"),
    pytest.param(KEYS, "", ENVIRONMENT, IN_ENVIRONMENT, id="the environment's keys before it"),
    pytest.param(KEYS, "lab", PROFILE, LAB, id="a profile argument before the environment's keys"),
    pytest.param(KEYS | {"AWS_PROFILE": "lab"}, "", ENVIRONMENT, IN_ENVIRONMENT, id="keys before AWS_PROFILE"),
    pytest.param({"AWS_PROFILE": "lab"}, "", PROFILE, LAB, id="AWS_PROFILE"),
    pytest.param({"AWS_DEFAULT_PROFILE": "lab"}, "", PROFILE, LAB, id="AWS_DEFAULT_PROFILE"),
    pytest.param({"AWS_PROFILE": "lab", "AWS_DEFAULT_PROFILE": "sso"}, "", PROFILE, LAB, id="AWS_PROFILE before it"),
    pytest.param(
        {"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "lab"}, "", PROFILE, LAB, id="an empty AWS_PROFILE is none"
    ),
    pytest.param({"AWS_PROFILE": "default"}, "lab", PROFILE, LAB, id="a profile argument before AWS_PROFILE"),
    pytest.param({"AWS_PROFILE": "nowhere"}, "lab", PROFILE, LAB, id="which then may name anything"),
    pytest.param(WEB, "", WEB_IDENTITY, "", id="web identity before profiles"),
    pytest.param(WEB | {"AWS_PROFILE": "lab"}, "", WEB_IDENTITY, "", id="even before AWS_PROFILE"),
    pytest.param(WEB | KEYS, "", ENVIRONMENT, IN_ENVIRONMENT, id="keys before web identity"),
    pytest.param(WEB, "lab", PROFILE, LAB, id="a profile argument before web identity"),
    pytest.param(
        {"AWS_ROLE_ARN": WEB["AWS_ROLE_ARN"]}, "", PROFILE, BY_DEFAULT, id="a role without a token is nothing"
    ),
    pytest.param({"AWS_ACCESS_KEY_ID": IN_ENVIRONMENT}, "", PROFILE, BY_DEFAULT, id="half a pair is passed over"),
    pytest.param({"AWS_SECRET_ACCESS_KEY": "madeUp"}, "", PROFILE, BY_DEFAULT, id="the other half as well"),
    pytest.param(KEYS | {"AWS_SECRET_ACCESS_KEY": ""}, "", PROFILE, BY_DEFAULT, id="an empty half is none"),
    pytest.param(
        {"AWS_ACCESS_KEY": IN_ENVIRONMENT, "AWS_SECRET_KEY": "madeUp"}, "", ENVIRONMENT, IN_ENVIRONMENT, id="old names"
    ),
    pytest.param(
        {"AWS_ACCESS_KEY_ID": "", "AWS_ACCESS_KEY": IN_ENVIRONMENT, "AWS_SECRET_ACCESS_KEY": "madeUp"},
        "",
        ENVIRONMENT,
        IN_ENVIRONMENT,
        id="old and new names together",
    ),
    pytest.param(
        KEYS | {"AWS_DEFAULT_PROFILE": "nowhere"},
        "",
        ENVIRONMENT,
        IN_ENVIRONMENT,
        id="keys, though a default profile is not there",
    ),
]
NOTHING: list[Any] = [
    pytest.param({"AWS_PROFILE": "nowhere"}, "", id="AWS_PROFILE is not there"),
    pytest.param(KEYS | {"AWS_PROFILE": "nowhere"}, "", id="which is fatal whatever else is at hand"),
    pytest.param(WEB | {"AWS_PROFILE": "nowhere"}, "", id="web identity included"),
    pytest.param({}, "nowhere", id="a profile argument is not there"),
    pytest.param(KEYS, "nowhere", id="fatal as well"),
    pytest.param(
        {"AWS_DEFAULT_PROFILE": "nowhere"}, "", id="AWS_DEFAULT_PROFILE is not there: the default is not used"
    ),
    pytest.param({"AWS_DEFAULT_PROFILE": "nothing"}, "", id="nor when it holds nothing"),
    pytest.param({"AWS_PROFILE": "nothing"}, "", id="a profile that holds nothing"),
    pytest.param({"AWS_PROFILE": "half"}, "", id="half a pair in a profile"),
    pytest.param(KEYS | {"AWS_PROFILE": "half"}, "", id="fatal though there are keys"),
    pytest.param({"AWS_WEB_IDENTITY_TOKEN_FILE": "/run/token"}, "", id="a token without a role"),
    pytest.param(WEB | {"AWS_ROLE_ARN": ""}, "", id="with an empty role"),
    pytest.param({"AWS_PROFILE": "LAB"}, "", id="names count as they are written"),
]


@pytest.mark.parametrize(("environ", "profile", "kind", "key"), CHOSEN)
def test_a_source_is_chosen(environ: dict[str, str], profile: str, kind: str, key: str) -> None:
    found = ambient(environ, profile)
    assert (found.kind, found.access_key) == (kind, key)


@pytest.mark.parametrize(("environ", "profile"), NOTHING)
def test_there_is_nothing_to_use(environ: dict[str, str], profile: str) -> None:
    found = ambient(environ, profile)
    assert (found.kind, found.has_keys, found.describe()) == (
        NONE,
        False,
        "no credentials that are set in the environment or a file",
    )


@pytest.mark.parametrize(
    ("version", "environ", "profile", "key"),
    [
        pytest.param(LEGACY_ORDER, KEYS, "lab", IN_ENVIRONMENT, id="1.6: keys before a profile argument"),
        pytest.param(FIRST_SDK, KEYS, "lab", IN_ENVIRONMENT, id="1.5: the same"),
        pytest.param(FIRST_SDK, {}, "lab", LAB, id="1.5: without keys the argument counts"),
        pytest.param(FIRST_SDK, KEYS, "nowhere", IN_ENVIRONMENT, id="1.5: a missing profile does not matter then"),
        pytest.param(FIRST_SDK, KEYS | {"AWS_PROFILE": "nowhere"}, "", IN_ENVIRONMENT, id="1.5: nor AWS_PROFILE"),
        pytest.param(FIRST_SDK, {"AWS_DEFAULT_PROFILE": "lab"}, "", BY_DEFAULT, id="1.5: no AWS_DEFAULT_PROFILE"),
        pytest.param(FIRST_SDK, WEB, "", BY_DEFAULT, id="1.5: a profile's keys before web identity"),
        pytest.param(FIRST_SDK, {"AWS_PROFILE": "nowhere"}, "", "", id="1.5: nothing is nothing"),
        pytest.param((1, 7), KEYS, "lab", LAB, id="1.7: a profile argument before keys"),
        pytest.param((1, 99), KEYS, "lab", LAB, id="an unknown version counts as new"),
        pytest.param((0, 12), KEYS, "lab", IN_ENVIRONMENT, id="0.12: keys before a profile argument"),
    ],
)
def test_older_versions_have_their_own_order(
    version: tuple[int, ...], environ: dict[str, str], profile: str, key: str
) -> None:
    assert ambient(environ, profile, version).access_key == key


def test_without_a_profile_an_older_version_uses_web_identity() -> None:
    assert sources.ambient(WEB, files(""), "", FIRST_SDK).kind == WEB_IDENTITY


# How a profile makes its credentials


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("role", "a role"),
        ("role-and-keys", "a role"),
        ("web", "a web identity"),
        ("sso", "an SSO session"),
        ("old-sso", "an SSO session"),
        ("process", "a credential process"),
        ("login", "a login session"),
    ],
)
def test_a_profile_without_plain_keys_says_how_it_makes_them(name: str, detail: str) -> None:
    found = ambient({"AWS_PROFILE": name})
    assert (found.kind, found.has_keys, found.detail) == (PROFILE, False, detail)
    assert found.describe() == f'{detail} of profile "{name}" (~/.aws/config)'


def test_a_profile_with_keys_hands_over_all_of_them() -> None:
    found = ambient({"AWS_PROFILE": "lab"})
    assert (found.secret_key, found.token) == (Secret("madeUp"), Secret("madeUpToo"))
    assert found.describe() == 'key AKIA****T002 of profile "lab" (~/.aws/credentials)'


def test_the_environments_token_goes_with_its_keys_alone() -> None:
    assert ambient(KEYS | {"AWS_SESSION_TOKEN": "madeUpToo"}).token == Secret("madeUpToo")
    assert ambient(KEYS | {"AWS_SESSION_TOKEN": ""}).token is None
    assert ambient(KEYS | {"AWS_SECURITY_TOKEN": "madeUpToo"}).token is None
    assert ambient({"AWS_SESSION_TOKEN": "madeUpToo"}).token is None


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (KEYS, "key AKIA****T003 (AWS_ACCESS_KEY_ID)"),
        ({"AWS_ACCESS_KEY": IN_ENVIRONMENT, "AWS_SECRET_KEY": "madeUp"}, "key AKIA****T003 (AWS_ACCESS_KEY)"),
        (WEB, "the web identity role (AWS_WEB_IDENTITY_TOKEN_FILE)"),
        ({}, 'key AKIA****T001 of profile "default" (~/.aws/credentials)'),
    ],
)
def test_a_source_says_in_words_what_it_is_and_where_it_was_set(environ: dict[str, str], words: str) -> None:
    found = ambient(environ)
    assert found.describe() == words
    assert "madeUp" not in repr(found)


# What init saved


def test_a_saved_pair_goes_before_everything() -> None:
    saved = backend(access_key=SAVED, secret_key="madeUp", token="madeUpToo", profile="lab")
    found = sources.saved(saved, KEYS | WEB | {"AWS_PROFILE": "lab"}, files(), NEW)
    assert (found.kind, found.access_key, found.token) == (SAVED_BACKEND, SAVED, Secret("madeUpToo"))
    assert found.describe() == "key AKIA****T000 (.terraform/terraform.tfstate)"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"access_key": SAVED}, id="the key alone"),
        pytest.param({"secret_key": "madeUp"}, id="the secret alone"),
        pytest.param({"token": "madeUp"}, id="a token alone"),
        pytest.param({"access_key": SAVED, "token": "madeUp"}, id="a key and a token"),
    ],
)
def test_half_a_saved_pair_is_an_error_since_1_6_and_passed_over_before(config: dict[str, object]) -> None:
    assert sources.saved(backend(**config), KEYS, files(), NEW).kind == NONE
    assert sources.saved(backend(**config), KEYS, files(), FIRST_SDK).access_key == IN_ENVIRONMENT


@pytest.mark.parametrize(
    ("config", "key"),
    [
        pytest.param({}, IN_ENVIRONMENT, id="no credentials"),
        pytest.param({"access_key": "", "secret_key": ""}, IN_ENVIRONMENT, id="empty ones"),
        pytest.param({"profile": ""}, IN_ENVIRONMENT, id="an empty profile"),
        pytest.param({"profile": "lab"}, LAB, id="a profile"),
        pytest.param({"access_key": 5, "secret_key": 5}, IN_ENVIRONMENT, id="no text"),
    ],
)
def test_without_a_saved_pair_the_rest_decides(config: dict[str, object], key: str) -> None:
    assert sources.saved(backend(**config), KEYS, files(), NEW).access_key == key


# The same or not


def source(
    key: str = LAB, secret: str = "madeUp", token: str = "", kind: str = PROFILE, profile: str = "lab"
) -> Source:
    return Source(kind, "somewhere", key, Secret(secret) if secret else None, Secret(token) if token else None, profile)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(source(), source(kind=SAVED_BACKEND, profile=""), True, id="the same keys from another place"),
        pytest.param(source(), source(secret="other"), False, id="another secret"),
        pytest.param(source(), source(token="t"), False, id="another token"),
        pytest.param(source(), source(key=SAVED), False, id="another key"),
        pytest.param(source("", ""), source("", "", profile="sso"), False, id="two profiles without keys"),
        pytest.param(source("", ""), source("", ""), True, id="the same profile without keys"),
        pytest.param(source(), source("", ""), False, id="keys and none"),
    ],
)
def test_two_sources_are_the_same_by_what_terraform_gets(one: Source, other: Source, same: bool) -> None:
    assert one.same_credentials(other) is same
    assert other.same_credentials(one) is same
