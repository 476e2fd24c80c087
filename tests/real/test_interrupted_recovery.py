"""A signal in the middle of putting things right leaves everything as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from testing import story as stories
from testing.installation import installed

if TYPE_CHECKING:
    from pathlib import Path

    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

# The real Terraform, but for one moment at which it waits: before init, or before the command that runs again.
WAITS = """#!/bin/bash
case "$*" in
  {pattern}) if [ -e {ready} ] || [ {first} = yes ]; then : >{waiting}; exec sleep 30; fi ;;
esac
: >{ready}
exec {real} "$@"
"""


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform) -> Story:
    """A root module whose saved key has just been deleted."""
    begun = stories.begin(world, stand, terraform, installed(), f"interrupted-{time.monotonic_ns()}")
    stories.initialise(begun)
    stories.rotate(begun)
    return begun


def waiting_terraform(story: Story, pattern: str, *, first: bool) -> Path:
    """A terraform that waits when its arguments match; returns the file that says that it does."""
    root = story.world.root
    waiting = root / "waiting"
    script = root / "terraform-that-waits"
    real = story.world.environ["TFWRAP_TERRAFORM"]
    values = {"pattern": pattern, "ready": root / "ready", "waiting": waiting, "real": real}
    script.write_text(WAITS.format(first="yes" if first else "no", **values))
    script.chmod(0o755)
    story.world.environ["TFWRAP_TERRAFORM"] = str(script)
    return waiting


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP"])
@pytest.mark.parametrize("target", ["shim", "group"])
def test_a_signal_during_the_reconfiguration_puts_everything_back(story: Story, name: str, target: str) -> None:
    before = {path: path.read_bytes() for path in story.saved_file.parent.rglob("*") if path.is_file()}
    waiting = waiting_terraform(story, "*init*", first=True)
    process = start(story)
    until_exists(waiting)
    send(process, name, target)
    process.communicate(timeout=30)
    assert process.returncode == -getattr(signal, f"SIG{name}")
    after = {path: path.read_bytes() for path in story.saved_file.parent.rglob("*") if path.is_file()}
    assert after == before


DEAF = """#!/bin/bash
trap '' INT TERM HUP
: >{log}.$1
case "$1" in {deaf}) : >{waiting}; sleep 2 ;; esac
exec {real} "$@"
"""


@pytest.mark.parametrize("deaf", ["plan", "init"])
@pytest.mark.parametrize("target", ["shim", "group"])
def test_after_an_interrupt_that_terraform_did_not_hear_nothing_more_is_started(
    story: Story, deaf: str, target: str
) -> None:
    """While it configures its backend Terraform swallows interrupts: it ends by itself, and that is no licence."""
    before = {path: path.read_bytes() for path in story.saved_file.parent.rglob("*") if path.is_file()}
    root, real = story.world.root, story.world.environ["TFWRAP_TERRAFORM"]
    script, waiting = root / "deaf-terraform", root / "waiting"
    script.write_text(DEAF.format(log=root / "called", waiting=waiting, real=real, deaf=deaf))
    script.chmod(0o755)
    story.world.environ["TFWRAP_TERRAFORM"] = str(script)
    process = start(story)
    until_exists(waiting)
    send(process, "TERM", target)
    process.communicate(timeout=40)
    assert process.returncode == (1 if deaf == "plan" else -signal.SIGTERM)
    assert (root / "called.init").exists() == (deaf == "init")
    after = {path: path.read_bytes() for path in story.saved_file.parent.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("target", ["shim", "group"])
def test_a_signal_during_the_second_run_reaches_it_once(story: Story, target: str) -> None:
    waiting = waiting_terraform(story, "plan*", first=False)
    process = start(story)
    until_exists(waiting)
    send(process, "TERM", target)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM


def start(story: Story) -> subprocess.Popen[bytes]:
    """Start a plan that is put right unasked."""
    return subprocess.Popen(
        [story.installation.terraform, "plan"],
        env={**story.world.environ, "TFWRAP_AUTO": "reconfigure"},
        cwd=story.module,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def send(process: subprocess.Popen[bytes], name: str, target: str) -> None:
    """Send a signal to the shim alone, or to its group."""
    number = getattr(signal, f"SIG{name}")
    if target == "group":
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)


def until_exists(path: Path) -> None:
    """Wait for a file to appear."""
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
