from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds

if TYPE_CHECKING:
    from pathlib import Path

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World

DEMO = [sys.executable, "-I", "-m", "tfwrap", "demo"]


def demo(world: World, terraform: Terraform, **more: str) -> Finished:
    return worlds.run(world, DEMO, {"TFWRAP_TERRAFORM": terraform.path, **more}, timeout=120)


def files(root: Path) -> list[str]:
    return sorted(str(path) for path in root.rglob("*") if "__pycache__" not in path.parts)


def test_the_demo_tells_the_whole_story_and_leaves_nothing(world: World, terraform: Terraform) -> None:
    worlds.write_credentials(world, {"default": {"aws_access_key_id": "AKIAMADEUPBYTEST0009"}})
    before = files(world.root)
    done = demo(world, terraform)
    told = done.stdout.decode() + done.stderr.decode()
    assert done.status == 0, told
    for words in (
        "TFW301 saved-backend-credentials: the backend will use the saved key AKIA****0001, not key AKIA****0002",
        "api error InvalidClientTokenId",
        "TFWRAP_STRICT is set: refused",
        "reconfiguring the backend and running again (set by TFWRAP_AUTO)",
        "stale-saved-backend (certain)",
        "ran the command again, once: exit status 0",
        "No changes.",
    ):
        assert words in told
    assert files(world.root) == before


def test_nothing_of_the_users_environment_reaches_the_demo(world: World, terraform: Terraform) -> None:
    theirs = {
        "AWS_PROFILE": "missing",
        "AWS_ACCESS_KEY_ID": "AKIAMADEUPBYTEST0009",
        "AWS_SECRET_ACCESS_KEY": "made up by the tests",
        "TF_CLI_ARGS": "-no-such-option",
        "TF_DATA_DIR": "/nowhere",
        "TF_WORKSPACE": "other",
        "TF_LOG": "trace",
        "TFWRAP_DISABLE": "1",
        "TFWRAP_STRICT": "1",
    }
    assert demo(world, terraform, **theirs).status == 0


def test_a_terminal_without_unicode_is_no_error(world: World, terraform: Terraform) -> None:
    ascii_only = [sys.executable, "-m", "tfwrap", "demo"]
    done = worlds.run(world, ascii_only, {"TFWRAP_TERRAFORM": terraform.path, "PYTHONIOENCODING": "ascii"}, timeout=120)
    assert done.status == 0, done.stderr


def test_colour_is_for_who_wants_it(world: World, terraform: Terraform) -> None:
    assert b"\x1b[1;36m" not in demo(world, terraform).stdout
    assert b"\x1b[1;36m" in demo(world, terraform, FORCE_COLOR="1").stdout


def test_without_a_real_terraform_it_says_so(world: World) -> None:
    done = worlds.run(world, DEMO)
    assert done.status == 127
    assert done.stderr.startswith(b"tfwrap: no real terraform found")


def test_when_the_story_does_not_go_as_told_it_says_where_and_cleans_up(world: World) -> None:
    broken = world.bin / "broken"
    broken.write_text('#!/bin/sh\n[ "$1" = version ] && echo "Terraform v1.11.4" || exit 3\n')
    broken.chmod(0o755)
    before = files(world.root)
    done = worlds.run(world, DEMO, {"TFWRAP_TERRAFORM": str(broken)})
    assert done.status == 125
    assert b"tfwrap: the demo did not go as told: `terraform init" in done.stderr
    assert b"secret_key=madeUp" not in done.stderr
    assert files(world.root) == before


@pytest.mark.parametrize("answer", ["exit 1", "echo what", "sleep 0; exit 0"])
def test_a_binary_that_is_no_terraform_is_one_line(world: World, answer: str) -> None:
    broken = world.bin / "broken"
    broken.write_text(f"#!/bin/sh\n{answer}\n")
    broken.chmod(0o755)
    done = worlds.run(world, DEMO, {"TFWRAP_TERRAFORM": str(broken)})
    assert done.status == 125
    assert done.stderr.count(b"\n") == 1
