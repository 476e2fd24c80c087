"""The one profile that a consumer looks at: what names it, and what it gives."""

from __future__ import annotations

from tfwrap.aws import places as awsplaces
from tfwrap.sources import chains, credential_sources, profiles
from tfwrap.sources.chains import NO_PROFILE, Broken
from tfwrap.sources.source import NONE, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.aws.config import AwsFiles
    from tfwrap.sources.asked import Asked
    from tfwrap.sources.chains import Abilities

# What names a profile, where no variable does.
ARGUMENT = "the profile argument"
DEFAULT = "the default profile"

VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


def chosen(asked: Asked) -> tuple[str, str]:
    """The profile's name, and what names it: ARGUMENT, a variable or DEFAULT."""
    argument = asked.text("profile")
    return (argument, ARGUMENT) if argument else by_variable(asked)


def by_variable(asked: Asked) -> tuple[str, str]:
    """The same where no argument counts."""
    named = ((asked.environ.get(name, ""), name) for name in VARIABLES)
    return next(((profile, name) for profile, name in named if profile), ("default", DEFAULT))


def credentials(asked: Asked, files: AwsFiles, name: str) -> Source:
    """What this profile gives; without the profile, the container's or the instance's role."""
    links = chains.chain(files, name, asked.rules.abilities)
    if not isinstance(links, Broken):
        return profiles.resolve(links, files, asked.environ, asked.home, asked.rules.abilities)
    if links.reason != NO_PROFILE:
        return Source(NONE, files.config_path, profile=name, detail=links.reason)
    found = credential_sources.elsewhere(asked.environ)
    return found if found.is_found else found._replace(profile=name, detail=NO_PROFILE)


def broken_session(asked: Asked, name: str, abilities: Abilities) -> Source | None:
    """What a session of the first SDK gives up at while it loads this profile, though nobody wants its credentials."""
    files = asked.read(awsplaces.session_places(asked.environ))
    links = chains.chain(files, name, abilities)
    if isinstance(links, Broken) and links.reason != NO_PROFILE:
        return Source(NONE, files.config_path, profile=name, detail=links.reason)
    return None
