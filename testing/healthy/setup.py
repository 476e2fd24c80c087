"""What a set-up consists of, and the pieces that many are made of."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from testing.aws import Aws
    from tfwrap.stand.keys import AccessKey, KeyStore

ACCOUNT, PROD = "111111111111", "222222222222"
REGION = "us-east-1"


class Setup(NamedTuple):
    """A root module, an environment and a home.

    `is_confirmed`: strict mode runs it. `is_known`: STS can say who this is, as far as it is AWS's matter.

    `files` are those of the root module, `home` those of the home directory, by their names in it.
    """

    files: dict[str, str]
    environ: Mapping[str, str] = {}
    home: Mapping[str, str] = {}
    words: tuple[str, ...] = ("plan",)
    is_confirmed: bool = True
    is_known: bool = True
    changes: Mapping[str, str | None] = {}


class Bench(NamedTuple):
    """The keys of the stand, AWS in front of it, and the home that a set-up is to be written to."""

    keys: KeyStore
    aws: Aws
    home: Path
    emulator: str
    instance: str


Row = tuple[str, "Callable[[Bench], Setup]"]


# Credentials


def pair(key: AccessKey) -> dict[str, str]:
    """The variables of a key, with its token where it has one."""
    both = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    return {**both, "AWS_SESSION_TOKEN": key.token} if key.token else both


def section(name: str, key: AccessKey) -> str:
    """The section of the credentials file with this key."""
    token = f"aws_session_token = {key.token}\n" if key.token else ""
    return f"[{name}]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n{token}\n"


def later(hours: float = 1) -> str:
    """A time to come, as tools write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + hours * 3600))


def token(bench: Bench, **claims: object) -> str:
    """A token as OIDC providers issue it, for AWS and an hour; the file's path."""
    parts = ({"alg": "RS256"}, {"aud": ["sts.amazonaws.com"], "exp": int(time.time()) + 3600, **claims})
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    path = bench.home / "token"
    path.write_text(".".join([*texts, "bWFkZXVw"]))
    return str(path)


def role(bench: Bench, name: str, account: str = ACCOUNT) -> str:
    """The ARN of a role that may be assumed."""
    return bench.keys.add_role(account, name).arn


# Modules

LOCK = """provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.0"
  hashes      = ["h1:madeUp"]
}
"""
REQUIRED = """terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
"""
USES = 'resource "aws_s3_bucket" "logs" {\n  bucket = "made-up-logs"\n}\n'
DEFAULT = f'provider "aws" {{\n  region = "{REGION}"\n}}\n'


def module(provider: str = DEFAULT, uses: str = USES, **backend: object) -> dict[str, str]:
    """A root module with this provider configuration and, where arguments are given, an initialised S3 backend."""
    files = {"main.tf": uses, "providers.tf": REQUIRED + provider, ".terraform.lock.hcl": LOCK}
    return {**files, **s3(**backend)} if backend else files


STATE: dict[str, Any] = {"bucket": "made-up-states", "key": "network/terraform.tfstate", "region": REGION}
"""What most backends say."""


def s3(**arguments: object) -> dict[str, str]:
    """A backend block with these arguments, and what `terraform init` saved of it."""
    lines = "".join(f"    {name} = {_hcl(value)}\n" for name, value in arguments.items())
    block = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n'
    return {"backend.tf": block, ".terraform/terraform.tfstate": saved("s3", **arguments)}


def saved(kind: str, **arguments: object) -> str:
    """What `terraform init` saves of a backend (terraform 1.11.4): every argument of its schema, null where not set."""
    unset = dict.fromkeys(("access_key", "secret_key", "token", "profile", "assume_role", "endpoint", "acl"))
    backend = {"type": kind, "config": {**unset, **arguments}, "hash": 1}
    return json.dumps({"version": 3, "terraform_version": "1.11.4", "backend": backend})


def _hcl(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_hcl(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value)
