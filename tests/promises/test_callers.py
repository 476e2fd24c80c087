"""Promise 1, for those who call `terraform` without a person: make, cron, nohup, xargs, other wrappers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
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
    # As cron has it: four variables, a PATH without the shim, no terminal and nothing to read.
    "cron": (
        'exec setsid -w env -i HOME="$HOME" LOGNAME=root SHELL=/bin/sh PATH="$TMPDIR:/usr/bin:/bin" '
        '"RECORDER_FILE=$RECORDER_FILE" "RECORDER_DO=$RECORDER_DO" "TFWRAP_TERRAFORM=$TFWRAP_TERRAFORM" '
        "/bin/sh -c \"'$(command -v terraform)' plan\" </dev/null"
    ),
    "a subshell": "(terraform plan)",
    "command substitution": 'printf %s "$(terraform plan)"',
    "a wrapper that calls by path, as TG_TF_PATH has it": '"$(command -v terraform)" plan',
    "stdin from a heredoc": "terraform plan <<< text",
    "a background job that is waited for": "terraform plan & wait $!",
    "timeout": "timeout 20 terraform plan",
    "nice": "nice terraform plan",
    "sudo": 'sudo -n -E "$(command -v terraform)" plan',
    # What Terragrunt does with TG_TF_PATH: asks for the version, then runs in a cache directory of its own.
    "terragrunt": (
        'export TG_TF_PATH="$(command -v terraform)" TF_IN_AUTOMATION=1; mkdir -p .terragrunt-cache/x; '
        'cp main.tf .terragrunt-cache/x; cd .terragrunt-cache/x; exec "$TG_TF_PATH" plan -input=false'
    ),
}
# What terraform-exec (terraform-ls, the CDK, Atlantis) asks for, with nothing on stdin but what is to be formatted.
AUTOMATED = {
    "its version": (["version", "-json"], b""),
    "the providers' schemas": (["providers", "schema", "-json", "-no-color"], b""),
    "formatting": (["fmt", "-no-color", "-"], b"a=1\n"),
    "validation": (["validate", "-json", "-no-color"], b""),
}
HOOK = """repos:
  - repo: local
    hooks:
      - id: plan
        name: plan
        entry: terraform plan
        language: system
        pass_filenames: false
        always_run: true
        verbose: true
"""


@pytest.mark.parametrize("caller", CALLERS)
def test_the_real_binary_runs_once_and_says_the_same(played: Played, caller: str) -> None:
    if caller in ("make", "sudo") and not shutil.which(caller):
        pytest.skip(f"{caller} is not installed")
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


def test_xargs_runs_many_at_once_and_each_says_its_own(played: Played) -> None:
    do = "out(sys.argv[2] + '\\n'); wait(0.2); sys.exit(sys.argv[2] == '3')"
    done = worlds.run(
        played.world, ["bash", "-c", "seq 8 | xargs -P 8 -n 1 terraform plan"], {"RECORDER_DO": do}, timeout=90
    )
    assert sorted(done.stdout.split()) == [str(number).encode() for number in range(1, 9)]
    assert done.status == 123
    assert len(list(recorder.records(played.record))) == 8


@pytest.mark.skipif(not shutil.which("nohup"), reason="nohup is not installed")
def test_under_nohup_a_hangup_reaches_nobody(played: Played) -> None:
    process = subprocess.Popen(
        ["nohup", played.shim, "plan"],
        env=played.environ(RECORDER_DO="wait(1.5); sys.exit(4)", RECORDER_SIGNALS="TERM"),
        cwd=played.world.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not list(recorder.records(played.record)):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGHUP)
    os.kill(process.pid, signal.SIGHUP)
    assert process.wait(timeout=30) == 4


UNSHARED = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


@pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run([*UNSHARED, "true"], capture_output=True, check=False).returncode != 0,
    reason="no process namespace can be made here",
)
def test_as_the_first_process_of_a_container_it_is_stopped_by_docker_stop(played: Played) -> None:
    """The kernel keeps from process 1 what it does nothing about; `docker stop` sends SIGTERM to that process alone."""
    done = worlds.run(
        played.world,
        [
            *UNSHARED,
            "bash",
            "-c",
            '(until grep -q start "$RECORDER_FILE"; do sleep .1; done; kill -TERM 1) & exec terraform plan',
        ],
        {"RECORDER_DO": "wait(4); sys.exit(5)"},
        timeout=60,
    )
    assert recorder.signals(played.record) == ["SIGTERM"], done
    assert done.status == 5


def test_fifty_at_once_do_not_disturb_each_other(played: Played) -> None:
    environ = played.environ(
        RECORDER_DO="out(sys.argv[2]); err(sys.argv[2]); wait(0.3); sys.exit(int(sys.argv[2]) % 5)"
    )

    def call(number: int) -> subprocess.CompletedProcess[bytes]:
        command = [str(played.shim), "plan", str(number)]
        return subprocess.run(command, env=environ, cwd=played.world.cwd, capture_output=True, timeout=240, check=False)

    with ThreadPoolExecutor(50) as pool:
        for number, done in enumerate(pool.map(call, range(50))):
            assert done.stdout == done.stderr == f"{number}".encode()
            assert done.returncode == number % 5
    assert len(list(recorder.records(played.record))) == 50


def test_a_closed_directory_and_an_unusual_umask_are_no_obstacle(played: Played) -> None:
    done = worlds.run(played.world, ["bash", "-c", "umask 777; terraform plan"], {"RECORDER_DO": "out('ran')"})
    assert done.stdout == b"ran"
    assert done.status == 0


@pytest.mark.parametrize("question", AUTOMATED)
def test_what_editors_ask_for_is_answered_by_the_real_binary_alone(played: Played, question: str) -> None:
    """As terraform-exec calls it: by its path, in a shell's place, with its own variables."""
    argv, stdin = AUTOMATED[question]
    environ: dict[str, str | None] = {
        "TF_IN_AUTOMATION": "1",
        "TF_LOG": "",
        "TF_APPEND_USER_AGENT": "HashiCorp-terraform-exec/0.21.0",
        "RECORDER_DO": "out('answer'); out(sys.stdin.buffer.read()); sys.exit(3)",
    }
    done = worlds.run(played.world, [played.shim, *argv], environ, stdin=stdin)
    assert done.stdout == b"answer" + stdin
    assert done.status == 3
    (call,) = recorder.records(played.record)
    assert call["argv"] == argv


@pytest.mark.parametrize("status", [0, 1])
def test_a_hook_of_pre_commit_sees_the_output_and_the_status(played: Played, status: int) -> None:
    pre_commit = Path(sys.executable).parent / "pre-commit"
    (played.world.cwd / ".pre-commit-config.yaml").write_text(HOOK)
    environ: dict[str, str | None] = {
        "RECORDER_DO": f"out('said\\n'); err('complained\\n'); sys.exit({status})",
    }
    command = 'git init -q && git add -A && "$0" run --all-files'
    done = worlds.run(played.world, ["bash", "-c", command, str(pre_commit)], environ)
    assert b"said" in done.stdout
    assert b"complained" in done.stdout
    assert done.status == status
    assert len(list(recorder.records(played.record))) == 1
