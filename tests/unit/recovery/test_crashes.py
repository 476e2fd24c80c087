"""A tfwrap that is killed at any instant of a reconfiguration leaves the old saved backend or the new one, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from testing import tracer
from tests.unit.recovery.stage import CONFIG, REAL, SAVES, Stage, document, without_keys
from tfwrap import invocation
from tfwrap.recovery import leftovers, lock, reconfigure
from tfwrap.terraform.saved_backend import COPY_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

# Kills itself at the n-th thing that it does to the disk or to another process, and without n tells how many there are.
KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from tests.unit.recovery.stage import Stage
stage, seen, last = Stage(Path({root!r})), 0, {last}
plan = stage.plan()
from tfwrap.recovery import reconfigure
DOES = ("open", "os.rename", "os.remove", "os.chmod", "os.posix_spawn", "os.listdir", "fcntl.flock")
def hook(event, arguments):
    global seen
    if event in DOES and started:
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
started = False
sys.addaudithook(hook)
started = True
reconfigure.run(plan, str(stage.real), dict(os.environ), print)
started = False
print(seen)
"""
WHOLE = (document(CONFIG), document(without_keys()))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.saved_file.parent.mkdir(parents=True)
    made.real.parent.mkdir()
    made.real.write_text(REAL)
    made.real.chmod(0o755)
    made.saved_file.write_bytes(document(CONFIG))
    made.environment_file.write_text("prod")
    made.does(SAVES)
    made.has("prod")
    return made


def start(stage: Stage, last: int, **more: str) -> subprocess.Popen[str]:
    code = KILLED.format(path=sys.path, root=str(stage.root), last=last)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=stage.root / "net",
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **more},
    )


def settle(stage: Stage, **environ: str) -> str:
    return leftovers.settle(invocation.read("terraform", ["plan"], environ, str(stage.root / "net")), environ)


def is_left(stage: Stage) -> bool:
    return any(name.endswith(COPY_SUFFIX) for name in stage.data)


ENDS = [
    pytest.param("prod", {"", leftovers.UNDONE}),
    pytest.param("default", {"", leftovers.UNDONE, leftovers.FINISHED}),
]


@pytest.mark.parametrize(("workspace", "ends"), ENDS)
def test_a_kill_at_any_step_is_made_good_by_the_next_run(stage: Stage, workspace: str, ends: set[str]) -> None:
    stage.environment_file.write_text(workspace)
    whole = start(stage, 0)
    steps = int(whole.communicate(timeout=60)[0])
    assert steps > 10
    outcomes = set()
    for last in range(1, steps + 1):
        stage.saved_file.write_bytes(document(CONFIG))
        killed = start(stage, last)
        killed.communicate(timeout=60)
        assert killed.returncode == -signal.SIGKILL
        until_init_is_over(stage)
        outcomes.add(settle(stage))
        assert stage.saved_file.read_bytes() in WHOLE
        assert stage.environment_file.read_text() == workspace
        assert stage.data == ["environment", "terraform.tfstate"]
        assert settle(stage) == ""
    assert outcomes == ends


CALMLY = """
import os, sys
sys.path[:0] = {path!r}
from pathlib import Path
from tests.unit.recovery.stage import Stage
Stage(Path({root!r})).run()
"""


@pytest.mark.slow
@pytest.mark.skipif(not tracer.IS_POSSIBLE, reason="tracing is written for Linux on x86-64")
def test_a_kill_after_any_system_call_is_made_good_by_the_next_run(stage: Stage) -> None:
    """The kernel's own view: writes, fsyncs, renames, the fork and the wait for init, which lives on."""
    argv = [sys.executable, "-c", CALMLY.format(path=sys.path, root=str(stage.root))]
    cwd = stage.root / "net"
    try:
        whole = tracer.run(argv, os.environ, cwd)
    except OSError as error:
        pytest.skip(f"the kernel does not let us trace ({error.strerror})")
    assert whole.status == 0
    assert {"flock", "write", "fsync", "rename", "unlink", "wait4"} <= set(whole.calls)
    outcomes = set()
    for last in range(1, len(whole.calls) + 1):
        stage.saved_file.write_bytes(document(CONFIG))
        killed = tracer.run(argv, os.environ, cwd, last)
        assert killed.status == -signal.SIGKILL, (last, killed)
        until_init_is_over(stage)
        outcomes.add(settle(stage))
        assert stage.saved_file.read_bytes() in WHOLE, (last, killed)
        assert stage.environment_file.read_text() == "prod"
        assert stage.data == ["environment", "terraform.tfstate"], (last, killed)
    assert outcomes == {"", leftovers.UNDONE}


