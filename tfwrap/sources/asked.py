"""One question: whose credentials does a consumer get, by its block's arguments, the environment and the files.

What the arguments say by themselves is answered here: the keys and roles in them, and what is not known yet.
"""

from __future__ import annotations

from tfwrap.aws import config as awsconfig
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.sources import credential_sources
from tfwrap.sources.source import WEB_IDENTITY, Source
from tfwrap.terraform.saved_backend import CREDENTIALS
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.aws.config import AwsFiles, Places
    from tfwrap.sources.precedence import Rules

    Reader = Callable[[Places], AwsFiles]

WEB_IDENTITY_BLOCK = "assume_role_with_web_identity"
_FILES = ("shared_credentials_file", "shared_credentials_files", "shared_config_files")
_ROLES = ("role_arn", "assume_role", WEB_IDENTITY_BLOCK)


class Asked(NamedTuple):
    """One question: the block's arguments, the environment, how to read files, and whose rules apply."""

    arguments: Mapping[str, object]
    environ: Mapping[str, str]
    read: Reader
    rules: Rules
    place: str
    kind: str

    def text(self, name: str) -> str:
        """An argument that is a non-empty text; empty for anything else."""
        value = self.arguments.get(name)
        return value if isinstance(value, str) else ""

    @property
    def home(self) -> str:
        """The user's home directory."""
        return awsconfig.home_of(self.environ)


# What cannot be known


def unknown(asked: Asked) -> str:
    """The name of an argument that decides and that only Terraform can evaluate; empty where there is none."""
    held = asked.arguments
    names = [name for name in (*CREDENTIALS, *_ROLES) if _is_open(held.get(name))]
    if not block_keys(asked) and not _environment_decides(asked):
        names += [name for name in ("profile", *_FILES) if _is_open(held.get(name))]
    return names[0] if names else ""


def _environment_decides(asked: Asked) -> bool:
    """Whether the environment's keys are used whatever the profile argument says, if it says anything."""
    is_argument_there = bool(asked.text("profile")) or _is_open(asked.arguments.get("profile"))
    is_late = asked.rules.argument_first and is_argument_there
    return bool(credential_sources.environment_keys(asked.environ)) and not is_late


def _is_open(value: object) -> bool:
    """Whether a value, or what it holds of a role, is for Terraform to evaluate."""
    if isinstance(value, dict):
        return any(_is_open(value.get(name)) for name in ("role_arn", "web_identity_token_file", "web_identity_token"))
    if isinstance(value, list):
        return any(_is_open(item) for item in value)
    return value is UNKNOWN


# What the block says


def block_keys(asked: Asked) -> Source | None:
    """The pair in the block, or the saved one."""
    key, secret, token = (asked.text(name) for name in CREDENTIALS)
    if not (key and secret):
        return None
    return Source(asked.kind, asked.place, key, Secret(secret), Secret(token) if token else None)


def block_web_identity(asked: Asked) -> Source | None:
    """`assume_role_with_web_identity`: its own source, which needs no keys."""
    for block in _blocks(asked.arguments.get(WEB_IDENTITY_BLOCK)):
        role = block.get("role_arn") or asked.environ.get("AWS_ROLE_ARN")
        if isinstance(role, str) and role:
            detail = f"the web identity role of {WEB_IDENTITY_BLOCK}"
            return Source(WEB_IDENTITY, asked.place, detail=detail, roles=(role,))
    return None


def with_roles(asked: Asked, found: Source) -> Source:
    """The roles of the block are assumed with whatever was found."""
    return found._replace(roles=(*found.roles, *block_roles(asked.arguments))) if found.is_found else found


def block_roles(arguments: Mapping[str, object]) -> tuple[str, ...]:
    """The ARNs of the roles that a block names, in order."""
    given = [block.get("role_arn") for block in _blocks(arguments.get("assume_role"))]
    flat = [] if given else [arguments.get("role_arn")]
    return tuple(role for role in (*given, *flat) if isinstance(role, str) and role)


def _blocks(value: object) -> list[dict[str, object]]:
    """A nested block, once or several times."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
