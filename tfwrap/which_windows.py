"""What finding the real binary means on Windows: PATHEXT, batch files, shims that are programs, no exec."""

from __future__ import annotations

import os
import sys

from tfwrap.errors import CannotRun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import FileIO

_PROGRAMS = (".com", ".exe")
_BATCH = (".bat", ".cmd")
# The order in which cmd.exe and PowerShell try them in each directory, where PATHEXT does not say otherwise.
_KNOWN = (*_PROGRAMS, *_BATCH)
# A launcher begins with a program of its own. Our marker is the comment of the archive at its end.
_END = 400


def files(directory: str, program: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The files of a directory that a shell would take for the program, best first.

    Raises CannotRun at a batch file: to pass it over would run another Terraform than the one that the user has.
    """
    suffixes = environ.get("PATHEXT", "").lower().split(";")
    for suffix in [each for each in suffixes if each in _KNOWN] or _KNOWN:
        path = os.path.join(directory, program + suffix)
        if suffix in _BATCH and os.path.isfile(path):
            raise CannotRun(f"{path} {why_not_run(path)}; set TFWRAP_{program.upper()} to it")
        yield path


def why_not_run(path: str) -> str:
    """Why a file cannot be run; empty where it can.

    CreateProcess hands a batch file to cmd.exe, which reads `&`, `|` and `%` in the arguments anew: no quoting is
    safe against that (CVE-2024-24576 and its relatives; Python leaves it to its callers, gh-114539).
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _BATCH:
        return "is a batch file, and no argument can be handed to one safely: the real .exe is wanted"
    return "" if suffix in _PROGRAMS else "is no program (.exe)"


def marked_part(file: FileIO) -> bytes:
    """The part of a file in which a shim has its marker."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _END))
    return file.read(_END)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _SYNCHRONIZE = 0x00100000
    _ACCESS_DENIED, _WAIT_TIMEOUT = 5, 0x102
    # `python -I -S terraform.exe`: what our launcher puts before what was typed (tfwrap.windows.launcher).
    _BEFORE_THE_WORDS = 4

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.OpenProcess.restype = wintypes.HANDLE

    def alive(pid: int) -> bool:
        """Whether there is such a process; os.kill(pid, 0) would send it a Ctrl-C."""
        process = _kernel.OpenProcess(_SYNCHRONIZE, False, pid & 0xFFFFFFFF)
        if not process:
            return ctypes.get_last_error() == _ACCESS_DENIED  # another user's
        try:
            return bool(_kernel.WaitForSingleObject(wintypes.HANDLE(process), 0) == _WAIT_TIMEOUT)
        finally:
            _kernel.CloseHandle(wintypes.HANDLE(process))

    def is_on_its_way_back(caller: int, target: str) -> bool:
        """Whether the target, started by the tfwrap with the pid `caller`, calls us instead of being Terraform.

        A version manager's shim hands on what it was given, in the same directory, through any number of programs; a
        real Terraform whose provisioner did that would never end.
        """
        del target
        import psutil

        try:
            above = psutil.Process(caller)
            return above.cmdline()[_BEFORE_THE_WORDS:] == sys.argv[1:] and os.path.samefile(above.cwd(), os.curdir)
        except (psutil.Error, OSError):
            return False