def until_init_is_over(stage: Stage) -> None:
    """The init that was started lives on for a moment, and holds the lock."""
    for _ in range(200):
        if settle_would_work(stage):
            return
        time.sleep(0.05)
    raise AssertionError("the lock is never given back")


def settle_would_work(stage: Stage) -> bool:
    import fcntl

    descriptor = os.open(stage.saved_file.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


FLIPS = """
import signal
(data / "terraform.tfstate").write_text((folder / "after.json").read_text())
(data / "environment").write_text("default")
os.kill(os.getppid(), signal.SIGKILL)
"""
TEARS = """
import signal
(data / "terraform.tfstate").write_text((folder / "after.json").read_text()[:100])
(data / "environment").unlink()
os.kill(os.getppid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("code", [FLIPS, TEARS])
def test_what_init_spoilt_before_the_kill_is_undone(stage: Stage, code: str) -> None:
    stage.does(code)
    start(stage, 0).communicate(timeout=60)
    until_init_is_over(stage)
    assert is_left(stage)
    assert settle(stage) == leftovers.UNDONE
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.environment_file.read_text() == "prod"
    assert stage.data == ["environment", "terraform.tfstate"]


def test_a_workspace_file_that_init_made_goes_again(stage: Stage) -> None:
    stage.environment_file.unlink()
    stage.does(FLIPS.replace("default", "prod"))
    start(stage, 0).communicate(timeout=60)
    until_init_is_over(stage)
    assert settle(stage) == leftovers.UNDONE
    assert stage.data == ["terraform.tfstate"]


SLEEPS = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as Terraform does while it configures its backend
(folder / "running").write_text("")
time.sleep(3)
(data / "terraform.tfstate").write_text((folder / "after.json").read_text())
"""


def killed_while_init_lives_on(stage: Stage) -> None:
    stage.does(SLEEPS)
    running = start(stage, 0)
    while not (stage.real.parent / "running").exists():
        time.sleep(0.02)
    running.kill()
    running.communicate(timeout=60)


def test_an_init_that_lives_on_is_not_disturbed_and_then_finished(stage: Stage) -> None:
    stage.environment_file.unlink()
    killed_while_init_lives_on(stage)
    assert settle(stage) == lock.BUSY
    assert is_left(stage)
    until_init_is_over(stage)
    assert settle(stage) == leftovers.FINISHED
    assert stage.saved_file.read_bytes() == document(without_keys())


@pytest.mark.parametrize(("selected", "environ"), [("prod", {}), ("default", {"TF_WORKSPACE": "prod"})])
def test_where_nobody_has_looked_for_the_workspace_it_is_undone(
    stage: Stage, selected: str, environ: dict[str, str]
) -> None:
    """Init itself is content, and the next command would make an empty state."""
    stage.environment_file.write_text(selected)
    stage.has()
    killed_while_init_lives_on(stage)
    until_init_is_over(stage)
    assert stage.saved_file.read_bytes() == document(without_keys())
    assert settle(stage, **environ) == leftovers.UNDONE
    assert stage.saved_file.read_bytes() == document(CONFIG)
    assert stage.environment_file.read_text() == selected


def test_two_at_once_the_second_declines(stage: Stage) -> None:
    stage.does(SLEEPS)
    running = start(stage, 0)
    while not (stage.real.parent / "running").exists():
        time.sleep(0.02)
    result = reconfigure.run(stage.plan(), str(stage.real), {}, print)
    assert (result.done, result.reason) == (False, "another tfwrap is reconfiguring the backend here")
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert stage.saved_file.read_bytes() == document(without_keys())


def test_where_nothing_is_left_nothing_is_done_and_nothing_said(stage: Stage) -> None:
    before = {path: path.stat().st_mtime_ns for path in stage.saved_file.parent.iterdir()}
    assert settle(stage) == ""
    assert {path: path.stat().st_mtime_ns for path in stage.saved_file.parent.iterdir()} == before
