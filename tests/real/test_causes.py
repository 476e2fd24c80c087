"""The real Terraform fails on the stand, through tfwrap, and the first cause in the stored record is the right one.

Every cause has at least two situations in tests/unit/causes/test_table.py, by recorded text; those that the stand can
bring about are here with the real thing.
"""

from __future__ import annotations

import base64
import json
import stat
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from testing import providers
from testing import world as worlds
from testing.packages import Unavailable
from tfwrap import launch
from tfwrap.causes import slugs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::111111111111:role/nobody-trusts-me"
GONE = "AKIAMADEUPBYATEST000"
SECRET = "canary/by+the/tests/0123456789abcdefghij"


class Place(NamedTuple):
    """A root module on the stand, keys that the stand knows, and the Terraform that fails there."""

    world: World
    stand: Stand
    terraform: Terraform
    good: AccessKey
    bucket: str

    def write(self, **arguments: str) -> None:
        """The root module: a backend on the stand, with these arguments (HCL values) besides."""
        held = {"bucket": f'"{self.bucket}"', "key": '"k"', **self.stand.backend_arguments(self.terraform.version)}
        lines = "".join(f"    {name} = {value}\n" for name, value in {**held, **arguments}.items())
        text = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "x" {{\n  value = 1\n}}\n'
        (self.world.cwd / "main.tf").write_text(text)

    def bare(self, *words: str, env: Mapping[str, str]) -> Finished:
        """The real Terraform by itself."""
        return worlds.run(self.world, [self.terraform.path, *words], self._env(env))

    def guarded(self, *words: str, env: Mapping[str, str]) -> Finished:
        """Terraform through tfwrap."""
        return worlds.run(self.world, [sys.executable, "-I", launch.__file__, "terraform", *words], self._env(env))

    def _env(self, env: Mapping[str, str]) -> worlds.Patch:
        environ = {**self.stand.environment(), "AWS_MAX_ATTEMPTS": "2", "TFWRAP_TERRAFORM": self.terraform.path}
        return {**environ, **env}

    def record(self) -> dict[str, Any]:
        """The one incident that was kept."""
        (path,) = (self.world.home / ".local" / "state" / "tfwrap" / "incidents").glob("*.json")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        document: dict[str, Any] = json.loads(path.read_bytes())
        return document


@pytest.fixture
def place(world: World, stand: Stand, terraform: Terraform) -> Place:
    """The bucket is there; nothing is written yet."""
    (world.home / ".aws").mkdir()
    bucket = f"causes-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    return Place(world, stand, terraform, stand.keys.create(), bucket)


def pair(key: AccessKey) -> dict[str, str]:
    """A key in the environment."""
    token = {"AWS_SESSION_TOKEN": key.token} if key.token else {}
    return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, **token}


def unknown(place: Place) -> dict[str, str]:
    place.write()
    return {"AWS_ACCESS_KEY_ID": GONE, "AWS_SECRET_ACCESS_KEY": SECRET}


def overridden(place: Place) -> dict[str, str]:
    values = {"aws_access_key_id": place.good.id, "aws_secret_access_key": place.good.secret}
    worlds.write_credentials(place.world, {"lab": values})
    return {**unknown(place), "AWS_PROFILE": "lab"}


def wrong_secret(place: Place) -> dict[str, str]:
    return {**unknown(place), "AWS_ACCESS_KEY_ID": place.good.id}


def expired(place: Place) -> dict[str, str]:
    place.write()
    over = place.stand.keys.create_session()
    place.stand.keys.expire(over.id)
    return pair(over)


def tokenless(place: Place) -> dict[str, str]:
    place.write()
    return {**pair(place.stand.keys.create_session()), "AWS_SESSION_TOKEN": ""}


def stray(place: Place) -> dict[str, str]:
    place.write(access_key=f'"{place.good.id}"', secret_key=f'"{place.good.secret}"', token='"madeUpByTheTestsForOne"')
    return {}


def china(place: Place) -> dict[str, str]:
    place.write()
    return pair(place.stand.keys.create(partition="aws-cn"))


def misspelt(place: Place) -> dict[str, str]:
    place.write()
    worlds.write_credentials(place.world, {"lab": {"aws_access_key_id": GONE, "aws_secret_access_key": SECRET}})
    return {"AWS_PROFILE": "lba"}


