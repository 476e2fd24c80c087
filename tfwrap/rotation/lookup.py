"""What the word on the command line names: a file, a profile in a file, a profile of the shared files, or `-`."""

from __future__ import annotations

import os

from tfwrap.aws import config as awsconfig
from tfwrap.aws import keyshape
from tfwrap.origin import place
from tfwrap.rotation import material
from tfwrap.rotation.material import Material, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def find(word: str, profile: str, environ: Mapping[str, str]) -> Material:
    """The text that holds the candidate. Raises Usage where nothing, or more than one thing, is named so."""
    if word == "-":
        return material.of_stdin(profile)
    if not word:
        return _of_profile(profile, environ)
    if keyshape.is_secret(word) or keyshape.is_key_id(word):
        raise Usage("that is a key itself: put it into a file or on standard input, for everybody sees arguments")
    path, named = _divided(word)
    if named and profile and named != profile:
        raise Usage(f'{word} names profile "{named}", and --profile names "{profile}": which one?')
    section = profile or named
    files = awsconfig.read(environ)
    if os.path.lexists(path) and not (os.path.isdir(path) and word in files.profiles):
        if word in files.profiles and not profile:
            raise Usage(
                f'"{word}" is a file ({os.path.abspath(path)}) and a profile ({_where(word, files)}): '
                f"type .{os.sep}{word} for the file, or --profile {word} for the profile"
            )
        return material.of_file(path, _shown(path, environ), section)
    if profile:
        raise Usage(f"there is no file {word}")
    return _of_profile(word, environ)


def _divided(word: str) -> tuple[str, str]:
    """A path and the profile behind its last colon, where that makes it a path that is there."""
    path, colon, section = word.rpartition(":")
    if colon and section and os.sep not in section and not os.path.lexists(word) and os.path.lexists(path):
        return path, section
    return word, ""


def _of_profile(name: str, environ: Mapping[str, str]) -> Material:
    files = awsconfig.read(environ)
    profile = files.profiles.get(name)
    if profile is None:
        raise Usage(
            f'there is no file and no profile "{name}" (looked in {files.credentials_path} and {files.config_path})'
        )
    if not profile.has_keys:
        raise Usage(f'profile "{name}" holds no complete key of its own, so there is nothing to rotate in')
    where = profile.locations["aws_secret_access_key"]
    path = next(path for path in awsconfig.paths(environ) if _shown(path, environ) == where)
    return material.of_file(path, where, name)


def _where(name: str, files: awsconfig.AwsFiles) -> str:
    places: Iterator[str] = iter(files.profiles[name].locations.values())
    return next(places, files.config_path)


def _shown(path: str, environ: Mapping[str, str]) -> str:
    return place(path, home=awsconfig.home_of(environ))
