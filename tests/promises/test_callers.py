"""Promise 1, for those who call `terraform` without a person: make, cron, nohup, xargs, other wrappers."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from testing import recorder
from testing import world as worlds

if TYPE_CHECKING:
    from tests.promises.conftest import Played

CALLERS = {
    "make": "printf 'plan:\\n\\t@terraform plan\\n' > Makefile && make -s plan",
    "nohup": "nohup terraform plan",
    "setsid": "setsid -w terraform plan",
    "xargs": "echo plan | xargs terraform",
    "env -i": 'env -i "PATH=$PATH" "RECORDER_FILE=$RECORDER_FILE" "RECORDER_DO=$RECORDER_DO" terraform plan',
    "a subshell": "(terraform plan)",
    "command substitution": 'printf %s "$(terraform plan)"',
    "a wrapper that calls by path, as TG_TF_PATH has it": '"$(command -v terraform)" plan',
    "stdin from a heredoc": "terraform plan <<< text",
    "a background job that is waited for": "terraform plan & wait $!",
    "timeout": "timeout 20 terraform plan",
    "nice": "nice terraform plan",
}


@pytest.mark.parametrize("caller", CALLERS)
def test_the_real_binary_runs_once_and_says_the_same(played: Played, caller: str) -> None:
    if caller == "make" and not shutil.which("make"):
        pytest.skip("make is not installed")
    do = "out('said'); err('complained')"
    done = worlds.run(played.world, ["bash", "-c", CALLERS[caller]], {"RECORDER_DO": do})
    assert done.status == 0, done
    assert b"said" in done.stdout
    assert b"complained" in done.stderr
    assert len(list(recorder.records(played.record))) == 1


def test_the_exit_status_comes_through_every_caller(played: Played) -> None:
    for command, status in (
        ("terraform plan", 2),
        ("echo plan | xargs terraform", 123),
        ("setsid -w terraform plan", 2),
    ):
        done = worlds.run(played.world, ["bash", "-c", command], {"RECORDER_DO": "sys.exit(2)"})
        assert done.status == status, command


def test_fifty_at_once_do_not_disturb_each_other(played: Played) -> None:
    environ = played.environ(
        RECORDER_DO="out(sys.argv[2]); err(sys.argv[2]); wait(0.3); sys.exit(int(sys.argv[2]) % 5)"
    )

    def call(number: int) -> subprocess.CompletedProcess[bytes]:
        command = [str(played.shim), "plan", str(number)]
        return subprocess.run(command, env=environ, cwd=played.world.cwd, capture_output=True, timeout=90, check=False)

    with ThreadPoolExecutor(50) as pool:
        for number, done in enumerate(pool.map(call, range(50))):
            assert done.stdout == done.stderr == f"{number}".encode()
            assert done.returncode == number % 5
    assert len(list(recorder.records(played.record))) == 50


def test_a_closed_directory_and_an_unusual_umask_are_no_obstacle(played: Played) -> None:
    done = worlds.run(played.world, ["bash", "-c", "umask 777; terraform plan"], {"RECORDER_DO": "out('ran')"})
    assert done.stdout == b"ran"
    assert done.status == 0
