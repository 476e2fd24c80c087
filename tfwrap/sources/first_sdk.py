"""What a consumer with the first SDK uses: Terraform before 1.6, the AWS provider before 4.0.

aws-sdk-go-base awsauth.go asks static providers first, then a session of aws-sdk-go (aws/session).
"""

from __future__ import annotations

from tfwrap.aws import places as awsplaces
from tfwrap.sources import asked, chosen_profile, credential_sources, profiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles
    from tfwrap.sources.asked import Asked
    from tfwrap.sources.source import Source

# What Go's strconv.ParseBool takes for true.
_TRUE = ("1", "t", "T", "TRUE", "true", "True")


def choose(question: Asked) -> Source:
    """Static keys of the block, the environment, the credentials file; then what a session of the SDK makes of it."""
    if broken := _broken(question):
        return broken
    keys = asked.block_keys(question) or credential_sources.environment_keys(question.environ)
    return keys or _static_keys(question) or _of_session(question)


def _broken(question: Asked) -> Source | None:
    """What the session gives up at while it loads, though its credentials may not be wanted."""
    if question.rules.is_base_old:
        return _broken_metadata_session(question.environ)
    return chosen_profile.broken_session(question, chosen_profile.chosen(question)[0], question.rules.abilities)


def _broken_metadata_session(environ: Mapping[str, str]) -> Source | None:
    """0.12 makes a session to look for EC2, which fails where a web identity has no role ("role ARN is not set")."""
    if credential_sources.environment_keys(environ):
        return None
    web = credential_sources.web_identity(environ)
    return web if web and not web.is_found else None


def _static_keys(question: Asked) -> Source | None:
    name = question.text("profile") or question.environ.get("AWS_PROFILE") or "default"
    files: AwsFiles = question.read(question.rules.key_places(question.arguments, question.environ))
    profile = files.profiles.get(name)
    return profiles.static(profile) if profile and profile.has_keys else None


def _of_session(question: Asked) -> Source:
    files = question.read(awsplaces.session_places(question.environ, _is_config_read(question)))
    web = None if question.text("profile") else credential_sources.web_identity(question.environ)
    return web or chosen_profile.credentials(question, files, chosen_profile.chosen(question)[0])


def _is_config_read(question: Asked) -> bool:
    is_wanted = question.environ.get("AWS_SDK_LOAD_CONFIG", "") in _TRUE
    return is_wanted or bool(question.text("profile")) or not question.rules.is_base_old
