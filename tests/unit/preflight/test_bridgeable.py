"""Which profiles are bridged: those that a consumer cannot use by its own rules, and the newest SDK or tfwrap could."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tfwrap import invocation
from tfwrap.aws import hardware
from tfwrap.preflight import bridgeable, preflight
from tfwrap.settings import layers, settings
from tfwrap.terraform import versions

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.preflight.checks.finding import Facts

ROLE = "role_arn=arn:aws:iam::222222222222:role/r\nsource_profile=base\n"
MFA = f"[profile prod]\n{ROLE}mfa_serial=m\n"
BASE = "[base]\naws_access_key_id=AKIAMADEUPBYATEST001\naws_secret_access_key=madeUp\n"
LOGIN = "[profile prod]\nlogin_session=arn\n"
SSO = (
    "[profile prod]\nsso_session=c\nsso_account_id=1\nsso_role_name=r\n[sso-session c]\nsso_start_url=u\nsso_region=r\n"
)
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAMADEUPBYATEST002", "AWS_SECRET_ACCESS_KEY": "madeUp"}
OLD, SDK2, NEW = (1, 0, 3), (1, 11, 4), (1, 15, 5)


def facts(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    version: tuple[int, ...],
    backend: str = 'profile = "prod"',
    **environ: str,
) -> Facts:
    monkeypatch.setattr(versions, "detect", lambda *_: version)
    (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n    {backend}\n  }}\n}}\n')
    (root / ".aws").mkdir()
    (root / ".aws" / "config").write_text(config)
    (root / ".aws" / "credentials").write_text(BASE)
    given = {"HOME": str(root), "AWS_EC2_METADATA_DISABLED": "true", **environ}
    typed = invocation.read("terraform", ["init"], given, str(root))
    known = layers.read(settings.read(given), given, str(root), str(root))
    return preflight.facts(typed, given, "/real", known.layers)


@pytest.mark.parametrize(
    ("config", "version", "how"),
    [
        pytest.param(MFA, (0, 12, 29), bridgeable.MFA, id="MFA, 0.12"),
        pytest.param(MFA, OLD, bridgeable.MFA, id="MFA, first SDK"),
        pytest.param(MFA, NEW, bridgeable.MFA, id="MFA, the newest"),
        pytest.param(LOGIN, SDK2, "login-session", id="a login session before 1.15"),
        pytest.param(SSO, OLD, "sso-session", id="an sso-session before 1.6"),
    ],
)
def test_what_terraform_cannot_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, version: tuple[int, ...], how: str
) -> None:
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in tmp_path.rglob("*") if path.is_file()}
    (found,) = facts(tmp_path, monkeypatch, config, version).bridgeable
    assert (found.profile, found.how, found.why_not) == ("prod", how, "")
    assert before.items() <= {p: hashlib.sha256(p.read_bytes()).digest() for p in before}.items()


@pytest.mark.parametrize(
    ("config", "version", "backend", "environ"),
    [
        pytest.param(f"[profile prod]\n{ROLE}", SDK2, 'profile = "prod"', {}, id="a role without MFA"),
        pytest.param(LOGIN, NEW, 'profile = "prod"', {}, id="a login session since 1.15"),
        pytest.param(SSO, SDK2, 'profile = "prod"', {}, id="an sso-session since 1.6"),
        pytest.param(MFA, SDK2, 'profile = "nowhere"', {}, id="a profile that is not there"),
        pytest.param(MFA, SDK2, 'bucket = "b"', {}, id="nobody names it"),
        pytest.param(MFA, SDK2, 'bucket = "b"', KEYS, id="keys in the environment"),
        pytest.param(MFA, OLD, 'profile = "prod"', KEYS, id="keys that beat the argument of old"),
        pytest.param("[profile prod]\nregion=r\n", SDK2, 'profile = "prod"', {}, id="a profile without credentials"),
        pytest.param(MFA.replace("base", "gone"), SDK2, 'profile = "prod"', {}, id="a broken chain"),
    ],
)
def test_what_is_left_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    version: tuple[int, ...],
    backend: str,
    environ: dict[str, str],
) -> None:
    assert facts(tmp_path, monkeypatch, config, version, backend, **environ).bridgeable == ()


def test_a_variable_names_it_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = facts(tmp_path, monkeypatch, MFA, SDK2, 'bucket = "b"', AWS_PROFILE="prod").bridgeable
    assert found.profile == "prod"


def test_a_block_that_names_the_config_file_itself_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = f'profile = "prod"\n    shared_config_files = ["{tmp_path}/.aws/config"]'
    (found,) = facts(tmp_path, monkeypatch, MFA, SDK2, block).bridgeable
    assert "shared_config_files" in found.why_not


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        pytest.param("", MFA.replace("profile ", ""), id="the whole profile"),
        pytest.param(MFA, "[prod]\nmfa_serial=other\n", id="a part of it"),
    ],
)
def test_a_profile_that_the_credentials_file_defines_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, credentials: str
) -> None:
    found = with_credentials(tmp_path, monkeypatch, config, credentials)
    assert [each.why_not.startswith("it is defined in ") for each in found] == [True]
    assert "~/.aws/credentials, which goes before the config file: move it to the config file" in found[0].why_not


@pytest.mark.parametrize("credentials", ["[prod]\nregion=eu-west-1\n", "[other]\nmfa_serial=other\n"])
def test_what_makes_no_credentials_may_stand_in_the_credentials_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credentials: str
) -> None:
    assert [each.why_not for each in with_credentials(tmp_path, monkeypatch, MFA, credentials)] == [""]


def with_credentials(
    root: Path, monkeypatch: pytest.MonkeyPatch, config: str, credentials: str
) -> tuple[bridgeable.Bridgeable, ...]:
    monkeypatch.setattr("tests.unit.preflight.test_bridgeable.BASE", BASE + credentials)
    return facts(root, monkeypatch, config, SDK2).bridgeable


@pytest.mark.parametrize(
    ("is_ec2", "named", "reason"),
    [
        pytest.param(True, {}, "this is an EC2 instance, and Terraform uses its role instead", id="an instance"),
        pytest.param(True, {"TFWRAP_PROFILE": "prod"}, "", id="tfwrap's settings name the profile"),
        pytest.param(False, {}, "", id="no instance"),
    ],
)
def test_on_an_instance_only_what_the_settings_name_is_bridged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_ec2: bool, named: dict[str, str], reason: str
) -> None:
    monkeypatch.setattr(hardware, "is_ec2", lambda: is_ec2)
    given = {"AWS_EC2_METADATA_DISABLED": "", "AWS_PROFILE": "prod", **named}
    (found,) = facts(tmp_path, monkeypatch, LOGIN, SDK2, 'bucket = "b"', **given).bridgeable
    assert found.why_not.partition(":")[0] == reason


def test_what_is_planned_is_listed_without_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts(tmp_path, monkeypatch, MFA, SDK2)
    (change,) = bridgeable.planned(known.bridgeable, known.environ)
    assert (change.name, change.value) == ("AWS_CONFIG_FILE", "")
    assert '"prod"' in change.why
    assert bridgeable.planned((), known.environ) == ()
