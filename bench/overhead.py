"""How much the shim adds, as ratios of runs side by side: `python bench/overhead.py PREFIX [--peers] [--provider]`.

PREFIX is where install.sh installed tfwrap. hyperfine does the timing: each round runs every command a few times, one
after the other, and the ratio is taken round by round, so that a machine whose speed drifts does not decide the result.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROUNDS = 12
RUNS = 8
AWS_MODULE = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""
PLAIN_MODULE = 'resource "terraform_data" "x" {}\n'
# What there is on PyPI and npm: the name of its command, and how it is asked for Terraform's version.
PEERS = {"mise": ("mise", "x", "--", "terraform", "version"), "terraform-local": ("tflocal", "version")}


class Case(NamedTuple):
    """One comparison: a name, the bare command, the command through tfwrap, where both run, and the goal."""

    name: str
    bare: list[str]
    ours: list[str]
    directory: Path
    goal: str


class Ratio(NamedTuple):
    """The median ratio over the rounds with its extremes, and the median of the difference in milliseconds."""

    median: float
    least: float
    most: float
    added_ms: float


def main() -> int:
    """Run every comparison and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--peers", action="store_true", help="also those of the peers that are on PATH")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    if not shutil.which("hyperfine"):
        sys.exit("bench: hyperfine is not installed (Debian: apt-get install hyperfine)")
    real = _real(arguments.prefix)
    with tempfile.TemporaryDirectory() as folder:
        _print_table(_cases(Path(folder), arguments.prefix, real), arguments.rounds, real)
        if arguments.peers:
            _print_table(_peer_cases(Path(folder), real), arguments.rounds, real)
    return 0


def _real(prefix: Path) -> str:
    found = subprocess.run([prefix / "bin" / "tfwrap", "which"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def _cases(folder: Path, prefix: Path, real: str) -> list[Case]:
    shim = str(prefix / "shims" / "terraform")
    (site,) = (prefix / "venv").glob("lib/python3*/site-packages")
    python = [str(prefix / "venv/bin/python"), "-I", "-S", str(site / "tfwrap/launch.py"), "terraform"]
    aws, plain = _module(folder / "aws", AWS_MODULE + PLAIN_MODULE), _module(folder / "plain", PLAIN_MODULE)
    for directory in (aws, plain):
        (directory / "main.tf").touch()
    subprocess.run([real, "init"], cwd=plain, env=_environment(real), check=True, capture_output=True)
    guarded = _module(folder / "guarded", PLAIN_MODULE + "# aws\n")
    subprocess.run([real, "init"], cwd=guarded, env=_environment(real), check=True, capture_output=True)
    return [
        Case("straight through, bash: version", [real, "version"], [shim, "version"], plain, "≤ 1.05"),
        Case("straight through, Python: version", [real, "version"], [*python, "version"], plain, "≤ 1.25"),
        Case("no AWS here: plan", [real, "plan"], [shim, "plan"], plain, "-"),
        Case("guarded, nothing to say: plan", [real, "plan"], [shim, "plan"], guarded, "≤ 1.4"),
    ]


def _peer_cases(folder: Path, real: str) -> list[Case]:
    plain = folder / "plain"
    found = [(name, words) for name, words in PEERS.items() if shutil.which(words[0])]
    return [Case(f"peer {name}: version", [real, "version"], list(words), plain, "-") for name, words in found]


def _module(directory: Path, text: str) -> Path:
    directory.mkdir()
    (directory / "main.tf").write_text(text)
    return directory


def _environment(real: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "TFWRAP_TERRAFORM": real, "CHECKPOINT_DISABLE": "1"}


def _print_table(cases: list[Case], rounds: int, real: str) -> None:
    sys.stdout.write("| command | ratio to bare (median, least-most) | added ms | goal |\n| --- | --- | --- | --- |\n")
    for case in cases:
        ratio = _compare(case, rounds, real)
        spread = f"{ratio.median:.2f} ({ratio.least:.2f}-{ratio.most:.2f})"
        sys.stdout.write(f"| {case.name} | {spread} | {ratio.added_ms:+.1f} | {case.goal} |\n")
        sys.stdout.flush()


def _compare(case: Case, rounds: int, real: str) -> Ratio:
    pairs = [_round(case, real) for _ in range(rounds)]
    ratios = [ours / bare for bare, ours in pairs]
    added = statistics.median(ours - bare for bare, ours in pairs)
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), added * 1000)


def _round(case: Case, real: str) -> tuple[float, float]:
    import shlex

    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        commands = [shlex.join(case.bare), shlex.join(case.ours)]
        options = ["-N", "--style", "none", "-w", "1", "-r", str(RUNS), "--export-json", report.name]
        command = ["hyperfine", *options, *commands]
        subprocess.run(command, cwd=case.directory, env=_environment(real), check=True, capture_output=True)
        bare, ours = json.load(report)["results"]
    return bare["median"], ours["median"]


if __name__ == "__main__":
    sys.exit(main())
