"""The profile and the account that the user means, and what says so.

Asked in this order: TFWRAP_PROFILE, the project's file, the user's, the site's (in each: the table of the workspace,
then the glob that fits the directory best, then the file's own profile), the `profile` argument of the provider or
the backend, AWS_PROFILE. Only the first four are told to tfwrap; the others Terraform finds by itself.
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tfwrap.settings.settings import Value, Values


class Intent(NamedTuple):
    """What is meant. `origin` and `account_origin` name where it was set, as a person reads it.

    `is_configured` tells a profile that tfwrap was told, for which the child's environment is changed, from one that
    Terraform finds by itself, for which nothing is. `wanting` says why a configured profile could not be filled in:
    then there is none.
    """

    profile: str = ""
    origin: str = ""
    is_configured: bool = False
    account: str = ""
    account_origin: str = ""
    wanting: str = ""


NOTHING = Intent()


class Surroundings(NamedTuple):
    """What fills a profile in and what chooses it: the root module's directory, its workspace and its region.

    `declared` are the `profile` arguments of the blocks with their places, in the order in which they count.
    """

    directory: str
    home: str = ""
    workspace: str = "default"
    region: str = ""
    declared: tuple[tuple[str, str], ...] = ()
    aws_profile: str = ""


def resolve(layers: Sequence[Values], around: Surroundings) -> Intent:
    """What the settings (layers of values, the strongest first) mean in these surroundings."""
    account = next(_accounts(layers, around.workspace), None)
    pin = Intent(account=str(account.value), account_origin=account.origin) if account else NOTHING
    chosen = next(_profiles(layers, around), None)
    if chosen:
        return _filled(pin, chosen, around)
    found = (*around.declared, (around.aws_profile, "AWS_PROFILE"))
    profile, origin = next(((name, origin) for name, origin in found if name), ("", ""))
    return pin._replace(profile=profile, origin=origin)


def _accounts(layers: Sequence[Values], workspace: str) -> Iterator[Value]:
    for layer in layers:
        yield from _at(layer, ("workspace", workspace, "account"), ("account",))


def _profiles(layers: Sequence[Values], around: Surroundings) -> Iterator[Value]:
    for layer in layers:
        yield from _at(layer, ("workspace", around.workspace, "profile"))
        yield from _globbed(layer, around)
        yield from _at(layer, ("profile",))


def _at(layer: Values, *keys: tuple[str, ...]) -> Iterator[Value]:
    return (layer[key] for key in keys if key in layer)


def _globbed(layer: Values, around: Surroundings) -> list[Value]:
    """The values of `[paths]` whose glob fits the directory, the longest glob first: it says most."""
    globs = sorted((key for key in layer if key[0] == "paths"), key=lambda key: -len(key[1]))
    return [layer[key] for key in globs if _fits(key[1], around)]


def _fits(glob: str, around: Surroundings) -> bool:
    """Whether a glob names the directory or one above it; `**` at the end is only for people."""
    import fnmatch

    pattern = around.home + glob[1:] if glob.startswith("~/") else glob
    pattern = pattern.removesuffix("**").rstrip(os.sep) or os.sep
    directory = os.path.realpath(around.directory)
    return bool(glob) and any(fnmatch.fnmatchcase(folder, pattern) for folder in _upwards(directory))


def _upwards(folder: str) -> Iterator[str]:
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _filled(pin: Intent, chosen: Value, around: Surroundings) -> Intent:
    name = str(chosen.value)
    known: Mapping[str, str] = {"region": around.region, "workspace": around.workspace}
    for word, value in known.items():
        if f"{{{word}}}" in name and not value:
            why = f'profile "{name}" (set by {chosen.origin}) cannot be filled in: the {word} is not known here'
            return pin._replace(wanting=why)
        name = name.replace(f"{{{word}}}", value)
    return pin._replace(profile=name, origin=chosen.origin, is_configured=True)
