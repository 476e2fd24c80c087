"""What real Terraforms print when credentials fail on the stand is what the catalogue recognises."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from testing import providers
from testing import world as worlds
from testing.marks import on_terraforms
from testing.packages import Unavailable
from testing.terraforms import PATH
from tfwrap.failure import failure
from tfwrap.failure.failure import BACKEND, CLI, LOCK, PROVIDER, RESOURCE, STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.failure.failure import Failure
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

pytestmark = pytest.mark.slow

OLDEST, OLD, NEWEST = "0.12.29", "1.0.3", "1.15.5"
ROLE = "arn:aws:iam::111111111111:role/nobody-trusts-me"
UNKNOWN = {"AWS_ACCESS_KEY_ID": "AKIAMADEUPBYATEST000", "AWS_SECRET_ACCESS_KEY": "madeUp"}
SSO = "sso_account_id=111111111111\nsso_role_name=r\n"
START = "sso_region=us-east-1\nsso_start_url=https://made-up.awsapps.com/start\n"
NONE = "NoCredentialSources"
WITH_MFA = (
    "[profile b]\naws_access_key_id=AKIAMADEUPBYATEST000\naws_secret_access_key=madeUp\n"
    f"[profile p]\nrole_arn={ROLE}\nsource_profile=b\nmfa_serial=arn:aws:iam::111111111111:mfa/u\n"
)
EXPIRED_JWT = base64.urlsafe_b64encode(json.dumps({"exp": 1, "sub": "s"}).encode()).decode().rstrip("=")


class Place(NamedTuple):
    """A world with a stand in reach, a Terraform, and keys that the stand knows."""

    world: World
    stand: Stand
    terraform: Terraform
    good: AccessKey
    over: AccessKey

    def environ(self, kind: str) -> dict[str, str]:
        """Keys of a kind: unknown, good, wrong (the secret), expired (a session that is over), tokenless, or none."""
        session = _environ(self.over)
        kinds: dict[str, dict[str, str]] = {
            "": {},
            "unknown": UNKNOWN,
            "good": _environ(self.good),
            "wrong": {**_environ(self.good), "AWS_SECRET_ACCESS_KEY": "madeUp"},
            "expired": session,
            "tokenless": {**session, "AWS_SESSION_TOKEN": ""},
            "broken": {**UNKNOWN, "AWS_SESSION_TOKEN": "made\nup"},
        }
        return kinds[kind]

    def write(self, text: str, name: str = "main.tf") -> None:
        """Write a file of the root module."""
        (self.world.cwd / name).write_text(text)

    def backend(self, more: Mapping[str, str], bucket: str = "failures") -> str:
        """A block that reaches the stand, with these arguments besides."""
        arguments = {"bucket": f'"{bucket}"', "key": '"k"', **self.stand.backend_arguments(self.terraform.version)}
        lines = "".join(f"    {name} = {value}\n" for name, value in (arguments | dict(more)).items())
        return f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n'

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Finished:
        """Run the real Terraform, with few retries."""
        environ: worlds.Patch = {**self.stand.environment(), "AWS_MAX_ATTEMPTS": "2", **(env or {})}
        return worlds.run(self.world, [self.terraform.path, *words], environ)


def _environ(key: AccessKey) -> dict[str, str]:
    token = {"AWS_SESSION_TOKEN": key.token} if key.token else {}
    return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, **token}


@pytest.fixture
def place(world: World, stand: Stand, terraform: Terraform) -> Place:
    """The bucket `failures` and the table `locks` are there."""
    (world.home / ".aws").mkdir()
    over = stand.keys.create_session()
    stand.keys.expire(over.id)
    stand.create_bucket("failures")
    return Place(world, stand, terraform, stand.keys.create(), over)


def recognised(done: Finished) -> Failure:
    """The failure that was found in what was printed."""
    assert done.status == 1, done
    found = failure.recognise(done.stderr + done.stdout)
    assert found, done
    return found


def profile(settings: str, name: str = "p") -> tuple[str, dict[str, str]]:
    """A config file with a profile, and the environment that selects it."""
    return f"[profile {name}]\n{settings}\n", {"AWS_PROFILE": name}


# kind of keys, arguments of the block, (config file, environment), code since 1.6, at 1.0, at 0.12
BACKENDS: list[Any] = [
    pytest.param("", {}, ("", {}), NONE, NONE, NONE, id="nothing"),
    pytest.param("unknown", {}, ("", {}), *["InvalidClientTokenId"] * 3, id="an unknown key"),
    pytest.param("tokenless", {}, ("", {}), *["InvalidClientTokenId"] * 3, id="a session without its token"),
    pytest.param("wrong", {}, ("", {}), *["SignatureDoesNotMatch"] * 3, id="a wrong secret"),
    pytest.param("expired", {}, ("", {}), *["ExpiredToken"] * 3, id="a session that is over"),
    pytest.param("broken", {}, ("", {}), *["InvalidHeaderValue"] * 3, id="a line end in the token"),
    pytest.param("", {}, ("", {"AWS_PROFILE": "x"}), "ProfileNotFound", NONE, NONE, id="no such AWS_PROFILE"),
    pytest.param("", {"profile": '"x"'}, ("", {}), "ProfileNotFound", NONE, NONE, id="no such profile argument"),
    pytest.param(
        "",
        {},
        profile(f"role_arn={ROLE}\nsource_profile=gone"),
        *["SourceProfileNotFound"] * 2,
        NONE,
        id="no such source_profile",
    ),
    pytest.param(
        "",
        {"access_key": '"AKIAMADEUPBYATEST000"'},
        ("", {}),
        "StaticCredentialsEmpty",
        NONE,
        NONE,
        id="half a pair in the block",
    ),
    pytest.param(
        "",
        {},
        profile("aws_access_key_id=AKIAMADEUPBYATEST000"),
        "PartialCredentials",
        NONE,
        NONE,
        id="half a pair in a profile",
    ),
    pytest.param("", {}, profile(SSO + START), *["SSOTokenMissing"] * 2, NONE, id="legacy SSO without a token"),
    pytest.param(
        "",
        {},
        (f"[profile p]\nsso_session=s\n{SSO}[sso-session s]\n{START}", {"AWS_PROFILE": "p"}),
        "SSOTokenMissing",
        "SSOConfigurationIncomplete",
        NONE,
        id="an sso-session without a token",
    ),
    pytest.param(
        "",
        {},
        profile(f"sso_session=s\n{SSO}"),
        "SSOSessionNotFound",
        "SSOConfigurationIncomplete",
        NONE,
        id="no such sso-session",
    ),
    pytest.param(
        "", {}, profile("credential_process=false"), *["ProcessProviderError"] * 2, NONE, id="a process fails"
    ),
    pytest.param(
        "", {}, profile("credential_process=echo x"), *["ProcessProviderError"] * 2, NONE, id="a process says x"
    ),
    pytest.param(
        "",
        {},
        (WITH_MFA, {"AWS_PROFILE": "p"}),
        *["MFARequired"] * 2,
        NONE,
        id="a role with MFA",
    ),
    pytest.param(
        "",
        {},
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token", "AWS_ROLE_ARN": ROLE}),
        *["WebIdentityTokenUnreadable"] * 2,
        NONE,
        id="no web identity token",
    ),
    pytest.param(
        "",
        {},
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}", "AWS_ROLE_ARN": ROLE}),
        *["ExpiredTokenException"] * 2,
        NONE,
        id="a web identity token that is over",
    ),
    pytest.param(
        "",
        {},
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}"}),
        *["WebIdentityRoleMissing"] * 3,
        id="web identity without a role",
    ),
    pytest.param(
        "",
        {},
        ("", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}),
        "ContainerCredentialsError",
        NONE,
        NONE,
        id="a container's host that may not be",
    ),
]


@on_terraforms(OLDEST, OLD, PATH, NEWEST)
@pytest.mark.parametrize(("kind", "arguments", "files", "new", "old", "oldest"), BACKENDS)
def test_what_a_backend_prints_is_recognised(
    kind: str,
    arguments: dict[str, str],
    files: tuple[str, dict[str, str]],
    new: str,
    old: str,
    oldest: str,
    place: Place,
) -> None:
    config, environ = files
    (place.world.home / ".aws" / "config").write_text(config)
    token = place.world.root / "token"
    token.write_text(f"eyJhbGciOiJub25lIn0.{EXPIRED_JWT}.x")
    place.write(place.backend(arguments))
    environ = {name: value.replace("{token}", str(token)) for name, value in environ.items()}
    found = recognised(place.run("init", "-input=false", env={**place.environ(kind), **environ}))
    assert (found.scope, found.code) == (BACKEND, {OLDEST: oldest, OLD: old}.get(place.terraform.version, new))


@on_terraforms(PATH, NEWEST)
@pytest.mark.parametrize(
    ("kind", "arguments", "code"),
    [
        pytest.param("good", {"allowed_account_ids": '["222222222222"]'}, "AccountNotAllowed", id="another account"),
        pytest.param("good", {"assume_role": f'{{ role_arn = "{ROLE}" }}'}, "AccessDenied", id="a role that denies it"),
        pytest.param(
            "unknown", {"assume_role": f'{{ role_arn = "{ROLE}" }}'}, "InvalidClientTokenId", id="a role, unknown key"
        ),
    ],
)
def test_what_only_newer_backends_know_is_recognised(
    kind: str, arguments: dict[str, str], code: str, place: Place
) -> None:
    place.write(place.backend(arguments))
    for words in (["init"], ["init", "-no-color"]):
        found = recognised(place.run(*words, "-input=false", env=place.environ(kind)))
        assert (found.scope, found.code) == (BACKEND, code)


@on_terraforms(OLDEST, OLD, PATH, NEWEST)
def test_a_region_that_is_missing_is_recognised(place: Place) -> None:
    place.write('terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n  }\n}\n')
    found = recognised(
        worlds.run(place.world, [place.terraform.path, "init", "-input=false"], {**place.environ("good")})
    )
    assert (found.scope, found.code) == (BACKEND, "MissingRegion")


@pytest.fixture
def initialised(place: Place) -> Place:
    """The backend has been initialised, in a way that leaves it to the bucket to refuse keys."""
    skip = {"skip_credentials_validation": "true", "skip_metadata_api_check": "true"}
    if place.terraform.version != OLD:
        skip["skip_requesting_account_id"] = "true"
    bucket = f"failures-{time.monotonic_ns()}"
    place.stand.create_bucket(bucket)
    place.write(place.backend(skip, bucket))
    done = place.run("init", "-input=false", env=place.environ("good"))
    assert done.status == 0, done
    return place


COMMANDS = [
    ["plan"],
    ["plan", "-no-color"],
    ["state", "list"],
    ["state", "pull"],
    ["output"],
    ["show"],
    ["workspace", "list"],
    ["workspace", "new", "w"],
    ["force-unlock", "-force", "x"],
    ["console"],
    ["graph"],
]


@on_terraforms(OLDEST, OLD, PATH, NEWEST)
def test_every_command_that_reads_the_state_is_recognised(initialised: Place) -> None:
    # Before 1.1 an S3 list that was refused counted as a list without workspaces.
    commands = COMMANDS[:4] if initialised.terraform.version in (OLDEST, OLD) else COMMANDS
    codes = {"unknown": "InvalidAccessKeyId", "wrong": "SignatureDoesNotMatch", "expired": "ExpiredToken"}
    for kind, code in codes.items():
        for words in commands if kind == "unknown" else commands[:1]:
            found = recognised(initialised.run(*words, env=initialised.environ(kind)))
            assert (found.scope, found.code) == (BACKEND, code), words


@on_terraforms(OLD, PATH, NEWEST)
def test_json_is_recognised(initialised: Place) -> None:
    found = recognised(initialised.run("plan", "-json", env=initialised.environ("unknown")))
    assert (found.scope, found.code) == (BACKEND, "InvalidAccessKeyId")


@on_terraforms(OLD, PATH, NEWEST)
def test_a_backend_that_was_changed_is_recognised_and_a_fresh_clone_is_not(initialised: Place) -> None:
    text = (initialised.world.cwd / "main.tf").read_text()
    initialised.write(text.replace('key = "k"', 'key = "another"'))
    for words in (["plan"], ["init", "-input=false"], ["state", "list"]):
        found = recognised(initialised.run(*words, env=initialised.environ("good")))
        assert (found.scope, found.code) == (CLI, "BackendChanged")
    (initialised.world.cwd / ".terraform" / "terraform.tfstate").unlink()
    done = initialised.run("plan", env=initialised.environ("good"))
    assert done.status == 1
    assert failure.recognise(done.stderr) is None


@on_terraforms(OLD)
def test_a_lock_table_that_refuses_is_recognised(place: Place) -> None:
    """A Terraform this old asks the table before the bucket."""
    place.write(place.backend({"skip_credentials_validation": "true", "dynamodb_table": '"locks"'}))
    assert place.run("init", "-input=false", env=place.environ("good")).status == 0
    found = recognised(place.run("plan", "-input=false", env=place.environ("unknown")))
    assert (found.scope, found.code) == (LOCK, "UnrecognizedClientException")


WAITS = """resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "touch started; n=0; while [ ! -e go ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n+1)); done"
  }
}
"""


@on_terraforms(PATH, NEWEST)
def test_an_apply_that_was_cut_off_is_recognised_and_its_lock_too(place: Place) -> None:
    bucket = f"cut-off-{time.monotonic_ns()}"
    place.stand.create_bucket(bucket)
    place.write(place.backend({"use_lockfile": "true"}, bucket) + WAITS)
    session = place.stand.keys.create_session()
    assert place.run("init", "-input=false", env=_environ(session)).status == 0

    def expire() -> None:
        deadline = time.monotonic() + 20
        while not (place.world.cwd / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        place.stand.keys.expire(session.id)
        (place.world.cwd / "go").touch()

    threading.Thread(target=expire).start()
    done = place.run("apply", "-auto-approve", "-input=false", env=_environ(session))
    found = recognised(done)
    assert (found.scope, found.code) == (STATE, "BadRequest")  # the first write of a state begins with a HEAD
    assert found.facts["errored_state"] == "errored.tfstate"
    assert (place.world.cwd / "errored.tfstate").exists()
    cut_off = failure.interrupted(done.stderr)
    assert cut_off
    assert cut_off.code == failure.STATE_NOT_SAVED
    held = place.run("plan", "-input=false", env=place.environ("good"))
    assert failure.recognise(held.stderr) is None
    lock = failure.held_lock(held.stderr)
    assert lock
    assert lock.facts["lock_operation"] == "OperationTypeApply"
    assert failure.interrupted(held.stderr) is None


ASSUME = f'assume_role {{\n  role_arn = "{ROLE}"\n}}\n'
SKIP = "skip_credentials_validation = true\nskip_requesting_account_id = true\nskip_metadata_api_check = true\n"
READ_ROLE = 'data "aws_iam_role" "r" {\n  name = "r"\n}\n'
READ_BUCKET = 'data "aws_s3_bucket" "b" {\n  bucket = "failures"\n}\n'
READ_VPC = 'data "aws_vpc" "v" {\n  id = "vpc-1"\n}\n'
# kind of keys, the provider's arguments, what is read, scope, code with 5.100, with 3.39 (None: not tried)
PROVIDERS: list[Any] = [
    pytest.param("", "", READ_ROLE, PROVIDER, NONE, NONE, id="nothing"),
    pytest.param("unknown", "", READ_ROLE, PROVIDER, *["InvalidClientTokenId"] * 2, id="an unknown key"),
    pytest.param("wrong", "", READ_ROLE, PROVIDER, *["SignatureDoesNotMatch"] * 2, id="a wrong secret"),
    pytest.param("good", ASSUME, READ_ROLE, PROVIDER, "AccessDenied", "CannotAssumeRole", id="a role that denies it"),
    pytest.param("", 'profile = "x"\n', READ_ROLE, PROVIDER, "ProfileNotFound", NONE, id="no such profile"),
    pytest.param(
        "good",
        'allowed_account_ids = ["222222222222"]\n',
        READ_ROLE,
        PROVIDER,
        *["AccountNotAllowed"] * 2,
        id="another account",
    ),
    pytest.param("unknown", SKIP, READ_ROLE, RESOURCE, "InvalidClientTokenId", None, id="a resource"),
    pytest.param("unknown", SKIP, READ_VPC, RESOURCE, "AuthFailure", None, id="a resource of EC2"),
    pytest.param("expired", SKIP, READ_BUCKET, RESOURCE, "EmptyResult", None, id="a bucket by HEAD"),
]


def root_module(place: Place, version: str, arguments: str, reads: str) -> dict[str, str]:
    """Write it, run `init`, and give the environment that finds the provider."""
    try:
        environ = {"TF_CLI_CONFIG_FILE": providers.cli_config(version)}
    except Unavailable as reason:
        pytest.skip(str(reason))
    wanted = f'source = "hashicorp/aws"\n      version = "{version}"'
    required = f"terraform {{\n  required_providers {{\n    aws = {{\n      {wanted}\n    }}\n  }}\n}}\n"
    settings = place.stand.provider_settings(version)
    place.write(f'{required}provider "aws" {{\n{settings}{arguments}}}\n{reads}')
    done = place.run("init", "-input=false", env=environ)
    assert done.status == 0, done
    return environ


@pytest.mark.parametrize(
    ("terraform", "version"), [pytest.param(PATH, "5.100.0"), pytest.param(OLD, "3.39.0")], indirect=["terraform"]
)
@pytest.mark.parametrize(("kind", "arguments", "reads", "scope", "new", "old"), PROVIDERS)
def test_what_a_provider_prints_is_recognised(
    kind: str, arguments: str, reads: str, scope: str, new: str, old: str | None, version: str, place: Place
) -> None:
    code = new if version == "5.100.0" else old
    if code is None:
        pytest.skip("shown with the newer provider")
    environ = root_module(place, version, arguments, reads)
    found = recognised(place.run("plan", "-input=false", env={**environ, **place.environ(kind)}))
    assert (found.scope, found.code) == (scope, code)


def test_terraform_test_and_json_name_the_provider_too(place: Place) -> None:
    environ = root_module(place, "5.100.0", "", READ_ROLE)
    place.write('run "r" {\n  command = plan\n}\n', "a.tftest.hcl")
    for words in (["test"], ["test", "-json"], ["plan", "-json"]):
        found = recognised(place.run(*words, env={**environ, **UNKNOWN}))
        assert (found.scope, found.code) == (PROVIDER, "InvalidClientTokenId")


def test_what_is_not_there_is_no_credential_failure(place: Place) -> None:
    environ = root_module(place, "5.100.0", "", READ_ROLE + READ_BUCKET.replace("failures", "nowhere-to-be-found"))
    done = place.run("plan", "-input=false", env={**environ, **place.environ("good")})
    assert done.status == 1
    assert done.stderr.count(b"couldn't find resource") == 2
    assert failure.recognise(done.stderr) is None
