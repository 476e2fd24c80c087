"""Where the backend's credentials come from. tests/real/test_sources.py asks real Terraforms the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.aws import inifile
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.origin import Secret
from tfwrap.sources import sources
from tfwrap.sources.sources import ENVIRONMENT, NONE, PROFILE, SAVED_BACKEND, WEB_IDENTITY, Source
from tfwrap.terraform.saved_backend import SavedBackend
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW = (1, 11)
CI = "arn:aws:iam::111111111111:role/ci"
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
sso_region = us-east-1
sso_account_id = 111111111111
sso_role_name = admin
[process]
credential_process = made-up
[login]
login_session = arn:aws:iam::111111111111:user/me
"""


def files(text: str = CREDENTIALS) -> AwsFiles:
    profiles = {
        name: Profile(name, settings, dict.fromkeys(settings, "~/.aws/credentials"))
        for name, settings in inifile.parse(text).items()
    }
    sessions = {"corp": {"sso_region": "us-east-1", "sso_start_url": "https://made-up.invalid/start"}}
    return AwsFiles("~/.aws/credentials", "~/.aws/config", profiles, sso_sessions=sessions)


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
        ("web", "a web identity"),
        ("sso", "an SSO session"),
        ("old-sso", "an SSO session"),
        ("process", "a credential process"),
        ("login", "a login session"),
    ],
)
def test_a_profile_without_plain_keys_says_how_it_makes_them(name: str, detail: str) -> None:
    found = ambient({"AWS_PROFILE": name}, version=(1, 15))
    assert (found.kind, found.has_keys, found.detail) == (PROFILE, False, detail)
    assert found.describe() == f'{detail} of profile "{name}" (~/.aws/config)'


@pytest.mark.parametrize(("name", "key"), [("role", BY_DEFAULT), ("role-and-keys", LAB)])
def test_the_first_request_of_a_role_is_signed_with_the_keys_below_it(name: str, key: str) -> None:
    found = ambient({"AWS_PROFILE": name})
    assert (found.kind, found.how, found.access_key, found.roles) == (PROFILE, "role", key, (CI,))


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


# Blocks, of the backend and of providers


def of_backend(arguments: Mapping[str, object], environ: Mapping[str, str], version: tuple[int, ...] = NEW) -> Source:
    return sources.backend(arguments, environ, lambda _: files(), version)


def of_provider(
    arguments: Mapping[str, object], environ: Mapping[str, str], version: tuple[int, ...] = (5, 100)
) -> Source:
    return sources.provider(arguments, environ, lambda _: files(), version)


PAIR = {"access_key": SAVED, "secret_key": "madeUp"}
OFF = {"AWS_EC2_METADATA_DISABLED": "true"}


@pytest.mark.parametrize(
    ("arguments", "environ", "version", "kind", "key"),
    [
        pytest.param(PAIR, KEYS, (5, 100), sources.BLOCK, SAVED, id="keys in the block"),
        pytest.param(PAIR, {"AWS_PROFILE": "nowhere"}, (5, 100), NONE, "", id="which a missing AWS_PROFILE spoils"),
        pytest.param(PAIR, {"AWS_PROFILE": "nowhere"}, (3, 39), sources.BLOCK, SAVED, id="3.x: or not"),
        pytest.param({"access_key": SAVED}, KEYS, (5, 100), NONE, "", id="half a pair"),
        pytest.param({"access_key": SAVED}, KEYS, (3, 39), ENVIRONMENT, IN_ENVIRONMENT, id="3.x: is passed over"),
        pytest.param({"profile": "lab"}, KEYS, (4, 0), PROFILE, LAB, id="a profile argument before keys"),
        pytest.param({"profile": "lab"}, KEYS, (3, 39), ENVIRONMENT, IN_ENVIRONMENT, id="3.x: after them"),
        pytest.param({"profile": "lab"}, KEYS, (), PROFILE, LAB, id="an unknown version counts as new"),
        pytest.param({"profile": ""}, KEYS, (5, 100), ENVIRONMENT, IN_ENVIRONMENT, id="an empty one is none"),
    ],
)
def test_a_provider_has_rules_by_its_own_version(
    arguments: dict[str, object], environ: dict[str, str], version: tuple[int, ...], kind: str, key: str
) -> None:
    found = of_provider(arguments, environ, version)
    assert (found.kind, found.access_key) == (kind, key)


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        pytest.param({"access_key": UNKNOWN, "secret_key": UNKNOWN}, KEYS, id="keys"),
        pytest.param({"token": UNKNOWN}, KEYS, id="a token"),
        pytest.param({"profile": UNKNOWN}, KEYS, id="a profile that would beat the environment"),
        pytest.param({"profile": UNKNOWN}, {}, id="a profile"),
        pytest.param({"assume_role": [{"role_arn": UNKNOWN}]}, KEYS, id="a role"),
        pytest.param({"assume_role": UNKNOWN}, KEYS, id="a whole role"),
        pytest.param({"assume_role_with_web_identity": {"role_arn": UNKNOWN}}, {}, id="a web identity"),
        pytest.param({"shared_credentials_files": [UNKNOWN]}, {}, id="files"),
    ],
)
def test_what_only_terraform_can_evaluate_is_never_guessed(
    arguments: dict[str, object], environ: dict[str, str]
) -> None:
    for found in (of_backend(arguments, environ), of_provider(arguments, environ)):
        assert (found.kind, found.has_keys) == (sources.UNDECIDED, False)


