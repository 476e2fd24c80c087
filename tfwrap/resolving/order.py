"""What the process that makes credentials is to do: whose they are, and which roles are assumed with them."""

from __future__ import annotations

from tfwrap.sources import sources
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.sources.consumers import Consumer

MADE = (sources.PROFILE, sources.WEB_IDENTITY, sources.CONTAINER, sources.IMDS)
"""The kinds of sources that somebody has to make credentials of."""

_FILES = ("shared_credentials_file", "shared_credentials_files", "shared_config_files")
_BLOCK = "assume_role_with_web_identity"
_OF_ROLES = ("role_arn", "external_id", "session_name", "policy", "policy_arns", "source_identity")
_OF_WEB_IDENTITY = (
    "role_arn",
    "session_name",
    "policy",
    "policy_arns",
    "web_identity_token_file",
    "web_identity_token",
)
# What the SDK takes from the environment where the block does not say it.
_VARIABLES = {
    "role_arn": "AWS_ROLE_ARN",
    "session_name": "AWS_ROLE_SESSION_NAME",
    "web_identity_token_file": "AWS_WEB_IDENTITY_TOKEN_FILE",
}
_ONLY_TERRAFORM = "only Terraform can evaluate which role the block assumes"


def of(consumer: Consumer, environ: Mapping[str, str]) -> dict[str, object] | str:
    """The order, or in words why there is none. It holds secrets: for the child's stdin only."""
    source, arguments = consumer.source, consumer.arguments
    roles = _roles(arguments)
    if isinstance(roles, str):
        return roles
    order = {"region": consumer.endpoint.region, "url": consumer.endpoint.url, "roles": roles}
    if source.kind == sources.WEB_IDENTITY and arguments.get(_BLOCK):
        web = _web_identity(arguments[_BLOCK], environ)
        return {**order, "web": web} if web else _ONLY_TERRAFORM
    if any(arguments.get(name) for name in _FILES):
        return "the block names shared files of its own"
    if source.kind == sources.PROFILE and source.how != sources.STATIC:
        return {**order, "profile": source.profile or "default"}
    if not source.has_keys and source.kind not in MADE:
        return "no keys at hand to ask with"
    secrets = [held.reveal() if held else None for held in (source.secret_key, source.token)]
    return {**order, "keys": [source.access_key, *secrets] if source.has_keys else None}


def _roles(arguments: Mapping[str, object]) -> list[dict[str, object]] | str:
    """The roles of the block, in order; in words where one cannot be known before Terraform evaluates it."""
    nested = arguments.get("assume_role")
    blocks = nested if isinstance(nested, list) else [nested] if nested else []
    flat = {name: arguments[name] for name in _OF_ROLES if name in arguments}
    if flat.get("role_arn"):
        blocks = [flat]
    roles = [_known(block, _OF_ROLES) for block in blocks]
    known = [role for role in roles if role]
    return known if len(known) == len(roles) else _ONLY_TERRAFORM


def _web_identity(block: object, environ: Mapping[str, str]) -> dict[str, object] | None:
    """The one block of its kind, with what the environment says of it."""
    inner = block[0] if isinstance(block, list) and block else block
    around = {name: environ[variable] for name, variable in _VARIABLES.items() if environ.get(variable)}
    return _known({**around, **inner}, _OF_WEB_IDENTITY) if isinstance(inner, dict) else None


def _known(block: object, names: tuple[str, ...]) -> dict[str, object] | None:
    """The arguments of a role that are set; None where it cannot be known which role that is."""
    values = {name: block.get(name) for name in names} if isinstance(block, dict) else {}
    is_known = isinstance(values.get("role_arn"), str) and UNKNOWN not in values.values()
    return {name: value for name, value in values.items() if value} if is_known else None
