"""`tfwrap doctor` in a directory that the real Terraform has initialised, with the stand for an AWS."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import pytest

from testing import story, terraforms
from testing import world as worlds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "doctor.schema.json").read_text())
DOCTOR = [sys.executable, "-I", "-m", "tfwrap", "doctor"]
PROVIDER = "5.100.0"
ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
PINNED = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
"""

# A provider that nothing uses is never configured, and is no consumer.
USES = """
data "aws_caller_identity" "here" {}

data "aws_caller_identity" "there" {
  provider = aws.lab
}
"""


class Module(NamedTuple):
    """A root module with an S3 backend and two AWS providers; `old` was given to init, `new` is the default profile."""

    world: World
    stand: Stand
    real: str
    old: AccessKey
    new: AccessKey
    lab: AccessKey

    def init(self, *words: str) -> None:
        done = worlds.run(self.world, [self.real, "init", "-input=false", *words], timeout=120)
        assert done.status == 0, done

    def doctor(self, *words: str, **more: str | None) -> Finished:
        return worlds.run(self.world, [*DOCTOR, *words], more)

    def document(self, *words: str, **more: str | None) -> Any:
        done = self.doctor("--format", "json", *words, **more)
        found = json.loads(done.stdout)
        jsonschema.validate(found, SCHEMA)
        assert not [key for key in (self.old, self.new, self.lab) if key.secret.encode() in done.stdout + done.stderr]
        return found


@pytest.fixture
def module(world: World, stand: Stand, terraform: Terraform) -> Module:
    try:
        configuration = terraforms.cli_config(PROVIDER)
    except terraforms.Unavailable as reason:
        pytest.skip(str(reason))
    bucket = f"doctor-{time.monotonic_ns()}"
    old, new = (stand.keys.create(account=ACCOUNT, user="deployer", suffix=suffix) for suffix in ("0001", "0002"))
    lab = stand.keys.create(account=OTHER_ACCOUNT, user="tester", suffix="0003")
    stand.create_bucket(bucket, account=ACCOUNT)
    settings = stand.provider_settings(PROVIDER)
    blocks = f'provider "aws" {{\n{settings}}}\n\nprovider "aws" {{\n  alias = "lab"\n  profile = "lab"\n{settings}}}\n'
    (world.cwd / "main.tf").write_text(story.configuration(stand, terraform, bucket))
    (world.cwd / "providers.tf").write_text(PINNED + blocks + USES)
    worlds.write_credentials(world, {"default": story.profile(new), "lab": story.profile(lab)})
    more = {"TFWRAP_TERRAFORM": terraform.path, "TF_CLI_CONFIG_FILE": configuration}
    return Module(
        world._replace(environ={**world.environ, **stand.environment(), **more}), stand, terraform.path, old, new, lab
    )


def initialise_with_keys(module: Module) -> None:
    keys = (f"-backend-config=access_key={module.old.id}", f"-backend-config=secret_key={module.old.secret}")
    module.init(*keys)


def consumers(document: Any) -> dict[str, Any]:
    return {consumer["name"]: consumer for consumer in document["consumers"]}


def test_where_all_is_well_every_consumer_is_told_with_its_account(module: Module) -> None:
    module.init()
    document = module.document()
    found = consumers(document)
    assert list(found) == ["backend.s3", "provider.aws", "provider.aws.lab"]
    told = {name: (each["source"]["access_key_id"], each["identity"]["account"]) for name, each in found.items()}
    assert told == {
        "backend.s3": ("AKIA****0002", ACCOUNT),
        "provider.aws": ("AKIA****0002", ACCOUNT),
        "provider.aws.lab": ("AKIA****0003", OTHER_ACCOUNT),
    }
    assert {each["identity"]["status"] for each in found.values()} == {"ok"}
    assert [finding for finding in document["findings"] if finding["severity"] == "error"] == []


def test_a_saved_key_that_is_gone_is_told_with_what_it_passes_over(module: Module) -> None:
    initialise_with_keys(module)
    module.stand.keys.delete(module.old.id)
    document = module.document()
    backend, provider = consumers(document)["backend.s3"], consumers(document)["provider.aws"]
    assert (backend["source"]["kind"], backend["source"]["access_key_id"]) == ("saved-backend", "AKIA****0001")
    assert "AKIA****0002" in " ".join(backend["source"]["passed_over"])
    assert (backend["identity"]["status"], backend["identity"]["account"]) == ("rejected", None)
    assert backend["identity"]["error"].startswith("InvalidClientTokenId: ")
    assert provider["identity"]["status"] == "ok"
    assert "TFW301" in [finding["id"] for finding in document["findings"]]
    shown = module.doctor()
    assert shown.status == 1
    assert b"backend.s3: key AKIA****0001 (.terraform/terraform.tfstate)" in shown.stdout
    assert b"STS answers InvalidClientTokenId" in shown.stdout