@pytest.mark.parametrize(
    ("arguments", "environ", "version", "key"),
    [
        pytest.param({**PAIR, "profile": UNKNOWN}, {}, NEW, SAVED, id="a profile beside keys"),
        pytest.param(
            {"profile": UNKNOWN}, KEYS, FIRST_SDK, IN_ENVIRONMENT, id="1.5: a profile beside the environment's"
        ),
        pytest.param({"region": UNKNOWN}, KEYS, NEW, IN_ENVIRONMENT, id="something else"),
        pytest.param({"shared_config_files": [UNKNOWN]}, KEYS, NEW, IN_ENVIRONMENT, id="files that are not wanted"),
    ],
)
def test_what_decides_nothing_may_be_unknown(
    arguments: dict[str, object], environ: dict[str, str], version: tuple[int, ...], key: str
) -> None:
    assert of_backend(arguments, environ, version).access_key == key


@pytest.mark.parametrize(
    ("arguments", "roles"),
    [
        pytest.param({}, (), id="none"),
        pytest.param({"role_arn": CI}, (CI,), id="flat, as backends before 1.10 have it"),
        pytest.param({"assume_role": {"role_arn": CI}}, (CI,), id="an object"),
        pytest.param({"assume_role": [{"role_arn": CI}, {"role_arn": "arn:2"}]}, (CI, "arn:2"), id="blocks, in order"),
        pytest.param({"assume_role": {"role_arn": ""}}, (), id="an empty one"),
        pytest.param({"profile": "role", "assume_role": {"role_arn": "arn:2"}}, (CI, "arn:2"), id="behind a profile's"),
    ],
)
def test_the_roles_of_a_block_come_last(arguments: dict[str, object], roles: tuple[str, ...]) -> None:
    assert of_backend(arguments, {}).roles == roles


def test_a_web_identity_of_the_block_comes_before_the_environments_keys() -> None:
    found = of_provider({"assume_role_with_web_identity": [{"role_arn": CI}]}, KEYS)
    assert (found.kind, found.access_key, found.roles) == (WEB_IDENTITY, "", (CI,))


def test_a_provider_of_both_sdks_gives_up_at_a_broken_aws_profile_even_with_keys_of_its_own() -> None:
    broken = files("[lab]\nrole_arn = arn:1\nsource_profile = nowhere\n")
    for version, kind in (((4, 0), NONE), ((5, 100), NONE)):
        found = sources.provider({**PAIR, "profile": ""}, {"AWS_PROFILE": "lab"}, lambda _: broken, version)
        assert (found.kind, "nowhere" in found.detail) == (kind, True)


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        pytest.param({}, sources.IMDS, id="the instance may have a role"),
        pytest.param(OFF, NONE, id="unless nobody is to ask it"),
        pytest.param(OFF | {"AWS_EC2_METADATA_DISABLED": "TRUE"}, NONE, id="in any case"),
        pytest.param({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/c"}, sources.CONTAINER, id="a container"),
        pytest.param(
            OFF | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/"}, sources.CONTAINER, id="its URL"
        ),
    ],
)
def test_where_nothing_is_set_the_machine_is_asked(environ: dict[str, str], kind: str) -> None:
    found = sources.backend({}, environ, lambda _: files(""), NEW)
    assert (found.kind, found.has_keys) == (kind, False)


def test_what_lost_is_named_and_masked() -> None:
    found = of_backend({"profile": "lab"}, KEYS | WEB)
    assert found.passed_over == (
        "key AKIA****T003 (AWS_ACCESS_KEY_ID)",
        "the web identity role (AWS_WEB_IDENTITY_TOKEN_FILE)",
        'key AKIA****T001 of profile "default" (~/.aws/credentials)',
    )
    assert of_backend({}, {}).passed_over == ()


def test_a_session_of_the_environment_ends_when_its_tool_says() -> None:
    ends = {"AWS_CREDENTIAL_EXPIRATION": "2026-01-01T00:00:00Z"}
    assert of_backend({}, KEYS | ends).expires == 1767225600
    assert of_backend({}, KEYS).expires == 0


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
