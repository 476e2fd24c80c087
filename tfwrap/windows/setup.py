"""`python -m tfwrap.windows.setup install|uninstall PREFIX`: what install.ps1 leaves to Python.

Runs in the venv PREFIX\\venv. The shims lie in PREFIX\\shims, which stands first on the user's PATH.
"""

from __future__ import annotations

import os
import sys
import sysconfig

from tfwrap.errors import TfwrapError
from tfwrap.windows import launcher, userpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PROGRAMS = ("terraform", "tofu")
# A .ps1 comes before everything else in PowerShell, then what PATHEXT usually names.
_SUFFIXES = (".ps1", ".com", ".exe", ".bat", ".cmd")


def shims_in(prefix: str) -> str:
    """The directory that stands on PATH."""
    return os.path.join(prefix, "shims")


def write_shims(prefix: str, scripts: str, python: str, packages: str) -> None:
    """Write the shims, and the `tfwrap` command beside them. Raises TfwrapError and OSError.

    `scripts` is where pip put its launcher `tfwrap.exe`.
    """
    with open(os.path.join(scripts, "tfwrap.exe"), "rb") as file:
        command = file.read()
    shims = shims_in(prefix)
    os.makedirs(shims, exist_ok=True)
    for program in PROGRAMS:
        path = os.path.join(shims, f"{program}.exe")
        if os.path.lexists(path) and not launcher.is_one(path):
            raise TfwrapError(f"{path} was not made by tfwrap's installer: move it away, or choose another -Prefix")
        _put(path, launcher.build(command, python, program, packages))
    _put(os.path.join(shims, "tfwrap.exe"), command)


def remove_shims(prefix: str) -> None:
    """Remove what `write_shims` wrote. Raises OSError."""
    shims = shims_in(prefix)
    for program in PROGRAMS:
        path = os.path.join(shims, f"{program}.exe")
        if launcher.is_one(path):
            os.unlink(path)
    for name in (*(f"{program}.exe.old" for program in PROGRAMS), "tfwrap.exe.old", "tfwrap.exe"):
        if os.path.exists(os.path.join(shims, name)):
            os.unlink(os.path.join(shims, name))
    if os.path.isdir(shims) and not os.listdir(shims):
        os.rmdir(shims)


def _put(path: str, content: bytes) -> None:
    """Make a file hold the content. A program that runs cannot be overwritten on Windows, but it can be renamed."""
    partial, old = f"{path}.{os.getpid()}.new", f"{path}.old"
    with open(partial, "wb") as file:
        file.write(content)
    try:
        os.replace(partial, path)
    except PermissionError:
        os.replace(path, old)
        os.replace(partial, path)


def in_the_way(machine_path: Iterable[str], exists: Iterable[str] = PROGRAMS) -> Iterator[str]:
    """Programs of the same names on the machine's PATH, which comes before the user's."""
    programs = tuple(exists)
    for folder in machine_path:
        for name in (program + suffix for program in programs for suffix in _SUFFIXES):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not launcher.is_one(path):
                yield path


def announce_to_actions(shims: str, environ: Mapping[str, str]) -> bool:
    """In GitHub Actions put the shims first on the PATH of the steps that follow; whether it is there."""
    file_of_paths = environ.get("GITHUB_PATH")
    if not file_of_paths:
        return False
    with open(file_of_paths, "a", encoding="utf-8") as file:
        file.write(f"{shims}\n")
    return True


if sys.platform == "win32":

    def main(words: Sequence[str]) -> int:
        """Install or uninstall; returns the exit status."""
        action, prefix, *options = words
        try:
            _ACTIONS[action](prefix, options)
        except (TfwrapError, OSError, TypeError) as error:
            print(f"tfwrap: {error}", file=sys.stderr)  # noqa: T201
            return 1
        return 0

    def _install(prefix: str, options: Sequence[str]) -> None:
        paths = sysconfig.get_paths()
        python: str = getattr(sys, "_base_executable", sys.executable)  # the venv's own only starts this one
        write_shims(prefix, paths["scripts"], python, paths["purelib"])
        shims = shims_in(prefix)
        _say(f"wrote {shims}: terraform.exe, tofu.exe and tfwrap.exe")
        if announce_to_actions(shims, os.environ):
            _say("put it first on the PATH of the next steps (GITHUB_PATH)")
        elif "--no-modify-path" in options:
            _say("put it first on PATH yourself")
        elif userpath.edit(lambda path: userpath.with_first(path, shims)):
            _say("put it first on your PATH: open a new terminal")
        for path in in_the_way(userpath.of_machine()):
            _say(f"WARNING: {path} is on the machine's PATH, which comes before yours: it runs instead of tfwrap")
            _say("  fix: as administrator, take it off the machine's PATH, or put the directory above before it there")

    def _uninstall(prefix: str, options: Sequence[str]) -> None:
        del options
        shims = shims_in(prefix)
        if userpath.edit(lambda path: userpath.without(path, shims)):
            _say("took it off your PATH")
        remove_shims(prefix)
        _say(f"removed the shims in {shims}")

    def _say(text: str) -> None:
        print(text)  # noqa: T201

    _ACTIONS = {"install": _install, "uninstall": _uninstall}

    if __name__ == "__main__":
        sys.exit(main(sys.argv[1:]))
