"""What is written is read back: by the real shells, python-dotenv, the real docker, and the rules of the others."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import dotenv
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from testing import docker
from tfwrap import quoting
from tfwrap.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "AWS_MADE_UP"
SHELLS: dict[str, list[str]] = {
    "bash": ["bash"],
    "bash --posix": ["bash", "--posix"],
    "dash": ["dash"],
    "zsh": ["zsh", "-f"],
    "busybox": ["busybox", "sh"],
    "mksh": ["mksh"],
    "ksh": ["ksh"],
    "fish": ["fish", "--no-config"],
}
NASTY = (
    "",
    "plain",
    " spaces  inside and around ",
    "it's",
    "'",
    "''",
    '"double"',
    "'\"'\"'",
    "$HOME ${HOME} $(id) `id` $((1+1))",
    "back\\slash \\' \\\\ end\\",
    "two\nlines\n",
    "\n",
    "\r\n",
    "\ttab",
    "!history !!",
    "~ * ? [a] {a,b}",
    "# no comment",
    "a;b&c|d<e>f(g)",
    "clé d\u2019accès \u2018x\u2019 \u201ay\u201b 日本 🔑",
    "=a=b",
    "%25 %PATH%",
    "madeUp/by+the/stand/abcdefghijklmnopqrst",
)
# Whatever an environment can hold: any bytes but NUL, those that are no UTF-8 as surrogates.
ANY_VALUE = st.one_of(
    st.text(st.sampled_from("ab'\"\\$`!#= \n\r\t%{}()~-é\u2019\udcff"), max_size=30),
    st.binary(max_size=40).map(lambda data: os.fsdecode(data.replace(b"\0", b"0"))),
)
# Some values of the table are for the reader one by one; this many more are made up.
THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def text(form: str, values: dict[str, str], removed: tuple[str, ...] = ()) -> bytes:
    return os.fsencode("".join(f"{line}\n" for line in quoting.lines(form, values, removed)))


def named(values: list[str]) -> dict[str, str]:
    return {f"{NAME}_{place}": value for place, value in enumerate(values)}


def read_by_shell(shell: str, script: bytes, folder: Path, environ: dict[str, str] | None = None) -> dict[str, str]:
    """The AWS variables of a process that the shell becomes after it has read the script from a file."""
    if not shutil.which(SHELLS[shell][0]):
        pytest.skip(f"there is no {shell} here")
    path = folder / "script"
    path.write_bytes(script + b"exec env -0\n")
    given = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", **(environ or {})}
    done = subprocess.run([*SHELLS[shell], path], env=given, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    pairs = (os.fsdecode(pair).partition("=") for pair in done.stdout.split(b"\0") if pair)
    return {name: value for name, _, value in pairs if name.startswith("AWS_")}


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_reads_back_the_very_values(shell: str, tmp_path: Path) -> None:
    values = named(list(NASTY))
    if shell == "fish":  # its `export` is a function that splits at line breaks
        values = {name: value for name, value in values.items() if "\n" not in value}
    assert read_by_shell(shell, text("shell", values), tmp_path) == values


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "busybox", "mksh", "ksh"])
@THOROUGH
@given(made_up=st.lists(ANY_VALUE, min_size=1, max_size=20))
@example(made_up=["\udcff\udcfe", "\udce2\udc82"])
def test_posix_shells_read_back_any_bytes(shell: str, made_up: list[str], tmp_path: Path) -> None:
    values = named(made_up)
    assert read_by_shell(shell, text("shell", values), tmp_path) == values


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_removed_is_gone(shell: str, tmp_path: Path) -> None:
    if shell == "fish":
        pytest.skip("fish has no unset")
    script = text("shell", {NAME: "new"}, ("AWS_SESSION_TOKEN", "AWS_NEVER_SET"))
    before = {"AWS_SESSION_TOKEN": "old", NAME: "old", "AWS_REGION": "eu-central-1"}
    assert read_by_shell(shell, script, tmp_path, before) == {NAME: "new", "AWS_REGION": "eu-central-1"}


# PowerShell is not here: its rules, from about_Quoting_Rules and CharTraits.cs


# PowerShell takes each of these for a quote.
QUOTES = "'\u2018\u2019\u201a\u201b"


def read_by_powershell(line: str) -> tuple[str, str]:
    """An assignment of a single-quoted string, by the rules of Tokenizer.ScanStringLiteral."""
    name, _, literal = line.removeprefix("$env:").partition(" = ")
    assert literal[0] in QUOTES
    value, rest = "", literal[1:]
    while rest:
        character, rest = rest[0], rest[1:]
        if character in QUOTES:
            if not rest or rest[0] not in QUOTES:
                break
            character, rest = rest[0], rest[1:]
        value += character
    assert rest == "", f"the string ended before {rest!r}"
    return name, value


@given(value=st.text(st.sampled_from("a'\u2018\u2019\u201a\u201b\"$`\n\\ "), max_size=20))
@example(value="clé d\u2019accès \u2018x\u2019 \u201ay\u201b")
def test_powershell_reads_back_the_very_value(value: str) -> None:
    (line,) = quoting.lines("powershell", {NAME: value}, ())
    assert read_by_powershell(line) == (NAME, value)


def test_powershell_removes_without_an_error_where_there_is_nothing() -> None:
    (line,) = quoting.lines("powershell", {}, [NAME])
    assert line == f"Remove-Item Env:{NAME} -ErrorAction SilentlyContinue"


# .env


def is_refused(form: str, value: str) -> bool:
    try:
        list(quoting.lines(form, {NAME: value}, ()))
    except BadInput:
        return True
    return False


@pytest.mark.parametrize("form", ["dotenv", "docker"])
def test_a_refusal_names_the_variable_and_the_reason_and_never_the_value(form: str) -> None:
    with pytest.raises(BadInput, match=f"^{NAME} cannot be written for {form}: it holds a") as refused:
        list(quoting.lines(form, {NAME: "canary\r\nvalue"}, ()))
    assert "canary" not in str(refused.value)


@THOROUGH
@given(made_up=st.lists(ANY_VALUE, min_size=1, max_size=10))
@example(made_up=list(NASTY))
@example(made_up=["C:\\Users\\x\\.aws\\config", "it's", 'say "x"', "'", "x\\", "a"])
def test_python_dotenv_reads_back_every_value_that_is_written(made_up: list[str], tmp_path: Path) -> None:
    values = {name: value for name, value in named(made_up).items() if not is_refused("dotenv", value)}
    path = tmp_path / ".env"
    path.write_bytes(text("dotenv", values))
    assert dotenv.dotenv_values(path) == values


@pytest.mark.parametrize("value", ["a\rb", "${HOME}", "end\\", "two\\\\", 'it\'s "both"', "it's $x", "\udcff"])
def test_what_readers_of_dotenv_differ_on_is_refused(value: str) -> None:
    assert is_refused("dotenv", value)


@pytest.mark.parametrize(
    "value", ["", "a b", "it's", 'say "x"', "$HOME", "`id`", "C:\\Users\\x", "two\nlines", "# x", "é", "a=b"]
)
def test_what_all_read_alike_is_written(value: str) -> None:
    assert not is_refused("dotenv", value)


# docker


@pytest.fixture
def daemon() -> Iterator[docker.Daemon]:
    if not docker.PROGRAM:
        pytest.skip("there is no docker here")
    with docker.daemon() as server:
        yield server


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made_up=st.lists(ANY_VALUE, min_size=1, max_size=30))
@example(made_up=list(NASTY))
@example(made_up=[" leading", "trailing ", '"a', "'", "# x", "x" * 60_000, "\x0b\x0c\x85\u2028"])
def test_docker_reads_back_every_value_that_is_written(
    made_up: list[str], daemon: docker.Daemon, tmp_path: Path
) -> None:
    values = {name: value for name, value in named(made_up).items() if not is_refused("docker", value)}
    if values:
        assert daemon.read(text("docker", values), tmp_path) == values


@pytest.mark.parametrize("value", ["two\nlines", "end\r", "'quoted'", '"quoted"', "''", "\udcff", "x" * 65_536])
def test_what_docker_cannot_be_told_is_refused(value: str) -> None:
    assert is_refused("docker", value)


@pytest.mark.parametrize("value", ["", "'", "it's", '"a" b', "'a\"", "# x", " x ", "$x", "x" * 60_000])
def test_docker_takes_the_rest_as_it_is(value: str) -> None:
    assert text("docker", {NAME: value}) == f"{NAME}={value}\n".encode()


# GitHub


def read_by_github(content: str) -> dict[str, str]:
    """$GITHUB_ENV as the runner reads it on Linux (FileCommandManager.cs, SetEnvFileCommand)."""
    values: dict[str, str] = {}
    lines = content.split("\n")
    while lines and lines != [""]:
        line = lines.pop(0)
        if not line:
            continue
        name, _, delimiter = line.partition("<<")
        assert "=" not in name
        end = lines.index(delimiter)
        values[name] = "\n".join(lines[:end])
        lines = lines[end + 1 :]
    return values


@given(made_up=st.lists(st.text(st.sampled_from("a<=\n\r'\"$%é"), max_size=20), min_size=1, max_size=5))
@example(made_up=list(NASTY))
@example(made_up=["EOF\nAWS_PROFILE=evil", "\nAWS_PROFILE<<EOF\nevil\nEOF\n"])
def test_githubs_file_gives_back_the_very_value(made_up: list[str]) -> None:
    values = named(made_up)
    assert read_by_github(text("github", values).decode()) == values


def test_githubs_delimiter_is_another_one_every_time() -> None:
    (first,) = quoting.lines("github", {NAME: "x"}, ())
    (second,) = quoting.lines("github", {NAME: "x"}, ())
    assert first.partition("\n")[0] != second.partition("\n")[0]
    assert len(first.partition("<<")[2].partition("\n")[0]) > 30


def test_githubs_file_empties_what_cannot_be_removed() -> None:
    assert read_by_github(text("github", {}, (NAME,)).decode()) == {NAME: ""}


# As the runner undoes them, one after the other (ActionCommand.cs, _escapeDataMappings and _escapePropertyMappings).
DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def undone(text: str, mappings: tuple[tuple[str, str], ...]) -> str:
    for written, meant in mappings:
        text = text.replace(written, meant)
    return text


@given(value=st.text(st.sampled_from("%0D25AC3:,;\r\n a]"), max_size=20))
@example(value="100%0A 50%25 %250A")
def test_a_workflow_command_is_undone_to_the_very_text(value: str) -> None:
    message, told = quoting.command_data(value), quoting.command_property(value)
    assert undone(message, DATA) == value
    assert undone(told, PROPERTY) == value
    assert not set("\r\n") & set(message)
    assert not set("\r\n:,") & set(told)


def test_a_value_is_masked_by_one_command() -> None:
    assert quoting.mask_commands(["a%\nb", "c"]) == ["::add-mask::a%25%0Ab", "::add-mask::c"]


@pytest.mark.parametrize("name", ["AWS_X", "_", "aws9"])
def test_an_identifier_is_one(name: str) -> None:
    assert quoting.is_identifier(name)


@pytest.mark.parametrize("name", ["AWS_X;id", "AWS X", "9AWS", "", "AWS_$(id)", "AWS_É", "AWS_X\n", "AWS-X"])
def test_what_a_shell_would_run_is_no_identifier(name: str) -> None:
    assert not quoting.is_identifier(name)
