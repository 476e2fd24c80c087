"""The table of commands is what real Terraforms list and do, and what the shim decides by."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from testing.marks import each_terraform, on_terraforms
from testing.processes import on_pipes, plain
from testing.terraforms import PATH
from testing.world import World, run
from tfwrap import invocation
from tfwrap.invocation import BACKEND, BOTH, NEEDS, NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from testing.terraforms import Terraform
    from tfwrap.stand.server import Stand

# `stacks` is left out: even its help asks a server.
GROUPS = ("env", "metadata", "providers", "state", "workspace")
SHIM = Path(__file__).parents[2] / "shims" / "shim.bash"
BASH = shutil.which("bash") or ""
UNKNOWN = ("made-up", "PLAN", "plan2", "stat", "*", "cloud", "rpcapi", "provider", "-json", "")


def said(world: World, terraform: Terraform, *words: str) -> str:
    """Everything that Terraform prints for a command line, without colours."""
    done = run(world, [terraform.path, *words])
    return plain(done.stdout + done.stderr)


def listed(text: str) -> list[str]:
    """The commands that a help text lists: an indented word, two spaces or more, a description."""
    return re.findall(r"^ +([a-z0-9][\w.-]*) {2,}\w", text, re.MULTILINE)


def commands(world: World, terraform: Terraform) -> Iterator[str]:
    """Every command of this Terraform that its help texts list, those of groups as two words."""
    for name in listed(said(world, terraform, "-help")):
        yield name
        if name in GROUPS:
            yield from (
                f"{name} {inner}" for inner in listed(said(world, terraform, name, "-help").split("ommands:")[-1])
            )


# What there is


@each_terraform
def test_every_command_that_terraform_lists_is_in_the_table(world: World, terraform: Terraform) -> None:
    found = set(commands(world, terraform))
    assert {"plan", "state list", "workspace new", "providers schema"} <= found
    assert found - set(NEEDS) == set()


@pytest.mark.skipif(not BASH, reason="no bash here")
def test_the_shims_table_is_the_same(tmp_path: Path) -> None:
    words = sorted({word for name in NEEDS for word in name.split()} | set(UNKNOWN))
    cases = [(first, second) for first in words for second in words]
    functions = SHIM.read_text().partition("\nif _tfwrap_is_inside")[0]
    calls = "".join(
        f"_tfwrap_uses_credentials '{first}' '{second}' && echo yes || echo no\n" for first, second in cases
    )
    environ = {"PATH": "/usr/bin:/bin"}
    done = on_pipes([BASH, "-p", "-s"], environ, tmp_path, f"{functions}\n{calls}".encode())
    assert done.stderr == b""
    answers = [line == b"yes" for line in done.stdout.split()]
    assert [case for case, shim in zip(cases, answers, strict=True) if shim != in_table(*case)] == []


def in_table(first: str, second: str) -> bool:
    """Whether the table says that a command and the word behind it use credentials."""
    return NEEDS.get(f"{first} {second}", NEEDS.get(first, NOTHING)) != NOTHING


# What takes a value


class Option(NamedTuple):
    command: str
    name: str


def options(world: World, terraform: Terraform) -> Iterator[tuple[Option, bool]]:
    """The options of guarded commands and whether each takes a value, as the flags' own errors tell.

    Nothing is run: a value that is no boolean and an option that does not exist end every command beforehand.
    """
    seen: set[str] = set()
    for command in (name for name in commands(world, terraform) if NEEDS[name] != NOTHING):
        for name in re.findall(r"^\s+-([a-z][a-z-]*)", said(world, terraform, *command.split(), "-help"), re.MULTILINE):
            text = "" if name in seen else said(world, terraform, *command.split(), f"-{name}=%bad", "-made-up")
            told = " ".join(text.replace("│", "").split())
            if "invalid boolean value" in told:
                yield Option(command, name), False
            elif "not defined: -made-up" in told or 'invalid value "%bad"' in told:
                yield Option(command, name), True
            else:
                continue
            seen.add(name)


@pytest.mark.parametrize(
    "terraform",
    [PATH, *(pytest.param(version, marks=pytest.mark.slow) for version in ("0.15.0-rc2", "1.0.3", "1.15.5"))],
    indirect=True,
)
def test_an_option_takes_a_value_where_the_table_says_so(world: World, terraform: Terraform) -> None:
    found = dict(options(world, terraform))
    assert {found.get(Option("plan", "out")), found.get(Option("init", "input"), False)} == {True, False}
    taking = invocation._TAKES_VALUE
    # `graph -plan=FILE` takes one and `console -plan` does not: what follows that is no plan file either way.
    wrong = [option for option, takes in found.items() if takes != (option.name in taking)]
    assert [option for option in wrong if option != ("console", "plan")] == []


# What asks AWS

GUARDED = {
    "init": ["-input=false"],
    "plan": [],
    "apply": ["-auto-approve"],
    "refresh": [],
    "output": [],
    "show": [],
    "graph": [],
    "console": [],
    "providers": [],
    "providers schema": ["-json"],
    "state list": [],
    "state pull": [],
    "state show": ["made.up"],
    "state rm": ["made.up"],
    "state mv": ["made.up", "made.down"],
    "state replace-provider": ["made/up", "made/down"],
    "taint": ["made.up"],
    "untaint": ["made.up"],
    "workspace list": [],
    "workspace select": ["default"],
    "workspace new": ["made-up"],
    "workspace delete": ["made-up"],
    "force-unlock": ["-force", "made-up"],
    "destroy": ["-auto-approve"],
}
PLAIN = {
    "fmt": [],
    "get": [],
    "validate": [],
    "version": [],
    "metadata functions": ["-json"],
    "modules": [],
    "providers lock": [],
    "providers mirror": ["mirror"],
    "workspace": [],
    "workspace show": [],
    "state": [],
    "plan": ["-help"],
    "apply": ["-version"],
}
SHOW_PLAN = {"show": ["x.plan"]}


@pytest.fixture
def project(world: World, terraform: Terraform, stand: Stand) -> World:
    """An initialised module with its state on the stand and its key saved, and a plan file."""
    bucket = f"state-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    given = {"bucket": f'"{bucket}"', "key": '"k"'} | stand.backend_arguments(terraform.version)
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items())
    (world.cwd / "main.tf").write_text(
        f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "a" {{\n  value = 1\n}}\n'
    )
    key = stand.keys.create()
    world.environ.update(stand.environment())
    secrets = [f"-backend-config=access_key={key.id}", f"-backend-config=secret_key={key.secret}"]
    for words in (["init", *secrets], ["plan", "-out=x.plan"]):
        assert run(world, [terraform.path, *words]).status == 0
    return world


def asked(project: World, terraform: Terraform, stand: Stand, lines: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """Whether a request arrived at the stand, for each command."""
    answers = {}
    for command, more in lines.items():
        stand.forget()
        run(project, [terraform.path, *command.split(), *more])
        answers[command] = bool(stand.requests)
    return answers


@on_terraforms(PATH, "1.0.3")
def test_a_guarded_command_asks_aws_for_the_state(project: World, terraform: Terraform, stand: Stand) -> None:
    assert {NEEDS[command] for command in GUARDED} == {BACKEND, BOTH}
    assert asked(project, terraform, stand, GUARDED) == dict.fromkeys(GUARDED, True)


def needs(lines: Mapping[str, Sequence[str]]) -> set[str]:
    """What the table says of these command lines."""
    return {invocation.read("terraform", (*name.split(), *more), {}, "/").needs for name, more in lines.items()}


@on_terraforms(PATH, "1.0.3")
def test_a_plain_command_asks_aws_for_nothing(project: World, terraform: Terraform, stand: Stand) -> None:
    assert needs(PLAIN) == {NOTHING}
    assert asked(project, terraform, stand, PLAIN) == dict.fromkeys(PLAIN, False)


@pytest.mark.parametrize(("terraform", "asks"), [(PATH, False), ("1.0.3", True)], indirect=["terraform"])
def test_show_of_a_plan_file_asks_aws_in_old_versions_alone(
    project: World, terraform: Terraform, stand: Stand, asks: bool
) -> None:
    """The table follows the newer ones: an old one is then not watched, which costs an explanation and no more."""
    assert needs(SHOW_PLAN) == {NOTHING}
    assert asked(project, terraform, stand, SHOW_PLAN) == {"show": asks}


# What the environment adds


@on_terraforms("0.12.29", PATH)
def test_of_two_values_from_the_environment_the_general_one_wins(world: World, terraform: Terraform) -> None:
    (world.cwd / "main.tf").write_text('variable "who" {\n}\noutput "hello" {\n  value = var.who\n}\n')
    environ: dict[str, str | None] = {
        "TF_CLI_ARGS": "-var who=general",
        "TF_CLI_ARGS_apply": "-var who=specific -auto-approve",
    }
    run(world, [terraform.path, "init"])
    done = run(world, [terraform.path, "apply"], env=environ)
    assert (done.status, b"general" in done.stdout, b"specific" in done.stdout) == (0, True, False)
    typed = invocation.read("terraform", ["apply"], {name: text or "" for name, text in environ.items()}, "/")
    assert typed.value("var") == "who=general"


@each_terraform
@pytest.mark.parametrize(
    ("words", "shows"),
    [
        pytest.param(["plan", "-version"], b"Terraform v", id="the version behind a command"),
        pytest.param(["plan", "--", "-version"], b"Terraform v", id="even behind --"),
        pytest.param(["", "version"], b"Terraform v", id="an empty word before the command"),
        pytest.param(["--", "version"], b"Usage: ", id="-- before the command"),
        pytest.param(["state", "", "list"], b"Usage: ", id="an empty word in a group"),
        pytest.param(["plan", "-no-color", "-h"], b"Usage: ", id="help behind other options"),
    ],
)
def test_what_asks_for_help_or_the_version_is_read_as_terraform_reads_it(
    words: list[str], shows: bytes, world: World, terraform: Terraform
) -> None:
    done = run(world, [terraform.path, *words])
    assert shows in done.stdout + done.stderr
    assert invocation.read("terraform", words, {}, "/").needs == NOTHING
