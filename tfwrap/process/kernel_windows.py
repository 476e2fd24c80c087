"""What tfwrap asks of the Windows kernel for a child: a job that ends with us, and what the console is set to."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    import msvcrt
    import os
    from ctypes import wintypes

    from tfwrap.lean import NamedTuple

    # JOBOBJECT_EXTENDED_LIMIT_INFORMATION on 64-bit Windows; the flags are its third field.
    _EXTENDED_LIMITS, _LIMITS_SIZE, _FLAGS_OFFSET = 9, 144, 16
    _KILL_ON_CLOSE, _BREAKAWAY_OK = 0x2000, 0x0800
    _UTF_8 = 65001
    _ENABLE_PROCESSED_OUTPUT_AND_VT = 0x1 | 0x4

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateJobObjectW.restype = wintypes.HANDLE
    _kernel.GetCurrentProcess.restype = wintypes.HANDLE

    class Job(NamedTuple):
        """A job object that this process and all that it starts from now on are in."""

        handle: int

        def let_go(self) -> None:
            """From now on what was started may outlive us, as without tfwrap."""
            _limit(self.handle, _BREAKAWAY_OK)

    def job() -> Job:
        """Have all that we start killed when we are: our handle is the last one, and closing it kills.

        We are in the job ourselves, so that a child is never outside of it, not even at its first instant. Where the
        system refuses (a job that may not be nested), Terraform runs without.
        """
        handle: int = _kernel.CreateJobObjectW(None, None) or 0
        _limit(handle, _KILL_ON_CLOSE | _BREAKAWAY_OK)
        _kernel.AssignProcessToJobObject(wintypes.HANDLE(handle), wintypes.HANDLE(_kernel.GetCurrentProcess()))
        return Job(handle)

    def _limit(handle: int, flags: int) -> None:
        limits = ctypes.create_string_buffer(_LIMITS_SIZE)
        ctypes.memmove(ctypes.addressof(limits) + _FLAGS_OFFSET, flags.to_bytes(4, "little"), 4)
        _kernel.SetInformationJobObject(wintypes.HANDLE(handle), _EXTENDED_LIMITS, limits, _LIMITS_SIZE)

    def are_one(first: int, second: int) -> bool:
        """Whether two descriptors lead to the same file or pipe (`2>&1`); unknown, and so not, before Windows 10."""
        try:
            handles = [wintypes.HANDLE(msvcrt.get_osfhandle(number)) for number in (first, second)]
            return bool(ctypes.WinDLL("kernelbase").CompareObjectHandles(*handles))
        except (OSError, AttributeError):
            return False

    def prepare_console(descriptor: int) -> None:
        """Do to a console what Terraform would do itself if it had it: UTF-8, and colours (its internal/terminal)."""
        if not os.isatty(descriptor):
            return
        handle = wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))
        mode = wintypes.DWORD()
        _kernel.SetConsoleOutputCP(_UTF_8)
        if _kernel.GetConsoleMode(handle, ctypes.byref(mode)):
            _kernel.SetConsoleMode(handle, mode.value | _ENABLE_PROCESSED_OUTPUT_AND_VT)
