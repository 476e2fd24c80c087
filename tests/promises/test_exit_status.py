"""Promise 1: the same exit status, a death by a signal included."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from testing import recorder
from testing import world as worlds

if TYPE_CHECKING:
    from tests.promises.conftest import Played


def test_every_exit_status_comes_through(played: Played) -> None:
    loop = 'for n in $(seq 0 255); do RECORDER_DO="sys.exit($n)" terraform plan; printf "%s " $?; done'
    done = worlds.run(played.world, ["bash", "-c", loop], timeout=240)
    assert done.stdout.split() == [str(number).encode() for number in range(256)], done.stderr


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "KILL", "SEGV", "PIPE", "USR1", "ABRT", "QUIT"])
def test_a_death_by_a_signal_is_the_shims_death_too(played: Played, name: str) -> None:
    default = f"signal.signal(signal.SIG{name}, signal.SIG_DFL)" if name != "KILL" else ""
    no_core = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    do = f"{default}\n{no_core}\nos.kill(os.getpid(), signal.SIG{name})"
    done = worlds.run(played.world, [played.shim, "plan"], {"RECORDER_DO": do})
    assert done.status == -getattr(signal, f"SIG{name}")


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        pytest.param("#!/no/such/one\n", 0o755, "interpreter or loader does not exist", id="bad loader"),
        pytest.param("\x7fELF nonsense", 0o755, "exec format error", id="not a program"),
        pytest.param("#!/bin/sh\n", 0o644, "is not executable", id="no x bit"),
    ],
)
def test_a_real_binary_that_cannot_be_run_is_126_with_the_reason(
    played: Played, content: str, mode: int, reason: str
) -> None:
    real = played.world.bin / "terraform"
    real.write_text(content)
    real.chmod(mode)
    done = worlds.run(played.world, [played.shim, "plan"])
    assert done.status == 126
    assert reason in done.stderr.decode()
    assert done.stderr.startswith(b"tfwrap: ")


def test_a_missing_real_binary_is_127_and_says_where_it_looked(played: Played) -> None:
    (played.world.bin / "terraform").unlink()
    done = worlds.run(played.world, [played.shim, "plan"], {"TFWRAP_TERRAFORM": None, "PATH": "/usr/bin:/bin"})
    assert done.status == 127
    assert b"/usr/bin" in done.stderr
    assert b"install it" in done.stderr


def test_a_reader_that_goes_away_ends_the_real_binary_as_it_would_without_us(played: Played) -> None:
    command = 'terraform plan 2>&1 | head -1; echo "${PIPESTATUS[0]}"'
    do = 'signal.signal(signal.SIGPIPE, signal.SIG_DFL)\nwhile True: out("line\\n")'
    done = worlds.run(played.world, ["bash", "-c", command], {"RECORDER_DO": do}, timeout=20)
    assert done.stdout.split() == [b"line", b"141"]


def test_the_status_is_right_when_nobody_waits_for_the_output(played: Played) -> None:
    environ = played.environ(RECORDER_DO="out('x' * 100); err('y' * 100); sys.exit(7)")
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        done = subprocess.run(
            ["bash", "-c", f'"$0" plan {closed}', played.shim],
            env=environ,
            cwd=played.world.cwd,
            timeout=30,
            capture_output=True,
            check=False,
        )
        assert done.returncode in (7, 1), (closed, done)
    assert sum(1 for line in recorder.records(played.record) if line.get("start")) == 4
