"""What it costs to pass Terraform's output on: `python bench/relay.py PREFIX`.

The real binary's part is played by `dd`, which writes 200 MiB to its stderr, 64 KiB at a time. hyperfine times it
bare and behind the shim, in turn. The added processor time is that of everything, the start of the shim included.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MIB = 200
ROUNDS = 5
SCRIPT = f"#!/bin/sh\nexec dd if=/dev/zero bs=64k count={MIB * 16} status=none >&2\n"
WAYS = {
    "stderr to /dev/null": "{command} 2>/dev/null",
    "stderr to a pipe": "{command} 2>&1 >/dev/null | cat >/dev/null",
    "stdout and stderr to one pipe": "{command} 2>&1 | cat >/dev/null",
    "stderr to a file": "{command} 2>{folder}/file",
    "a terminal": "script -q -c '{command}' /dev/null >/dev/null",
}


def main() -> int:
    """Time every way and print the table."""
    parser = argparse.ArgumentParser(description="Time the relay.")
    parser.add_argument("prefix", type=Path)
    prefix = parser.parse_args().prefix
    sys.stdout.write("| way | bare MiB/s | shim MiB/s | added CPU-ms per MiB |\n| --- | --- | --- | --- |\n")
    with tempfile.TemporaryDirectory() as folder:
        environ = _world(Path(folder), prefix)
        for name, way in WAYS.items():
            bare, ours, added = _time(way, folder, environ)
            sys.stdout.write(f"| {name} | {bare:,.0f} | {ours:,.0f} | {added:.2f} |\n")
            sys.stdout.flush()
    return 0


def _world(folder: Path, prefix: Path) -> dict[str, str]:
    real = folder / "real"
    real.write_text(SCRIPT)
    real.chmod(0o755)
    (folder / "main.tf").write_text("# aws\n")
    (folder / "shim").symlink_to(prefix / "shims" / "terraform")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TERM") if name in os.environ}
    return {**kept, "TFWRAP_TERRAFORM": str(real)}


def _time(way: str, folder: str, environ: dict[str, str]) -> tuple[float, float, float]:
    """Medians over the rounds: throughput bare and ours in MiB/s, and the added processor time in ms per MiB."""
    commands = [way.format(command=f"./{name} plan", folder=folder) for name in ("real", "shim")]
    bare, ours = [], []
    for _ in range(ROUNDS):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            options = ["--shell", "bash", "--style", "none", "-r", "2", "--export-json", report.name]
            command = ["hyperfine", *options, *commands]
            subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
            first, second = json.load(report)["results"]
        bare.append((first["median"], first["user"] + first["system"]))
        ours.append((second["median"], second["user"] + second["system"]))
    wall = [statistics.median(run[0] for run in runs) for runs in (bare, ours)]
    added = statistics.median(mine[1] - theirs[1] for theirs, mine in zip(bare, ours, strict=True))
    return MIB / wall[0], MIB / wall[1], added * 1000 / MIB


if __name__ == "__main__":
    sys.exit(main())
