"""The real Terraforms behave here as they do at a user's: statuses, streams, terminal, providers."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING

import pytest

from testing.marks import each_terraform, on_terraforms
from testing.processes import plain
from testing.terraforms import SOURCES, Terraform, Unavailable, cli_config, on_path
from testing.world import World, run, run_on_pty

if TYPE_CHECKING:
    from pathlib import Path

GREETING = """
variable "who" {
}
output "hello" {
  value = "hello ${var.who}"
}
"""
AWS_UNTIL_0_12 = """
provider "aws" {
  version = "%s"
}
"""
AWS = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "%s"
    }
  }
}
provider "aws" {
}
"""


@pytest.fixture
def greeting(world: World, terraform: Terraform) -> World:
    """A world whose working directory is an initialised root module with one variable and one output."""
    (world.cwd / "main.tf").write_text(GREETING)
    assert run(world, [terraform.path, "init"])[::2] == (0, b"")
    return world


@each_terraform
def test_it_names_its_version(world: World, terraform: Terraform) -> None:
    done = run(world, [terraform.path, "version"])
    assert done.stdout.decode().splitlines()[0] == f"Terraform v{terraform.version}"
    assert (done.status, done.stderr) == (0, b"")


@each_terraform
def test_a_change_is_planned_applied_and_gone(greeting: World, terraform: Terraform) -> None:
    plan = [terraform.path, "plan", "-detailed-exitcode", "-var", "who=fred"]
    # Terraform 0.12 does not count a new output as a change.
    assert run(greeting, plan).status == (0 if terraform.version == "0.12.29" else 2)
    apply = run(greeting, [terraform.path, "apply", "-auto-approve", "-var", "who=fred"])
    assert (apply.status, apply.stderr) == (0, b"")
    assert run(greeting, plan).status == 0
    shown = run(greeting, [terraform.path, "output", "-json"])
    assert json.loads(shown.stdout)["hello"]["value"] == "hello fred"


@each_terraform
def test_errors_go_to_stderr_alone(greeting: World, terraform: Terraform) -> None:
    done = run(greeting, [terraform.path, "plan", "-input=false"])
    assert (done.status, done.stdout) == (1, b"")
    assert "Error: No value for required variable" in plain(done.stderr)


@each_terraform
def test_it_asks_on_a_terminal(greeting: World, terraform: Terraform) -> None:
    approval = [] if terraform.version == "0.12.29" else [("Enter a value:", "yes\n")]
    shown = run_on_pty(greeting, [terraform.path, "apply"], [("Enter a value:", "fred\n"), *approval])
    assert shown.status == 0
    assert "Apply complete!" in shown.text


@each_terraform
def test_control_c_at_a_question_ends_it(greeting: World, terraform: Terraform) -> None:
    shown = run_on_pty(greeting, [terraform.path, "plan"], [("Enter a value:", b"\x03")])
    assert shown.status == 1


@each_terraform
def test_a_hangup_kills_it(greeting: World, terraform: Terraform) -> None:
    script = """
        mkfifo keyboard; "$0" plan <>keyboard >shown 2>&1 &
        until grep -q 'Enter a value' shown; do sleep 0.05; done
        kill -HUP $!; wait $!
    """
    shown = run(greeting, ["bash", "-c", script, terraform.path])
    assert shown.status == 128 + signal.SIGHUP


@each_terraform
def test_without_arguments_it_prints_its_usage_with_status_127(world: World, terraform: Terraform) -> None:
    done = run(world, [terraform.path])
    assert (done.status, done.stderr) == (127, b"")
    assert done.stdout.startswith(b"Usage: terraform")


@on_terraforms(*SOURCES)
def test_the_log_comes_only_when_it_is_asked_for(world: World, terraform: Terraform) -> None:
    assert b"[INFO]" in run(world, [terraform.path, "version"], env={"TF_LOG": "TRACE"}).stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("terraform", "provider"),
    [
        ("0.12.29", "2.70.0"),
        ("0.12.29", "3.39.0"),
        ("0.15.0-rc2", "3.39.0"),
        ("1.0.3", "2.70.0"),
        ("path", "3.39.0"),
        ("path", "5.100.0"),
        ("1.15.5", "5.100.0"),
    ],
    indirect=["terraform"],
)
def test_it_installs_and_starts_a_provider_without_a_network(world: World, terraform: Terraform, provider: str) -> None:
    try:
        config = cli_config(provider)
    except Unavailable as reason:
        pytest.skip(str(reason))
    old = terraform.version == "0.12.29"
    (world.cwd / "main.tf").write_text((AWS_UNTIL_0_12 if old else AWS) % provider)
    env: dict[str, str | None] = {"TF_CLI_CONFIG_FILE": config, "AWS_REGION": "eu-west-1"}
    init = run(world, [terraform.path, "init", "-input=false"], env=env, timeout=120)
    assert (init.status, init.stderr) == (0, b"")
    validate = run(world, [terraform.path, "validate"], env=env, timeout=120)
    assert (validate.status, validate.stderr) == (0, b"")
    named = run(world, [terraform.path, "version"], env=env).stdout.decode()
    assert re.search(rf"provider.*[./]aws v{re.escape(provider)}$", named, re.MULTILINE)


def test_path_s_terraform_is_never_a_shim_of_tfwrap(tmp_path: Path) -> None:
    folders = [tmp_path / "shims", tmp_path / "real"]
    texts = ["#!/bin/sh\n# tfwrap\nexit 1\n", "#!/bin/sh\necho Terraform v9.9.9\n"]
    for folder, text in zip(folders, texts, strict=True):
        folder.mkdir()
        (folder / "terraform").write_text(text)
        (folder / "terraform").chmod(0o755)
    found = on_path(f"relative::{folders[0]}:{folders[1]}")
    assert found == ("9.9.9", str(folders[1] / "terraform"))


def test_a_terraform_that_cannot_run_is_a_reason_to_skip(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text("#!/bin/sh\necho 'no such library' >&2; exit 127\n")
    program.chmod(0o755)
    with pytest.raises(Unavailable, match="does not run: status 127, no such library"):
        on_path(str(tmp_path))


def test_a_path_without_terraform_is_a_reason_to_skip(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no terraform on PATH"):
        on_path(str(tmp_path))
