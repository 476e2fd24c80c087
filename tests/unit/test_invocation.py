"""What was typed. tests/real/test_commands.py holds the tables to the real Terraforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tfwrap import invocation
from tfwrap.invocation import BACKEND, BOTH, NOTHING, PROVIDERS, Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read(*argv: str, cwd: str = "/nonexistent/work", environ: Mapping[str, str] | None = None) -> Invocation:
    return invocation.read("terraform", argv, environ or {}, cwd)


# What a command needs


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("plan", BOTH),
        ("plan -refresh=false -out x.plan", BOTH),
        ("-chdir=x apply -auto-approve", BOTH),
        ("destroy", BOTH),
        ("import aws_instance.a i-1", BOTH),
        ("query", BOTH),
        ("test", PROVIDERS),
        ("init -backend=false", BACKEND),
        ("show", BACKEND),
        ("show -json", BACKEND),
        ("show -var-file x", BACKEND),
        ("state list", BACKEND),
        ("state mv -dry-run a b", BACKEND),
        ("workspace select prod", BACKEND),
        ("env list", BACKEND),
        ("providers", BACKEND),
        ("providers schema -json", BACKEND),
        ("output -raw x", BACKEND),
        ("force-unlock -force 1", BACKEND),
    ],
)
def test_a_command_that_reads_with_credentials_is_guarded(line: str, needs: str) -> None:
    assert read(*line.split()).needs == needs


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing typed"),
        pytest.param("version", id="version"),
        pytest.param("fmt -check", id="files alone"),
        pytest.param("validate", id="no credentials"),
        pytest.param("get -update", id="modules alone"),
        pytest.param("workspace", id="a group without its command"),
        pytest.param("state", id="another one"),
        pytest.param("workspace show", id="reads one file"),
        pytest.param("providers lock", id="the network alone"),
        pytest.param("providers mirror x", id="the network and a directory"),
        pytest.param("metadata functions -json", id="no module at all"),
        pytest.param("login", id="another service"),
        pytest.param("stacks list", id="another service too"),
        pytest.param("show x.plan", id="show of a plan file"),
        pytest.param("show -json -- x.plan", id="show of a plan file behind --"),
        pytest.param("show -no-color x.plan", id="show of a plan file behind a switch"),
        pytest.param("-help", id="help"),
        pytest.param("plan -help", id="help of a command"),
        pytest.param("plan -var a=b -h", id="help behind other options"),
        pytest.param("-version", id="the version"),
        pytest.param("plan -version", id="the version, wherever it stands"),
        pytest.param("plan -- --version", id="the version, even behind --"),
        pytest.param("-- plan", id="behind -- there is no command"),
        pytest.param("-chdir=x", id="no command"),
        pytest.param("Plan", id="another case"),
        pytest.param("made-up", id="a name that nobody knows"),
        pytest.param("state made-up", id="a name that nobody knows in a group"),
        pytest.param("state -x list", id="an option before the command of a group"),
    ],
)
def test_a_command_that_needs_nothing_passes_straight_through(line: str) -> None:
    assert read(*line.split()).needs == NOTHING


def test_an_empty_word_before_the_command_is_passed_over_as_terraform_does() -> None:
    assert read("", "plan").command == "plan"
    assert read("state", "", "list").command == "state"


def test_help_behind_two_dashes_is_an_argument() -> None:
    assert read("plan", "--", "-help").command == "plan"


# Options


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("-out=x", "x"),
        ("-out x", "x"),
        ("--out x", "x"),
        ("-out=", ""),
        ("-out=a=b", "a=b"),
        ("-out x -out y", "y"),
        ("-out", ""),
        ("-out -json", "-json"),
        ("-json", None),
        ("-outer=x", None),
        ("-- -out=x", None),
    ],
)
def test_an_option_has_the_value_of_its_last_mention(line: str, value: str | None) -> None:
    assert read("plan", *line.split()).value("out") == value


@pytest.mark.parametrize("line", ["-json", "--json", "-json=true", "-json=1", "-json=T", "-json=false -json"])
def test_a_switch_is_on(line: str) -> None:
    assert read("plan", *line.split()).has("json")


@pytest.mark.parametrize(
    "line", ["", "-json=false", "-json=0", "-json -json=false", "-jsonx", "-- -json", "-out -json"]
)
def test_a_switch_is_off(line: str) -> None:
    assert not read("plan", *line.split()).has("json")


def test_every_backend_config_counts() -> None:
    typed = read("init", "-backend-config=a=1", "-backend-config", "b=2", "-backend-config=file")
    assert typed.values("backend-config") == ["a=1", "b=2", "file"]
    assert typed.positional == ()


@pytest.mark.parametrize(
    ("environ", "value"),
    [
        pytest.param({"TF_CLI_ARGS_plan": "-out=specific"}, "specific", id="of the command"),
        pytest.param({"TF_CLI_ARGS": "-out=general"}, "general", id="of every command"),
        pytest.param(
            {"TF_CLI_ARGS": "-out=general", "TF_CLI_ARGS_plan": "-out=specific"},
            "general",
            id="the general ones come after the specific ones and win",
        ),
        pytest.param({"TF_CLI_ARGS": "-out='a b'"}, "a b", id="quoted"),
        pytest.param({"TF_CLI_ARGS": "-out 'open"}, None, id="an open quote is Terraform's to refuse"),
        pytest.param({"TF_CLI_ARGS_apply": "-out=other"}, None, id="of another command"),
        pytest.param({"TF_CLI_ARGS": ""}, None, id="empty"),
    ],
)
def test_arguments_from_the_environment_count(environ: dict[str, str], value: str | None) -> None:
    assert read("plan", environ=environ).value("out") == value


def test_what_was_typed_wins_over_the_environment() -> None:
    assert read("plan", "-out=typed", environ={"TF_CLI_ARGS": "-out=general"}).value("out") == "typed"


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["state", "list"], "TF_CLI_ARGS_state_list"),
        (["force-unlock"], "TF_CLI_ARGS_force_unlock"),
        (["state", "replace-provider"], "TF_CLI_ARGS_state_replace_provider"),
    ],
)
def test_the_variable_of_a_command_has_its_words_with_underscores(argv: list[str], name: str) -> None:
    assert read(*argv, environ={name: "-state=x"}).value("state") == "x"


def test_help_that_the_environment_asks_for_is_help() -> None:
    assert read("plan", environ={"TF_CLI_ARGS": "-help"}).needs == NOTHING


# Directories


@pytest.mark.parametrize(
    ("argv", "working"),
    [
        pytest.param(["plan"], "/w", id="none"),
        pytest.param(["-chdir=a", "plan"], "/w/a", id="relative"),
        pytest.param(["-chdir=/a", "plan"], "/a", id="absolute"),
        pytest.param(["-chdir=../b/./c", "plan"], "/b/c", id="with dots"),
        pytest.param(["-chdir=a b", "plan"], "/w/a b", id="with a space"),
        pytest.param(["-chdir=a", "-chdir=b", "plan"], "/w/b", id="the last one"),
        pytest.param(["-chdir=", "plan"], "/w", id="empty, which Terraform refuses"),
        pytest.param(["-chdir", "a", "plan"], "/w", id="without =, which Terraform refuses"),
        pytest.param(["--chdir=a", "plan"], "/w", id="with two dashes, which Terraform refuses"),
        pytest.param(["plan", "-chdir=a"], "/w", id="behind the command it is no global option"),
    ],
)
def test_chdir_says_where_terraform_works(argv: list[str], working: str) -> None:
    typed = read(*argv, cwd="/w")
    assert (typed.working_directory, typed.directory) == (working, working)


@pytest.mark.parametrize(
    ("environ", "argv", "data_dir"),
    [
        ({}, ["plan"], "/w/.terraform"),
        ({}, ["-chdir=a", "plan"], "/w/a/.terraform"),
        ({"TF_DATA_DIR": "d"}, ["-chdir=a", "plan"], "/w/a/d"),
        ({"TF_DATA_DIR": "/d"}, ["-chdir=a", "plan"], "/d"),
        ({"TF_DATA_DIR": ""}, ["plan"], "/w/.terraform"),
    ],
)
def test_the_data_directory_starts_where_terraform_works(
    environ: dict[str, str], argv: list[str], data_dir: str
) -> None:
    assert read(*argv, cwd="/w", environ=environ).data_dir == data_dir


def test_an_old_terraform_takes_the_module_as_an_argument(tmp_path: Path) -> None:
    (tmp_path / "module").mkdir()
    typed = read("plan", "-no-color", "module", cwd=str(tmp_path))
    assert typed.directory == str(tmp_path / "module")
    assert typed.data_dir == str(tmp_path / ".terraform")
    assert read("output", "module", cwd=str(tmp_path)).directory == str(tmp_path)


def test_messages_show_paths_from_where_the_user_is() -> None:
    assert read("plan", cwd="/w").shown_from == "/w"
    assert read("-chdir=a", "plan", cwd="/w").shown_from == ""


# Plan files


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param(["apply", "x.plan"], "x.plan", id="a file"),
        pytest.param(["apply", "-auto-approve", "x.plan"], "x.plan", id="behind a switch"),
        pytest.param(["apply", "-parallelism", "2", "x.plan"], "x.plan", id="behind a value"),
        pytest.param(["apply", "--", "-x.plan"], "-x.plan", id="behind --"),
        pytest.param(["apply", "absent.plan"], "absent.plan", id="a file that is not there"),
        pytest.param(["apply"], None, id="no argument"),
        pytest.param(["apply", "-var", "a=b", "-target", "x"], None, id="values of options"),
        pytest.param(["apply", "module"], None, id="the directory of an old Terraform"),
        pytest.param(["plan", "x.plan"], None, id="another command"),
    ],
)
def test_a_plan_file_is_what_apply_was_given(argv: list[str], expected: str | None, tmp_path: Path) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "x.plan").write_bytes(b"")
    assert read(*argv, cwd=str(tmp_path)).plan_file == (expected and str(tmp_path / expected))


@pytest.mark.parametrize(
    "argv",
    [
        ["-chdir"],
        ["-"],
        [""],
        ["", ""],
        ["plan", "-"],
        ["-="],
        ["=", "="],
        ["plan", "-var"],
        ["\udcff"],
        ["a b"],
        ["--"],
    ],
)
def test_no_command_line_is_too_odd(argv: list[str]) -> None:
    assert read(*argv).argv == tuple(argv)
