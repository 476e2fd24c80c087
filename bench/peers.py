"""Other wrappers of Terraform that PyPI and npm carry, for `bench/overhead.py --peers DIR`.

Each is installed into a directory of its own below DIR, and finds the real Terraform without a network: mise by a link,
terraform-local on PATH, tfwrapper in the directory into which it would download it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import pairs
from bench.pairs import Case

if TYPE_CHECKING:
    from collections.abc import Callable

MISE = "node_modules/.bin/mise"
# The smallest stack that tfwrapper accepts; without `legacy` it takes OpenTofu for Terraform 1.6 and later.
STACK = 'terraform:\n  version: "{version}"\n  legacy: true\n  vars:\n    stack: bench\n'


class Peer(NamedTuple):
    """A peer: the package, how it is installed into a directory, and its case there, for a real Terraform."""

    package: str
    install: Callable[[Path, str], None]
    case: Callable[[Path, Path, str], Case]


def install(directory: Path) -> None:
    """Install all of them below a directory, with npm and pip."""
    for peer in PEERS:
        place = _place(directory, peer)
        place.mkdir(parents=True, exist_ok=True)
        peer.install(place, peer.package)


def cases(directory: Path, module: Path, real: str) -> list[Case]:
    """The comparisons of those that are installed there; `module` is a root module that uses no AWS."""
    return [peer.case(_place(directory, peer), module, real) for peer in PEERS if _place(directory, peer).exists()]


def _place(directory: Path, peer: Peer) -> Path:
    return directory / peer.package.rpartition("/")[2]


def _npm(place: Path, package: str) -> None:
    npm = shutil.which("npm") or sys.exit("bench: npm is not installed")
    subprocess.run([npm, "install", "--silent", "--prefix", place, package], check=True)


def _pip(place: Path, package: str) -> None:
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([place / "bin" / "pip", "install", "--quiet", package], check=True)


def _mise(place: Path, module: Path, real: str) -> Case:
    """Its shim, which is a link to mise itself."""
    folders = {f"MISE_{name}_DIR": str(place / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    environ = pairs.environment(module, MISE_OFFLINE="1", **folders)
    linked = place / "linked" / "bin" / "terraform"
    linked.parent.mkdir(parents=True, exist_ok=True)
    _link(linked, real)
    tool = "terraform@bench"
    for words in (["link", "--force", tool, linked.parent.parent], ["use", "-g", tool], ["reshim"]):
        subprocess.run([place / MISE, *words], env=environ, check=True, capture_output=True)
    shim = str(place / "data" / "shims" / "terraform")
    return Case("mise: version", [real, "version"], [shim, "version"], module, environ)


def _tflocal(place: Path, module: Path, real: str) -> Case:
    path = f"{Path(real).parent}:{os.environ['PATH']}"
    environ = pairs.environment(module, PATH=path)
    return Case("terraform-local: version", [real, "version"], [str(place / "bin/tflocal"), "version"], module, environ)


def _tfwrapper(place: Path, module: Path, real: str) -> Case:
    del module
    version = _version(real)
    minor = version.rpartition(".")[0]
    linked = place / "home" / ".terraform.d" / "versions" / minor / version / "terraform"
    stack, settings = place / "stacks" / "a" / "b" / "c" / "d", place / "stacks" / "conf" / "a_b_c_d.yml"
    for folder in (linked.parent, linked.parents[3] / "plugin-cache", stack, settings.parent):
        folder.mkdir(parents=True, exist_ok=True)
    _link(linked, real)
    settings.write_text(STACK.format(version=version))
    environ = pairs.environment(stack, HOME=str(place / "home"))
    wrapper = str(place / "bin" / "tfwrapper")
    return Case("claranet-tfwrapper: version", [real, "version"], [wrapper, "version"], stack, environ)


def _link(link: Path, target: str) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _version(real: str) -> str:
    told = subprocess.run([real, "version"], capture_output=True, text=True, check=True)
    return told.stdout.split()[1].removeprefix("v")


PEERS = (
    Peer("@jdxcode/mise", _npm, _mise),
    Peer("terraform-local", _pip, _tflocal),
    Peer("claranet-tfwrapper", _pip, _tfwrapper),
)