def nothing(place: Place) -> dict[str, str]:
    place.write()
    return {}


def process(place: Place) -> dict[str, str]:
    place.write()
    worlds.write_config(place.world, {"profile p": {"credential_process": "false"}})
    return {"AWS_PROFILE": "p"}


def login(place: Place) -> dict[str, str]:
    place.write()
    session = {"sso_region": "us-east-1", "sso_start_url": "https://made-up.awsapps.com/start"}
    sso = {"sso_session": "corp", "sso_account_id": "111111111111", "sso_role_name": "r"}
    worlds.write_config(place.world, {"profile s": sso, "sso-session corp": session})
    return {"AWS_PROFILE": "s"}


def mfa(place: Place) -> dict[str, str]:
    place.write()
    values = {"aws_access_key_id": place.good.id, "aws_secret_access_key": place.good.secret}
    worlds.write_credentials(place.world, {"base": values})
    role = {"role_arn": ROLE, "source_profile": "base", "mfa_serial": "arn:aws:iam::111111111111:mfa/u"}
    worlds.write_config(place.world, {"profile p": role})
    return {"AWS_PROFILE": "p"}


def role(place: Place) -> dict[str, str]:
    place.write(assume_role=f'{{ role_arn = "{ROLE}" }}')
    return pair(place.good)


def token_over(place: Place) -> dict[str, str]:
    place.write()
    body = base64.urlsafe_b64encode(json.dumps({"exp": 1, "sub": "s"}).encode()).decode().rstrip("=")
    token = place.world.root / "token"
    token.write_text(f"eyJhbGciOiJub25lIn0.{body}.x")
    return {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": ROLE}


def account(place: Place) -> dict[str, str]:
    place.write(allowed_account_ids='["222222222222"]')
    return pair(place.good)


def emulated(place: Place) -> dict[str, str]:
    place.write()
    return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def example(place: Place) -> dict[str, str]:
    place.write()
    return {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}


def swapped(place: Place) -> dict[str, str]:
    place.write()
    return {"AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": place.good.id}


BY_INIT: list[tuple[str, Callable[[Place], dict[str, str]]]] = [
    (slugs.UNKNOWN_ACCESS_KEY, unknown),
    (slugs.ENVIRONMENT_OVERRIDES_PROFILE, overridden),
    (slugs.WRONG_SECRET, wrong_secret),
    (slugs.EXPIRED_SESSION, expired),
    (slugs.MISSING_SESSION_TOKEN, tokenless),
    (slugs.STRAY_SESSION_TOKEN, stray),
    (slugs.WRONG_PARTITION, china),
    (slugs.PROFILE_NOT_FOUND, misspelt),
    (slugs.NO_CREDENTIALS, nothing),
    (slugs.CREDENTIAL_PROCESS_FAILED, process),
    (slugs.SSO_LOGIN_REQUIRED, login),
    (slugs.MFA_REQUIRED, mfa),
    (slugs.ASSUME_ROLE_DENIED, role),
    (slugs.WEB_IDENTITY_INVALID, token_over),
    (slugs.ACCOUNT_NOT_ALLOWED, account),
    (slugs.EMULATOR_CREDENTIALS, emulated),
    (slugs.PLACEHOLDER_CREDENTIALS, example),
    (slugs.SWAPPED_CREDENTIALS, swapped),
]


@pytest.mark.parametrize(("slug", "situation"), [pytest.param(*row, id=row[0]) for row in BY_INIT])
def test_what_init_fails_over_is_named(slug: str, situation: Callable[[Place], dict[str, str]], place: Place) -> None:
    done = place.guarded("init", "-input=false", "-no-color", env=situation(place))
    assert done.status == 1, done
    record = place.record()
    assert record["cause"]["slug"] == slug, record
    assert record["evidence"]
    shown = json.dumps(record) + done.stderr.decode().rpartition("Error: ")[0]
    assert not [secret for secret in (SECRET, place.good.secret, place.good.id, GONE) if secret in shown]


def keep_saved_key(place: Place) -> dict[str, str]:
    """Init with a key that is deleted afterwards; another one is in the environment."""
    place.write()
    old = place.stand.keys.create()
    keys = (f"-backend-config=access_key={old.id}", f"-backend-config=secret_key={old.secret}")
    assert place.bare("init", "-input=false", *keys, env={}).status == 0
    assert place.bare("plan", "-out=tfplan", "-input=false", env={}).status == 0
    place.stand.keys.delete(old.id)
    return pair(place.good)


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        pytest.param(("plan",), slugs.STALE_SAVED_BACKEND, id="plan"),
        pytest.param(("apply", "tfplan"), slugs.SAVED_PLAN_CREDENTIALS, id="apply of a plan"),
    ],
)
def test_a_key_that_was_kept_is_named_with_where_it_was(words: tuple[str, ...], slug: str, place: Place) -> None:
    done = (
        place.guarded(*words, "-input=false", env=keep_saved_key(place))
        if words == ("plan",)
        else place.guarded("apply", "-input=false", "tfplan", env=keep_saved_key(place))
    )
    assert done.status == 1, done
    record = place.record()
    assert record["cause"]["slug"] == slug, record
    assert record["remedies"][0]["command"][:2] == ["terraform", "init"]
    assert bool(record["conditions"]) == (slug == slugs.STALE_SAVED_BACKEND)


