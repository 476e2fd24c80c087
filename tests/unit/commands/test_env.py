"""`tfwrap env`: what the child's environment differs in, and the clean variables for other tools."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import dotenv
import pytest

from testing import world as worlds
from tfwrap.commands.env import is_secret

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World

KEY = "AKIAQQQQQQQQQQQQ0009"
SECRET = "canary/made+up/secret/abcdefghijklmnopqr"
TOKEN = "canaryMadeUpSessionTokenThatIsLongEnough/+=="
GIVEN = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": f"{SECRET}\n",
    "AWS_SESSION_TOKEN": TOKEN,
    "AWS_REGION": "eu-central-1",
    "AWS_PROFILE": "it's mine",
    "NOT_AWS": "x",
}
CLEAN = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_PROFILE": "it's mine",
    "AWS_REGION": "eu-central-1",
    "AWS_SECRET_ACCESS_KEY": SECRET,
}
PROGRAM = [sys.executable, "-I", "-m", "tfwrap", "env"]


@pytest.fixture
def place(world: World) -> World:
    real = world.bin / "terraform"
    real.write_text("#!/bin/sh\necho Terraform v1.11.4\n")
    real.chmod(0o755)
    (world.cwd / "main.tf").write_text('terraform {\n  backend "s3" {}\n}\n')
    return world


def env(world: World, *words: str, **more: str | None) -> Finished:
    return worlds.run(world, [*PROGRAM, *words], {**GIVEN, **more})


def test_the_changes_are_listed_without_any_value(place: World) -> None:
    done = env(place)
    assert (done.status, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "+ _TFWRAP_GUARD          a tfwrap called from inside this run passes straight through",
        "~ AWS_SECRET_ACCESS_KEY  a line break",
        "- AWS_SESSION_TOKEN      AWS refuses an AKIA key together with any token",
    ]


def test_a_shell_that_reads_it_has_the_clean_variables(place: World) -> None:
    """The variables of the shell itself are the damaged ones: what is dropped is dropped there, too."""
    command = f'eval "$({" ".join(PROGRAM)} --format shell)"; exec env -0'
    done = worlds.run(place, ["/bin/sh", "-c", command], {**GIVEN})
    found = dict(pair.split("=", 1) for pair in done.stdout.decode().split("\0") if pair.startswith("AWS_"))
    assert found == CLEAN


def test_a_dotenv_file_holds_the_clean_variables(place: World) -> None:
    done = env(place, "--format", "dotenv")
    path = place.cwd / ".env"
    path.write_bytes(done.stdout)
    assert dotenv.dotenv_values(path) == CLEAN


def test_docker_gets_the_clean_variables(place: World) -> None:
    done = env(place, "--format", "docker")
    assert dict(line.split("=", 1) for line in done.stdout.decode().splitlines()) == CLEAN


def test_powershell_gets_the_clean_variables_and_drops_the_other(place: World) -> None:
    lines = env(place, "--format", "powershell").stdout.decode().splitlines()
    assert "$env:AWS_PROFILE = 'it''s mine'" in lines
    assert lines[-1] == "Remove-Item Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue"


def test_what_a_format_cannot_give_back_is_refused_and_nothing_is_printed(place: World) -> None:
    done = env(place, "--format", "docker", AWS_PROFILE="two\nlines")
    assert (done.status, done.stdout) == (125, b"")
    assert done.stderr.startswith(b"tfwrap: AWS_PROFILE cannot be written for docker: it holds a line break")


def test_bytes_that_are_no_text_come_out_as_they_came_in(place: World) -> None:
    done = env(place, "--format", "shell", AWS_PROFILE="na\udcffme")
    assert b"export AWS_PROFILE='na\xffme'\n" in done.stdout


def test_a_name_that_a_shell_would_run_is_left_out_and_said(place: World) -> None:
    done = env(place, "--format", "shell", **{"AWS_X;touch pwned": "1", "AWS_Y$(id)": "2"})
    assert b"pwned" not in done.stdout
    assert b"$(id)" not in done.stdout
    assert b"left out, since its name is no identifier: AWS_X;touch pwned" in done.stderr


# Secrets


@pytest.mark.parametrize("form", ["shell", "powershell", "dotenv", "docker", "github"])
def test_on_a_terminal_secrets_are_masked_and_that_is_said(form: str, place: World) -> None:
    shown = worlds.run_on_pty(place, [*PROGRAM, "--format", form], env={**GIVEN}, size=(40, 400))
    assert shown.status == 0
    assert "canary" not in shown.text
    assert KEY not in shown.text
    assert "AKIA****0009" in shown.text
    assert "tfwrap: secrets are masked where they would be seen" in shown.text


def test_on_a_terminal_they_are_shown_when_asked_for(place: World) -> None:
    shown = worlds.run_on_pty(place, [*PROGRAM, "--format", "shell", "--show-secrets"], env={**GIVEN}, size=(40, 400))
    assert f"export AWS_SECRET_ACCESS_KEY='{SECRET}'" in shown.text
    assert "masked" not in shown.text


def test_the_password_in_an_address_is_masked_on_a_terminal(place: World) -> None:
    given = {**GIVEN, "AWS_ENDPOINT_URL": "http://me:canaryPassword@127.0.0.1:1/"}
    shown = worlds.run_on_pty(place, [*PROGRAM, "--format", "shell"], env={**given}, size=(40, 400))
    assert "canary" not in shown.text


def test_githubs_log_is_no_file_so_they_are_masked_there(place: World) -> None:
    done = env(place, "--format", "github", GITHUB_ACTIONS="true")
    assert b"canary" not in done.stdout + done.stderr


def test_githubs_file_gets_them_and_its_runner_is_told_to_hide_them(place: World) -> None:
    command = f'{" ".join(PROGRAM)} --format github >> "$GITHUB_ENV"'
    file = place.cwd / "github-env"
    given = {**GIVEN, "GITHUB_ENV": str(file), "GITHUB_ACTIONS": "true"}
    done = worlds.run(place, ["/bin/sh", "-c", command], {**given})
    assert (done.status, done.stdout) == (0, b"")
    assert done.stderr.decode().splitlines() == [f"::add-mask::{SECRET}"]
    assert f"\n{SECRET}\n" in file.read_text()
    assert "::" not in file.read_text()


def test_outside_of_github_no_mask_is_printed(place: World) -> None:
    command = f"{' '.join(PROGRAM)} --format github > file"
    done = worlds.run(place, ["/bin/sh", "-c", command], {**GIVEN})
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_VAULT_FILE_PASSPHRASE",
    ],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_ROLE_ARN",
    ],
)
def test_what_is_no_secret_is_shown(name: str) -> None:
    assert not is_secret(name)


# Where


def test_another_directory_that_is_not_there_is_a_mistake(place: World) -> None:
    done = env(place, "-chdir=nowhere")
    assert (done.status, done.stdout) == (2, b"")
    assert b"nowhere is not a directory" in done.stderr


def test_node_reads_the_dotenv_file_alike(place: World) -> None:
    """Node's own reader (`--env-file`), another dialect of the same format."""
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no node here")
    path = place.cwd / ".env"
    path.write_bytes(env(place, "--format", "dotenv", AWS_PROFILE='say "x" $HOME C:\\Users # y').stdout)
    program = "console.log(JSON.stringify(process.env))"
    done = subprocess.run([node, f"--env-file={path}", "-e", program], env={}, capture_output=True, timeout=60)
    if b"bad option" in done.stderr:
        pytest.skip("this node has no --env-file")
    assert json.loads(done.stdout)["AWS_PROFILE"] == 'say "x" $HOME C:\\Users # y'
