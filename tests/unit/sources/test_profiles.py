"""Chains of profiles. tests/real/test_differential.py asks real Terraforms the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tfwrap.aws import inifile
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.sources import profiles
from tfwrap.sources.profiles import AT_LOADING, WHEN_USED, Abilities, Broken

if TYPE_CHECKING:
    from tfwrap.sources.source import Source

SECOND = Abilities(is_first_sdk=False, sso=WHEN_USED, knows_sso_session=True, knows_login=False)
FIRST = Abilities(is_first_sdk=True, sso=AT_LOADING, knows_sso_session=False, knows_login=False)
OFF = {"AWS_EC2_METADATA_DISABLED": "true"}
KEYS = "aws_access_key_id = AKIAMADEUPBYATEST001\naws_secret_access_key = madeUp\n"


def files(text: str) -> AwsFiles:
    found = {
        name: Profile(name, settings, dict.fromkeys(settings, "f")) for name, settings in inifile.parse(text).items()
    }
    return AwsFiles("c", "d", found)


def resolve(text: str, abilities: Abilities = SECOND, environ: dict[str, str] = OFF) -> Source:
    held = files(text)
    links = profiles.chain(held, "a", abilities)
    assert not isinstance(links, Broken), links
    return profiles.resolve(links, held, environ, "/nonexistent", abilities)


def role(name: str, source: str = "", more: str = "") -> str:
    return f"[{name}]\nrole_arn = arn:{name}\n" + (f"source_profile = {source}\n" if source else "") + more


BROKEN = [
    pytest.param("", "no such profile", id="not there"),
    pytest.param(role("a", "b"), 'source_profile "b" of profile "a" is not there', id="a missing link"),
    pytest.param(
        role("a", "b") + "[b]\nregion = r\n", 'source_profile "b" of profile "a" has no credentials', id="empty"
    ),
    pytest.param(role("a", "a"), 'source_profile "a" of profile "a" leads back to itself', id="itself"),
    pytest.param(
        role("a", "b") + role("b", "a"), 'source_profile "a" of profile "b" leads back to itself', id="a loop"
    ),
    pytest.param("[a]\nsource_profile = b\n", 'source_profile of profile "a" needs a role_arn', id="no role"),
    pytest.param(
        role("a", "b", "credential_process = p\n"),
        'profile "a" has both source_profile and credential_process',
        id="two makers",
    ),
    pytest.param("[a]\naws_access_key_id = k\n", "half a key pair", id="half a pair"),
    pytest.param("[a]\nsso_session = s\n", 'sso-session "s" of profile "a" is not there', id="no session"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_a_broken_chain_says_which_link(text: str, reason: str) -> None:
    assert profiles.chain(files(text), "a", SECOND) == Broken(reason)


SOUND = [
    pytest.param(f"[a]\n{KEYS}", (), id="keys"),
    pytest.param(role("a", "b") + f"[b]\n{KEYS}", ("arn:a",), id="a role"),
    pytest.param(role("a", "b") + role("b", "c") + f"[c]\n{KEYS}", ("arn:b", "arn:a"), id="two roles"),
    pytest.param(role("a", "a", KEYS), ("arn:a",), id="a role on its own keys"),
    pytest.param(role("a", "b") + role("b", "a", KEYS), ("arn:b", "arn:a"), id="keys end a chain, not the role beside"),
    pytest.param(role("a", more=KEYS), ("arn:a",), id="a role without a source"),
]


@pytest.mark.parametrize(("text", "roles"), SOUND)
def test_a_chain_ends_at_keys(text: str, roles: tuple[str, ...]) -> None:
    found = resolve(text)
    assert (found.access_key, found.roles) == ("AKIAMADEUPBYATEST001", roles)


def test_a_role_that_needs_mfa_cannot_be_used() -> None:
    found = resolve(role("a", "b", "mfa_serial = m\n") + f"[b]\n{KEYS}")
    assert (found.kind, found.detail) == ("none", 'profile "a" is a role that needs MFA')


@pytest.mark.parametrize(
    ("text", "via", "base"),
    [
        (role("a", "b") + "[b]\ncredential_process = p\n", "credential-process", "b"),
        (role("a", more="web_identity_token_file = t\n"), "web-identity", "a"),
        ("[a]\ncredential_process = p\n", "credential-process", "a"),
    ],
)
def test_what_is_below_is_said(text: str, via: str, base: str) -> None:
    found = resolve(text)
    assert (found.via, found.base, found.profile) == (via, base, "a")


def test_a_container_is_another_thing_to_either_sdk() -> None:
    text = role("a", more="credential_source = EcsContainer\n")
    environ = OFF | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/"}
    assert resolve(text, SECOND, environ).via == "container"
    assert resolve(text, FIRST, environ).kind == "none"


def test_an_early_sso_gives_up_at_what_it_does_not_know() -> None:
    text = "[a]\nsso_session = s\nsso_account_id = 111111111111\n"
    assert profiles.chain(files(text), "a", FIRST) == Broken('SSO profile "a" has no sso_region')
