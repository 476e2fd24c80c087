"""Where the state lies: everything that must be the same before and after a reconfiguration."""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple
from tfwrap.saved_backend import IDENTITY, SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.configuration import Block
    from tfwrap.invocation import Invocation

# Arguments that say who asks. They may change; everything else is the state's address, or how it is read.
CREDENTIAL_ARGUMENTS = frozenset(
    (*IDENTITY, "shared_credentials_file", "shared_credentials_files", "shared_config_files")
)
# An argument that is itself secret, and still has to be given again: without it the state cannot be read.
SECRET_ARGUMENTS = frozenset(("sse_customer_key",))


class Address(NamedTuple):
    """A state's address: backend type, every argument that is no credential, and the selected workspace."""

    type: str
    arguments: Mapping[str, object]
    workspace: str


def is_secret(name: str, value: object) -> bool:
    """Whether an argument must not be shown: a secret, or a URL with a password in it (`http_proxy`)."""
    has_password = isinstance(value, str) and "@" in value.partition("://")[2]
    return name in SECRET_ARGUMENTS or has_password


def of(saved: SavedBackend, workspace: str) -> Address:
    """The address that a saved backend stands for."""
    return Address(saved.type, _without_credentials(saved.config), workspace)


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


def passed_again(saved: SavedBackend, block: Block) -> dict[str, object]:
    """The saved values that the block does not hold: they came by `-backend-config` and have to come so again."""
    kept = _without_credentials(saved.config)
    return {name: value for name, value in kept.items() if name not in block.arguments}


def disagreements(saved: SavedBackend, block: Block) -> list[str]:
    """Arguments in which the block, in so far as it can be read, and the saved values differ."""
    return [
        name
        for name, declared in block.arguments.items()
        if name not in CREDENTIAL_ARGUMENTS and _comparable(declared) != _comparable(saved.config.get(name))
    ]


def _without_credentials(config: Mapping[str, object]) -> dict[str, object]:
    return {name: _cleaned(value) for name, value in config.items() if name not in CREDENTIAL_ARGUMENTS}


def _cleaned(value: object) -> object:
    """A value without the nulls that Terraform saves for every nested argument that was not set."""
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return value


def _comparable(value: object) -> object:
    """A value as it compares after Terraform's conversions: `"5"` is saved as 5, a list as a sorted set (tried)."""
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items() if inner is not None} or None
    if isinstance(value, list):
        return sorted({repr(_comparable(inner)) for inner in value}) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value or None
