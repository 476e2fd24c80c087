"""tfwrap as a user has it: installed from this checkout by its own install.sh, once for a set of sources."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from testing.cache import cached

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


def installed() -> Installation:
    """The installation of the checkout as it is now, with the extra `demo`. Raises AssertionError when it fails."""
    return Installation(cached(f"installed-{_fingerprint()}", _install) / "my tfwrap")


def _install(draft: Path) -> None:
    """Virtual environments cannot be moved: install where it will be, and leave only a mark in the draft."""
    final = draft.parent / f"installed-{_fingerprint()}-files"
    command = ["sh", str(CHECKOUT / "install.sh"), "--prefix", str(final / "my tfwrap")]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "TFWRAP_"))}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    extra = [str(final / "my tfwrap/venv/bin/python"), "-I", "-m", "pip", "install", "-q", f"{CHECKOUT}[demo]"]
    subprocess.run(extra, env=environ, check=True, capture_output=True, timeout=TIMEOUT_S)
    (draft / "my tfwrap").symlink_to(final / "my tfwrap")


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
