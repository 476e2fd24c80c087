from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World


def which(world: World, *words: str, **more: str) -> Finished:
    return worlds.run(world, [sys.executable, "-I", "-m", "tfwrap", "which", *words], dict(more))


def program(world: World, name: str) -> str:
    path = world.bin / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("words", "name"), [([], "terraform"), (["terraform"], "terraform"), (["tofu"], "tofu")])
def test_the_path_of_the_real_binary_is_printed_and_nothing_else(world: World, words: list[str], name: str) -> None:
    path = program(world, name)
    done = which(world, *words)
    assert (done.status, done.stdout, done.stderr) == (0, f"{path}\n".encode(), b"")


def test_the_variable_counts(world: World) -> None:
    program(world, "terraform")
    other = program(world, "other")
    assert which(world, TFWRAP_TERRAFORM=other).stdout == f"{other}\n".encode()


def test_a_binary_that_is_not_there_is_said_with_127(world: World) -> None:
    done = which(world, "tofu")
    assert (done.status, done.stdout) == (127, b"")
    assert done.stderr.startswith(b"tfwrap: no real tofu found (looked in ")


def test_one_that_cannot_be_run_is_said_with_126(world: World) -> None:
    (world.bin / "other").write_text("x")
    done = which(world, TFWRAP_TERRAFORM=str(world.bin / "other"))
    assert (done.status, done.stdout) == (126, b"")
