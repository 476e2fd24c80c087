"""What asking STS adds to a guarded run: `.venv/bin/python bench/network_check.py PREFIX`.

Nothing is remembered, so that every check is made in every run: once offline, once with the question put to the AWS
stand-in on loopback, where the round trip is a few milliseconds. The goal is 600 ms more than the round trip. /bin/true
stands in Terraform's place.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import pairs
from bench.pairs import Case
from tfwrap.stand.server import Stand, start

MODULE = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n    region = "eu-central-1"\n  }\n}\n'
FORGETFUL = 'rm -rf "$XDG_CACHE_HOME" && exec "$0" "$@"'


def main() -> int | str:
    """Compare a run offline with one that asks, and print the row."""
    parser = argparse.ArgumentParser(description="What asking STS adds to a guarded run.")
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--runs", type=int, default=5, help="of each command in a round")
    arguments = parser.parse_args()
    with start() as stand, tempfile.TemporaryDirectory() as folder:
        case = _case(Path(folder), arguments.prefix.resolve(), stand)
        pairs.print_table([case], arguments.rounds, arguments.runs)
        asked = len(stand.requests)
    return 0 if asked >= arguments.rounds * arguments.runs else f"bench: STS was asked {asked} times only"


def _case(folder: Path, prefix: Path, stand: Stand) -> Case:
    (folder / "main.tf").write_text(MODULE)
    sh, env, true = (shutil.which(name) or sys.exit(f"bench: no {name} here") for name in ("sh", "env", "true"))
    key = stand.keys.create()
    more = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, **stand.environment()}
    places = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    environ = pairs.environment(folder, TFWRAP_TERRAFORM=true, **more, **places)
    asking = [sh, "-c", FORGETFUL, str(prefix / "shims" / "terraform"), "plan"]
    offline = [env, "TFWRAP_OFFLINE=1", *asking]
    return Case("asking STS, nothing remembered: plan", offline, asking, folder, environ, "≤ 600 ms")


if __name__ == "__main__":
    sys.exit(main())
