"""Promise 1, for those who call `terraform` without a person: make, cron, nohup, xargs, other wrappers."""

from __future__ import annotations

import shutil
import subprocess
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
    if not shutil.which("pre-commit"):
        pytest.skip("pre-commit is not installed")
    (played.world.cwd / ".pre-commit-config.yaml").write_text(HOOK)
    environ: dict[str, str | None] = {
        "PATH": f"{played.world.environ['PATH']}:{Path(str(shutil.which('pre-commit'))).parent}",
        "RECORDER_DO": f"out('said\\n'); err('complained\\n'); sys.exit({status})",
    }
    done = worlds.run(played.world, ["bash", "-c", "git init -q && git add -A && pre-commit run --all-files"], environ)
    assert b"said" in done.stdout
    assert b"complained" in done.stdout
    assert done.status == status
    assert len(list(recorder.records(played.record))) == 1
