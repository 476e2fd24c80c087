"""What the shim adds to a plan with the real AWS provider: `.venv/bin/python bench/aws_plan.py PREFIX`.

Terraform and the provider 5.100.0 plan one bucket against the AWS stand-in on loopback, bare and guarded in turn. Such
a plan takes seconds and differs from run to run by more than the shim adds: the share by processor time is the one to
look at.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import pairs
from bench.pairs import Case
from testing import providers
from tfwrap.stand.server import Stand, start

PROVIDER = "5.100.0"
MODULE = """terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws", version = "{version}" }}
  }}
}}
provider "aws" {{
  {settings}
}}
resource "aws_s3_bucket" "x" {{
  bucket = "only-planned"
}}
"""


def main() -> int:
    """Time the plans and print what was added, in milliseconds and as a share."""
    parser = argparse.ArgumentParser(description="What the shim adds to a plan with the AWS provider.")
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with start() as stand, tempfile.TemporaryDirectory() as folder:
        case = _case(Path(folder), arguments.prefix.resolve(), stand)
        found = pairs.measure(case, arguments.rounds, runs=1)
    _print(found)
    return 0


def _case(folder: Path, prefix: Path, stand: Stand) -> Case:
    which = subprocess.run([prefix / "bin" / "tfwrap", "which"], capture_output=True, text=True, check=True)
    real = which.stdout.strip()
    text = MODULE.format(version=PROVIDER, settings=stand.provider_settings(PROVIDER).replace("\n", "\n  "))
    (folder / "main.tf").write_text(text)
    key = stand.keys.create()
    more = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, **stand.environment()}
    environ = pairs.environment(
        folder, TFWRAP_TERRAFORM=real, TF_CLI_CONFIG_FILE=providers.cli_config(PROVIDER), **more
    )
    subprocess.run([real, "init", "-input=false"], cwd=folder, env=environ, check=True, capture_output=True)
    return Case("plan", [real, "plan"], [str(prefix / "shims" / "terraform"), "plan"], folder, environ)


def _print(found: list[tuple[pairs.Time, pairs.Time]]) -> None:
    ratio = pairs.compare(found)
    wall = statistics.median(bare.wall for bare, _ in found) * 1000
    cpu = statistics.median(bare.cpu for bare, _ in found) * 1000
    sys.stdout.write("| a plan with the AWS provider | bare ms | added ms | share |\n| --- | --- | --- | --- |\n")
    for name, bare, added in (("by the clock", wall, ratio.added_ms), ("processor time", cpu, ratio.added_cpu_ms)):
        sys.stdout.write(f"| {name} | {bare:,.0f} | {added:+.0f} | {added / bare:.2%} |\n")


if __name__ == "__main__":
    sys.exit(main())
