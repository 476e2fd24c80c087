"""Interrupts as the real Terraform takes them, through the installed shim."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from testing import story as stories
from testing.installation import installed

if TYPE_CHECKING:
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

SLOW = """
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo begun; sleep 4; echo ended"
  }
}
"""


@pytest.fixture
def healthy(world: World, stand: Stand, terraform: Terraform) -> Story:
    """A root module that works."""
    begun = stories.begin(world, stand, terraform, installed(), f"interrupts-{time.monotonic_ns()}")
    stories.initialise(begun, with_keys=False)
    return begun


def on_terminal(story: Story, *words: str) -> pexpect.spawn[str]:
    """Start the shim on a terminal."""
    return pexpect.spawn(
        str(story.installation.terraform),
        list(words),
        env=story.world.environ,
        cwd=str(story.module),
        encoding="utf-8",
        dimensions=(40, 200),
        timeout=40,
    )


def test_ctrl_c_during_an_apply_stops_it_gracefully_and_the_state_is_saved(healthy: Story) -> None:
    (healthy.module / "slow.tf").write_text(SLOW)
    child = on_terminal(healthy, "apply", "-auto-approve", "-no-color")
    child.expect("begun")
    child.sendintr()
    child.expect("Gracefully shutting down")
    child.expect(pexpect.EOF)
    child.close()
    assert "Two interrupts received" not in str(child.before)
    assert child.exitstatus == 1
    assert b"terraform_data.slow" in healthy.bare("state", "list").stdout


def test_an_interrupt_to_the_shim_alone_stops_an_apply_gracefully(healthy: Story) -> None:
    (healthy.module / "slow.tf").write_text(SLOW)
    process = subprocess.Popen(
        [healthy.installation.terraform, "apply", "-auto-approve", "-no-color"],
        env=healthy.world.environ,
        cwd=healthy.module,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout
    printed = b""
    while b"begun" not in printed:
        printed += os.read(process.stdout.fileno(), 4096)
    process.terminate()
    printed += process.communicate(timeout=40)[0]
    assert b"Gracefully shutting down" in printed
    assert b"Two interrupts received" not in printed
    assert process.returncode == 1


def test_a_terraform_that_does_not_listen_can_still_be_stopped(healthy: Story, stand: Stand) -> None:
    """While it configures the backend no interrupt reaches it; after the third we say how it can be killed."""
    stand.hang("sts", 60)
    stand.forget()
    try:
        healthy.world.environ["TFWRAP_OFFLINE"] = "1"  # so that it is Terraform who waits
        child = on_terminal(healthy, "plan", "-no-color")
        assert stand.wait_for("sts", 30)
        for _ in range(3):
            child.sendintr()
            time.sleep(0.3)
        child.expect("Press Ctrl-C once more to kill it")
        time.sleep(1.2)
        started = time.monotonic()
        child.sendintr()
        child.expect(pexpect.EOF)
        child.close()
        assert time.monotonic() - started < 10
        assert child.signalstatus == 9
    finally:
        stand.hang("sts", 0)


def test_the_console_is_interactive_on_a_terminal(healthy: Story) -> None:
    child = on_terminal(healthy, "console")
    child.expect("> ")
    child.sendline('upper("interactive")')
    child.expect("INTERACTIVE")
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_when_the_shim_is_killed_terraform_stops_and_saves_its_state(healthy: Story) -> None:
    (healthy.module / "slow.tf").write_text(SLOW)
    process = subprocess.Popen(
        [healthy.installation.terraform, "apply", "-auto-approve", "-no-color"],
        env=healthy.world.environ,
        cwd=healthy.module,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout
    printed = b""
    while b"begun" not in printed:
        printed += os.read(process.stdout.fileno(), 4096)
    process.kill()
    process.wait(timeout=10)
    process.stdout.close()
    deadline = time.monotonic() + 20
    while _alive(process.pid):
        assert time.monotonic() < deadline, "something of the group still runs"
        time.sleep(0.1)
    assert b"terraform_data.slow" in healthy.bare("state", "list").stdout, "it stopped before it saved its state"


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
