"""How much the shim adds, as ratios of runs side by side: `python bench/overhead.py PREFIX [--peers DIR [--install]]`.

PREFIX is where install.sh installed tfwrap. What is compared how, bench/pairs.py says; the peers are bench/peers.py's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import pairs, peers
from bench.pairs import Case

CHECKOUT = Path(__file__).resolve().parent.parent
ROUNDS = 12
RUNS = 8
PLAIN_MODULE = 'resource "terraform_data" "x" {}\n'
# A word is enough for tfwrap to take the module for one that may use AWS; Terraform's own work stays the same.
GUARDED_MODULE = PLAIN_MODULE + "# aws\n"


def main() -> int:
    """Run every comparison and print the table."""
    arguments = _arguments()
    real = _real(arguments.prefix)
    with tempfile.TemporaryDirectory() as folder:
        pairs.print_table(_cases(Path(folder), arguments.prefix, real), arguments.rounds, arguments.runs)
        if arguments.peers:
            directory = arguments.peers.resolve()
            if arguments.install:
                peers.install(directory)
            others = peers.cases(directory, Path(folder) / "plain", real)
            pairs.print_table(others, arguments.rounds, arguments.runs)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How much the shim adds to Terraform.")
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--peers", type=Path, metavar="DIR", help="also the peers that are installed in DIR")
    parser.add_argument("--install", action="store_true", help="install them there first, with npm and pip")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--runs", type=int, default=RUNS, help="of each command in a round")
    return parser.parse_args()


def _real(prefix: Path) -> str:
    found = subprocess.run([prefix / "bin" / "tfwrap", "which"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def _cases(folder: Path, prefix: Path, real: str) -> list[Case]:
    bash, python = str(prefix / "shims" / "terraform"), _python_shim(folder, prefix)
    plain, guarded = _module(folder / "plain", PLAIN_MODULE, real), _module(folder / "guarded", GUARDED_MODULE, real)
    here, there = (pairs.environment(place, TFWRAP_TERRAFORM=real) for place in (plain, guarded))
    return [
        Case("straight through, bash: version", [real, "version"], [bash, "version"], plain, here, "≤ 1.05"),
        Case("straight through, Python: version", [real, "version"], [python, "version"], plain, here, "≤ 1.25"),
        Case("no AWS here: plan", [real, "plan"], [bash, "plan"], plain, here),
        Case("guarded, nothing to say: plan", [real, "plan"], [bash, "plan"], guarded, there, "≤ 1.4"),
        Case("the same without bash: plan", [real, "plan"], [python, "plan"], guarded, there),
    ]


def _python_shim(folder: Path, prefix: Path) -> str:
    """The shim that install.sh writes where there is no bash."""
    (site,) = (prefix / "venv").glob("lib/python3*/site-packages")
    python, shim = prefix.resolve() / "venv/bin/python", folder / "shims" / "terraform"
    shim.parent.mkdir()
    values = {"PROGRAM": "terraform", "PYTHON": python, "BASE": python, "LAUNCHER": site.resolve() / "tfwrap/launch.py"}
    filled = [f"{name}={value}" for name, value in values.items()]
    subprocess.run([sys.executable, CHECKOUT / "shims/fill.py", CHECKOUT / "shims/shim.py", shim, *filled], check=True)
    return str(shim)


def _module(directory: Path, text: str, real: str) -> Path:
    directory.mkdir()
    (directory / "main.tf").write_text(text)
    environ = pairs.environment(directory)
    subprocess.run([real, "init"], cwd=directory, env=environ, check=True, capture_output=True)
    return directory


if __name__ == "__main__":
    sys.exit(main())
