"""A "real binary" for tests: records how it was called, says it is ready, and does what it is told.

`RECORDER_DO` is a Python expression list run in its `do` namespace; the record is written to `RECORDER_FILE` as JSON
lines, one for the start and one for every signal, so that a test counts deliveries and not its own hopes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = """#!{python} -IS
# A terraform for tests.
import json, os, signal, sys, time

RECORD = os.environ["RECORDER_FILE"]

def note(**what):
    line = json.dumps(what).encode() + b"\\n"
    descriptor = os.open(RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line)
    os.close(descriptor)

got = []

def on_signal(number, frame):
    got.append(number)
    note(signal=signal.Signals(number).name, at=time.monotonic())

for name in os.environ.get("RECORDER_SIGNALS", "INT TERM HUP QUIT").split():
    signal.signal(getattr(signal, "SIG" + name), on_signal)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

def tty(descriptor):
    try:
        return os.isatty(descriptor)
    except OSError:
        return None

def size(descriptor):
    try:
        return list(os.get_terminal_size(descriptor))
    except OSError:
        return None

def out(data, descriptor=1):
    data = data.encode() if isinstance(data, str) else data
    while data:
        data = data[os.write(descriptor, data):]

def err(data):
    out(data, 2)

def wait(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.01)

def wait_for_signal(seconds, then):
    # At most so long, for a signal, and then for a second one that must not come.
    until = time.monotonic() + seconds
    while time.monotonic() < until and not got:
        time.sleep(0.01)
    wait(then)

note(
    start=True, pid=os.getpid(), group=os.getpgrp(), argv=sys.argv[1:],
    ttys=[tty(0), tty(1), tty(2)], sizes=[size(1), size(2)],
    environ=open("/proc/self/environ", "rb").read().hex(),  # os.environ has an LC_CTYPE that Python sets itself
)
exec(os.environ.get("RECORDER_DO", ""))
"""


def write(path: Path, python: str) -> Path:
    """Write the recorder as an executable file."""
    path.write_text(PROGRAM.format(python=python))
    path.chmod(0o755)
    return path


def records(path: Path) -> Iterator[dict[str, Any]]:
    """What was recorded, in order; nothing when the recorder was never started."""
    if path.exists():
        lines = path.read_text().splitlines(keepends=True)
        yield from (json.loads(line) for line in lines if line.endswith("\n"))  # the last may be half written


def environment(record: dict[str, Any]) -> dict[bytes, bytes]:
    """The environment that the recorder was started with."""
    entries = bytes.fromhex(record["environ"]).split(b"\0")
    return {name: value for name, _, value in (entry.partition(b"=") for entry in entries if entry)}


def signals(path: Path) -> list[str]:
    """The names of the signals that arrived, in order."""
    return [record["signal"] for record in records(path) if "signal" in record]
