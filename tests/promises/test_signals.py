"""Promise 1: every signal arrives exactly once. Two interrupts make Terraform give up its state."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import pexpect
import pytest

from testing import recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testing.world import World
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


def start(played: Played) -> subprocess.Popen[bytes]:
    """Start a guarded recorder on pipes, and wait until it runs."""
    process = subprocess.Popen(
        [played.shim, "plan"],
        env=played.environ(RECORDER_DO=WAITS),
        cwd=played.world.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: started(played))
    return process


class Running(NamedTuple):
    """A guarded run, on pipes or as a shell's job, that leads its group; `end` waits for the status a shell shows."""

    pid: int
    end: Callable[[], int]


def on_pipes(played: Played) -> Running:
    process = start(played)

    def end() -> int:
        process.communicate(timeout=30)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    return Running(process.pid, end)


def on_terminal(played: Played) -> Running:
    child = pexpect.spawn(
        "bash",
        ["-mc", '"$0" plan; exit $?', str(played.shim)],
        env=played.environ(RECORDER_DO=WAITS),
        cwd=str(played.world.cwd),
        timeout=30,
    )
    until(lambda: started(played))

    def end() -> int:
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus is not None
        return child.exitstatus

    return Running(next(iter(recorder.records(played.record)))["group"], end)


@pytest.fixture(params=[on_pipes, on_terminal])
def running(played: Played, request: pytest.FixtureRequest) -> Running:
    """A guarded recorder that runs: on pipes, and on a terminal."""
    begin: Callable[[Played], Running] = request.param
    return begin(played)


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the shim alone", "to the whole group"])
def test_a_signal_reaches_the_real_binary_once(
    running: Running, played: Played, send: Callable[[int, int], None], name: str
) -> None:
    send(running.pid, getattr(signal, f"SIG{name}"))
    assert running.end() == 0
    assert recorder.signals(played.record) == [f"SIG{name}"]


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


def test_when_the_shim_is_killed_the_real_binary_gets_one_interrupt_and_ends_unread(
    running: Running, played: Played
) -> None:
    os.kill(running.pid, signal.SIGKILL)
    assert running.end() == 128 + signal.SIGKILL
    until(lambda: recorder.signals(played.record) != [])
    until(lambda: not exists(running.pid))
    assert recorder.signals(played.record) == ["SIGINT"]


# As tfwrap runs `init -reconfigure`: unseen, by a program that does not listen.
UNSEEN = """
import os, sys
from tfwrap.process import process
from tfwrap.process.command import Command
sys.stderr.write("begun\\n")
deaf = ["-c", "trap '' INT; sleep 30 & wait; sleep 30"]
print(process.capture(Command("/bin/sh", deaf, dict(os.environ)), say=lambda text: sys.stderr.write(text + "\\n"))[:2])
"""


def test_what_runs_unseen_and_does_not_listen_can_be_killed_too(world: World) -> None:
    child = pexpect.spawn(sys.executable, ["-c", UNSEEN], cwd=str(world.cwd), encoding="utf-8", timeout=20)
    child.expect("begun")
    time.sleep(1)
    for _ in range(3):
        child.sendintr()
        time.sleep(0.2)
    child.expect("Press Ctrl-C once more to kill it")
    time.sleep(1.2)
    child.sendintr()
    child.expect(r"\(137, 9\)")
    child.expect(pexpect.EOF)


def exists(group: int) -> bool:
    """Whether anything is left of a process group, a zombie included."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_nothing_is_left_behind(running: Running) -> None:
    assert running.end() == 0
    assert not exists(running.pid)


def masks(environ: dict[str, str], played: Played, program: str | Path, *words: str) -> list[str]:
    """Which signals the recorder found blocked, and which ignored, in the kernel's own notation."""
    do = "note(masks=[line for line in open('/proc/self/status') if line.startswith(('SigBlk', 'SigIgn'))])"
    command = [*words, str(program), "plan"]
    subprocess.run(command, env={**environ, "RECORDER_DO": do}, cwd=played.world.cwd, timeout=30, check=True)
    found: list[str] = list(recorder.records(played.record))[-1]["masks"]
    return found


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no /proc here")
@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="as usual"),
        pytest.param(["nohup"], id="under nohup"),
        pytest.param(["env", "--ignore-signal=INT,QUIT"], id="a job in the background of a script"),
        pytest.param(["env", "--block-signal=TERM,USR1"], id="with some blocked"),
    ],
)
def test_the_real_binary_finds_the_same_signals_blocked_and_ignored(played: Played, words: list[str]) -> None:
    environ = {**played.environ(), "RECORDER_SIGNALS": "USR2"}
    bare = masks(environ, played, environ["TFWRAP_TERRAFORM"], *words)
    assert masks(environ, played, played.shim, *words) == bare
