"""Every signal arrives exactly once: `python bench/signals.py [--times 50]` counts, and prints the table.

The shim guards a recorder that notes each signal it gets. A signal is sent to the shim alone (`kill`), to its process
group, or typed on the terminal (Ctrl-C), at a moment of the run. Doubled: the recorder got it more than once. Lost: it
got none, and the run went on all the same (about its end a signal may come too late for both). Left over: a
process of the run still lives afterwards. The status is 1 if any of the three is not zero.
"""

from __future__ import annotations

import argparse
import os
import pty
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from testing import recorder, world
from testing.installation import installed

SIGNALS = ("INT", "TERM", "HUP", "QUIT")
RUNS_S = 0.5
DEADLINE_S = 20


class Moment(NamedTuple):
    """When the signal is sent: a random time between two (in seconds) after the start, or once the recorder runs."""

    name: str
    earliest_s: float = 0
    latest_s: float = 0
    may_be_late: bool = False


MOMENTS = (
    Moment("about the launch", 0.05, 0.2),
    Moment("while it runs"),
    Moment("about its end", RUNS_S + 0.05, RUNS_S + 0.25, may_be_late=True),
)


class Count(NamedTuple):
    """The outcome of one cell of the matrix."""

    sent: int = 0
    once: int = 0
    died_before: int = 0
    doubled: int = 0
    lost: int = 0
    left_over: int = 0

    def plus(self, **more: int) -> Count:
        """The count with some of its fields increased."""
        return self._replace(**{name: getattr(self, name) + by for name, by in more.items()})


def main() -> int:
    """Run the matrix and print the table."""
    parser = argparse.ArgumentParser(description="Count how often each signal arrives.")
    parser.add_argument("--times", type=int, default=50)
    times = parser.parse_args().times
    sys.stdout.write("| signal | to | streams | moment | sent | once | died before | doubled | lost | left over |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
    wrong = 0
    for name, target, streams, moment in _matrix():
        count = Count()
        for _ in range(times):
            count = _deliver(count, name, target, streams, moment)
        wrong += count.doubled + count.lost + count.left_over
        cells = (name, target, streams, moment.name, *count)
        sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")
        sys.stdout.flush()
    return 1 if wrong else 0


def _matrix() -> list[tuple[str, str, str, Moment]]:
    rows = [
        (name, target, streams, moment)
        for name in SIGNALS
        for target in ("shim", "group")
        for streams in ("tty", "pipe")
        for moment in MOMENTS
    ]
    return [*rows, *(("INT", "Ctrl-C", "tty", moment) for moment in MOMENTS)]


def _deliver(count: Count, name: str, target: str, streams: str, moment: Moment) -> Count:
    with tempfile.TemporaryDirectory() as folder:
        place = world.make(Path(folder))
        record = place.root / "record"
        process, terminal = _start(place, record, streams)
        if moment.latest_s:
            time.sleep(random.uniform(moment.earliest_s, moment.latest_s))  # noqa: S311 - spread, not secrecy
        else:
            _until_it_runs(record)
        sent = _send(process, terminal, name, target)
        status = _end(process, terminal)
        left = _still_there(process.pid)
        return _judged(count.plus(sent=sent), name, record, status, left, moment)


def _start(place: world.World, record: Path, streams: str) -> tuple[subprocess.Popen[bytes], int]:
    python = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    real = recorder.write(place.bin / "terraform", python)
    (place.cwd / "main.tf").write_text('terraform {\n  backend "s3" {}\n}\n')
    do = f"wait({RUNS_S})"
    environ = {**place.environ, "RECORDER_FILE": str(record), "RECORDER_DO": do, "TFWRAP_TERRAFORM": str(real)}
    shim = str(installed().terraform)
    if streams == "pipe":
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(
            [shim, "plan"],
            env=environ,
            cwd=place.cwd,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            start_new_session=True,
        )
        return process, -1
    ours, theirs = pty.openpty()
    become = "import fcntl,os,sys,termios; fcntl.ioctl(0,termios.TIOCSCTTY,0); os.execv(sys.argv[1],sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", become, shim, "plan"],
        env=environ,
        cwd=place.cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


def _until_it_runs(record: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not any(line.get("start") for line in recorder.records(record)):
        if time.monotonic() > deadline:
            raise TimeoutError("the recorder was not started")
        time.sleep(0.005)


def _send(process: subprocess.Popen[bytes], terminal: int, name: str, target: str) -> int:
    number = getattr(signal, f"SIG{name}")
    try:
        if target == "Ctrl-C":
            os.write(terminal, b"\x03")
        elif target == "group":
            os.killpg(process.pid, number)
        elif process.poll() is None:
            process.send_signal(number)
        else:
            return 0
    except ProcessLookupError:
        return 0
    return 1


def _end(process: subprocess.Popen[bytes], terminal: int) -> int:
    try:
        return process.wait(timeout=DEADLINE_S)
    finally:
        if terminal >= 0:
            os.close(terminal)


def _still_there(group: int) -> int:
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return 0
        time.sleep(0.01)
    os.killpg(group, signal.SIGKILL)
    return 1


def _judged(count: Count, name: str, record: Path, status: int, left: int, moment: Moment) -> Count:
    got = recorder.signals(record).count(f"SIG{name}")
    died = status == -getattr(signal, f"SIG{name}")
    ran = any(line.get("start") for line in recorder.records(record))
    stopped = died or (not ran and status != 0)  # in Python's own start an interrupt is an exception: status 1
    return count.plus(
        once=got == 1,
        died_before=got == 0 and stopped,
        doubled=got > 1,
        lost=got == 0 and not stopped and not moment.may_be_late,
        left_over=left,
    )


if __name__ == "__main__":
    sys.exit(main())
