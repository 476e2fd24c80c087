"""What each reader takes for the key: our rules against the shells, python-dotenv, docker and botocore themselves."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import botocore.configloader
import botocore.exceptions
import dotenv
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from testing import docker
from tfwrap.rotation import readers, shell
from tfwrap.rotation.readers import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHELLS = {"bash": ["bash"], "dash": ["dash"], "zsh": ["zsh", "-f"], "busybox": ["busybox", "sh"], "ksh": ["ksh"]}
NAME = "AWS_SECRET_ACCESS_KEY"
SECRET = "madeUp/by+the/test/abcdefghijklmnopqrst0"
# Nothing in it is the name of a program: a shell looks for programs in an empty directory.
QUOTES_AND_BLANKS = ('"', "'", " ", "\t", "\n", "\r\n", "#", " # a", "\\", "*", "=", "\ufeff")
EXPANSIONS = ("$a", "`", "${a}")
NAMES_AND_VALUES = (f"{NAME}=", "AWS_ACCESS_KEY_ID=", "export ", SECRET, "a", "+")
PIECES = st.sampled_from([*NAMES_AND_VALUES, *QUOTES_AND_BLANKS, *EXPANSIONS])
TEXTS = st.lists(PIECES, min_size=1, max_size=14).map("".join)
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FORMS = (
    f"{NAME}={SECRET}\n",
    f"export {NAME}={SECRET}\n",
    f"export {NAME}='{SECRET}'\n",
    f'{NAME}="{SECRET}"\n',
    f"{NAME}={SECRET}\r\nAWS_ACCESS_KEY_ID=x\r\n",
    f"{NAME}={SECRET} \n",
    f"{NAME}= {SECRET}\n",
    f"{NAME} = {SECRET}\n",
    f"{NAME}={SECRET} # the new one\n",
    f"{NAME}={SECRET}#not\n",
    f"  {NAME}={SECRET}",
    f"\ufeff{NAME}={SECRET}\n",
    f"# {NAME}=old\n{NAME}={SECRET}\n",
    f"{NAME}=old\n{NAME}={SECRET}\n",
    f"{NAME}='{SECRET}\n",
    f"{NAME}={SECRET[:20]}\\\n{SECRET[20:]}\n",
    f'export AWS_ACCESS_KEY_ID=a {NAME}="{SECRET}"; a=b\n',
    f"{NAME}=\\{SECRET}\n",
)


UNCLOSED = (f"{NAME}='{SECRET}\n", f'{NAME}="{SECRET}\n', f"{NAME}={SECRET}\\")
SUBSTITUTIONS = (f"{NAME}=`b`\n", f'{NAME}="$(b)"\n', f"{NAME}=${{b}}\n", f'{NAME}="a\\\\`b`"\n')

# Shells


def by_real_shell(name: str, text: str, folder: Path) -> dict[str, str] | None:
    """The AWS variables behind the text; None where the shell stops in it."""
    if not shutil.which(SHELLS[name][0]):
        pytest.skip(f"there is no {name} here")
    script = folder / "script"
    script.write_bytes(b"set -a\n" + text.encode() + b"\nexec /usr/bin/env -0\n")
    program = shutil.which(SHELLS[name][0]) or ""
    done = subprocess.run(
        [program, *SHELLS[name][1:], script],
        env={"PATH": str(folder / "no-programs"), "LC_ALL": "C.UTF-8"}, cwd=folder, capture_output=True, timeout=60,
    )  # fmt: skip
    pairs = dict(pair.split(b"=", 1) for pair in done.stdout.split(b"\0") if b"=" in pair)
    found = {os.fsdecode(name): value.decode() for name, value in pairs.items()}
    return {name: value for name, value in found.items() if name.startswith("AWS_")} if pairs else None


def agrees_with_shell(name: str, text: str, folder: Path) -> None:
    """Where we know, the shell says the same; a variable that we do not see is not there."""
    real = by_real_shell(name, text, folder)
    try:
        ours = {key: each for key, each in shell.variables(text).items() if key.startswith("AWS_")}
    except shell.UnclearError:
        return
    if real is None:  # it stopped at something else that is no variable
        return
    known = {key: each for key, each in ours.items() if each is not None}
    assert set(real) <= set(ours), text
    assert known == {key: real.get(key) for key in known}, text


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("text", FORMS)
def test_the_usual_forms_mean_to_us_what_they_mean_to_shells(name: str, text: str, tmp_path: Path) -> None:
    agrees_with_shell(name, text, tmp_path)


@pytest.mark.parametrize("name", ["bash", "dash"])
@CALM
@given(text=TEXTS)
def test_any_text_means_to_us_what_it_means_to_shells(name: str, text: str, tmp_path: Path) -> None:
    agrees_with_shell(name, text, tmp_path)


@pytest.mark.parametrize(
    "text", [f"{NAME}='{SECRET}\n", f'{NAME}="{SECRET}\n', f"a | {NAME}=b\n", f"({NAME}=b)\n", *SUBSTITUTIONS]
)
def test_what_is_more_than_variables_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"^line 2: "):
        readers.by_shell(f"a=b\n{text}")


def test_what_a_shell_expands_is_not_known() -> None:
    text = f'{NAME}="$C"\nAWS_A=$C\nAWS_B=~\nAWS_C=a*\nAWS_D="\\$c \\`"\n'
    assert readers.by_shell(text) == {"AWS_D": "$c `"}


# .env


@CALM
@given(text=TEXTS)
@example(text=f"{NAME}='a\\'b' # c\n")
@example(text=f'{NAME}="a\\nb"\n')
def test_any_text_means_to_us_what_it_means_to_python_dotenv(text: str) -> None:
    assume("\ufeff" not in text)  # taken off since 1.2; before that it is a part of the first name
    real = {name: value for name, value in dotenv.dotenv_values(stream=io.StringIO(text)).items() if value is not None}
    ours = readers.by_dotenv(text)
    expanded = {name for name, value in dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False).items()
                if value and "${" in value}  # fmt: skip
    assert {name: value for name, value in real.items() if name not in expanded} == ours


@pytest.mark.parametrize("text", [form for form in FORMS if "\ufeff" not in form])
def test_the_usual_forms_mean_to_us_what_they_mean_to_python_dotenv(text: str) -> None:
    real = dotenv.dotenv_values(stream=io.StringIO(text))
    assert readers.by_dotenv(text) == {name: value for name, value in real.items() if value is not None}


# docker


@pytest.fixture(scope="module")
def daemon() -> Iterator[docker.Daemon]:
    if not docker.PROGRAM:
        pytest.skip("there is no docker here")
    with docker.daemon() as server:
        yield server


def by_our_docker(text: str) -> dict[str, str] | None:
    try:
        return dict(readers.by_docker(text))
    except RefusedError:
        return None


@pytest.mark.parametrize("text", FORMS)
def test_the_usual_forms_mean_to_us_what_they_mean_to_docker(text: str, daemon: docker.Daemon, tmp_path: Path) -> None:
    assert daemon.read(text.encode(), tmp_path) == by_our_docker(text)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_any_text_means_to_us_what_it_means_to_docker(text: str, daemon: docker.Daemon, tmp_path: Path) -> None:
    assert daemon.read(text.encode(), tmp_path) == by_our_docker(text)


# GitHub: no runner is here; the rules of FileCommandManager.cs


GITHUB = [
    (f"{NAME}={SECRET}\n", SECRET),
    (f"\ufeff{NAME}={SECRET}\n", SECRET),
    (f'{NAME}="{SECRET}"\n', f'"{SECRET}"'),
    (f"{NAME}={SECRET}\r\n", f"{SECRET}\r"),
    (f"{NAME}={SECRET} # c\n", f"{SECRET} # c"),
    (f"export {NAME}={SECRET}\n", None),
]


@pytest.mark.parametrize(("text", "value"), GITHUB)
def test_githubs_runner_takes_a_line_as_it_is(text: str, value: str | None) -> None:
    assert readers.by_github(text).get(NAME) == value


def test_githubs_runner_fails_at_a_comment() -> None:
    with pytest.raises(RefusedError, match=r"^line 1: "):
        readers.by_github(f"# the new key\n{NAME}={SECRET}\n")


# Shared files

SHARED = (
    f"[a]\naws_secret_access_key = {SECRET}\n",
    f'[a]\naws_secret_access_key = "{SECRET}"\n',
    f"[a]\naws_secret_access_key = {SECRET} # new\n",
    f"[a]\r\nAWS_SECRET_ACCESS_KEY = {SECRET}\r\n",
    f"[a]\n[a]\naws_secret_access_key = {SECRET}\n",
    f"\ufeff[a]\naws_secret_access_key = {SECRET}\n",
    f"aws_secret_access_key = {SECRET}\n",
    f"[b]\naws_secret_access_key = {SECRET}\n",
)


@pytest.mark.parametrize("text", SHARED)
def test_a_shared_file_means_to_us_what_it_means_to_botocore(text: str, tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_bytes(text.encode())
    try:
        real = botocore.configloader.raw_config_parse(str(path)).get("a", {})
    except botocore.exceptions.ConfigParseError:
        with pytest.raises(RefusedError):
            readers.by_botocore(text, "a")
        return
    assert readers.by_botocore(text, "a") == real
