"""Commands side by side, timed by hyperfine.

Each round runs the bare and the wrapped command a few times, one after the other, and the ratio is taken round by
round, so that a machine whose speed drifts does not decide the result. Processor time is given beside the clock: on a
busy machine it says more.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

HEAD = "| command | ratio (median, least-most) | added ms | added CPU-ms | goal |\n| --- | --- | --- | --- | --- |\n"


class Case(NamedTuple):
    """One comparison: a name, the bare command, the other one, where and in what environment both run, the goal."""

    name: str
    bare: list[str]
    ours: list[str]
    directory: Path
    environ: Mapping[str, str]
    goal: str = "-"


class Time(NamedTuple):
    """What one command took in one round, in seconds: the median by the clock, and processor time."""

    wall: float
    cpu: float


class Ratio(NamedTuple):
    """The median ratio over the rounds with its extremes; the medians of the differences, in milliseconds."""

    median: float
    least: float
    most: float
    added_ms: float
    added_cpu_ms: float


def environment(directory: Path, **more: str) -> dict[str, str]:
    """What a shell hands to a command that it starts in a directory.

    A shell sets `PWD`, `SHLVL` and `_`; to put them back where they were missing takes bash 1 ms more, and a bench
    that leaves them out measures that.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "CHECKPOINT_DISABLE": "1", **more, "PWD": str(directory), "SHLVL": "1", "_": "/usr/bin/env"}


def print_table(cases: Iterable[Case], rounds: int, runs: int) -> None:
    """Compare every case and print a row for each."""
    sys.stdout.write(HEAD)
    for case in cases:
        pairs = measure(case, rounds, runs)
        ratio = compare(pairs)
        spread = f"{ratio.median:.2f} ({ratio.least:.2f}-{ratio.most:.2f})"
        row = f"| {case.name} | {spread} | {ratio.added_ms:+.1f} | {ratio.added_cpu_ms:+.1f} | {case.goal} |\n"
        sys.stdout.write(row)
        sys.stdout.flush()


def measure(case: Case, rounds: int, runs: int, warm: int = 1) -> list[tuple[Time, Time]]:
    """The times of the bare command and of the other one, round by round."""
    if not shutil.which("hyperfine"):
        sys.exit("bench: hyperfine is not installed (Debian: apt-get install hyperfine)")
    return [_round(case, runs, warm) for _ in range(rounds)]


def compare(pairs: Iterable[tuple[Time, Time]]) -> Ratio:
    """What the rounds say together."""
    pairs = list(pairs)
    ratios = [ours.wall / bare.wall for bare, ours in pairs]
    added = statistics.median(ours.wall - bare.wall for bare, ours in pairs)
    added_cpu = statistics.median(ours.cpu - bare.cpu for bare, ours in pairs)
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), added * 1000, added_cpu * 1000)


def _round(case: Case, runs: int, warm: int) -> tuple[Time, Time]:
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        options = ["-N", "--style", "none", "-w", str(warm), "-r", str(runs), "--export-json", report.name]
        command = ["hyperfine", *options, shlex.join(case.bare), shlex.join(case.ours)]
        subprocess.run(command, cwd=case.directory, env=case.environ, check=True, capture_output=True)
        bare, ours = (Time(one["median"], one["user"] + one["system"]) for one in json.load(report)["results"])
    return bare, ours
