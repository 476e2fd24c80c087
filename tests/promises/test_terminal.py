"""Promise 1: the same terminal behaviour. Where the bare binary would see a terminal, it sees one of the same size."""

from __future__ import annotations

import os
import termios
from typing import TYPE_CHECKING, NamedTuple

import pexpect
import pytest

from testing import recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.promises.conftest import Played

LOOK = "note(ttys=[tty(0), tty(1), tty(2)], sizes=[size(1), size(2)])"


def on_terminal(played: Played, do: str, command: str = '"$0" plan') -> pexpect.spawn[bytes]:
    """Start a shell command on a terminal of 30 rows and 100 columns; `$0` is the shim."""
    return pexpect.spawn(
        "bash",
        ["-c", command, str(played.shim)],
        env=played.environ(RECORDER_DO=do),
        cwd=str(played.world.cwd),
        dimensions=(30, 100),
        timeout=20,
    )


@pytest.mark.parametrize(
    ("redirection", "ttys"),
    [
        pytest.param("", [True, True, True], id="a terminal everywhere"),
        pytest.param("2>/dev/null", [True, True, False], id="stderr away"),
        pytest.param(">/dev/null", [True, False, True], id="stdout away"),
        pytest.param("</dev/null", [False, True, True], id="no input"),
        pytest.param(">/dev/null 2>&1", [True, False, False], id="no output at all"),
        pytest.param("| cat", [True, False, True], id="into a pipe"),
        pytest.param("2>&1 | cat", [True, False, False], id="both into a pipe"),
    ],
)
def test_a_terminal_stays_a_terminal_and_a_pipe_a_pipe(played: Played, redirection: str, ttys: list[bool]) -> None:
    child = on_terminal(played, LOOK, f'"$0" plan {redirection}')
    child.expect(pexpect.EOF)
    seen = next(iter(recorder.records(played.record)))
    assert seen["ttys"] == ttys
    assert [size for size in seen["sizes"] if size] == [[100, 30]] * sum(ttys[1:])


def test_a_resize_reaches_the_real_binary(played: Played) -> None:
    child = on_terminal(played, f"out('ready\\n'); sys.stdin.readline(); {LOOK}")
    child.expect("ready")
    child.setwinsize(40, 132)
    child.sendline("go")
    child.expect(pexpect.EOF)
    assert list(recorder.records(played.record))[-1]["sizes"] == [[132, 40], [132, 40]]


def test_what_is_typed_reaches_the_real_binary(played: Played) -> None:
    child = on_terminal(played, "out('Enter a value: '); out('got ' + sys.stdin.readline())")
    child.expect("Enter a value: ")
    child.sendline("yes")
    child.expect("got yes")
    child.expect(pexpect.EOF)


def test_a_partial_line_appears_at_once(played: Played) -> None:
    child = on_terminal(played, "err('no end of line'); sys.stdin.readline()")
    child.expect("no end of line")
    child.sendline("")
    child.expect(pexpect.EOF)


def test_line_ends_are_translated_once(played: Played) -> None:
    child = on_terminal(played, "out('one\\ntwo\\n'); err('three\\n')")
    child.expect(pexpect.EOF)
    assert child.before == b"one\r\ntwo\r\nthree\r\n"


class Shell(NamedTuple):
    """An interactive bash on a terminal; its record of modes and owner is what a prompt of it finds."""

    child: pexpect.spawn[bytes]

    def prompt(self) -> None:
        self.child.expect("prompt> ")

    def run(self, line: str, *shown: str) -> None:
        """Type a line, and wait for what is to appear, one after the other."""
        self.child.sendline(line)
        for text in shown:
            self.child.expect(text)

    def terminal(self) -> tuple[list[object], bool]:
        """The modes of the terminal, and whether the shell owns it."""
        return termios.tcgetattr(self.child.fileno()), os.tcgetpgrp(self.child.fileno()) == self.child.pid


@pytest.fixture
def shell(played: Played) -> Iterator[Shell]:
    """An interactive shell whose terraform is the guarded recorder."""
    do = "out('ready\\n'); err('prompt: '); wait(3); out('finished\\n')\n" + LOOK
    child: pexpect.spawn[bytes] = pexpect.spawn(
        "bash",
        ["--norc", "--noediting", "-i"],
        env=played.environ(RECORDER_DO=do, RECORDER_SIGNALS="TERM", PS1="prompt> ", HISTFILE=""),
        cwd=str(played.world.cwd),
        dimensions=(30, 100),
        timeout=30,
    )
    begun = Shell(child)
    begun.prompt()
    yield begun
    child.close(force=True)


def test_suspending_and_going_on_works_under_job_control(shell: Shell) -> None:
    before = shell.terminal()
    shell.run("terraform plan", "ready")
    shell.child.sendcontrol("z")
    shell.run("", "Stopped", "prompt> ", "prompt> ")
    assert shell.terminal() == before
    shell.run("fg; echo status $?", "finished", "status 0", "prompt> ")
    assert shell.terminal() == before


def test_a_run_in_the_background_can_be_brought_to_the_front(shell: Shell) -> None:
    before = shell.terminal()
    shell.run("terraform plan &", "ready")
    shell.run("fg; echo status $?", "finished", "status 0", "prompt> ")
    assert shell.terminal() == before


def test_under_tostop_a_run_in_the_background_stops_at_its_first_word(shell: Shell) -> None:
    shell.run("stty tostop; terraform plan &", "prompt> ")
    shell.run("until jobs | grep Stopped; do sleep .1; done", "Stopped", "prompt> ")
    shell.run("fg; echo status $?", "ready", "finished", "status 0", "prompt> ")


def test_a_size_that_changed_while_it_was_stopped_is_known_when_it_goes_on(shell: Shell, played: Played) -> None:
    shell.run("terraform plan", "ready")
    shell.child.sendcontrol("z")
    shell.run("", "Stopped", "prompt> ", "prompt> ")
    shell.child.setwinsize(40, 132)
    shell.run("fg; echo status $?", "finished", "status 0")
    assert list(recorder.records(played.record))[-1]["sizes"] == [[132, 40], [132, 40]]


@pytest.mark.parametrize("end", ["kill -9 %1", "kill -TERM %1", "kill -INT %1"])
def test_however_it_ends_the_terminal_is_the_shells_again_and_as_it_was(shell: Shell, end: str) -> None:
    before = shell.terminal()
    shell.run("terraform plan &", "ready")
    shell.run(f"{end}; wait %1; echo over", "over", "prompt> ")
    assert shell.terminal() == before
