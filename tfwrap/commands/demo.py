"""Play the story of a stale saved key against an AWS stand-in on this machine, with your real Terraform.

Everything happens in a temporary directory with a home of its own; nothing of yours is read or changed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tfwrap import launch, which
from tfwrap.aws.endpoint import Endpoint
from tfwrap.errors import TfwrapError
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT = "111111111111"
BUCKET = "demo-states"
TIMEOUT_S = 60
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TMPDIR", "SYSTEMROOT")


class Stage(NamedTuple):
    """Where the demo plays: a directory of its own, the environment of its commands, and the stand-in for AWS."""

    directory: Path
    environ: dict[str, str]
    stand: Stand
    colour: bool


def add_arguments(parser: ArgumentParser) -> None:
    """`tfwrap demo` has no options."""
    del parser


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Play the story; returns 0 if it went as told. Raises NotFound without a real Terraform."""
    del arguments
    from tfwrap.stand import server

    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper here
    real = which.find("terraform", environ, None).path
    directory = Path(tempfile.mkdtemp(prefix="tfwrap-demo-"))
    try:
        with server.start() as stand:
            _play(_stage(directory, environ, stand, real))
    except subprocess.TimeoutExpired as late:
        raise TfwrapError(f"a command of the demo did not end within {TIMEOUT_S} seconds") from late
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def _stage(directory: Path, environ: Mapping[str, str], stand: Stand, real: str) -> Stage:
    kept = {name: environ[name] for name in _KEPT if name in environ}
    own = {
        "HOME": str(directory / "home"),
        "TFWRAP_TERRAFORM": real,
        "CHECKPOINT_DISABLE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    (directory / "home" / ".aws").mkdir(parents=True)
    (directory / "network").mkdir()
    colour = not environ.get("NO_COLOR") and (sys.stdout.isatty() or bool(environ.get("FORCE_COLOR")))
    return Stage(directory, {**kept, **stand.environment(), **own}, stand, colour)


def _play(stage: Stage) -> None:
    old = stage.stand.keys.create(account=ACCOUNT, user="deployer", suffix="0001")
    new = stage.stand.keys.create(account=ACCOUNT, user="deployer", suffix="0002")
    stage.stand.create_bucket(BUCKET, account=ACCOUNT)
    _write_module(stage)
    _tell(stage, "A root module with an S3 backend. Its keys are given to `terraform init`, which saves them:")
    keys = (f"-backend-config=access_key={old.id}", f"-backend-config=secret_key={old.secret}")
    _terraform(stage, "init", *keys, shown="init -backend-config=access_key=AKIA****0001 -backend-config=secret_key=…")
    _terraform(stage, "apply", "-auto-approve")

    stage.stand.keys.delete(old.id)
    _write_credentials(stage, new)
    _tell(stage, "Months later the keys are rotated. The new ones are in ~/.aws/credentials, and the AWS CLI is happy:")
    _caller_identity(stage, new)

    _tell(stage, "Terraform is not. tfwrap says beforehand what will happen, and afterwards why it did:")
    _terraform(stage, "plan", expect=1)
    _tell(stage, "A pipeline would not even start it:")
    _terraform(stage, "plan", expect=120, TFWRAP_STRICT="1")
    _tell(stage, "On a terminal tfwrap asks whether it may put it right. Here it may without asking:")
    _terraform(stage, "plan", TFWRAP_AUTO="reconfigure")
    _tell(stage, "The whole story, at any time later:")
    _command(stage, [sys.executable, "-I", "-m", "tfwrap", "--explain"], "tfwrap --explain", 0, {})
    _tell(stage, "And from now on there is nothing to say, so nothing is said:")
    _terraform(stage, "plan")


def _write_module(stage: Stage) -> None:
    arguments = stage.stand.backend_arguments(_version(stage))
    lines = "".join(f"    {name} = {value}\n" for name, value in arguments.items())
    backend = f'  backend "s3" {{\n    bucket = "{BUCKET}"\n    key    = "network/terraform.tfstate"\n{lines}  }}\n'
    text = f'terraform {{\n{backend}}}\n\noutput "network" {{\n  value = "10.0.0.0/16"\n}}\n'
    (stage.directory / "network" / "main.tf").write_text(text, encoding="utf-8")


def _version(stage: Stage) -> str:
    words = [stage.environ["TFWRAP_TERRAFORM"], "version"]
    done = subprocess.run(words, env=stage.environ, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    name, _, version = done.stdout.partition("\n")[0].partition(" v")
    if done.returncode or name not in ("Terraform", "OpenTofu"):
        raise TfwrapError(f"{words[0]} does not tell its version as Terraform does")
    return version


def _write_credentials(stage: Stage, key: AccessKey) -> None:
    text = f"[default]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n"
    path = stage.directory / "home" / ".aws" / "credentials"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _caller_identity(stage: Stage, key: AccessKey) -> None:
    from tfwrap.identity import identity
    from tfwrap.origin import Secret
    from tfwrap.sources import sources

    source = sources.Source(sources.PROFILE, access_key=key.id, secret_key=Secret(key.secret))
    answer = identity.ask(source, Endpoint("us-east-1", stage.stand.url))
    _prompt(stage, "aws sts get-caller-identity")
    sys.stdout.write(f"{answer.account}  {answer.arn}\n")


def _terraform(stage: Stage, *words: str, expect: int = 0, shown: str = "", **settings: str) -> None:
    """Run `terraform …` as the user would: through the installed shim, else through tfwrap's launcher."""
    shim = Path(sys.prefix).parent / "shims" / "terraform"
    launcher = [sys.executable, "-I", str(launch.__file__), "terraform"]
    told = " ".join([*(f"{name}={value}" for name, value in settings.items()), "terraform", shown or " ".join(words)])
    _command(stage, [*([str(shim)] if shim.exists() else launcher), *words], told, expect, settings)


def _command(stage: Stage, argv: list[str], told: str, expect: int, settings: dict[str, str]) -> None:
    _prompt(stage, told)
    environ = {**stage.environ, **settings}
    where = stage.directory / "network"
    done = subprocess.run(argv, cwd=where, env=environ, stdin=subprocess.DEVNULL, check=False, timeout=TIMEOUT_S)
    if done.returncode != expect:
        raise TfwrapError(f"the demo did not go as told: `{told}` ended with {done.returncode}, not {expect}")
    if expect:
        sys.stdout.write(f"(exit status {expect})\n")


def _tell(stage: Stage, text: str) -> None:
    _write(stage, f"\n● {text}\n", "\x1b[1;36m")


def _prompt(stage: Stage, command: str) -> None:
    _write(stage, f"\n$ {command}\n", "\x1b[1m")


def _write(stage: Stage, text: str, style: str) -> None:
    sys.stdout.write(f"{style}{text}\x1b[0m" if stage.colour else text)
    sys.stdout.flush()
