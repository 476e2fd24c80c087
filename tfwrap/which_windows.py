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

    _SYNCHRONIZE, _QUERY_LIMITED = 0x00100000, 0x1000
    _ACCESS_DENIED, _WAIT_TIMEOUT, _INVALID_HANDLE = 5, 0x102, ctypes.c_void_p(-1).value
    _SNAPSHOT_OF_PROCESSES = 2

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.OpenProcess.restype = wintypes.HANDLE
    _kernel.CreateToolhelp32Snapshot.restype = wintypes.HANDLE

    class _Entry(ctypes.Structure):
        """PROCESSENTRY32W."""

        _fields_ = (
            ("dwSize", wintypes.DWORD),
            ("cntUsage", wintypes.DWORD),
            ("th32ProcessID", wintypes.DWORD),
            ("th32DefaultHeapID", ctypes.c_size_t),
            ("th32ModuleID", wintypes.DWORD),
            ("cntThreads", wintypes.DWORD),
            ("th32ParentProcessID", wintypes.DWORD),
            ("pcPriClassBase", wintypes.LONG),
            ("dwFlags", wintypes.DWORD),
            ("szExeFile", wintypes.WCHAR * 260),
        )

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

        Between us and who called is our launcher. A real Terraform has a shell or a provider in between as well; a
        version manager's shim has not. One with more programs in between ends at the greatest depth.
        """
        parents = dict(_processes())
        above = parents.get(os.getppid(), 0)
        return parents.get(above) == caller and _is_same(_image(above), target)

    def _processes() -> Iterator[tuple[int, int]]:
        """Every process and its parent."""
        snapshot = _kernel.CreateToolhelp32Snapshot(_SNAPSHOT_OF_PROCESSES, 0)
        if snapshot == _INVALID_HANDLE:
            return
        entry = _Entry(ctypes.sizeof(_Entry))
        more = _kernel.Process32FirstW(wintypes.HANDLE(snapshot), ctypes.byref(entry))
        while more:
            yield entry.th32ProcessID, entry.th32ParentProcessID
            more = _kernel.Process32NextW(wintypes.HANDLE(snapshot), ctypes.byref(entry))
        _kernel.CloseHandle(wintypes.HANDLE(snapshot))

    def _image(pid: int) -> str:
        """The path of the program that a process runs; empty where it cannot be asked."""
        process = _kernel.OpenProcess(_QUERY_LIMITED, False, pid)
        size = wintypes.DWORD(32768)
        name = ctypes.create_unicode_buffer(size.value)
        known = process and _kernel.QueryFullProcessImageNameW(wintypes.HANDLE(process), 0, name, ctypes.byref(size))
        _kernel.CloseHandle(wintypes.HANDLE(process))
        return name.value if known else ""

    def _is_same(image: str, target: str) -> bool:
        try:
            return os.path.samefile(image, target)
        except OSError:
            return False
