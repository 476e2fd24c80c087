"""Stands in for the parent process that the Terraforms 0.12.29 and 0.15.0-rc2 of the packages lack.

A Terraform before 1.1 runs twice: a parent keeps the log (the child's stderr) for a crash report, and sorts
the child's stdout by line prefix, `o:` to stdout and `e:` to stderr (its main.go, with the libraries
panicwrap and prefixedio). Both packages hold builds in which the program takes itself for the child: seen
from outside, log lines fill stderr, and errors are lines `e:…` on stdout. This is the missing parent, so
that the tests meet what a user of that Terraform met.

Its text becomes an executable file (testing/launchers.py), run with `-IS`: it imports the standard library
only, and nothing that takes time to import.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys

STDOUT, STDERR = 1, 2
PREFIXES = {b"o:": STDOUT, b"e:": STDERR}
# With a level, with the time of Go's `log`, or the one message of 0.15 that has neither.
LOG = re.compile(
    rb"(\S+ ){0,2}\[(TRACE|DEBUG|INFO|WARN|ERROR)\]"
    rb"|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |Loading CLI configuration from "
)
PACKET = 4096  # PIPE_BUF: a longer write to a packet pipe arrives in pieces of this size


class Sorter:
    """Sends the child's stdout to stdout or stderr; a line without a prefix follows the line before it."""

    def __init__(self) -> None:
        self.to = STDOUT
        self.held = b""
        self.at_start = True

    def feed(self, data: bytes) -> None:
        """Pass `data` on; nothing is held back but the first byte of what may be a prefix."""
        data, self.held = self.held + data, b""
        for line in data.splitlines(keepends=True):
            if self.at_start and line in {b"o", b"e"}:
                self.held = line
                return
            if self.at_start and line[:2] in PREFIXES:
                self.to, line = PREFIXES[line[:2]], line[2:]  # noqa: PLW2901
            write(self.to, line)
            self.at_start = line.endswith(b"\n")

    def finish(self) -> None:
        """Pass on what is still held."""
        write(self.to, self.held)


class Log:
    """Tells log messages from what is meant for the user: each is one write, hence one packet of the pipe."""

    def __init__(self, file: int | None) -> None:
        self.file = file
        self.is_log = False
        self.continued = False

    def feed(self, packet: bytes) -> None:
        """Pass one packet of the child's stderr on: the log to its file, if any, the rest to stderr."""
        if not self.continued:
            self.is_log = bool(LOG.match(packet))
        self.continued = len(packet) == PACKET
        to = self.file if self.is_log else STDERR
        if to is not None:
            write(to, packet)


def write(to: int, data: bytes) -> None:
    while data:
        data = data[os.write(to, data) :]


def log_file() -> int | None:
    """Where TF_LOG and TF_LOG_PATH want the log; the level is not looked at."""
    if os.environ.get("TF_LOG", "").lower() in {"", "off"}:
        return None
    path = os.environ.get("TF_LOG_PATH")
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666) if path else STDERR


def original_environ() -> dict[bytes, bytes]:
    """The environment as it was given: in the C locale Python adds LC_CTYPE to its own (PEP 538)."""
    with open("/proc/self/environ", "rb") as file:
        entries = file.read().split(b"\0")
    return dict(entry.split(b"=", 1) for entry in entries if b"=" in entry)


def start(real: str, out: int, err: int) -> int:
    """Start the real binary with these as its stdout and stderr, and treat signals as panicwrap does."""
    # A terminal sends ^C to the child itself, so the parent only has to survive it; SIGTERM is passed on.
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and exec would hand that on
    actions = [(os.POSIX_SPAWN_DUP2, out, STDOUT), (os.POSIX_SPAWN_DUP2, err, STDERR)]
    argv = [real, *sys.argv[1:]]
    reset = [signal.SIGXFSZ]
    child = os.posix_spawn(real, argv, original_environ(), file_actions=actions, setsigdef=reset)
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(child, number))
    os.close(out)
    os.close(err)
    return child


def relay(out: int, err: int) -> None:
    """Pass both pipes on until both are closed."""
    sorter, log = Sorter(), Log(log_file())
    feeds = {out: sorter.feed, err: log.feed}
    while feeds:
        for pipe in select.select(list(feeds), [], [])[0]:
            data = os.read(pipe, PACKET if pipe == err else 65536)
            if data:
                feeds[pipe](data)
            else:
                del feeds[pipe]
    sorter.finish()


def main(real: str) -> int:
    """Run the Terraform at the path `real` with this process's arguments; its exit status."""
    out, out_end = os.pipe()
    err, err_end = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
    child = start(real, out_end, err_end)
    relay(out, err)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else 128 - status
