"""Promise 1: every signal arrives exactly once. Two interrupts make Terraform give up its state."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from testing import recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.promises.conftest import Played

WAITS = "out('ready\\n'); wait(1.2)"


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def started(played: Played) -> bool:
    """Whether the recorder runs."""
    return any(record.get("start") for record in recorder.records(played.record))


def start(played: Played, *, new_session: bool = True) -> subprocess.Popen[bytes]:
    """Start a guarded recorder on pipes, and wait until it runs."""
    process = subprocess.Popen(
        [played.shim, "plan"],
        env=played.environ(RECORDER_DO=WAITS),
        cwd=played.world.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=new_session,
    )
    until(lambda: started(played))
    return process


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_a_signal_to_the_shim_alone_is_passed_on_once(played: Played, name: str) -> None:
    process = start(played)
    process.send_signal(getattr(signal, f"SIG{name}"))
    process.communicate(timeout=30)
    assert recorder.signals(played.record) == [f"SIG{name}"]
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_a_signal_to_the_whole_group_is_not_passed_on_a_second_time(played: Played, name: str) -> None:
    process = start(played)
    os.killpg(process.pid, getattr(signal, f"SIG{name}"))
    process.communicate(timeout=30)
    assert recorder.signals(played.record) == [f"SIG{name}"]
    assert process.returncode == 0


def test_ctrl_c_on_the_terminal_reaches_the_real_binary_once(played: Played) -> None:
    child = pexpect.spawn(
        str(played.shim), ["plan"], env=played.environ(RECORDER_DO=WAITS), cwd=str(played.world.cwd), timeout=20
    )
    child.expect("ready")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert recorder.signals(played.record) == ["SIGINT"]
    assert child.exitstatus == 0


def test_two_interrupts_are_two_interrupts(played: Played) -> None:
    process = start(played)
    for count in (1, 2):
        process.send_signal(signal.SIGINT)
        until(lambda count=count: len(recorder.signals(played.record)) == count)  # type: ignore[misc]
    process.communicate(timeout=30)
    assert recorder.signals(played.record) == ["SIGINT", "SIGINT"]


def test_an_interrupt_that_was_ignored_at_the_start_stays_ignored(played: Played) -> None:
    command = "trap '' INT; exec \"$0\" plan"
    process = subprocess.Popen(
        ["bash", "-c", command, played.shim],
        env=played.environ(RECORDER_DO=WAITS, RECORDER_SIGNALS="TERM"),
        cwd=played.world.cwd,
        start_new_session=True,
    )
    until(lambda: started(played))
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert recorder.signals(played.record) == []


def test_when_the_shim_is_killed_the_real_binary_gets_one_interrupt(played: Played) -> None:
    process = start(played)
    process.kill()
    process.wait(timeout=10)
    until(lambda: recorder.signals(played.record) != [])
    time.sleep(1.5)
    assert recorder.signals(played.record) == ["SIGINT"]
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stderr.close()


def test_nothing_is_left_behind(played: Played) -> None:
    process = start(played)
    process.communicate(timeout=30)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
