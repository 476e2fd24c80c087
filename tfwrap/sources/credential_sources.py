"""What credentials there are outside of profiles: the environment's keys, the container's, the instance's.

A profile may ask for each by name, with `credential_source`.
"""

from __future__ import annotations

from tfwrap.aws import ssocache
from tfwrap.origin import Secret
from tfwrap.sources.chains import HALF_A_PAIR
from tfwrap.sources.source import CONTAINER, ENVIRONMENT, IMDS, NONE, WEB_IDENTITY, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.sources.chains import Abilities

KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN")
_RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"


def environment_keys(environ: Mapping[str, str]) -> Source | None:
    """The environment's pair; Terraform reads the old short names as well (aws-sdk-go-v2 config/env_config.go)."""
    key = environ.get("AWS_ACCESS_KEY_ID") or environ.get("AWS_ACCESS_KEY")
    secret = environ.get("AWS_SECRET_ACCESS_KEY") or environ.get("AWS_SECRET_KEY")
    if not key or not secret:
        return None
    name = "AWS_ACCESS_KEY_ID" if environ.get("AWS_ACCESS_KEY_ID") else "AWS_ACCESS_KEY"
    token = environ.get("AWS_SESSION_TOKEN")
    ends = ssocache.of_environment(environ)
    return Source(ENVIRONMENT, name, key, Secret(secret), Secret(token) if token else None, expires=ends)


def elsewhere(environ: Mapping[str, str]) -> Source:
    """What is asked when nothing is set: the container's endpoint, else the instance's."""
    for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", _RELATIVE_URI):
        if environ.get(name):
            return Source(CONTAINER, name, detail="the container's role", via=CONTAINER)
    return instance(environ)


def instance(environ: Mapping[str, str]) -> Source:
    """The instance's role, which every machine may have until it was asked, unless that is switched off."""
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return Source(NONE, "AWS_EC2_METADATA_DISABLED", detail="nothing is set", via=IMDS)
    return Source(IMDS, "the instance metadata service", detail="the instance's role, if there is one", via=IMDS)


def web_identity(environ: Mapping[str, str]) -> Source | None:
    """The environment's web identity; one of kind NONE where its role is missing, which every SDK gives up at."""
    if not environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return None
    role = environ.get("AWS_ROLE_ARN")
    if not role:
        return Source(NONE, "AWS_WEB_IDENTITY_TOKEN_FILE", detail="AWS_ROLE_ARN is not set")
    return Source(WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE", detail="the web identity role", roles=(role,))


def _of_environment(environ: Mapping[str, str]) -> Source:
    found = environment_keys(environ)
    return (
        found._replace(via=ENVIRONMENT)
        if found
        else Source(NONE, "credential_source", detail=HALF_A_PAIR, via=ENVIRONMENT)
    )


def _of_container(environ: Mapping[str, str]) -> Source:
    found = elsewhere(environ)
    if found.kind == CONTAINER:
        return found
    return Source(NONE, "credential_source", detail=f"{_RELATIVE_URI} is not set")


_SOURCES: dict[str, Callable[[Mapping[str, str]], Source]] = {
    "Environment": _of_environment,
    "Ec2InstanceMetadata": instance,
    "EcsContainer": _of_container,
}


def named(name: str, environ: Mapping[str, str], place: str, abilities: Abilities) -> Source:
    """What this `credential_source` of a profile gives; `place` is where the profile stands."""
    if name not in _SOURCES:
        return Source(NONE, place, detail=f'credential_source "{name}" is none that AWS knows')
    if name == "EcsContainer" and abilities.is_first_sdk and not environ.get(_RELATIVE_URI):
        return Source(NONE, place, detail=f"{_RELATIVE_URI} is not set")  # the other variable does not count there
    return _SOURCES[name](environ)
