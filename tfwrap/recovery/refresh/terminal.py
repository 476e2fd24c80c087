"""The person at the terminal, the clock and other programs, as a refresh sees them; tests have their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from tfwrap import output
from tfwrap.errors import Interrupted
from tfwrap.lean import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tfwrap.output import Output

# How a program is connected.
SHOWN = "shown"  # the user sees all that it says, and may answer it: a login
CAPTURED = "captured"  # its output holds secrets and is ours; the user sees its standard error, and may answer it
QUIET = "quiet"  # nobody sees or answers it
OVERHEARD = "overheard"  # its output holds secrets and is ours; nobody sees the rest, or answers it

GRACE_S = 2


class Ran(NamedTuple):
    """How a program ended: its exit status (None: stopped at the time limit), and what of its output was kept."""

    status: int | None
    output: bytes = b""


class Terminal(Protocol):
    """What a refresh may use of the world."""

    @property
    def may_ask(self) -> bool:
        """Whether a person is there to be asked."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The user's environment."""

    def say(self, text: str) -> None:
        """Show a line."""

    def ask(self, question: str) -> str:
        """What the person types; empty where nobody answers."""

    def ask_hidden(self, question: str) -> str:
        """What the person types, unseen; empty where nobody answers."""

    def now(self) -> float:
        """The Unix time."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def run_command(self, argv: Sequence[str], env: Mapping[str, str], limit_s: float, streams: str) -> Ran:
        """Run a program (`argv[0]` is its absolute path), connected as one of the above. Raises OSError."""


class Console(NamedTuple):
    """The real one. `may_ask` is what `output.may_ask` says of the run."""

    out: Output
    may_ask: bool
    environ: Mapping[str, str]

    def say(self, text: str) -> None:
        """Show a line, with the prefix."""
        self.out.say(text)

    def ask(self, question: str) -> str:
        """A line from the terminal itself, never from stdin."""
        try:
            with _line_ended(self.out), open(_terminal_path(), encoding="utf-8", errors="replace") as keyboard:
                output.write_prompt(self.out, f"{question} ")
                return keyboard.readline().strip()
        except OSError:
            return ""

    def ask_hidden(self, question: str) -> str:
        """The same without an echo."""
        import getpass

        if not self.may_ask or not _has_terminal():  # getpass would turn to stdin
            return ""
        try:
            with _line_ended(self.out):
                return getpass.getpass(f"{output.PREFIX}{question} ").strip()
        except (EOFError, OSError):
            return ""

    def now(self) -> float:
        """The Unix time."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def run_command(self, argv: Sequence[str], env: Mapping[str, str], limit_s: float, streams: str) -> Ran:
        """Run a program. An interrupt stops it, and comes out of here as the exception that it is."""
        keyboard = open(_terminal_path(), "rb") if self.may_ask and streams in (SHOWN, CAPTURED) else None  # noqa: SIM115
        try:
            return _run(argv, env, limit_s, streams, keyboard.fileno() if keyboard else subprocess.DEVNULL)
        finally:
            if keyboard:
                keyboard.close()


# Standard output never goes to ours: whoever reads `terraform output -json` must not find a login's words in it.
_CONNECTED: Mapping[str, tuple[int, int]] = {
    SHOWN: (output.STDERR, output.STDERR),
    CAPTURED: (subprocess.PIPE, output.STDERR),
    QUIET: (subprocess.PIPE, subprocess.STDOUT),
    OVERHEARD: (subprocess.PIPE, subprocess.DEVNULL),
}


def _run(argv: Sequence[str], env: Mapping[str, str], limit_s: float, streams: str, stdin: int) -> Ran:
    stdout, stderr = _CONNECTED[streams]
    # In a session of its own a program has no terminal: one that nobody answers must not wait at a question there.
    is_alone = stdin == subprocess.DEVNULL and sys.platform != "win32"
    child = subprocess.Popen(
        list(argv), env=dict(env), stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=is_alone
    )
    try:
        kept, _ = child.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        _stop(child, is_alone)
        return Ran(None)
    except BaseException:
        _stop(child, is_alone)
        raise
    return Ran(child.returncode, kept or b"")


def _stop(child: subprocess.Popen[bytes], is_alone: object) -> None:
    """End a program, and all that it started where it is in a session of its own; then wait for it."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        _send(child, number, is_alone)
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            continue
        break
    if child.stdout:
        child.stdout.close()


def _send(child: subprocess.Popen[bytes], number: signal.Signals, is_alone: object) -> None:
    try:
        if is_alone and sys.platform != "win32":
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
    except OSError:
        return


@contextmanager
def _line_ended(out: Output) -> Iterator[None]:
    """Ends the line of a question at which an interrupt came: what is said next begins on its own."""
    try:
        yield
    except (KeyboardInterrupt, Interrupted):
        output.write(out.descriptor, [""])
        raise


def _terminal_path() -> str:
    return "CONIN$" if sys.platform == "win32" else "/dev/tty"


def _has_terminal() -> bool:
    try:
        with open(_terminal_path(), "rb"):
            return True
    except OSError:
        return False
