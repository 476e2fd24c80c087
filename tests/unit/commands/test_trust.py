"""`tfwrap trust`: what is approved, what is said, and what cannot be approved."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World


def tfwrap(world: World, *words: str) -> Finished:
    return worlds.run(world, [sys.executable, "-I", "-m", "tfwrap", *words])


@pytest.fixture
def path(world: World) -> str:
    (world.cwd / ".git").mkdir()
    (world.cwd / ".tfwrap.toml").write_text('auto = "all"\n')
    return os.path.realpath(world.cwd / ".tfwrap.toml")


def test_what_is_approved_is_shown(world: World, path: str) -> None:
    done = tfwrap(world, "trust")
    expected = f'{path}: approved, as long as it stays as it is:\n  auto = "all"  ({path}:1)\n'
    assert (done.status, done.stdout.decode(), done.stderr) == (0, expected, b"")
    assert b'  auto = "all"  (.tfwrap.toml:1)\n' in tfwrap(world, "settings").stdout


def test_an_approval_is_taken_back(world: World, path: str) -> None:
    tfwrap(world, "trust")
    assert tfwrap(world, "trust", "--revoke").stdout.decode() == f"{path}: no longer approved\n"
    assert tfwrap(world, "trust", "--revoke").stdout.decode() == f"{path}: was not approved\n"
    assert b'  auto = "off"  (the default)\n' in tfwrap(world, "settings").stdout


def test_a_file_may_be_named(world: World, path: str) -> None:
    folder = world.root / "elsewhere"
    folder.mkdir()
    (folder / ".tfwrap.toml").write_text("")
    (world.cwd / "link").symlink_to(folder)
    done = tfwrap(world, "trust", "link/.tfwrap.toml")
    assert done.stdout.decode() == f"{os.path.realpath(folder)}/.tfwrap.toml: approved, as long as it stays as it is:\n"


def test_a_file_that_is_gone_can_be_revoked(world: World, path: str) -> None:
    tfwrap(world, "trust")
    os.unlink(path)
    assert tfwrap(world, "trust", "--revoke", path).stdout.decode() == f"{path}: no longer approved\n"


def test_a_file_with_a_mistake_is_not_approved(world: World, path: str) -> None:
    (world.cwd / ".tfwrap.toml").write_text("auto = 1\n")
    done = tfwrap(world, "trust")
    assert (done.status, done.stdout) == (125, b"")
    assert done.stderr.startswith(f"tfwrap: not approved: {path}:1: auto must be one of off,".encode())


def test_where_there_is_none_that_is_said(world: World) -> None:
    (world.cwd / ".git").mkdir()
    done = tfwrap(world, "trust")
    assert (done.status, done.stdout) == (125, b"")
    assert done.stderr.startswith(b"tfwrap: there is no .tfwrap.toml here or in a directory above")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("main.tf", b"only a file named .tfwrap.toml needs approval"),
        ("gone/.tfwrap.toml", b"no such file or directory"),
        ("fifo/.tfwrap.toml", b"is not a plain file"),
    ],
)
def test_what_cannot_be_approved_is_one_line(world: World, path: str, name: str, said: bytes) -> None:
    (world.cwd / "fifo").mkdir()
    os.mkfifo(world.cwd / "fifo/.tfwrap.toml")
    done = tfwrap(world, "trust", name)
    assert (done.status, done.stdout, done.stderr.count(b"\n")) == (125, b"", 1)
    assert said in done.stderr


def test_what_a_file_holds_cannot_drive_the_terminal(world: World, path: str) -> None:
    (world.cwd / ".tfwrap.toml").write_text('[ignore]\nTFW301 = "\\u001b]0;x\\u0007"\n')
    assert b"\x1b" not in tfwrap(world, "trust").stdout
