"""A tfwrap that is killed while the real Terraform reconfigures: the next run settles it, whatever the instant."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from testing import place as places
from testing import tracer
from testing.marks import on_terraforms
from testing.place import AUTO, Place
from testing.terraforms import PATH
from tests.real.causes.place import pair
from tfwrap import launch
from tfwrap.recovery import copies, leftovers
from tfwrap.terraform.saved_backend import COPY_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

INSTANTS = 14
VALUES = ("-backend-config=encrypt=true", "-backend-config=workspace_key_prefix=envs")
COMMAND = [sys.executable, "-I", launch.__file__, "terraform", "output", "-no-color"]


@pytest.fixture
def place(world: World, stand: Stand, terraform: Terraform) -> Place:
    """A state in the workspace prod, whose saved key has just been deleted."""
    made = places.made(world, stand, terraform)
    made.initialise(*VALUES)
    made.must("workspace", "new", "prod")
    made.write(output="10.9.0.0/16")
    made.must("apply", "-auto-approve")
    stand.keys.delete(made.old.id)
    return made


def until_nobody_is_at_work(folder: Path) -> None:
    """An init that outlives its tfwrap holds the lock until it ends."""
    deadline = time.monotonic() + 30
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        while time.monotonic() < deadline:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
    finally:
        os.close(descriptor)
    raise AssertionError("init does not end")


@pytest.mark.slow
@pytest.mark.skipif(not tracer.IS_POSSIBLE, reason="tracing is written for Linux on x86-64")
@on_terraforms(PATH)
def test_a_kill_at_any_of_many_instants_leaves_a_usable_directory(place: Place) -> None:
    argv, environ = COMMAND, {**place.world.environ, **AUTO}
    stale, objects = place.saved(), place.objects()
    content = (place.data_dir / "terraform.tfstate").read_bytes()
    try:
        whole = tracer.run(argv, environ, place.module)
    except OSError as error:
        pytest.skip(f"the kernel does not let us trace ({error.strerror})")
    assert whole.status == 0
    assert "wait4" in whole.calls
    for last in sorted({len(whole.calls) * number // INSTANTS or 1 for number in range(INSTANTS)}):
        (place.data_dir / "terraform.tfstate").write_bytes(content)
        killed = tracer.run(argv, environ, place.module, last)
        assert killed.status == -signal.SIGKILL, (last, killed)
        until_nobody_is_at_work(place.data_dir)
        done = place.guarded("output", "-no-color")
        assert (done.status, done.stdout) == (0, b'network = "10.9.0.0/16"\n'), (last, killed.calls, done)
        places.reconfigured(stale, place.saved())
        assert places.read(place.data_dir / "environment") == b"prod"
        assert place.objects() == objects
        assert not list(place.data_dir.glob("*tfwrap*")), (last, killed.calls)


def killed_together(place: Place, after_s: float) -> None:
    """Kill tfwrap's whole process group that long after the copies are complete."""
    null = subprocess.DEVNULL
    environ = {**place.world.environ, **AUTO}
    running = subprocess.Popen(
        COMMAND, cwd=place.module, env=environ, stdin=null, stdout=null, stderr=null, start_new_session=True
    )
    copy = place.data_dir / f"terraform.tfstate{COPY_SUFFIX}"
    while not copy.exists() and running.poll() is None:
        time.sleep(0.005)
    time.sleep(after_s)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    until_nobody_is_at_work(place.data_dir)


@pytest.mark.slow
@on_terraforms("0.12.29", PATH, "1.15.5")
@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.3, 0.6])
def test_an_init_that_is_killed_with_it_is_undone_or_finished(place: Place, after_s: float) -> None:
    """Both at once, as when memory runs out: whatever init had written, the next run finds one whole file."""
    stale, objects = place.saved(), place.objects()
    killed_together(place, after_s)
    done = place.guarded("output", "-no-color")
    assert done.status == 0, done
    places.reconfigured(stale, place.saved())
    assert place.objects() == objects
    assert places.read(place.data_dir / "environment") == b"prod"
    assert not list(place.data_dir.glob("*tfwrap*"))


@on_terraforms(PATH, "1.15.5")
def test_after_a_kill_no_state_is_made_for_a_workspace_that_is_gone(place: Place) -> None:
    """Killed after init and before the workspaces were listed: Terraform would make an empty state for this one."""
    place.must("init", "-reconfigure", *VALUES, *place.keys(place.new))
    place.must("workspace", "select", "default")
    client = place.client()
    client.delete_object(Bucket=place.bucket, Key="envs/prod/net/terraform.tfstate")
    client.close()
    kept = copies.of(str(place.data_dir / "terraform.tfstate"), str(place.data_dir / "environment"))
    copies.make(kept)
    place.must("init", "-reconfigure", *VALUES)
    place.stand.keys.delete(place.new.id)
    other = place.stand.keys.create()
    before = place.objects()
    done = place.guarded("plan", "-input=false", env={"TF_WORKSPACE": "prod", **pair(other)})
    assert leftovers.UNDONE.encode() in done.stderr
    assert done.status == 1
    assert b"the workspace prod is not there" in done.stderr
    assert place.objects() == before
    assert not list(place.data_dir.glob("*tfwrap*"))
