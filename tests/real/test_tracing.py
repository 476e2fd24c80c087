"""`tfwrap --explain --trace` with the real Terraform: what was asked of whom with which key, and nothing is left."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from testing import providers
from testing import world as worlds
from testing.marks import on_terraforms
from testing.packages import Unavailable
from testing.story import configuration
from testing.terraforms import PATH
from tfwrap.commands import explain

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

pytestmark = pytest.mark.slow

GONE = "AKIAMADEUPBYATEST000"


def prepared(world: World, stand: Stand, terraform: Terraform, more: str = "") -> tuple[World, AccessKey]:
    """A directory that was initialised with a key that works."""
    key, bucket = stand.keys.create(suffix="0001"), f"traced-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    (world.cwd / "main.tf").write_text(configuration(stand, terraform, bucket) + more)
    environ = {
        **world.environ,
        **stand.environment(),
        "TFWRAP_TERRAFORM": terraform.path,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
    }
    return world._replace(environ=environ), key


def told(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The document of `--trace --yes --format json`, in this world."""
    from argparse import ArgumentParser

    monkeypatch.chdir(world.cwd)
    monkeypatch.setattr("tempfile.tempdir", world.environ["TMPDIR"])
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, world.environ[name])
    parser = ArgumentParser()
    explain.add_arguments(parser)
    assert explain.run(parser.parse_args(["--trace", "--yes", "--format", "json"]), world.environ) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(Path(world.environ["TMPDIR"]).iterdir()) == []
    return document


@on_terraforms("0.12.29", "1.0.3", PATH, "1.15.5")
def test_the_key_the_region_the_host_and_the_answer_are_told(
    world: World,
    stand: Stand,
    terraform: Terraform,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, key = prepared(world, stand, terraform)
    assert worlds.run(world, [terraform.path, "init", "-input=false"]).status == 0
    good = told(world, monkeypatch, capsys)
    host = stand.url.partition("://")[2]
    assert {(one["key"], one["region"], one["host"]) for one in good["requests"]} == {
        ("AKIA****0001", "us-east-1", host)
    }
    assert {one["service"] for one in good["requests"]} == {"STS", "S3"}
    world.environ["AWS_ACCESS_KEY_ID"] = GONE
    bad = told(world, monkeypatch, capsys)
    assert (bad["exit_status"], bad["code"]) == (1, "InvalidClientTokenId")
    assert bad["requests"][0] == {
        "service": "STS",
        "method": "GetCallerIdentity",
        "key": "AKIA****T000",
        "region": "us-east-1",
        "host": host,
        "status": 403,
        "code": "InvalidClientTokenId",
    }
    assert not [value for value in (key.secret, key.id, GONE) if value in json.dumps([good, bad])]


def test_a_providers_requests_are_told_as_well(
    world: World,
    stand: Stand,
    terraform: Terraform,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        config = providers.cli_config("5.100.0")
    except Unavailable as missing:
        pytest.skip(str(missing))
    secret = "canary/by+the/tests/0123456789abcdefghij"
    keys = f'  access_key = "{GONE}"\n  secret_key = "{secret}"\n'
    more = f'provider "aws" {{\n{stand.provider_settings("5.100.0")}{keys}}}\ndata "aws_caller_identity" "me" {{}}\n'
    world, _ = prepared(world, stand, terraform, more)
    world.environ["TF_CLI_CONFIG_FILE"] = config
    assert worlds.run(world, [terraform.path, "init", "-input=false"]).status == 0
    document = told(world, monkeypatch, capsys)
    asked = {(one["service"], one["key"], one["code"]) for one in document["requests"]}
    assert ("STS", "AKIA****T000", "InvalidClientTokenId") in asked
    assert ("STS", "AKIA****0001", "") in asked
    assert secret not in json.dumps(document)


def test_where_nothing_was_initialised_init_is_run_without_the_backend(
    world: World,
    stand: Stand,
    terraform: Terraform,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, _ = prepared(world, stand, terraform)
    world.environ["TF_CLI_ARGS_plan"] = "-out=elsewhere"
    document = told(world, monkeypatch, capsys)
    assert document["command"] == ["terraform", "init", "-backend=false", "-input=false"]
    assert document["requests"] == []
    assert not (world.cwd / "elsewhere").exists()


def test_without_consent_nothing_is_run(
    world: World, stand: Stand, terraform: Terraform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argparse import ArgumentParser

    world, _ = prepared(world, stand, terraform)
    stand.forget()
    monkeypatch.chdir(world.cwd)
    parser = ArgumentParser()
    explain.add_arguments(parser)
    assert explain.run(parser.parse_args(["--trace"]), world.environ) == 2
    assert stand.requests == []
    assert not (world.cwd / ".terraform").exists()
