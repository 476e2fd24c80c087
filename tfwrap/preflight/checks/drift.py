"""3xx: the backend that is declared and the one that init saved are not the same."""

from __future__ import annotations

import os

from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding
from tfwrap.terraform import saved_backend
from tfwrap.terraform.saved_backend import SavedBackend
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.terraform.block import Block

# Who asks may change without the state being another.
_IDENTITY = frozenset(
    (
        *saved_backend.IDENTITY,
        "shared_credentials_file",
        "shared_credentials_files",
        "shared_config_files",
        "assume_role",
        "assume_role_with_web_identity",
        "role_arn",
        "external_id",
        "session_name",
        "assume_role_duration_seconds",
        "assume_role_policy",
        "assume_role_policy_arns",
        "assume_role_tags",
        "assume_role_transitive_tag_keys",
    )
)
# Where the state lies. Their values are no secrets and are shown.
_ADDRESS = ("type", "bucket", "key", "region", "workspace_key_prefix")
_ENDPOINTS = ("endpoint", "endpoints")
_DECIDED = ("reconfigure", "migrate-state", "force-copy")
_MOVE = "terraform init -migrate-state, if the state is to move there"
_POINT = "terraform init -reconfigure, if it lies there already: Terraform then leaves the old one where it is"
_KEEP = "terraform init -reconfigure: the state stays where it is"


def check(facts: Facts) -> Iterator[Finding]:
    """TFW304: once for each argument. What only Terraform can evaluate is not compared, nor what the block omits."""
    saved, block, typed = facts.saved, facts.configuration.backend, facts.invocation
    if not isinstance(saved, SavedBackend) or block is None or facts.configuration.problems:
        return
    if typed.command == "init" and any(typed.values(option) for option in _DECIDED):
        return
    kind = block.labels[0] if block.labels else ""
    if kind != saved.type:
        yield _finding("type", kind, saved.type, _severity(facts, block), block)
        return
    told = _told(facts)
    declared = {**block.arguments, **told}
    for name, value in declared.items():
        if _differs(name, value, saved.config):
            severity = WARNING if name in told else _severity(facts, block)
            yield _finding(name, value, saved.config.get(name), severity, block)


def _differs(name: str, value: object, saved: Mapping[str, object]) -> bool:
    if name in _IDENTITY or _holds_unknown(value):
        return False
    return saved_backend.comparable(value) != saved_backend.comparable(saved.get(name))


def _holds_unknown(value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is UNKNOWN or any(map(_holds_unknown, inner))


def _told(facts: Facts) -> dict[str, object]:
    """What this `init` gives by `-backend-config=NAME=VALUE`; a file of values is Terraform's to read."""
    values = facts.invocation.values("backend-config") if facts.invocation.command == "init" else []
    pairs = (value.partition("=") for value in values if "=" in value)
    return {name.strip(): text for name, _, text in pairs}


def _severity(facts: Facts, block: Block) -> str:
    """Information where the difference is as old as the saved file: then `-backend-config` has overridden the block.

    A block that was changed after init is what Terraform will refuse ("Backend configuration changed").
    """
    if not isinstance(facts.saved, SavedBackend):
        return INFO
    try:
        written = os.stat(block.location.rpartition(":")[0] or block.location).st_mtime
        return WARNING if written > os.stat(facts.saved.path).st_mtime else INFO
    except OSError:
        return WARNING


def _finding(name: str, declared: object, saved: object, severity: str, block: Block) -> Finding:
    shown = name in _ADDRESS
    title = f"the backend's {name} is {_said(declared, shown)}, and terraform init saved {_said(saved, shown)}"
    is_address = shown or name in _ENDPOINTS or name.endswith("_endpoint")
    evidence = (f"declared at {block.location}", "Terraform refuses a block that was changed since init")
    fix = (_MOVE, _POINT) if is_address else (_KEEP,)
    return Finding("TFW304", "backend-drift", severity, title, evidence, fix)


def is_elsewhere(found: Finding) -> bool:
    """Whether one of these findings is about where the state lies."""
    return _MOVE in found.fix


def _said(value: object, shown: bool) -> str:
    if value is None or value == "":
        return "none"
    return f"{str(value)!a}" if shown else "another value"
