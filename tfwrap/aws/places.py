"""Where each consumer looks for the shared AWS files: by its block, its environment and its SDK.

docs/sources.md tells what was tried; tests/real/test_differential.py moves the files about under real Terraforms.
"""

from __future__ import annotations

import os

from tfwrap import userdirs
from tfwrap.aws.views import SECOND_SDK, SESSION, STATIC_KEYS
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Places(NamedTuple):
    """The files that are read, in their order, and whose view of them (SECOND_SDK, SESSION, STATIC_KEYS) counts."""

    credentials: tuple[str, ...]
    config: tuple[str, ...]
    view: str = SECOND_SDK


def files_at(places: Places, directory: str = "") -> list[str]:
    """The files of these places; relative paths start from the directory where Terraform works."""
    return [os.path.join(directory, path) for path in (*places.config, *places.credentials)]


def home_of(environ: Mapping[str, str]) -> str:
    """The user's home directory, as Go's SDK finds it."""
    return userdirs.home(environ) or os.path.expanduser("~")


def backend_places(arguments: Mapping[str, object], environ: Mapping[str, str]) -> Places:
    """Where the S3 backend looks since 1.6: AWS_SHARED_CONFIG_FILE is its own and goes before the SDK's variable.

    What the backend reads itself may hold `~` and `$NAME`; what the SDK reads may not (tried with 1.11.4).
    """
    home = home_of(environ)
    credentials = _named(arguments, "shared_credentials_files", "shared_credentials_file") or _variable(
        environ, "AWS_SHARED_CREDENTIALS_FILE"
    )
    config = _named(arguments, "shared_config_files") or _variable(environ, "AWS_SHARED_CONFIG_FILE")
    return Places(
        tuple(_expanded(path, environ, home) for path in credentials) or _credentials_of_sdk(environ, home),
        tuple(_expanded(path, environ, home) for path in config) or _config_of_sdk(environ, home),
    )


def provider_places(arguments: Mapping[str, object], environ: Mapping[str, str]) -> Places:
    """Where the AWS provider looks since 4.0: as the backend does, but the variables are the SDK's own, verbatim."""
    home = home_of(environ)
    credentials = _named(arguments, "shared_credentials_files", "shared_credentials_file")
    config = _named(arguments, "shared_config_files")
    return Places(
        tuple(_expanded(path, environ, home) for path in credentials) or _credentials_of_sdk(environ, home),
        tuple(_expanded(path, environ, home) for path in config) or _config_of_sdk(environ, home),
    )


def static_key_places(arguments: Mapping[str, object], environ: Mapping[str, str]) -> Places:
    """Where the first SDK looks for static keys: in the credentials file that the block or the environment names."""
    home = home_of(environ)
    named = tuple(_with_home(path, home) for path in _named(arguments, "shared_credentials_file"))
    return Places(named or _credentials_of_sdk(environ, home), (), STATIC_KEYS)


def verbatim_key_places(arguments: Mapping[str, object], environ: Mapping[str, str]) -> Places:
    """The same in 0.12, to which `~` is a directory of that name (0.12.29, tried)."""
    named = _named(arguments, "shared_credentials_file")
    return Places(named or _credentials_of_sdk(environ, home_of(environ)), (), STATIC_KEYS)


def session_places(environ: Mapping[str, str], is_config_read: object = True) -> Places:
    """Where a session of the first SDK looks. `shared_credentials_file` of a block does not reach it."""
    home = home_of(environ)
    config = _config_of_sdk(environ, home) if is_config_read else ()
    return Places(_credentials_of_sdk(environ, home), config, SESSION)


def _named(arguments: Mapping[str, object], *names: str) -> tuple[str, ...]:
    """The paths of the first argument of these that has any: one text, or a list of them."""
    for name in names:
        value = arguments.get(name)
        found = value if isinstance(value, list) else [value]
        if texts := tuple(path for path in found if isinstance(path, str) and path):
            return texts
    return ()


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (environ[name],) if environ.get(name) else ()


def _credentials_of_sdk(environ: Mapping[str, str], home: str) -> tuple[str, ...]:
    return _variable(environ, "AWS_SHARED_CREDENTIALS_FILE") or (os.path.join(home, ".aws", "credentials"),)


def _config_of_sdk(environ: Mapping[str, str], home: str) -> tuple[str, ...]:
    return _variable(environ, "AWS_CONFIG_FILE") or (os.path.join(home, ".aws", "config"),)


def _expanded(path: str, environ: Mapping[str, str], home: str) -> str:
    if "$" in path:
        import re

        path = re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: environ.get(found[1] or found[2], ""), path)
    return _with_home(path, home)


def _with_home(path: str, home: str) -> str:
    return home + path[1:] if path == "~" or path.startswith("~" + os.sep) else path