def test_the_command_line_that_is_asked_about_counts(module: Module) -> None:
    initialise_with_keys(module)
    keys = consumers(module.document("--", "init", "-reconfigure"))["backend.s3"]["source"]
    assert (keys["kind"], keys["access_key_id"]) == ("profile", "AKIA****0002")


def test_sts_is_asked_about_each_key_once_and_iam_how_old_it_is(module: Module) -> None:
    module.init()
    module.stand.forget()
    module.document()
    asked = [(request.service, request.access_key_id) for request in module.stand.requests]
    keys = (module.new, module.lab)
    assert sorted(asked) == sorted((service, key.id) for key in keys for service in ("iam", "sts"))


def test_a_role_is_who_it_is_in_the_end(module: Module) -> None:
    role = module.stand.keys.add_role(OTHER_ACCOUNT, "deploy")
    worlds.write_credentials(module.world, {"default": story.profile(module.new)})
    worlds.write_config(module.world, {"profile lab": {"role_arn": role.arn, "source_profile": "default"}})
    module.init()
    identity = consumers(module.document())["provider.aws.lab"]["identity"]
    assert (identity["status"], identity["account"]) == ("ok", OTHER_ACCOUNT)
    assert identity["arn"].startswith(f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/deploy/")


def test_offline_nobody_is_asked(module: Module) -> None:
    module.init()
    module.stand.forget()
    for document in (module.document("--offline"), module.document(TFWRAP_OFFLINE="1")):
        assert {each["identity"]["status"] for each in consumers(document).values()} == {"unchecked"}
    assert module.stand.requests == []


def test_the_same_in_many_directories(module: Module) -> None:
    module.init()
    for name in ("a", "b", "c"):
        folder = module.world.cwd / "live" / name
        folder.mkdir(parents=True)
        for file in module.world.cwd.glob("*.tf"):
            (folder / file.name).write_text(file.read_text())
    documents = module.document("--all", "live")
    assert [Path(document["workdir"]).name for document in documents] == ["a", "b", "c"]
    for document in documents:
        assert consumers(document)["provider.aws"]["identity"]["account"] == ACCOUNT


def test_a_key_that_was_deactivated_a_moment_after_a_run_is_rejected_and_not_remembered(module: Module) -> None:
    module.init()
    module.document()
    module.stand.keys.deactivate(module.new.id)
    found = module.document()
    told = {each["name"]: each["identity"]["status"] for each in found["consumers"]}
    assert told == {"backend.s3": "rejected", "provider.aws": "rejected", "provider.aws.lab": "ok"}
    assert "TFW401" in [each["id"] for each in found["findings"]]


@pytest.fixture
def silent(module: Module) -> Iterator[Module]:
    """Two root modules, and an STS that does not answer."""
    module.init()
    folder = module.world.cwd / "second"
    folder.mkdir()
    (folder / "main.tf").write_text('provider "aws" {}\n')
    module.stand.forget()
    module.stand.hang("sts", 30)
    yield module
    module.stand.hang("sts", 0)


@pytest.mark.parametrize("words", [[], ["--all", "."]], ids=["one", "all"])
def test_ctrl_c_ends_it_while_sts_is_silent(words: list[str], silent: Module) -> None:
    """As a terminal does it: the whole group of processes gets the signal, and all of them are gone afterwards."""
    command = [*DOCTOR, *words]
    world, pipe = silent.world, subprocess.PIPE
    with subprocess.Popen(
        command, env=world.environ, cwd=world.cwd, process_group=0, stdout=pipe, stderr=pipe
    ) as child:
        try:
            silent.stand.wait_for("sts", 30)
            started = time.monotonic()
            os.killpg(child.pid, signal.SIGINT)
            stdout, stderr = child.communicate(timeout=30)
            assert time.monotonic() - started < 2
        finally:
            child.kill()
    assert (child.returncode, stdout, stderr) == (130, b"", b"")
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)
