"""The `tfwrap` command as a program: what it prints where, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds
from tfwrap import cli, commands

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World

TFWRAP = [sys.executable, "-I", "-m", "tfwrap"]


def tfwrap(world: World, *words: str, **more: str) -> Finished:
    return worlds.run(world, [*TFWRAP, *words], {"PYTHONDONTWRITEBYTECODE": "1", **more})


def test_without_words_it_says_how_to_use_it(world: World) -> None:
    done = tfwrap(world)
    assert (done.status, done.stderr) == (0, b"")
    for word in (*commands.VERBS, "TFWRAP_STRICT=1", "TFWRAP_DISABLE=1", "--explain"):
        assert word.encode() in done.stdout


def test_every_verbs_help_is_its_docstring() -> None:
    for verb in commands.VERBS.values():
        assert verb.__doc__
        assert verb.__doc__.partition("\n")[0].endswith(".")


def test_the_version_is_told(world: World) -> None:
    done = tfwrap(world, "--version")
    assert (done.status, done.stdout.split()[0]) == (0, b"tfwrap")


@pytest.mark.parametrize("word", ["plan", "apply", "init", "state", "workspace", "destroy"])
def test_a_word_of_terraforms_is_told_where_it_belongs(world: World, word: str) -> None:
    done = tfwrap(world, word, "-input=false")
    assert (done.status, done.stdout) == (2, b"")
    assert (
        done.stderr == f"tfwrap: type `terraform {word}`: tfwrap stands behind that name and runs on its own\n".encode()
    )


USAGE = [
    ("a word that is no verb", ["explian"]),
    ("an option that is none", ["--explian"]),
    ("an option cut short", ["explain", "--form", "json"]),
    ("a format that is none", ["explain", "--format", "xml"]),
    ("a word too many", ["demo", "x"]),
    ("a program that is none", ["which", "pulumi"]),
    ("an option without its value", ["explain", "--id"]),
]


@pytest.mark.parametrize("words", [pytest.param(row[1], id=row[0]) for row in USAGE])
def test_what_is_not_understood_is_a_usage_error(world: World, words: list[str]) -> None:
    done = tfwrap(world, *words)
    assert (done.status, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"usage: tfwrap ")


@pytest.mark.parametrize("words", [["--explain"], ["explain"], ["--explain", "--verbose"], ["--verbose", "--explain"]])
def test_explain_may_be_a_verb_or_an_option(world: World, words: list[str]) -> None:
    done = tfwrap(world, *words)
    assert (done.status, done.stderr) == (0, b"")
    assert done.stdout == b"nothing has failed over its credentials here: there is no incident to explain\n"


def test_an_error_is_one_line_on_standard_error_with_its_status(world: World) -> None:
    done = tfwrap(world, "explain", "--id", "2026")
    assert (done.status, done.stdout) == (125, b"")
    assert done.stderr == b"tfwrap: no incident has the id '2026'; tfwrap --explain --all lists them\n"


def test_errors_are_coloured_when_that_is_wanted(world: World) -> None:
    assert b"\x1b[31m" in tfwrap(world, "explain", "zzz", FORCE_COLOR="1").stderr
    assert b"\x1b" not in tfwrap(world, "explain", "zzz", FORCE_COLOR="1", NO_COLOR="1").stderr


def piped(world: World, command: str) -> tuple[int, bytes]:
    """Run it in a shell; its own status, and all that was said about it."""
    script = f"{' '.join(TFWRAP)} {command}"
    done = subprocess.run(
        ["bash", "-c", f"{script}; echo status=${{PIPESTATUS[0]}} >&2"],
        cwd=world.cwd, env=world.environ, capture_output=True, timeout=60,
    )  # fmt: skip
    said, _, status = done.stderr.rpartition(b"status=")
    return int(status), said


def test_a_reader_that_has_seen_enough_is_no_error(world: World) -> None:
    assert piped(world, "--explain TFW301 | true") in ((141, b""), (0, b""))
    assert piped(world, "--explain TFW301 > >(exec true; sleep 1); sleep 0; :")[1] == b""


def test_a_closed_pipe_ends_it_quietly(world: World) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*TFWRAP, "--explain", "TFW301"], stdout=writing, stderr=subprocess.PIPE, env=world.environ, timeout=60
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_one_line(world: World) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*TFWRAP, "--explain", "TFW301"], stdout=full, stderr=subprocess.PIPE, env=world.environ, timeout=60
        )
    assert (done.returncode, done.stderr) == (125, b"tfwrap: standard output: no space left on device\n")


@pytest.mark.parametrize("words", [["--explain"], ["--explain", "--all"], ["--explain", "TFW301"]])
def test_without_a_state_directory_there_is_still_an_answer(world: World, words: list[str]) -> None:
    done = tfwrap(world, *words, HOME="/proc/nowhere", XDG_STATE_HOME="/proc/nowhere")
    assert (done.status, done.stderr) == (0, b"")


def test_in_a_directory_that_was_removed_there_is_still_an_answer(world: World) -> None:
    gone = ["bash", "-c", 'mkdir x && cd x && rmdir "$PWD" && exec "$@"', "-", *TFWRAP, "--explain"]
    done = worlds.run(world, gone)
    assert (done.status, done.stderr) == (0, b"")


def test_an_interrupt_has_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.VERBS["explain"], "run", interrupted)
    assert cli.main(["explain"]) == 130
