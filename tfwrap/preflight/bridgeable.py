"""Which profiles Terraform cannot use while the newest SDK or tfwrap could: what the bridge is for.

That is: by the rules of its own version a consumer finds no credentials, and by those of the newest its profile makes
some, or fails over nothing but the code of an MFA device. Nothing is made or asked for here.
"""

from __future__ import annotations

import os
import sys

from tfwrap.aws import config as awsconfig
from tfwrap.aws import hardware
from tfwrap.lean import NamedTuple
from tfwrap.preflight.childenv import Change
from tfwrap.sources import precedence, profiles
from tfwrap.sources.profiles import Broken
from tfwrap.sources.source import IMDS, LOGIN, NONE, PROCESS, PROFILE, ROLE, SSO, SSO_SESSION
from tfwrap.terraform.saved_backend import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tfwrap.aws.config import AwsFiles, Places
    from tfwrap.sources.consumers import Consumer, World
    from tfwrap.sources.precedence import Rules

MFA = "mfa"
# How a profile makes its credentials, as a person reads it.
WORDS = {
    MFA: "a role with MFA, and Terraform cannot ask for the code",
    ROLE: "a role that this version does not assume",
    SSO_SESSION: "an sso-session, which this version does not know",
    SSO: "an SSO profile, which this version does not know",
    LOGIN: "a login session, which this version does not know",
    PROCESS: "a credential process that this version does not look for",
}
# What makes credentials; the other settings of a profile (region, endpoint_url, services, retries) do not.
MAKERS = (
    *("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"),
    *("role_arn", "source_profile", "credential_source", "external_id", "mfa_serial"),
    *("duration_seconds", "role_session_name", "web_identity_token_file", "credential_process", "login_session"),
    *("sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region", "sso_registration_scopes"),
)
_NEWEST = precedence.of_backend((99,)).abilities
# Keys and web identity of the block itself: where these give nothing, the profile is not what was meant.
_OF_THE_BLOCK = (*CREDENTIALS, "assume_role_with_web_identity")
_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


class Bridgeable(NamedTuple):
    """A profile that a consumer cannot use.

    `how` is MFA, or how the profile makes its credentials (source.HOW). `files` are the shared files as this consumer
    sees them, `places` the absolute paths of those that it reads. `why_not` says why it is not bridged all the same.
    """

    profile: str
    how: str
    consumer: Consumer
    files: AwsFiles
    places: Places
    why_not: str = ""

    @property
    def rules(self) -> Rules:
        """The rules by which the consumer chooses."""
        return _rules(self.consumer)


def of(consumers: Iterable[Consumer], world: World, directory: str, meant: str) -> tuple[Bridgeable, ...]:
    """One for each consumer that has such a profile.

    Relative paths start from `directory`, where Terraform works; `meant` is the profile that a setting names, if any.
    """
    found = (_of_consumer(consumer, world) for consumer in consumers)
    placed = (each._replace(places=_absolute(each.places, directory)) for each in found if each)
    return tuple(each._replace(why_not=_why_not(each, meant, world)) for each in placed)


def planned(found: Iterable[Bridgeable], environ: Mapping[str, str]) -> tuple[Change, ...]:
    """What a run's environment will differ in over the bridge, for whoever only lists it: there is no copy yet."""
    names = ", ".join(dict.fromkeys(f'"{each.profile}"' for each in found if not each.why_not))
    why = f"a private copy, in which tfwrap makes the credentials of profile {names}"
    variables = ("AWS_CONFIG_FILE", *(name for name in ("AWS_SHARED_CONFIG_FILE",) if environ.get(name)))
    return tuple(Change(name, "", why) for name in variables) if names else ()


def _of_consumer(consumer: Consumer, world: World) -> Bridgeable | None:
    name = _chosen(consumer, world.environ)
    if not name or any(consumer.arguments.get(argument) for argument in _OF_THE_BLOCK):
        return None
    places = _places(consumer, world.environ)
    files = world.read(places)
    how = _how(files, name, world.environ)
    return Bridgeable(name, how, consumer, files, places) if how else None


def _chosen(consumer: Consumer, environ: Mapping[str, str]) -> str:
    """The profile that a consumer without credentials was to use; empty where that does not decide."""
    if consumer.source.kind not in (NONE, IMDS):
        return ""
    said = consumer.arguments.get("profile")
    names = (said if isinstance(said, str) else "", *(environ.get(name, "") for name in _VARIABLES))
    # The machine may have a role of its own; only who names a profile has said that it is not meant.
    return next(filter(None, names), "" if consumer.source.kind == IMDS else "default")


def _places(consumer: Consumer, environ: Mapping[str, str]) -> Places:
    rules = _rules(consumer)
    if rules.abilities.is_first_sdk:  # of the block it knows no file with roles in it
        return awsconfig.provider_places({}, environ)
    return rules.places(consumer.arguments, environ)


def _rules(consumer: Consumer) -> Rules:
    choose = precedence.of_backend if consumer.is_backend else precedence.of_provider
    return choose(consumer.rules)


def _how(files: AwsFiles, name: str, environ: Mapping[str, str]) -> str:
    """How the profile makes credentials in the eyes of the newest SDK; empty where it makes none, or has them."""
    links = profiles.chain(files, name, _NEWEST)
    if isinstance(links, Broken):
        return ""
    found = profiles.resolve(links, files, environ, awsconfig.home_of(environ), _NEWEST)
    if found.kind == NONE and found.how == ROLE:
        return MFA
    return found.how if found.kind == PROFILE and found.how in WORDS else ""


def _absolute(places: Places, directory: str) -> Places:
    credentials, config = (
        tuple(os.path.abspath(os.path.join(directory, path)) for path in paths)
        for paths in (places.credentials, places.config)
    )
    return places._replace(credentials=credentials, config=config)


# What stands in the way


def _why_not(found: Bridgeable, meant: str, world: World) -> str:
    """Why a `credential_process` in a copy of the config file would not be used, or must not be."""
    if sys.platform == "win32":
        return "Python has no Unix sockets on Windows"
    if found.consumer.arguments.get("shared_config_files"):
        return f"shared_config_files in {found.consumer.location} names the config file itself"
    if found.consumer.source.kind == IMDS and found.profile != meant and hardware.is_ec2():
        return "this is an EC2 instance, and Terraform uses its role instead: set the profile in tfwrap's settings"
    place = _beside_the_config_file(found, world)
    return f"it is defined in {place}, which goes before the config file: move it to the config file" if place else ""


def _beside_the_config_file(found: Bridgeable, world: World) -> str:
    """Where else than in the config file the profile says how its credentials are made."""
    profile = found.files.profiles[found.profile]
    in_config = world.read(found.places._replace(credentials=())).profiles.get(found.profile)
    known = in_config.locations if in_config else {}
    return next((place for key, place in profile.locations.items() if key in MAKERS and place != known.get(key)), "")
