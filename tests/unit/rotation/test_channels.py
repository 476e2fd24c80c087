"""What arrives by which channel: a well-formed secret by all of them, and what a file has around it by some."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.unit.rotation import texts
from tests.unit.rotation.texts import KEY_ID, SECRET
from tfwrap.rotation import candidates, channels, material
from tfwrap.rotation.channels import CHANGED, NOT_READ, SAME
from tfwrap.rotation.check import FAILED, OK
from tfwrap.rotation.difference import difference

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.rotation.channels import Arrival

OF_VARIABLES = ("shell", "dotenv", "docker", "github")


def arrivals(content: str | bytes, folder: Path, *chosen: str, **environ: str) -> dict[str, Arrival]:
    path = folder / "key"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    candidate = candidates.read(material.of_file(str(path), "key"))
    return {each.channel: each for each in channels.arrivals(candidate, environ, chosen)}


def statuses(content: str | bytes, folder: Path) -> dict[str, str]:
    return {name: each.status for name, each in arrivals(content, folder).items()}


# Secrets of every kind that AWS makes: no channel changes one, however many + and / it has.
SECRETS = [SECRET, "a" * 40, "+" * 40, "/" * 40, "+/" * 20, "/" + "a" * 39, "a" * 39 + "/", "0" * 40]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "text", [texts.CONSOLE, texts.OLD_CONSOLE, texts.IAM, texts.VAULT, texts.KV, texts.SHARED, texts.ENV]
)
def test_a_well_formed_secret_arrives_by_every_channel(secret: str, text: str, tmp_path: Path) -> None:
    found = statuses(text.replace(SECRET, secret), tmp_path)
    assert set(found) == set(channels.names())
    assert set(found.values()) == {SAME}


def test_a_session_token_arrives_by_every_channel(tmp_path: Path) -> None:
    assert set(statuses(texts.STS, tmp_path).values()) == {SAME}


def env(around: str) -> str:
    return f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={around.format(SECRET)}\n"


# For shell, dotenv, docker and github, in this order.
FILES = [
    ("plain", env("{}"), (SAME, SAME, SAME, SAME)),
    ("double quotes", env('"{}"'), (SAME, SAME, CHANGED, CHANGED)),
    ("single quotes", env("'{}'"), (SAME, SAME, CHANGED, CHANGED)),
    ("curly quotes", env("\u201c{}\u201d"), (CHANGED, CHANGED, CHANGED, CHANGED)),
    ("a comment", env("{} # new"), (SAME, SAME, CHANGED, CHANGED)),
    ("a blank behind", env("{} "), (SAME, SAME, CHANGED, CHANGED)),
    ("a blank in front", env(" {}"), (NOT_READ, SAME, CHANGED, CHANGED)),
    ("CRLF", env("{}").replace("\n", "\r\n"), (CHANGED, SAME, SAME, CHANGED)),
    ("exports", texts.EXPORTS, (SAME, SAME, NOT_READ, NOT_READ)),
    ("blanks around =", env("{}").replace("=", " = "), (NOT_READ, SAME, NOT_READ, NOT_READ)),
    ("a comment line", f"# new\n{env('{}')}", (SAME, SAME, SAME, NOT_READ)),
    ("a byte order mark", f"\ufeff{env('{}')}", (NOT_READ, SAME, SAME, SAME)),
    ("UTF-16", env("{}").encode("utf-16"), (NOT_READ, NOT_READ, NOT_READ, NOT_READ)),
    ("something invisible", env("\u200b{}"), (CHANGED, CHANGED, CHANGED, CHANGED)),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), [pytest.param(row[1], row[2], id=row[0]) for row in FILES])
def test_a_file_of_variables_is_read_as_its_readers_read_it(
    content: str | bytes, expected: tuple[str, ...], tmp_path: Path
) -> None:
    found = statuses(content, tmp_path)
    assert tuple(found[name] for name in OF_VARIABLES) == expected


SECTIONS = [
    ("plain", texts.SHARED, (SAME, SAME)),
    ("CRLF", texts.SHARED.replace("\n", "\r\n"), (SAME, SAME)),
    ("quotes", texts.SHARED.replace(SECRET, f'"{SECRET}"'), (SAME, CHANGED)),
    ("a comment", texts.SHARED.replace(SECRET, f"{SECRET} # new"), (SAME, CHANGED)),
    ("a section twice", f"[default]\n{texts.SHARED}", (SAME, NOT_READ)),
    ("a byte order mark", f"\ufeff{texts.SHARED}", (NOT_READ, NOT_READ)),
]


@pytest.mark.parametrize(("content", "expected"), [pytest.param(row[1], row[2], id=row[0]) for row in SECTIONS])
def test_a_shared_file_is_read_as_terraform_and_the_aws_cli_read_it(
    content: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    found = statuses(content, tmp_path)
    assert (found["terraform"], found["aws-cli"]) == expected


def check(content: str | bytes, folder: Path, *chosen: str) -> tuple[str, str, tuple[str, ...]]:
    made = channels.check(list(arrivals(content, folder, *chosen).values()))
    return made.status, made.title, made.fix


def test_a_value_that_is_changed_in_silence_stands_in_the_way(tmp_path: Path) -> None:
    status, title, fix = check(env('"{}"'), tmp_path)
    assert (status, title) == (FAILED, "another value arrives by docker, github")
    assert "--channel shell --channel dotenv" in fix[1]


def test_only_the_chosen_channels_count(tmp_path: Path) -> None:
    assert check(env('"{}"'), tmp_path, "shell", "dotenv")[:2] == (OK, "the very value arrives by shell, dotenv")
    assert check(env('"{}"'), tmp_path, "docker")[0] == FAILED


def test_a_file_that_some_reader_does_not_take_is_no_harm_and_one_that_none_takes_is(tmp_path: Path) -> None:
    assert check(texts.EXPORTS, tmp_path)[0] == OK
    assert check(env("{}").encode("utf-16"), tmp_path)[:2] == (FAILED, "nothing reads this file")
    assert check(texts.EXPORTS, tmp_path, "docker")[0] == FAILED


def test_what_would_arrive_is_told_by_its_shape(tmp_path: Path) -> None:
    found = arrivals(env('"{}"'), tmp_path)["docker"]
    assert found.words == (
        "docker run --env-file FILE: AWS_SECRET_ACCESS_KEY would be 42 characters instead of 40: "
        "a double quote before and a double quote behind"
    )
    assert "(the file begins with a byte order mark)" in arrivals(f"\ufeff{env('{}')}", tmp_path)["shell"].words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("abc\r", "4 characters instead of 3: a carriage return behind"),
        ("'abc'", "5 characters instead of 3: a single quote before and a single quote behind"),
        ("  abc", "5 characters instead of 3: 2 times a blank before"),
        ("abc # x", "7 characters instead of 3: 4 other characters behind"),
        ("ab", "2 characters instead of 3"),
        ("abd", "other characters, 3 as well"),
        ("", "0 characters instead of 3"),
    ],
)
def test_a_difference_is_told_without_a_value(found: str, words: str) -> None:
    assert difference(found, "abc") == words


# base64


def test_base64_loses_nothing_and_echo_adds_a_line_break(tmp_path: Path) -> None:
    """As a shell really does it."""
    for command, size in (("printf %s", 40), ("echo", 41)):
        done = subprocess.run(
            ["sh", "-c", f'{command} "$1" | base64', "-", SECRET], capture_output=True, check=True, timeout=60
        )
        assert len(base64.b64decode(done.stdout)) == size
    assert "printf %s gives back 40 characters; echo" in arrivals(texts.IAM, tmp_path)["base64"].words


# Git Bash

SLASH = texts.IAM.replace(SECRET, "/" + SECRET[1:])


@pytest.mark.parametrize(
    ("content", "environ", "status"),
    [
        (SLASH, {"MSYSTEM": "MINGW64"}, CHANGED),
        (SLASH, {"MSYSTEM": "MINGW64", "MSYS2_ENV_CONV_EXCL": "PATH"}, CHANGED),
        (SLASH, {"MSYSTEM": "MINGW64", "MSYS2_ENV_CONV_EXCL": "PATH;AWS_SECRET"}, SAME),
        (SLASH, {"MSYSTEM": "MINGW64", "MSYS2_ENV_CONV_EXCL": "*"}, SAME),
        (SLASH, {}, SAME),
        (texts.IAM, {"MSYSTEM": "MINGW64"}, SAME),
    ],
)
def test_git_bash_takes_a_leading_slash_for_a_path(
    content: str, environ: dict[str, str], status: str, tmp_path: Path
) -> None:
    assert arrivals(content, tmp_path, **environ)["git-bash"].status == status


def test_a_leading_slash_is_said_everywhere_and_elsewhere_is_no_harm(tmp_path: Path) -> None:
    assert "begins with a slash" in arrivals(SLASH, tmp_path)["git-bash"].words
    assert check(SLASH, tmp_path)[0] == OK


def test_no_arrival_holds_the_secret(tmp_path: Path) -> None:
    for row in FILES:
        assert isinstance(row[1], str | bytes)
        assert SECRET[:12] not in repr(arrivals(row[1], tmp_path))