def test_a_clock_that_is_wrong_is_named(place: Place) -> None:
    place.write()
    place.stand.clock.shift(3600)
    try:
        done = place.guarded("init", "-input=false", env=pair(place.good))
    finally:
        place.stand.clock.shift(0)
    assert done.status == 1, done
    record = place.record()
    assert record["cause"]["slug"] == slugs.CLOCK_SKEW, record
    assert "60 minutes slow" in record["cause"]["title"]


def test_a_region_that_is_not_enabled_is_named(place: Place) -> None:
    place.write(region='"me-south-1"')
    place.stand.disabled_regions.add("me-south-1")
    try:
        done = place.guarded("init", "-input=false", env={**pair(place.good), "AWS_REGION": "me-south-1"})
    finally:
        place.stand.disabled_regions.discard("me-south-1")
    assert done.status == 1, done
    assert place.record()["cause"]["slug"] == slugs.REGION_NOT_ENABLED, place.record()


def test_a_backend_that_was_changed_is_named(place: Place) -> None:
    place.write()
    assert place.bare("init", "-input=false", env=pair(place.good)).status == 0
    place.write(key='"another"')
    assert place.guarded("plan", "-input=false", env=pair(place.good)).status == 1
    assert place.record()["cause"]["slug"] == slugs.BACKEND_CHANGED


def test_the_provider_that_failed_is_the_one_that_is_looked_at(place: Place) -> None:
    """The backend's key is good; the provider's, with an alias, is not known."""
    try:
        environ = {"TF_CLI_CONFIG_FILE": providers.cli_config("5.100.0")}
    except Unavailable as missing:
        pytest.skip(str(missing))
    place.write()
    settings = place.stand.provider_settings("5.100.0")
    bad = f'access_key = "{GONE}"\nsecret_key = "{SECRET}"\n'
    required = 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
    west = f'provider "aws" {{\n  alias = "west"\n{settings}{bad}}}\n'
    read = 'data "aws_caller_identity" "w" {\n  provider = aws.west\n}\n'
    (place.world.cwd / "more.tf").write_text(f'{required}provider "aws" {{\n{settings}}}\n{west}{read}')
    env = {**environ, **pair(place.good)}
    assert place.bare("init", "-input=false", env=env).status == 0
    done = place.guarded("plan", "-input=false", env=env)
    assert done.status == 1, done
    record = place.record()
    assert record["cause"]["slug"] == slugs.UNKNOWN_ACCESS_KEY, record
    assert any("provider.aws.west uses key AKIA****T000" in line for line in record["evidence"]), record


def test_when_nobody_answers_the_explanation_still_comes_in_time(place: Place) -> None:
    """A key that STS does not know, and an STS that takes its time for everything after that."""
    env = unknown(place)
    began = time.monotonic()
    place.guarded("init", "-input=false", env={**env, "TFWRAP_OFFLINE": "1"})
    assert time.monotonic() - began < 30
    record = place.record()
    assert record["cause"]["slug"] == slugs.UNKNOWN_ACCESS_KEY
    assert record["cause"]["confidence"] == "likely"
    assert any("tfwrap is set to be offline" in line for line in record["evidence"])
