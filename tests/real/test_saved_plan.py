"""What a saved plan fixes, variables and workspace, is known before `apply`: to the pin, to strict mode, to doctor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from testing import providers
from testing import world as worlds
from testing.marks import on_terraforms
from testing.packages import Unavailable
from tfwrap import invocation, launch
from tfwrap.terraform import configuration, evaluation, plan_file
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

VARIABLES = """
variable "text" {}
variable "default" { default = "d" }
variable "shell" { default = "x" }
variable "count_of" { type = number }
variable "truth" { type = bool }
variable "table" { type = map(string) }
variable "names" { type = set(string) }
variable "thing" { type = object({ name = string, sizes = list(number) }) }
variable "nothing" {
  type    = string
  default = null
}
output "text" { value = var.text }
"""
GIVEN = """
text     = "t"
count_of = 70000
truth    = true
table    = { a = "b" }
names    = ["n"]
thing    = { name = "n", sizes = [1, 2] }
"""
KNOWN = {
    "text": "t",
    "default": "d",
    "shell": "s",
    "count_of": 70000,
    "truth": True,
    "table": {"a": "b"},
    "thing": {"name": "n", "sizes": [1, 2]},
    "nothing": None,
}
PROVIDER_VERSION = "5.100.0"
MAIN = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
variable "account" { type = string }
locals {
  roles = { blue = "deploy" }
}
provider "aws" {
  region = "us-east-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.account}:role/${local.roles[terraform.workspace]}"
  }
}
data "aws_caller_identity" "me" {}
"""


@on_terraforms("0.12.29", "1.0.3", "path", "1.15.5")
def test_variables_and_workspace_are_those_of_the_plan(world: World, terraform: Terraform) -> None:
    (world.cwd / "main.tf").write_text(VARIABLES)
    (world.cwd / "given.tfvars").write_text(GIVEN)
    env: worlds.Patch = {"TF_WORKSPACE": "blue", "TF_VAR_shell": "s"}
    for words in (["init"], ["plan", "-out=saved", "-var-file=given.tfvars"]):
        done = worlds.run(world, [terraform.path, *words], env)
        assert done.status == 0, done
    typed = invocation.read("terraform", ["apply", "saved"], {}, str(world.cwd))
    module = configuration.read(typed.directory, "terraform")
    scope = evaluation.root_scope(module, typed, {"TF_WORKSPACE": "blue"})
    assert scope.workspace == "blue"
    assert {name: scope.variables[name] for name in KNOWN} == KNOWN
    # Another workspace is selected than the plan was made for: only Terraform can tell which one counts.
    assert evaluation.root_scope(module, typed, {}).workspace is UNKNOWN


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_what_is_no_plan_fixes_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "plan").write_bytes(content)
    assert plan_file.planned(str(tmp_path / "plan")) is None
    assert plan_file.planned(str(tmp_path)) is None


def applied(world: World, real: str, **env: str) -> Finished:
    argv = [sys.executable, "-I", launch.__file__, "terraform", "apply", "-input=false", "-no-color", "saved"]
    return worlds.run(world, argv, {"TFWRAP_TERRAFORM": real, **env})


def test_a_plan_for_another_account_is_refused_by_a_pin_and_one_for_the_right_account_runs_in_strict_mode(
    world: World, stand: Stand, terraform: Terraform
) -> None:
    try:
        cli = providers.cli_config(PROVIDER_VERSION)
    except Unavailable as reason:
        pytest.skip(str(reason))
    key = stand.keys.create()
    stand.keys.add_role("222222222222", "deploy")
    keys = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, "TF_CLI_CONFIG_FILE": cli}
    world = world._replace(environ={**world.environ, **stand.environment(), **keys})
    (world.cwd / "main.tf").write_text(MAIN)
    plan = ["plan", "-out=saved", "-var=account=222222222222"]
    for words in (["init", "-input=false"], ["workspace", "new", "blue"], plan):
        done = worlds.run(world, [terraform.path, *words], timeout=120)
        assert done.status == 0, done
    refused = applied(world, terraform.path, TFWRAP_ACCOUNT="111111111111")
    assert refused.status == 120, refused
    assert b"TFW404" in refused.stderr
    assert b"222222222222" in refused.stderr
    done = applied(world, terraform.path, TFWRAP_ACCOUNT="222222222222", TFWRAP_STRICT="1")
    assert (done.status, done.stderr) == (0, b""), done
