"""The process that hands out credentials: to whom, to how many, for how long. Each test has one of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tfwrap.bridge import client
from tfwrap.bridge.client import BAD, GOOD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A shim in small: answers with the question, how often it was asked, and its process; ends when its stdin does.
SHIM = """
import itertools, os, signal, sys, time
from tfwrap.bridge.server import Server
from tfwrap.recovery.refresh.outcome import NotRefreshed
numbers = itertools.count(1)
def answer(question):
    if question == "7":
        raise NotRefreshed("no such profile is bridged")
    if question == "8":
        raise ValueError("a secret")
    if question == "9":
        time.sleep(3)
    return f"{question} {next(numbers)} {os.getpid()}"
os.makedirs(sys.argv[1] + "/d", 0o700)
server = Server(sys.argv[1] + "/d/s", answer)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
    signal.signal(number, signal.SIG_IGN)  # the shim's own affair, and not what is tried here
print(os.getpid(), server._pid, flush=True)
sys.stdin.read()
server.stop()
print("stopped", flush=True)
"""


class Shim(NamedTuple):
    process: subprocess.Popen[str]
    path: Path
    server: int

    def ask(self, number: str) -> bytes:
        return client.ask(str(self.path), number)


@pytest.fixture
def shim(short: Path) -> Iterator[Shim]:
    command = [sys.executable, "-W", "error", "-c", SHIM, str(short)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
    assert process.stdout
    server = int(process.stdout.readline().split()[1])
    try:
        yield Shim(process, short / "d" / "s", server)
    finally:
        process.kill()
        process.communicate()
        until(lambda: not runs(server))


def runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def connected(shim: Shim) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(shim.path))
    return connection


def told(connection: socket.socket) -> bytes:
    connection.settimeout(20)
    answer = b""
    while part := connection.recv(4096):
        answer += part
    return answer


def test_it_answers_in_a_process_of_its_own(shim: Shim) -> None:
    assert shim.ask("0") == GOOD + f"0 1 {shim.server}".encode()
    assert shim.ask("1") == GOOD + f"1 2 {shim.server}".encode()
    assert stat.S_IMODE(shim.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("7", BAD + b"no such profile is bridged"),
        ("8", BAD + b"tfwrap failed to make credentials (ValueError)"),
    ],
)
def test_what_goes_wrong_is_said_without_what_an_exception_holds(shim: Shim, asked: str, answer: bytes) -> None:
    assert shim.ask(asked) == answer
    assert shim.ask("0").startswith(GOOD)


def test_fifty_at_once(shim: Shim) -> None:
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(shim.ask("0"))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    numbers = {int(answer.split()[1]) for answer in answers}
    assert numbers == set(range(1, 51))


def test_who_is_slow_to_ask_keeps_nobody_waiting_and_is_let_go(shim: Shim) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connected(shim)) for _ in range(20)]
        begun = time.monotonic()
        assert shim.ask("0").startswith(GOOD)
        assert time.monotonic() - begun < 1.5
        assert [told(connection) for connection in slow] == [b""] * 20


def test_who_asks_while_another_answer_takes_long_is_answered_meanwhile(shim: Shim) -> None:
    long = threading.Thread(target=shim.ask, args=("9",))
    with connected(shim) as early:
        long.start()
        time.sleep(0.5)
        early.sendall(b"0")
        early.shutdown(socket.SHUT_WR)
        assert shim.ask("1").startswith(GOOD + b"1 ")
        assert told(early).startswith(GOOD + b"0 ")
        assert long.is_alive()
    long.join()


def test_answers_that_take_long_take_no_longer_together(shim: Shim) -> None:
    begun = time.monotonic()
    threads = [threading.Thread(target=shim.ask, args=("9",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun < 8  # each takes three seconds


@pytest.mark.parametrize(
    "sent", [b"", b"\xff\xfe\x00", b"x" * 64, b"y" * 100_000, b"0\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
)
def test_garbage_harms_nobody(shim: Shim, sent: bytes) -> None:
    with connected(shim) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            told(connection)
        except OSError:  # it stopped listening
            pass
    assert shim.ask("0").startswith(GOOD)


def test_who_goes_without_an_answer_harms_nobody(shim: Shim) -> None:
    for _ in range(5):
        with connected(shim) as connection:
            connection.sendall(b"0")
    assert shim.ask("0").startswith(GOOD)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_gets_nothing_even_where_the_files_are_open(shim: Shim) -> None:
    for path in (shim.path, shim.path.parent, shim.path.parent.parent):
        path.chmod(0o777)
    program = (
        f"import os, socket; os.setgid(65534); os.setuid(65534); c = socket.socket(socket.AF_UNIX); c.settimeout(20)\n"
        f"c.connect({str(shim.path)!r}); c.sendall(b'0'); c.shutdown(1); print(c.recv(999).decode())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "-this bridge belongs to another user\n"


def test_it_ends_with_the_run_and_takes_its_directory_away(shim: Shim) -> None:
    out, _ = shim.process.communicate()
    assert out == "stopped\n"
    assert not runs(shim.server)
    assert not shim.path.parent.exists()
    with pytest.raises(OSError, match="No such file"):
        shim.ask("0")


def test_an_answer_that_takes_long_does_not_keep_the_run_from_ending(shim: Shim) -> None:
    with connected(shim) as connection:
        connection.sendall(b"9")
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.3)
        begun = time.monotonic()
        shim.process.communicate()
        assert time.monotonic() - begun < 2.9
    assert not runs(shim.server)


def test_when_the_shim_is_killed_it_ends_by_itself_and_takes_its_directory_away(shim: Shim) -> None:
    shim.process.kill()
    until(lambda: not shim.path.parent.exists())
    until(lambda: not runs(shim.server))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP])
def test_a_signal_to_the_group_is_not_for_it(shim: Shim, number: int) -> None:
    """After a Ctrl-C Terraform has its state to save, with credentials that may have to be new."""
    os.killpg(shim.process.pid, number)
    time.sleep(0.2)
    assert shim.ask("0").startswith(GOOD)


def test_it_holds_none_of_the_shims_streams(shim: Shim) -> None:
    """A reader of `terraform output | cat` waits for the last writer."""
    shim.ask("0")
    held = {os.readlink(f"/proc/{shim.server}/fd/{name}") for name in os.listdir(f"/proc/{shim.server}/fd")}
    assert all(target == os.devnull or target.startswith(("socket:", "pipe:")) for target in held)
    ours = os.readlink(f"/proc/{shim.process.pid}/fd/1")
    assert ours not in held


def test_a_socket_that_cannot_be_is_an_error(short: Path) -> None:
    code = "import sys; from tfwrap.bridge.server import Server; Server(sys.argv[1], str)"
    done = subprocess.run([sys.executable, "-c", code, str(short / "no" / "s")], capture_output=True, text=True)
    assert done.returncode == 1
    assert "FileNotFoundError" in done.stderr
