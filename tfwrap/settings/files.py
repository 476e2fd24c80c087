"""Where the settings files are, and their bytes.

Nothing here costs anything where there is no file: a run whose decision is remembered does not even import this.
"""

from __future__ import annotations

import os
import sys

from tfwrap import userdirs
from tfwrap.errors import BadInput
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = ".tfwrap.toml"
LARGEST = 256 * 1024
_MAC_SUPPORT = "Library/Application Support"


class Places(NamedTuple):
    """The files that may be there: the project's, nearest first, the user's and the site's (empty: there is none).

    `all` is everything that decides which of them count, absent files included.
    """

    projects: tuple[str, ...]
    user: str
    site: str
    all: tuple[str, ...]

    def any_there(self) -> bool:
        """Whether one of the files exists."""
        return any(map(is_there, (*self.projects, self.user, self.site)))


class Content(NamedTuple):
    """A file's bytes and the number of the user that it belongs to (0 where files belong to nobody)."""

    data: bytes
    owner: int


def places(environ: Mapping[str, str], directory: str, working_directory: str) -> Places:
    """The places for a root module's directory: itself and each one above it, up to and with the repository's root."""
    folders = tuple(_ancestors(directory))
    projects = tuple(os.path.join(folder, NAME) for folder in folders)
    user = _user_file(environ, working_directory)
    site = os.path.join(_site_directory(environ), "config.toml")
    roots = (os.path.join(folder, ".git") for folder in folders)
    return Places(projects, user, site, (*projects, *roots, *((user,) if user else ()), site))


def state_directory(environ: Mapping[str, str]) -> str:
    """The user's state directory, the one that platformdirs names (to ask it takes 40 ms); empty without a home."""
    return _home_directory(environ, "XDG_STATE_HOME", ".local/state")


def is_there(path: str) -> bool:
    """Whether there is something that can be looked at; what lies in a home that is closed to us is not there."""
    try:
        os.stat(path)
    except (OSError, ValueError):
        return False
    return True


def read(path: str) -> Content:
    """A plain file's content. Raises BadInput for anything else, which is not even waited for, and OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    try:
        seen = os.fstat(descriptor)
        if seen.st_mode & 0o170000 != 0o100000:
            raise BadInput("is not a plain file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(data) > LARGEST:
        raise BadInput(f"is larger than {LARGEST // 1024} KiB")
    return Content(data, seen.st_uid)


def _ancestors(directory: str) -> Iterator[str]:
    """The real directories: `..` of a symbolic link is another one than its path says. `/` itself is not looked at."""
    folder = os.path.realpath(directory)
    while (parent := os.path.dirname(folder)) != folder:
        yield folder
        if os.path.lexists(os.path.join(folder, ".git")):
            return
        folder = parent


def _user_file(environ: Mapping[str, str], working_directory: str) -> str:
    if environ.get("TFWRAP_CONFIG"):
        return os.path.join(working_directory, environ["TFWRAP_CONFIG"])
    base = _home_directory(environ, "XDG_CONFIG_HOME", ".config")
    return os.path.join(base, "config.toml") if base else ""


def _home_directory(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    if sys.platform == "win32":
        return userdirs.local(environ)
    home = environ.get("HOME", "")
    usual = os.path.join(home, _MAC_SUPPORT if sys.platform == "darwin" else below_home)
    base = _first_absolute(environ, variable, usual)
    return os.path.join(base, "tfwrap") if os.path.isabs(base) else ""


def _first_absolute(environ: Mapping[str, str], variable: str, usual: str) -> str:
    named = environ.get(variable, "")
    words = named.split(os.pathsep) if variable.endswith("_DIRS") else [named]
    return next((word for word in words if os.path.isabs(word)), usual)


def _site_directory(environ: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        return userdirs.site(environ)
    usual = f"/{_MAC_SUPPORT}" if sys.platform == "darwin" else "/etc/xdg"
    return os.path.join(_first_absolute(environ, "XDG_CONFIG_DIRS", usual), "tfwrap")
