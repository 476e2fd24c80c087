"""A failed run as the gate and the diagnosis see it: a backend that used a stale saved key, all conditions met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap import invocation
from tfwrap.aws import config as awsconfig
from tfwrap.diagnosis import diagnosis
from tfwrap.diagnosis.diagnosis import Case
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.identity.identity import Answer
from tfwrap.origin import Secret
from tfwrap.preflight.checks.finding import Facts
from tfwrap.recovery.condition import Request
from tfwrap.sources import sources
from tfwrap.terraform import given
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.saved_backend import SavedBackend

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.settings.settings import Value
    from tfwrap.terraform.saved_backend import Unreadable

# Made up by tfwrap.stand.keys: the first two say account 111111111111, the third 222222222222, the last says none.
OLD_KEY = "AKIARTXV5AHD6QLZ0001"
NEW_KEY = "AKIARTXV5AHD4Q330002"
KEY_ELSEWHERE = "AKIATHPL2AOHEA6K0003"
KEY_OF_OLD = "AKIAMADEUPBYTEST0004"
ACCOUNT = "111111111111"
REJECTED = Answer(identity.REJECTED, code="InvalidClientTokenId", message="no")
ACCEPTED = Answer(identity.OK, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/deployer")
CONFIG: dict[str, object] = {
    "bucket": "states",
    "key": "net/terraform.tfstate",
    "region": "us-east-1",
    "access_key": OLD_KEY,
    "secret_key": "made up by the tests",
}
FAILURE = failure.Failure(failure.BACKEND, "InvalidClientTokenId", "Error: no")
FRESH = sources.Source(sources.PROFILE, "~/.aws/credentials", NEW_KEY, Secret("made up, too"), profile="default")


def saved(directory: Path, config: dict[str, object] | None = None, kind: str = "s3") -> SavedBackend:
    path = str(directory / ".terraform" / "terraform.tfstate")
    return SavedBackend(path, ".terraform/terraform.tfstate", kind, CONFIG if config is None else config, "1.11.4")


def block(**arguments: object) -> Block:
    return Block(("s3",), {"bucket": "states", "key": "net/terraform.tfstate", **arguments}, "main.tf:2")


def facts(
    directory: Path,
    typed: tuple[str, ...] = ("plan",),
    environ: dict[str, str] | None = None,
    module: Configuration | None = None,
    held: SavedBackend | Unreadable | None = None,
    fresh: sources.Source | None = FRESH,
    layers: tuple[dict[tuple[str, ...], Value], ...] = (),
) -> Facts:
    read = invocation.read("terraform", typed, environ or {}, str(directory))
    held = held or saved(directory)
    files = awsconfig.AwsFiles("c", "d", {})
    used = sources.Source(sources.SAVED_BACKEND, "f", OLD_KEY, Secret("made up by the tests"))
    told = given.read(read, environ or {}, layers)
    return Facts(read, module or Configuration(block()), held, files, used, fresh, given=told)


def request(case: Case, environ: dict[str, str] | None = None, output: bytes = b"") -> Request:
    return Request(case, diagnosis.diagnose(case), environ or {}, output, is_whole=False)


def case(found: Facts, what: failure.Failure = FAILURE, used: Answer = REJECTED, fresh: Answer = ACCEPTED) -> Case:
    return Case(what, found, used, fresh)
