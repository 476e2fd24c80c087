"""Where the state lies: everything that must be the same before and after a reconfiguration."""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple
from tfwrap.terraform.saved_backend import CREDENTIAL_ARGUMENTS, SavedBackend, comparable, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tfwrap.invocation import Invocation
    from tfwrap.terraform.block import Block

# An argument that is itself secret, and still has to be given again: without it the state cannot be read.
SECRET_ARGUMENTS = frozenset(("sse_customer_key", "web_identity_token"))


class Address(NamedTuple):
    """A state's address: backend type, every argument that is no credential, and the selected workspace."""

    type: str
    arguments: Mapping[str, object]
    workspace: str


def is_secret(name: str, value: object) -> bool:
    """Whether an argument must not be shown: a secret, one within it, or a URL with a password (`http_proxy`)."""
    if isinstance(value, dict):
        return any(is_secret(inner, each) for inner, each in value.items())
    has_password = isinstance(value, str) and "@" in value.partition("://")[2]
    return name in SECRET_ARGUMENTS or has_password


def of(saved: SavedBackend, workspace: str) -> Address:
    """The address that a saved backend stands for."""
    return Address(saved.type, without_credentials(saved.config), workspace)


def workspace(invocation: Invocation, environ: Mapping[str, str]) -> str:
    """The selected workspace: TF_WORKSPACE, else the file `environment`, else `default`."""
    if environ.get("TF_WORKSPACE"):
        return environ["TF_WORKSPACE"]
    return selected(environment_file(invocation))


def selected(path: str) -> str:
    """The workspace that a file `environment` names; `default` where there is none that can be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(4096).strip() or "default"
    except (OSError, ValueError):
        return "default"


def environment_file(invocation: Invocation) -> str:
    """Where Terraform keeps the name of the selected workspace."""
    return os.path.join(invocation.data_dir, "environment")


def passed_again(saved: SavedBackend, block: Block, given: Collection[str] = ()) -> dict[str, object]:
    """The saved values that came by `-backend-config` and have to come so again.

    These are all that the block does not hold, and those that are known to be `given` instead of the block's.
    """
    kept = without_credentials(saved.config)
    return {name: value for name, value in kept.items() if name not in block.arguments or name in given}


def disagreements(saved: SavedBackend, declared_ones: Mapping[str, object]) -> list[str]:
    """Arguments in which what is declared, in so far as it can be read, and the saved values differ."""
    return [
        name
        for name, declared in declared_ones.items()
        if name not in CREDENTIAL_ARGUMENTS and comparable(declared) != comparable(saved.config.get(name))
    ]
