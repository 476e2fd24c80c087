"""tfwrap as a user has it: installed from this checkout by its own install.sh, once for a set of sources."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from testing.cache import directory, locked

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parent.parent
# What an installation is made of: it is made anew when one of these files changes.
SOURCES = ("tfwrap", "shims", "install.sh", "pyproject.toml")
TIMEOUT_S = 600


class Installation(NamedTuple):
    """An installation: its shims and its `tfwrap` command. The path has a space in it, as paths have."""

    prefix: Path

    @property
    def shims(self) -> Path:
        """The directory to put first on PATH."""
        return self.prefix / "shims"

    @property
    def terraform(self) -> Path:
        """The shim."""
        return self.shims / "terraform"

    @property
    def tfwrap(self) -> Path:
        """The command."""
        return self.prefix / "bin" / "tfwrap"


@functools.cache
def installed() -> Installation:
    """The installation of the checkout as it is now, with the extra `demo`. Raises AssertionError when it fails.

    There is one for a checkout and its dependencies, brought up to date by running install.sh again.
    """
    name = hashlib.sha256(str(CHECKOUT).encode() + (CHECKOUT / "pyproject.toml").read_bytes()).hexdigest()[:12]
    folder = directory() / f"installed-{name}"
    installation = Installation(folder / "my tfwrap")
    stamp = folder / "sources"
    with locked(folder.with_suffix(".lock")):
        if not stamp.is_file() or stamp.read_text() != _fingerprint():
            _install(installation)
            stamp.write_text(_fingerprint())
    return installation


def _install(installation: Installation) -> None:
    command = ["sh", str(CHECKOUT / "install.sh"), "--prefix", str(installation.prefix)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "TFWRAP_"))}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    extra = [str(installation.prefix / "venv/bin/python"), "-I", "-m", "pip", "install", "-q", *_extra()]
    subprocess.run(extra, env=environ, check=True, capture_output=True, timeout=TIMEOUT_S)


def _extra() -> list[str]:
    """What the extra `demo` needs; the package itself is there already."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        needed: list[str] = tomllib.load(file)["project"]["optional-dependencies"]["demo"]
    return needed


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _files():
        digest.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for name in SOURCES:
        path = CHECKOUT / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)
