"""Promise 1: the same terminal behaviour. Where the bare binary would see a terminal, it sees one of the same size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pexpect
import pytest

from testing import recorder

if TYPE_CHECKING:
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


def test_suspending_and_going_on_works_under_job_control(played: Played) -> None:
    do = "out('ready\\n'); wait(3); out('finished\\n')"
    shell = pexpect.spawn(
        "bash",
        ["--norc", "-i"],
        env=played.environ(RECORDER_DO=do, PS1="prompt> "),
        cwd=str(played.world.cwd),
        timeout=20,
    )
    shell.expect("prompt> ")
    shell.sendline("terraform plan")
    shell.expect("ready")
    shell.sendcontrol("z")
    shell.expect("Stopped")
    shell.expect("prompt> ")
    shell.sendline("fg; echo status $?")
    shell.expect("finished")
    shell.expect("status 0")
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
