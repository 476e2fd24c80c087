"""The remedies that several causes share: new credentials from where the old ones came from, an unset, an edit."""

from __future__ import annotations

import shlex

from tfwrap.diagnosis.case import INSTRUCT, REFRESH, REPAIR, Case, Remedy
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import used
from tfwrap.sources.source import (
    BLOCK,
    CONTAINER,
    ENVIRONMENT,
    IMDS,
    LOGIN,
    SAVED_BACKEND,
    SSO,
    SSO_SESSION,
    WEB_IDENTITY,
    Source,
)
from tfwrap.terraform.saved_backend import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tfwrap.terraform.block import Block

# The tools that say what they made the environment's session for, and how each makes another.
_TOOLS: tuple[tuple[str, str, str], ...] = (
    ("AWS_VAULT", "aws-vault exec {profile} -- {again}", "runs it with a new session; leave the aws-vault shell first"),
    ("SAML2AWS_PROFILE", "saml2aws login --force", "signs in again and writes the new session into its profile"),
    ("AWSUME_PROFILE", "awsume {profile} --refresh", "makes the session of that profile anew and exports it"),
)


def renewal(case: Case) -> tuple[Remedy, ...]:
    """New credentials from where the failing ones came from."""
    source = case.source
    if source is None:
        return ()
    if source.profile:
        return (of_profile(source.profile, source.via or source.how),)
    make = _BY_KIND.get(source.kind)
    return (make(case, source),) if make else ()


def of_profile(name: str, how: str) -> Remedy:
    """A profile's credentials made new, in the way that it makes them."""
    profile = shlex.quote(name)
    if how in (SSO, SSO_SESSION):
        return Remedy(REFRESH, f"aws sso login --profile {profile}", "logs in to IAM Identity Center in a browser")
    if how == LOGIN:
        return Remedy(REFRESH, f"aws login --profile {profile}", "signs in with the AWS console's own account")
    does = f'gets new credentials for the profile "{name}" from where it has them'
    return Remedy(REFRESH, f"tfwrap refresh {profile}", does)


def _environment(case: Case, source: Source) -> Remedy:
    environ = used.environment(case.facts)
    again = shlex.join([case.facts.invocation.program, *case.facts.invocation.argv[:1]])
    for variable, command, does in _TOOLS:
        if environ.get(variable):
            made = command.format(profile=shlex.quote(environ[variable]), again=again)
            return Remedy(REFRESH, made, does)
    if source.token:
        words = "export all three values of a new session together"
    else:
        words = "set another key, both halves together, or unset it so that a profile is used"
    return Remedy(INSTRUCT, unset_keys(environ), f"lets go of these; or {words}")


def unset_keys(environ: Mapping[str, str]) -> str:
    """The command that takes the key pair and its token out of the environment."""
    tokens = [name for name in (childenv.SESSION, childenv.SECURITY) if name in environ]
    return " ".join(("unset", *childenv.present(environ), *tokens))


def _saved(case: Case, source: Source) -> Remedy:
    del source
    block = case.facts.configuration.backend
    if block and any(name in block.arguments for name in CREDENTIALS):
        return edit(block.location, f"it holds {_held(block)}: take it out, init would save it again")
    command = f"{case.facts.invocation.program} init -reconfigure"
    return Remedy(INSTRUCT, command, "saves the backend anew: give your -backend-config values, without credentials")


def _held(block: Block) -> str:
    return " and ".join(name for name in CREDENTIALS if name in block.arguments)


def _block(case: Case, source: Source) -> Remedy:
    del case
    return edit(source.location, "take the keys out and name a profile or a role instead")


def _web_identity(case: Case, source: Source) -> Remedy:
    del case, source
    return Remedy(INSTRUCT, "", "let the CI job write a new token right before Terraform runs, or run the job again")


def _machine(case: Case, source: Source) -> Remedy:
    del case, source
    return Remedy(INSTRUCT, "aws sts get-caller-identity", "shows whether the container or the instance has a role")


_BY_KIND: dict[str, Callable[[Case, Source], Remedy]] = {
    ENVIRONMENT: _environment,
    SAVED_BACKEND: _saved,
    BLOCK: _block,
    WEB_IDENTITY: _web_identity,
    CONTAINER: _machine,
    IMDS: _machine,
}


def edit(place: str, what: str) -> Remedy:
    """Something that is to be changed in a file or a variable."""
    return Remedy(REPAIR, "", f"{place}: {what}")


def of_finding(fix: Iterable[str]) -> tuple[Remedy, ...]:
    """A finding's own fixes: words, some of which are a command to copy."""
    return tuple(
        Remedy(INSTRUCT, line, "puts it right") if _is_command(line) else Remedy(INSTRUCT, "", line) for line in fix
    )


def _is_command(line: str) -> bool:
    """Whether a fix is a command as it stands, and not a sentence that begins like one."""
    first, _, rest = line.partition(" ")
    if any(sign in line for sign in (", ", "; ", ": ", "(", "  ")) or not rest:
        return False
    if first == "export":
        return "=" in rest
    return first in ("aws", "unset", "terraform", "tofu", "tfwrap", "chmod") and " as well" not in rest
