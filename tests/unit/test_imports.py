"""What is not imported: each gate on the way through looks at a fresh interpreter, started as the shims start it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tfwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = (str(Path(tfwrap.__path__[0]).parent), sysconfig.get_paths()["purelib"])

# What costs more than 4 ms to import (docs/performance.md), and what drags it in.
COSTLY = (
    "argparse",
    "collections",
    "dataclasses",
    "enum",
    "hashlib",
    "importlib.resources",
    "json",
    "logging",
    "pathlib",
    "re",
    "shlex",
    "shutil",
    "signal",
    "subprocess",
    "tempfile",
    "threading",
    "typing",
)
FOREIGN = ("boto3", "botocore", "colorama", "platformdirs", "psutil", "tree_sitter", "tree_sitter_hcl")

# What only a run needs about which nothing is remembered.
LOOKS = (
    "tfwrap.terraform.configuration",
    "tfwrap.terraform.module_files",
    "tfwrap.preflight.childenv",
    "tfwrap.aws.keyshape",
    "tfwrap.aws.accesskey",
)

GUARDED = """
from tfwrap import main; from tfwrap.process import process
process.run = lambda *_, **__: report()
main.main("terraform", ["plan"])
"""
BACKEND = (
    'terraform {{\n  backend "s3" {{\n    bucket = "b"\n    key = "k"\n    region = "us-east-1"\n    {0}\n  }}\n}}\n'
)
NAMED = BACKEND.format('profile = "prod"')
PAIR = "aws_access_key_id = AKIAMADEUPBYATEST001\naws_secret_access_key = madeUpByATestX0123456789abcdefghijklmnop\n"

STRAIGHT = """
from tfwrap import main; from tfwrap.process import process
process.replace = lambda path, argv, environ: report()
main.main("terraform", {argv!r})
"""


def loaded(source: str, environ: dict[str, str], cwd: Path, may_speak: bool = False) -> set[str]:
    """The modules in a fresh interpreter behind `source`, which may call `report()` itself to be the last word."""
    program = (
        f"import sys\nsys.path += {list(PACKAGES)!r}\n"
        "def report():\n    print(*sorted(sys.modules))\n    sys.stdout.flush()\n    import os; os._exit(0)\n"
        f"{source}\nreport()\n"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert may_speak or done.stderr == ""
    return set(done.stdout.split())


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    real = tmp_path / "bin" / "terraform"
    real.parent.mkdir()
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    (tmp_path / "home").mkdir()
    return {"PATH": f"{real.parent}:/usr/bin:/bin", "HOME": str(tmp_path / "home"), "LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["fmt"], id="a command that needs no credentials"),
        pytest.param(["-help"], id="help"),
        pytest.param([], id="nothing typed"),
        pytest.param(["plan"], id="a directory that uses no AWS"),
        pytest.param(["-chdir=/nonexistent", "plan"], id="a directory that is not there"),
    ],
)
def test_what_passes_straight_through_loads_nothing_that_costs(
    argv: Sequence[str], environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text('output "greeting" {\n  value = "hello"\n}\n')
    modules = loaded(STRAIGHT.format(argv=argv), environ, tmp_path)
    assert "tfwrap.main" in modules
    assert modules & {*COSTLY, *FOREIGN, "tfwrap.guard", "tfwrap.preflight.preflight"} == set()


@pytest.mark.parametrize("argv", [["fmt"], ["-help"], []], ids=["fmt", "help", "nothing typed"])
def test_a_plain_command_looks_neither_at_the_module_nor_at_earlier_decisions(
    argv: Sequence[str], environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text('provider "aws" {}\n')
    modules = loaded(STRAIGHT.format(argv=argv), environ, tmp_path)
    assert modules & {"tfwrap.memory", *LOOKS} == set()


@pytest.mark.parametrize("variable", [{"TFWRAP_DISABLE": "1"}, {"COMP_LINE": "terraform pl"}])
def test_what_is_switched_off_loads_nothing_that_costs(
    variable: dict[str, str], environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text('provider "aws" {}\n')
    modules = loaded(STRAIGHT.format(argv=["plan"]), {**environ, **variable}, tmp_path)
    assert modules & {*COSTLY, *FOREIGN, "tfwrap.guard"} == set()


def test_the_guarded_way_starts_without_what_only_a_failure_or_a_finding_needs(
    environ: dict[str, str], tmp_path: Path
) -> None:
    modules = loaded("import tfwrap.guard", environ, tmp_path)
    assert "tfwrap.guard" in modules
    assert modules & {*COSTLY, *FOREIGN} == set()
    assert (
        modules
        & {
            "tfwrap.identity.identity",
            "tfwrap.diagnosis.diagnosis",
            "tfwrap.explain.incident",
            "tfwrap.explain.incidents",
            "tfwrap.recovery",
        }
        == set()
    )
    assert modules & {*LOOKS} == set()


def test_preflight_looks_without_starting_boto3_or_a_subprocess_module(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('terraform {\n  backend "s3" {\n    bucket = "made-up"\n  }\n}\n')
    source = (
        "import os\nfrom tfwrap import invocation; from tfwrap.preflight import findings, preflight\n"
        'typed = invocation.read("terraform", ["plan"], os.environ, os.getcwd())\n'
        "findings.collect(preflight.facts(typed, os.environ, '/nonexistent'))"
    )
    modules = loaded(source, environ, tmp_path)
    assert "tree_sitter" in modules
    forbidden = {"boto3", "botocore", "dataclasses", "subprocess", "logging", "argparse", "psutil", "platformdirs"}
    assert modules & {*forbidden, "importlib.resources"} == set()


@pytest.mark.parametrize(
    ("module", "config", "more"),
    [
        pytest.param(BACKEND.format(""), "", {"AWS_ACCESS_KEY_ID": "AKIAMADEUPBYATEST001"}, id="half a pair"),
        pytest.param(NAMED, f"[profile prod]\n{PAIR}", {}, id="a profile with keys"),
        pytest.param(
            NAMED, f"[profile prod]\nrole_arn = r\nsource_profile = base\n[profile base]\n{PAIR}", {}, id="a role"
        ),
        pytest.param(NAMED, "[profile prod]\ncredential_process = /bin/true\n", {}, id="a credential process"),
        pytest.param(NAMED, "", {}, id="a profile that is not there"),
    ],
)
def test_a_guarded_run_that_needs_no_bridge_loads_nothing_of_it(
    module: str, config: str, more: dict[str, str], environ: dict[str, str], tmp_path: Path
) -> None:
    modules = guarded(module, config, {**environ, **more}, tmp_path)
    assert {"tfwrap.guard", "tfwrap.preflight.preflight"} <= modules
    assert not any(name.startswith(("tfwrap.bridge", "tfwrap.recovery")) for name in modules)


def test_a_run_that_needs_one_loads_it(environ: dict[str, str], tmp_path: Path) -> None:
    """Or else the test above would hold for a way that nobody goes."""
    aws = tmp_path / "bin" / "aws"
    aws.write_text(
        '#!/bin/sh\necho \'{"Version": 1, "AccessKeyId": "AKIAMADEUPBYATEST001", "SecretAccessKey": "s"}\'\n'
    )
    aws.chmod(0o755)
    modules = guarded(NAMED, "[profile prod]\nlogin_session = arn\n", environ, tmp_path)
    assert {"tfwrap.bridge.guarded", "tfwrap.bridge.standing"} <= modules


def guarded(module: str, config: str, environ: dict[str, str], root: Path) -> set[str]:
    """The modules of a guarded run of Terraform 1.11.4 when Terraform is about to start."""
    real = root / "bin" / "terraform"
    real.write_text("#!/bin/sh\necho Terraform v1.11.4\n")
    (root / "main.tf").write_text(module)
    (root / "home" / ".aws").mkdir()
    (root / "home" / ".aws" / "config").write_text(config)
    own = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}
    return loaded(GUARDED, {**environ, **own}, root, may_speak=True)


def test_the_way_through_never_knows_the_stand(environ: dict[str, str], tmp_path: Path) -> None:
    modules = loaded("import tfwrap.main, tfwrap.guard, tfwrap.cli", environ, tmp_path)
    assert not any(module.startswith(("tfwrap.stand", "moto", "testing")) for module in modules)


def test_the_fresh_interpreter_of_these_tests_is_fresh(environ: dict[str, str], tmp_path: Path) -> None:
    assert "json" in loaded("import json", environ, tmp_path)
    assert os.path.isdir(PACKAGES[1])
