"""What a consumer with the second SDK uses: Terraform since 1.6, the AWS provider since 4.0.

aws-sdk-go-base credentials.go and aws_config.go, over aws-sdk-go-v2 config/resolve_credentials.go.
"""

from __future__ import annotations

from tfwrap.sources import asked, chains, chosen_profile, credential_sources
from tfwrap.sources.chains import HALF_A_PAIR, NO_PROFILE, Broken
from tfwrap.sources.source import NONE, Source
from tfwrap.terraform.saved_backend import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.aws.config import AwsFiles
    from tfwrap.sources.asked import Asked


def choose(question: Asked) -> Source:
    """The block's keys, else a web identity in it, else what is below; or what is fatal whatever else is at hand."""
    files = question.read(question.rules.places(question.arguments, question.environ))
    name, origin = chosen_profile.chosen(question)
    if broken := _broken(question, files, name, origin):
        return broken
    if any(question.text(key) for key in CREDENTIALS):
        return asked.block_keys(question) or Source(NONE, question.place, detail=HALF_A_PAIR)
    below = _below(question, files, name)
    # What the SDK cannot even set up is fatal, though its credentials are not wanted (tried with 1.11.4 and 5.100.0).
    is_impossible = below.kind == NONE and not below.via
    return below if is_impossible else asked.block_web_identity(question) or below


def _broken(question: Asked, files: AwsFiles, name: str, origin: str) -> Source | None:
    """The profile is loaded before anything else is looked at (aws_config.go). A default one may be missing."""
    if question.rules.session:
        by_variable, _ = chosen_profile.by_variable(question)
        if broken := chosen_profile.broken_session(question, by_variable, question.rules.session):
            return broken
    links = chains.chain(files, name, question.rules.abilities)
    is_wanted = origin in (chosen_profile.ARGUMENT, "AWS_PROFILE")
    if isinstance(links, Broken) and (links.reason != NO_PROFILE or is_wanted):
        return Source(NONE, origin, profile=name, detail=links.reason)
    return None


def _below(question: Asked, files: AwsFiles, name: str) -> Source:
    """What is used where the block holds no keys."""
    keys = credential_sources.environment_keys(question.environ)
    if question.text("profile") and (not keys or question.rules.argument_first):
        return chosen_profile.credentials(question, files, name)
    identity = credential_sources.web_identity(question.environ)
    return keys or identity or chosen_profile.credentials(question, files, name)
