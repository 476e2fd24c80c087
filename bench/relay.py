"""What it costs to pass Terraform's output on: `python bench/relay.py PREFIX`.

The real binary's part is played by `dd`, which writes 400 MiB to its stderr, 64 KiB at a time; hyperfine times it bare
and behind the shim, in turn. The added processor time is that of everything, the start of the shim included. Then a
script writes single lines, each with the time at which it was written, and how much later they arrive is compared; and
the memory of the shim's process is read from /proc while it passes a stream on.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIB = 400
ROUNDS = 5
FLOOD = f"#!/bin/sh\nexec dd if=/dev/zero bs=64k count={MIB * 16} status=none >&2\n"
WAYS = {
    "stderr to /dev/null": "{command} 2>/dev/null",
    "stderr to a pipe": "{command} 2>&1 >/dev/null | cat >/dev/null",
    "stdout and stderr to one pipe": "{command} 2>&1 | cat >/dev/null",
    "stderr to a file": "{command} 2>{folder}/file",
    "a terminal": "script -q -c '{command}' /dev/null >/dev/null",
}
LINES = 300
SETTLED_S = 1.5
# Terraform's own pace: a line, then nothing for a while. Every line has the length of a log line.
DRIP = f"""#!{sys.executable}
import os, time
for _ in range({LINES}):
    time.sleep(0.002)
    os.write(2, b"%d %s\\n" % (time.monotonic_ns(), b"x" * 100))
"""


def main() -> int:
    """Time every way, then lines, then look at the memory; print the tables."""
    parser = argparse.ArgumentParser(description="Time the relay.")
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = _world(Path(folder), arguments.prefix)
        _print_throughput(folder, environ, arguments.rounds)
        _print_latency(folder, environ, arguments.rounds)
        _print_memory(folder, environ)
    return 0


def _world(folder: Path, prefix: Path) -> dict[str, str]:
    (folder / "main.tf").write_text("# aws\n")
    (folder / "shim").symlink_to(prefix.resolve() / "shims" / "terraform")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TERM") if name in os.environ}
    return {**kept, "TFWRAP_TERRAFORM": str(folder / "real"), "PWD": str(folder), "SHLVL": "1", "_": "/usr/bin/env"}


def _play(folder: str, script: str) -> None:
    """Let a script play the real binary, once it is old enough for tfwrap to remember a decision that rests on it."""
    real = Path(folder) / "real"
    real.write_text(script)
    real.chmod(0o755)
    time.sleep(SETTLED_S)


def _print_throughput(folder: str, environ: dict[str, str], rounds: int) -> None:
    _play(folder, FLOOD)
    sys.stdout.write("| way | bare MiB/s | shim MiB/s | added CPU-ms per MiB |\n| --- | --- | --- | --- |\n")
    for name, way in WAYS.items():
        bare, ours, added = _time(way, folder, environ, rounds)
        sys.stdout.write(f"| {name} | {bare:,.0f} | {ours:,.0f} | {added:.2f} |\n")
        sys.stdout.flush()


def _time(way: str, folder: str, environ: dict[str, str], rounds: int) -> tuple[float, float, float]:
    """Medians over the rounds: throughput bare and ours in MiB/s, and the added processor time in ms per MiB."""
    commands = [way.format(command=f"./{name} plan", folder=folder) for name in ("real", "shim")]
    bare, ours = [], []
    for _ in range(rounds):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            options = ["--shell", "bash", "--style", "none", "-w", "1", "-r", "2", "--export-json", report.name]
            command = ["hyperfine", *options, *commands]
            subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
            first, second = json.load(report)["results"]
        bare.append((first["median"], first["user"] + first["system"]))
        ours.append((second["median"], second["user"] + second["system"]))
    wall = [statistics.median(run[0] for run in runs) for runs in (bare, ours)]
    added = statistics.median(mine[1] - theirs[1] for theirs, mine in zip(bare, ours, strict=True))
    return MIB / wall[0], MIB / wall[1], added * 1000 / MIB


def _print_latency(folder: str, environ: dict[str, str], rounds: int) -> None:
    _play(folder, DRIP)
    sys.stdout.write("\n| one line at a time | bare µs | shim µs | added µs |\n| --- | --- | --- | --- |\n")
    for name, open_ends in (("a pipe", os.pipe), ("a terminal", _terminal)):
        pairs = [
            [_delay(f"./{program}", folder, environ, *open_ends()) for program in ("real", "shim")]
            for _ in range(rounds)
        ]
        bare, ours = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
        added = statistics.median(ours - bare for bare, ours in pairs)
        sys.stdout.write(f"| {name} | {bare:.0f} | {ours:.0f} | {added:+.0f} |\n")
        sys.stdout.flush()


def _terminal() -> tuple[int, int]:
    import pty

    return pty.openpty()


def _delay(program: str, folder: str, environ: dict[str, str], ours: int, theirs: int) -> float:
    """The median time from the writing of a line to its arrival here, in µs."""
    running = subprocess.Popen([program, "plan"], cwd=folder, env=environ, stdin=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    delays = []
    while len(delays) < LINES:
        chunk = os.read(ours, 1 << 16)
        now = time.monotonic_ns()
        delays += [(now - int(line.split()[0])) / 1000 for line in chunk.splitlines() if line]
    running.wait()
    os.close(ours)
    return statistics.median(delays)


def _print_memory(folder: str, environ: dict[str, str]) -> None:
    _play(folder, FLOOD)
    sys.stdout.write("\n| run | resident MB |\n| --- | --- |\n")
    for name in ("with all its checks", "remembered"):
        sys.stdout.write(f"| {name} | {_resident_mb(folder, environ):.1f} |\n")


def _resident_mb(folder: str, environ: dict[str, str]) -> float:
    """The most memory that the shim's process had while it passed the flood on: VmHWM of /proc, in MB."""
    ours, theirs = os.pipe()
    running = subprocess.Popen(["./shim", "plan"], cwd=folder, env=environ, stderr=theirs)
    os.close(theirs)
    most = 0
    while os.read(ours, 1 << 16):
        status = Path(f"/proc/{running.pid}/status").read_text()
        most = max([most, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))])
    running.wait()
    os.close(ours)
    return most * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
