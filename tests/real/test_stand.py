"""The stand before real Terraforms and the real AWS provider: what it must answer for them to believe it."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, NamedTuple

import pytest

from testing import terraforms
from testing.marks import each_terraform
from testing.world import Finished, World, run

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

OUTPUT = 'output "greeting" {\n  value = "hello"\n}\n'


class Project(NamedTuple):
    """A root module with an S3 backend on the stand."""

    world: World
    terraform: Terraform
    stand: Stand

    def run(self, *arguments: str) -> Finished:
        """Terraform in the project's directory, without any credentials in the environment."""
        environ: dict[str, str | None] = dict(self.stand.environment())
        return run(self.world, [self.terraform.path, *arguments], environ)

    def init(self, key: AccessKey) -> Finished:
        """`terraform init` with the key in -backend-config arguments."""
        values = {"access_key": key.id, "secret_key": key.secret} | ({"token": key.token} if key.token else {})
        given = [f"-backend-config={name}={value}" for name, value in values.items()]
        return self.run("init", "-input=false", "-reconfigure", *given)


@pytest.fixture
def project(world: World, terraform: Terraform, stand: Stand) -> Project:
    bucket = f"state-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    arguments = {"bucket": f'"{bucket}"', "key": '"team a/terraform.tfstate"'}
    arguments |= stand.backend_arguments(terraform.version) | lock(stand, bucket, terraform.version)
    lines = "".join(f"    {name} = {value}\n" for name, value in arguments.items())
    main = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n{OUTPUT}'
    (world.cwd / "main.tf").write_text(main)
    return Project(world, terraform, stand)


def lock(stand: Stand, name: str, version: str) -> dict[str, str]:
    """The arguments for a locked state: a lock file where Terraform has that (1.10), else a table."""
    if [int(part) for part in version.split(".")[:2]] >= [1, 10]:
        return {"use_lockfile": "true"}
    stand.create_lock_table(name)
    return {"dynamodb_table": f'"{name}"'}


def said(done: Finished) -> str:
    """Everything that was printed, without colour, box and line ends: messages are wrapped at 78 columns."""
    text = (done.stdout + done.stderr).decode()
    return " ".join(re.sub(r"\x1b\[[0-9;]*m|[│╷╵]", "", text).split())


@each_terraform
def test_terraform_keeps_its_state_with_workspaces_and_lock(project: Project, stand: Stand) -> None:
    assert project.init(stand.keys.create()).status == 0
    for arguments in (["apply", "-auto-approve"], ["workspace", "new", "prod"], ["apply", "-auto-approve"]):
        assert project.run(*arguments).status == 0, arguments
    assert said(project.run("workspace", "list")) == "default * prod"
    assert said(project.run("workspace", "select", "default")).endswith('Switched to workspace "default".')
    assert b"hello" in project.run("output").stdout


@each_terraform
def test_an_unknown_key_is_told_in_the_words_of_aws(project: Project, stand: Stand) -> None:
    key = stand.keys.create()
    stand.keys.delete(key.id)
    done = project.init(key)
    assert done.status == 1
    assert "InvalidClientTokenId: The security token included in the request is invalid." in said(done)


@each_terraform
def test_a_wrong_secret_is_told_in_the_words_of_aws(project: Project, stand: Stand) -> None:
    done = project.init(stand.keys.create()._replace(secret="made/up+by/a+test"))
    assert done.status == 1
    assert "SignatureDoesNotMatch: The request signature we calculated does not match" in said(done)


@each_terraform
def test_an_expired_session_is_told_in_the_words_of_aws(project: Project, stand: Stand) -> None:
    session = stand.keys.create_session()
    stand.keys.expire(session.id)
    done = project.init(session)
    assert done.status == 1
    assert "ExpiredToken: The security token included in the request is expired" in said(done)


@each_terraform
def test_a_session_is_as_good_as_a_key(project: Project, stand: Stand) -> None:
    assert project.init(stand.keys.create_session()).status == 0
    assert project.run("plan").status == 0


def test_the_exact_words_of_terraform_1_11_are_there(project: Project, stand: Stand) -> None:
    key = stand.keys.create()
    stand.keys.delete(key.id)
    words = "api error InvalidClientTokenId: The security token included in the request is invalid."
    assert words in said(project.init(key))


def test_a_rotated_key_fails_until_the_backend_is_reconfigured(project: Project, stand: Stand) -> None:
    old, new = stand.keys.create(suffix="0001"), stand.keys.create(suffix="0002")
    assert project.init(old).status == 0
    stand.keys.deactivate(old.id)
    assert "InvalidClientTokenId" in said(project.run("plan"))
    assert project.init(new).status == 0
    assert project.run("plan").status == 0


def test_nothing_is_said_about_the_environment(project: Project, stand: Stand) -> None:
    done = project.init(stand.keys.create())
    assert (b"eprecated" in done.stdout, done.stderr) == (False, b"")


def test_a_wrong_clock_is_told_with_both_times(project: Project, stand: Stand) -> None:
    key = stand.keys.create()
    stand.clock.shift(3600)
    try:
        assert re.search(r"Signature expired: \w+ is now earlier than \w+ \(\w+ - 15 min\.\)", said(project.init(key)))
    finally:
        stand.clock.shift(0)


@pytest.mark.slow
def test_the_provider_creates_reads_and_destroys(world: World, terraform: Terraform, stand: Stand) -> None:
    try:
        cli_config = terraforms.cli_config("5.100.0")
    except terraforms.Unavailable as reason:
        pytest.skip(str(reason))
    key = stand.keys.create()
    settings = stand.provider_settings("5.100.0")
    name = f"made-{uuid.uuid4()}"
    (world.cwd / "main.tf").write_text(
        f'provider "aws" {{\n{settings}}}\n'
        f'resource "aws_s3_bucket" "made" {{\n  bucket = "{name}"\n}}\n'
        'data "aws_caller_identity" "me" {}\noutput "me" {\n  value = data.aws_caller_identity.me.arn\n}\n'
    )
    environ: dict[str, str | None] = {
        **stand.environment(),
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "TF_CLI_CONFIG_FILE": cli_config,
    }
    for arguments in (["init"], ["apply", "-auto-approve"], ["plan", "-detailed-exitcode"]):
        done = run(world, [terraform.path, *arguments], environ, timeout=120)
        assert done.status == 0, said(done)
    told = run(world, [terraform.path, "output", "-raw", "me"], environ, timeout=120)
    assert told.stdout.decode() == key.arn
    done = run(world, [terraform.path, "destroy", "-auto-approve"], environ, timeout=120)
    assert "Destroy complete! Resources: 1 destroyed." in said(done)
