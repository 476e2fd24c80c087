"""What a consumer passes over: what it would use if the credentials that it does use were not there, and so on.

Nothing is judged here: the winner's arguments, variables or profile are taken out of the question, and the question
is asked again.
"""

from __future__ import annotations

from tfwrap.sources import asked as questions
from tfwrap.sources import chosen_profile
from tfwrap.sources.chains import HALF_A_PAIR
from tfwrap.sources.credential_sources import KEY_VARIABLES
from tfwrap.sources.source import BLOCK, ENVIRONMENT, IMDS, NONE, SAVED_BACKEND, UNDECIDED, WEB_IDENTITY, Source
from tfwrap.terraform.saved_backend import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.sources.asked import Asked

_TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105 - a variable's name


def below(asked: Asked, found: Source, choose: Callable[[Asked], Source]) -> tuple[str, ...]:
    """Every other complete source that was there and lost, in words, in the order in which it would be used."""
    words: dict[str, None] = {}
    winner, names = found, _origin(asked, found)
    while names:
        asked = _without(asked, names)
        winner = choose(asked)
        if winner.is_found and winner.kind != IMDS and not _is_part_of(winner, found):
            words[winner.describe()] = None
        names = _origin(asked, winner)
    return tuple(words)


def _origin(asked: Asked, found: Source) -> tuple[str, ...]:
    """The arguments and variables that make this the source that is used; none where only files or machines do."""
    if found.kind == UNDECIDED:
        return ()
    if found.kind in (BLOCK, SAVED_BACKEND) or (
        found.kind == NONE and found.detail == HALF_A_PAIR and not found.profile
    ):
        return CREDENTIALS
    if found.kind == ENVIRONMENT:
        return KEY_VARIABLES
    if found.kind == WEB_IDENTITY or found.location == _TOKEN_FILE:
        return (_TOKEN_FILE,) if found.location == _TOKEN_FILE else (questions.WEB_IDENTITY_BLOCK,)
    return _naming(asked, found.profile)


def _naming(asked: Asked, profile: str) -> tuple[str, ...]:
    """What names this profile, if anything does: the argument, or the first variable."""
    named = {"profile": asked.text("profile")} | {
        name: asked.environ.get(name, "") for name in chosen_profile.VARIABLES
    }
    return next(((name,) for name, value in named.items() if value and value == profile), ())


def _without(asked: Asked, names: tuple[str, ...]) -> Asked:
    arguments = {name: value for name, value in asked.arguments.items() if name not in names}
    environ = {name: value for name, value in asked.environ.items() if name not in names}
    return asked._replace(arguments=arguments, environ=environ)


def _is_part_of(other: Source, found: Source) -> bool:
    if other.access_key or found.access_key:
        return other.access_key == found.access_key
    return other.kind == found.kind and other.profile == found.profile
