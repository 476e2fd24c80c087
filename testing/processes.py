"""Runs programs for tests as they run for a user: on pipes, or on a terminal of their own.

Both ways start a session, so that a test which takes too long can end everything that it started, and
nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Answer = tuple[str, "str | bytes"]
"""What must have appeared since the last answer (colours aside), and what is typed then."""

CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[()][AB0]")

# Takes the terminal for the new session, then becomes the program itself, with what Python changed put back:
# it ignores two signals, and in the C locale it would add LC_CTYPE to the environment (PEP 538).
BECOME = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
os.unsetenv("PYTHONCOERCECLOCALE")
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error.strerror}")
"""


class Finished(NamedTuple):
    """A program that ran on pipes. A death by signal N is the status -N."""

    status: int
    stdout: bytes
    stderr: bytes


class Shown(NamedTuple):
    """A program that ran on a terminal, and all bytes that the terminal got. A death by signal N is -N."""

    status: int
    screen: bytes

    @property
    def text(self) -> str:
        """The screen without colours and carriage returns."""
        return plain(self.screen)


def plain(screen: bytes) -> str:
    """Terminal output without escape sequences and carriage returns."""
    return CONTROL.sub(b"", screen).replace(b"\r", b"").decode(errors="replace")


def on_pipes(
    argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path, stdin: bytes = b"", timeout: float = 60
) -> Finished:
    """Run a program with all three streams on pipes and no terminal.

    What it left running in its process group is killed. Raises TimeoutError after `timeout` seconds, with
    what was printed.
    """
    pipe = subprocess.PIPE
    process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, env=environ, cwd=cwd, start_new_session=True)
    try:
        stdout, stderr = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        end(process)
        stdout, stderr = process.communicate()
        raise TimeoutError(f"{argv} ran longer than {timeout} s: {stdout!r} {stderr!r}") from None
    finally:
        end(process)
    return Finished(process.returncode, stdout, stderr)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group that this process leads, whatever is left of it, and wait for the process."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def on_terminal(
    argv: Sequence[str | Path],
    environ: Mapping[str, str],
    cwd: Path,
    answers: Sequence[Answer] = (),
    size: tuple[int, int] = (24, 80),
    timeout: float = 60,
) -> Shown:
    """Run a program as the leader of a session on a new terminal of `size` (rows, columns); type `answers`.

    Raises TimeoutError after `timeout` seconds, and AssertionError when an expected text did not appear.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    process = _start_on(theirs, argv, environ, cwd)
    os.close(theirs)
    terminal = _Terminal(ours, list(answers), time.monotonic() + timeout)
    try:
        terminal.follow(process)
    finally:
        end(process)
        os.close(ours)
    if terminal.answers:
        raise AssertionError(f"never showed {terminal.answers[0][0]!r}: {plain(terminal.screen)}")
    return Shown(process.returncode, terminal.screen)


def _start_on(tty: int, argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path) -> subprocess.Popen[bytes]:
    # Not pty.fork, which warns in a process with threads (pytest-xdist has them), and not preexec_fn.
    become = [sys.executable, "-SP", "-c", BECOME, *argv]
    env = {**environ, "PYTHONCOERCECLOCALE": "0"}
    return subprocess.Popen(become, stdin=tty, stdout=tty, stderr=tty, env=env, cwd=cwd, start_new_session=True)


class _Terminal:
    """The side of a pseudo-terminal where the person sits."""

    def __init__(self, fd: int, answers: list[Answer], deadline: float) -> None:
        self.fd = fd
        self.answers = answers
        self.deadline = deadline
        self.screen = b""
        self.read_upto = 0

    def follow(self, process: subprocess.Popen[bytes]) -> None:
        """Read and answer until the program has ended and all that it wrote has arrived."""
        while True:
            ended = process.poll() is not None
            if not self._read() and ended:
                return
            self._answer()
            if time.monotonic() > self.deadline:
                raise TimeoutError(f"still ran at the deadline: {plain(self.screen)}")

    def _read(self) -> bool:
        if not select.select([self.fd], [], [], 0.05)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux says EIO when no process holds the terminal any more
            time.sleep(0.01)
            return False
        self.screen += data
        return bool(data)

    def _answer(self) -> None:
        if self.answers and self.answers[0][0] in plain(self.screen[self.read_upto :]):
            typed = self.answers.pop(0)[1]
            self.read_upto = len(self.screen)
            os.write(self.fd, typed.encode() if isinstance(typed, str) else typed)
