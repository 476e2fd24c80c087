"""Which credentials each consumer gets, by Terraform's own rules and not by boto3's: for the S3 backend and for every
AWS provider configuration.

The rules are those of aws-sdk-go-base (credentials.go, aws_config.go; awsauth.go before Terraform 1.6 and the AWS
provider 4.0), in a table by version. docs/sources.md tells them with what was tried; tests/real/test_differential.py
holds every prediction of this module to the key that the real Terraform then signs with.
"""

from __future__ import annotations

from tfwrap.sources import asked as questions
from tfwrap.sources import first_sdk, passed_over, precedence, second_sdk
from tfwrap.sources.asked import Asked
from tfwrap.sources.chains import NO_PROFILE
from tfwrap.sources.chosen_profile import ARGUMENT, DEFAULT
from tfwrap.sources.source import (
    BLOCK,
    CONTAINER,
    ENVIRONMENT,
    IMDS,
    LOGIN,
    NONE,
    PROCESS,
    PROFILE,
    ROLE,
    SAVED_BACKEND,
    SSO,
    SSO_SESSION,
    STATIC,
    UNDECIDED,
    WEB_IDENTITY,
    Source,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles
    from tfwrap.sources.asked import Reader
    from tfwrap.terraform.saved_backend import SavedBackend

__all__ = [
    "ARGUMENT",
    "BLOCK",
    "CONTAINER",
    "DEFAULT",
    "ENVIRONMENT",
    "IMDS",
    "LOGIN",
    "NONE",
    "NO_PROFILE",
    "PROCESS",
    "PROFILE",
    "ROLE",
    "SAVED_BACKEND",
    "SSO",
    "SSO_SESSION",
    "STATIC",
    "UNDECIDED",
    "WEB_IDENTITY",
    "Source",
    "ambient",
    "backend",
    "provider",
    "saved",
]


def backend(
    arguments: Mapping[str, object],
    environ: Mapping[str, str],
    read: Reader,
    version: tuple[int, ...],
    place: str = "the backend block",
    kind: str = BLOCK,
) -> Source:
    """What the S3 backend of this Terraform uses.

    `arguments` are the saved ones where init has saved any (then `kind` is SAVED_BACKEND and `place` the file), else
    the block's with what `-backend-config` adds; UNKNOWN where only Terraform can evaluate one.
    """
    return _answer(Asked(arguments, environ, read, precedence.of_backend(version), place, kind))


def provider(
    arguments: Mapping[str, object],
    environ: Mapping[str, str],
    read: Reader,
    version: tuple[int, ...],
    place: str = "the provider block",
) -> Source:
    """What a provider configuration uses; `version` is the AWS provider's, an empty one counts as the newest."""
    return _answer(Asked(arguments, environ, read, precedence.of_provider(version), place, BLOCK))


def saved(held: SavedBackend, environ: Mapping[str, str], files: AwsFiles, version: tuple[int, ...]) -> Source:
    """What the backend uses while `terraform init` has saved this configuration."""
    return _without_instance(backend(held.config, environ, lambda _: files, version, held.place, SAVED_BACKEND))


def ambient(environ: Mapping[str, str], files: AwsFiles, profile: str, version: tuple[int, ...]) -> Source:
    """What the backend uses when its configuration holds no keys. `profile` is its own argument, or empty."""
    return _without_instance(backend({"profile": profile}, environ, lambda _: files, version))


def _without_instance(found: Source) -> Source:
    """For those who would take a role that the machine may not have for credentials."""
    return found._replace(kind=NONE) if found.kind == IMDS else found


def _answer(asked: Asked) -> Source:
    found = _choose(asked)
    return found._replace(passed_over=passed_over.below(asked, found, _choose))


def _choose(asked: Asked) -> Source:
    if unknown := questions.unknown(asked):
        return Source(UNDECIDED, asked.place, detail=f"only Terraform can evaluate {unknown}")
    sdk = first_sdk if asked.rules.abilities.is_first_sdk else second_sdk
    return questions.with_roles(asked, sdk.choose(asked))
