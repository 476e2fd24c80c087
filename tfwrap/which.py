"""The real binary: found on PATH, and never tfwrap itself.

`shims/shim.bash` does the same for the commands that it passes straight through; tests/promises/test_launcher.py
holds the two to the same answers.
"""

from __future__ import annotations

import os
import sys

from tfwrap.errors import CannotRun, NotFound
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from io import FileIO

GUARD = "_TFWRAP_GUARD"
MARKER = b"tfwrap-shim-marker"
MAX_DEPTH = 10
_OVERRIDES = {"terraform": "TFWRAP_TERRAFORM", "tofu": "TFWRAP_TOFU"}
_INSTALL = {
    "terraform": "https://developer.hashicorp.com/terraform/install",
    "tofu": "https://opentofu.org/docs/intro/install",
}


class Guard(NamedTuple):
    """What the guard variable says of the tfwrap that called us: `pid:depth:target[:target...]` (`;` on Windows)."""

    pid: int
    depth: int
    targets: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.pid}:{self.depth}:{os.pathsep.join(self.targets)}"


class Real(NamedTuple):
    """The real binary and the guard variable's value that its environment gets."""

    path: str
    guard: str


def read_guard(environ: Mapping[str, str]) -> Guard | None:
    """The guard that we run under; None without one, or when the process that set it is gone."""
    pid, _, rest = environ.get(GUARD, "").partition(":")
    depth, _, targets = rest.partition(":")
    if not (_is_pid(pid) and "0" <= depth[:1] <= "9" and targets and _alive(int(pid))):
        return None
    return Guard(int(pid), int(depth) if len(depth) == 1 else MAX_DEPTH, tuple(targets.split(os.pathsep)))


def _is_pid(text: str) -> bool:
    """Nought would be our own process group to kill(2), and an endless number an error to int()."""
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 20


def find(program: str, environ: Mapping[str, str], guard: Guard | None) -> Real:
    """The real binary of that name.

    A version manager's shim (tfenv, tenv, asdf, mise) may be it; should the call come straight back from there, what
    was tried before is left out. Raises CannotRun and NotFound.
    """
    tried = _came_back_from(guard)
    depth = guard.depth + 1 if guard else 1
    if guard and depth > MAX_DEPTH:
        raise CannotRun(
            f"{program} was called {MAX_DEPTH} times in a circle (through {':'.join(guard.targets)}); "
            f"set {_OVERRIDES[program]} to the real binary"
        )
    path = _override(program, environ, tried) or _on_path(program, environ, tried)
    return Real(path, str(Guard(os.getpid(), depth, (*tried, path))))


def _came_back_from(guard: Guard | None) -> tuple[str, ...]:
    if guard is None:
        return ()
    return guard.targets if _is_on_its_way_back(guard.pid, guard.targets[-1]) else ()


def _override(program: str, environ: Mapping[str, str], tried: tuple[str, ...]) -> str | None:
    """What the user named; a bare name is a file of this directory, as for exec. None where it came straight back."""
    variable = _OVERRIDES[program]
    path = environ.get(variable)
    if path and not os.path.dirname(path):
        path = os.path.join(os.curdir, path)
    if not path or path in tried:
        return None
    if _is_ours(path):
        raise CannotRun(f"{path} is tfwrap itself (set by {variable}); name the real {program} there")
    reason = why_not(path)
    if reason == "does not exist":
        raise NotFound(f"{path} does not exist (set by {variable})")
    if reason:
        raise CannotRun(f"{path} {reason} (set by {variable})")
    return path


def _on_path(program: str, environ: Mapping[str, str], tried: tuple[str, ...]) -> str:
    blocked = ""
    looked: list[str] = []
    for directory in _absolute_entries(environ):
        looked.append(directory)
        for path in _files(directory, program, environ):
            reason = why_not(path)
            if path in tried or reason == "does not exist" or _is_ours(path):
                continue
            if not reason:
                return path
            blocked = blocked or f"{path} {reason}"
    if blocked:
        raise CannotRun(blocked)
    raise NotFound(_not_found(program, looked, tried))


def _not_found(program: str, looked: Iterable[str], tried: Iterable[str]) -> str:
    where = os.pathsep.join(looked) or "nowhere: PATH has no absolute entry"
    came_back = ":".join(tried)
    but = f" but {came_back}, which came back to tfwrap" if came_back else ""
    remedy = f"install it from {_INSTALL[program]} or set {_OVERRIDES[program]}"
    return f"no real {program} found{but} (looked in {where}); {remedy}"


def _absolute_entries(environ: Mapping[str, str]) -> Iterator[str]:
    """Relative and empty entries are left out: a `terraform` that lies in a clone must not be run."""
    for entry in environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(entry):
            yield entry


def why_not(path: str) -> str:
    """Why a path cannot be run ("is a directory"); empty where it can."""
    if not os.path.exists(path):
        return "is a broken symbolic link" if os.path.islink(path) else "does not exist"
    if os.path.isdir(path):
        return "is a directory"
    return _why_not_run(path)


def _is_ours(path: str) -> bool:
    """Every shim of tfwrap's carries the marker, also one that was copied, linked or installed a second time."""
    if not os.path.isfile(path):  # to open a named pipe is to wait for its writer
        return False
    try:
        with open(path, "rb", buffering=0) as file:
            return MARKER in _marked_part(file)
    except OSError:
        return False


if sys.platform == "win32":
    from tfwrap.which_windows import alive as _alive
    from tfwrap.which_windows import files as _files
    from tfwrap.which_windows import is_on_its_way_back as _is_on_its_way_back
    from tfwrap.which_windows import marked_part as _marked_part
    from tfwrap.which_windows import why_not_run as _why_not_run

else:

    def _files(directory: str, program: str, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The files of a directory that the program's name means, best first."""
        del environ
        return (os.path.join(directory, program),)

    def _why_not_run(path: str) -> str:
        """Why a file cannot be run; empty where it can."""
        return "" if os.access(path, os.X_OK) else "is not executable (chmod +x it)"

    def _marked_part(file: FileIO) -> bytes:
        """The part of a file in which a shim has its marker."""
        return file.read(400)

    def _alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:  # another user's
            return True
        return True

    def _is_on_its_way_back(caller: int, target: str) -> bool:
        """Whether the target, started by the tfwrap with the pid `caller`, calls us instead of being Terraform."""
        return caller == os.getpid() or (caller == os.getppid() and not _parent_runs(target))

    def _parent_runs(target: str) -> bool:
        """Whether our parent is the target itself, where a version manager's script would run an interpreter.

        A real Terraform became what it is by exec and has its guard's pid; it calls us from a local-exec whose `sh -c`
        (bash) does not stay. Without /proc that cannot be told, but there bash is, and the other shim.
        """
        try:
            return os.path.samefile(f"/proc/{os.getppid()}/exe", target)
        except OSError:
            return False
