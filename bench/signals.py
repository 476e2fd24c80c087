"""Every signal arrives exactly once: `python bench/signals.py [--times 50] [--jobs 2]` counts, and prints the table.

A signal is sent to the shim alone (`kill`), to its process group, or typed on the terminal (Ctrl-C), at a moment of the
run (bench/scenes.py). Doubled: the real binary got it more than once. Lost: it got none, and the run went on all the
same (about its end a signal may come too late for both). Left over: a process of the run still lives afterwards. The
status is 1 if any of the three is not zero.
"""

from __future__ import annotations

import argparse
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import scenes
from testing.installation import installed
from tfwrap.stand.server import Stand

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.scenes import Scene

SIGNALS = ("INT", "TERM", "HUP", "QUIT")


class Moment(NamedTuple):
    """When the signal is sent; whether it may be too late then, and whether the run may not have begun."""

    name: str
    scene: Callable[[Path, Stand], Scene]
    may_be_late: bool = False


MOMENTS = (
    Moment("about the launch", scenes.about_the_launch),
    Moment("backend configuration", scenes.while_it_configures_its_backend),
    Moment("operation", scenes.while_it_runs),
    Moment("init -reconfigure", scenes.during_init),
    Moment("second run", scenes.during_the_second_run),
    Moment("about its end", scenes.about_its_end, may_be_late=True),
)


class Cell(NamedTuple):
    """One cell of the matrix."""

    signal: str
    to: str
    streams: str
    moment: Moment


class Count(NamedTuple):
    """The outcome of one cell."""

    sent: int = 0
    once: int = 0
    died_before: int = 0
    doubled: int = 0
    lost: int = 0
    left_over: int = 0

    def plus(self, more: Count) -> Count:
        """Both counts together."""
        return Count(*map(sum, zip(self, more, strict=True)))

    @property
    def wrong(self) -> int:
        """How many deliveries there are that must not be."""
        return self.doubled + self.lost + self.left_over


def main() -> int:
    """Run the matrix and print the table."""
    parser = argparse.ArgumentParser(description="Count how often each signal arrives.")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1, help="how many cells at the same time")
    parser.add_argument("--moment", choices=[moment.name for moment in MOMENTS], help="only this one")
    parser.add_argument("--signal", choices=SIGNALS, help="only this one")
    arguments = parser.parse_args()
    for name in SIGNALS:  # ignored under nohup, and what is started inherits that
        signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_DFL)
    wanted = (arguments.moment, arguments.signal)
    cells = [cell for cell in _matrix() if wanted[0] in (None, cell.moment.name) and wanted[1] in (None, cell.signal)]
    sys.stdout.write("| signal | to | streams | moment | sent | once | died before | doubled | lost | left over |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
    installed()
    wrong = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        rows = {pool.submit(_counted, cell, arguments.times): cell for cell in cells}
        try:
            for row in as_completed(rows):
                _print_row(rows[row], row.result())
                wrong += row.result().wrong
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return 1 if wrong else 0


def _matrix() -> list[Cell]:
    targets = [(name, to, streams) for name in SIGNALS for to in ("shim", "group") for streams in ("tty", "pipe")]
    return [Cell(*row, moment) for row in (*targets, ("INT", "Ctrl-C", "tty")) for moment in MOMENTS]


def _print_row(cell: Cell, count: Count) -> None:
    words = (cell.signal, cell.to, cell.streams, cell.moment.name, *count)
    sys.stdout.write("| " + " | ".join(map(str, words)) + " |\n")
    sys.stdout.flush()


def _counted(cell: Cell, times: int) -> Count:
    count = Count()
    stand = Stand()
    try:
        for number in range(times):
            outcome = _deliver(cell, stand)
            if outcome.wrong:
                sys.stderr.write(f"delivery {number} of {cell.signal} to {cell.to} on {cell.streams}: {outcome}\n")
            count = count.plus(outcome)
    finally:
        stand.stop()
    return count


def _deliver(cell: Cell, stand: Stand) -> Count:
    with tempfile.TemporaryDirectory(prefix="signals") as folder:
        scene = cell.moment.scene(Path(folder), stand)
        process, terminal = _start(scene, cell.streams)
        reader = threading.Thread(target=_read_to_its_end, args=(terminal,))
        reader.start()
        scene.wait()
        sent = _send(process, terminal, cell)
        status = process.wait(timeout=scenes.DEADLINE_S)
        left = _still_there(process.pid)
        reader.join()
        return _judged(cell, scene, Count(sent=sent, left_over=left), status)


def _start(scene: Scene, streams: str) -> tuple[subprocess.Popen[bytes], int]:
    shim = str(installed().terraform)
    if streams == "pipe":
        pipe = subprocess.DEVNULL
        return _popen([shim, "plan"], scene, pipe, start_new_session=True), -1
    ours, theirs = pty.openpty()
    process = _popen(["setsid", "--ctty", shim, "plan"], scene, theirs, start_new_session=False)
    os.close(theirs)
    while process.poll() is None and os.tcgetpgrp(ours) != process.pid:
        time.sleep(0.0005)  # setsid has not got to it yet: what is typed now would reach nobody
    return process, ours


def _popen(command: list[str], scene: Scene, stream: int, *, start_new_session: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=scene.environ,
        cwd=scene.directory,
        stdin=stream,
        stdout=stream,
        stderr=stream,
        start_new_session=start_new_session,
    )


def _send(process: subprocess.Popen[bytes], terminal: int, cell: Cell) -> int:
    """Send the signal; 0 where there is nobody any more to send it to."""
    number = getattr(signal, f"SIG{cell.signal}")
    if process.poll() is not None:
        return 0
    try:
        if cell.to == "Ctrl-C":
            os.write(terminal, b"\x03")
        elif cell.to == "group":
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except OSError:  # it has ended; its terminal may be closed already
        return 0
    return 1


def _read_to_its_end(terminal: int) -> None:
    """Read what is written on the terminal, so that nobody waits for room, until its last user has ended."""
    if terminal < 0:
        return
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:  # EIO: that was the last one
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


def _judged(cell: Cell, scene: Scene, count: Count, status: int) -> Count:
    got = scene.arrived().count(cell.signal)
    number = getattr(signal, f"SIG{cell.signal}")
    # bash itself makes an exit status of a SIGQUIT.
    stopped = status == -number or (not scene.has_run() and status == 128 + number)
    lost = count.sent and got == 0 and not stopped and not cell.moment.may_be_late
    return count._replace(
        once=int(got == 1), died_before=int(got == 0 and stopped), doubled=int(got > 1), lost=int(lost)
    )


if __name__ == "__main__":
    sys.exit(main())
