"""testing.world runs programs in a home and an environment of their own, on pipes and on terminals."""

from __future__ import annotations

import os
import signal
import stat
import time
from typing import TYPE_CHECKING

import pytest

from testing.world import World, put_on_path, run, run_on_pty, write_config, write_credentials

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_of_the_machine_is_in_the_environment(world: World) -> None:
    lines = run(world, ["env"]).stdout.decode().splitlines()
    environ = dict(line.split("=", 1) for line in lines)
    assert environ == world.environ
    assert not [name for name in environ if name.startswith(("AWS_", "TF_", "TFWRAP_"))]
    assert environ["HOME"] == str(world.home)
    assert environ["CHECKPOINT_DISABLE"] == "1"


def test_a_terminal_changes_nothing_in_the_environment(world: World) -> None:
    patch = {"LANG": None, "my-var": "1"}
    shown = run_on_pty(world, ["env"], env=patch).text
    assert sorted(shown.splitlines()) == sorted(run(world, ["env"], env=patch).stdout.decode().splitlines())


def test_env_patches_the_environment(world: World) -> None:
    done = run(world, ["env"], env={"AWS_PROFILE": "lab", "CHECKPOINT_DISABLE": None})
    assert b"AWS_PROFILE=lab\n" in done.stdout
    assert b"CHECKPOINT_DISABLE" not in done.stdout


def test_streams_and_status_come_back(world: World) -> None:
    done = run(world, ["sh", "-c", "cat; echo wrong >&2; exit 7"], stdin=b"typed")
    assert done == (7, b"typed", b"wrong\n")


def test_a_death_by_signal_is_a_negative_status(world: World) -> None:
    assert run(world, ["sh", "-c", "kill -TERM $$"]).status == -signal.SIGTERM
    assert run_on_pty(world, ["sh", "-c", "kill -TERM $$"]).status == -signal.SIGTERM


def test_what_takes_too_long_is_killed_with_its_children(world: World) -> None:
    with pytest.raises(TimeoutError, match=r"started"):
        run(world, ["sh", "-c", "sleep 30 & echo $! >pid; echo started; wait"], timeout=0.5)
    _wait_for_death(int((world.cwd / "pid").read_text()))


def test_what_takes_too_long_on_a_terminal_is_killed_with_its_children(world: World) -> None:
    with pytest.raises(TimeoutError, match=r"started"):
        run_on_pty(world, ["sh", "-c", "sleep 30 & echo $! >pid; echo started; wait"], timeout=0.5)
    _wait_for_death(int((world.cwd / "pid").read_text()))


def test_pipes_come_without_a_terminal(world: World) -> None:
    assert run(world, ["sh", "-c", ": </dev/tty"]).status != 0


def test_a_terminal_is_a_controlling_one_of_the_wanted_size(world: World) -> None:
    shown = run_on_pty(world, ["sh", "-c", "stty size </dev/tty; test -t 0 -a -t 1 -a -t 2"], size=(33, 121))
    assert shown == (0, b"33 121\r\n")


def test_answers_are_typed_when_they_are_asked_for(world: World) -> None:
    script = "printf '\\033[1mName:\\033[0m '; read a; printf 'Sure? '; read b; echo \"$a $b\""
    shown = run_on_pty(world, ["sh", "-c", script], [("Name: ", "fred\n"), ("Sure?", b"yes\n")])
    assert shown.text == "Name: fred\nSure? yes\nfred yes\n"


def test_a_typed_control_c_is_an_interrupt(world: World) -> None:
    shown = run_on_pty(
        world, ["sh", "-c", "trap 'exit 9' INT; echo ready; while :; do sleep 0.1; done"], [("ready", b"\x03")]
    )
    assert shown.status == 9


def test_a_question_that_never_comes_fails_the_test(world: World) -> None:
    with pytest.raises(AssertionError, match=r"never showed 'Name:'.*nothing to ask"):
        run_on_pty(world, ["echo", "nothing to ask"], [("Name:", "fred\n")])


def test_all_of_a_long_output_arrives(world: World) -> None:
    shown = run_on_pty(world, ["seq", "20000"])
    assert shown.text.split() == [str(number) for number in range(1, 20001)]


def test_a_program_that_is_not_there_is_named(world: World) -> None:
    shown = run_on_pty(world, ["no-such-program"])
    assert shown.status == 1
    assert "no-such-program: No such file" in shown.text


def test_broken_pipes_end_a_program_on_a_terminal(world: World) -> None:
    shown = run_on_pty(world, ["bash", "-c", "yes | head -n 1; echo ${PIPESTATUS[0]}"])
    assert shown.text == "y\n141\n"


def test_aws_files_are_private_and_hold_what_was_written(world: World) -> None:
    keys = {"aws_access_key_id": "AKIAMADEUPMADEUP0001", "aws_secret_access_key": "made%up=secret"}
    credentials = write_credentials(world, {"default": keys, "lab": keys})
    config = write_config(world, {"profile lab": {"region": "eu-west-1"}})
    assert credentials == world.home / ".aws/credentials"
    assert "[lab]\naws_access_key_id = AKIAMADEUPMADEUP0001\naws_secret_access_key = made%up=secret" in (
        credentials.read_text()
    )
    assert config.read_text().startswith("[profile lab]\nregion = eu-west-1")
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600


def test_a_program_put_on_path_is_found_first(world: World, tmp_path: Path) -> None:
    put_on_path(world, "ls", "/bin/false")
    put_on_path(world, "ls", "/bin/echo")
    assert run(world, ["sh", "-c", "ls mine"]).stdout == b"mine\n"


def _wait_for_death(pid: int) -> None:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} still runs")
