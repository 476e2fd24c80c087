"""The child on Windows: run and wait, because there is no exec.

Not run on a Windows kernel yet. What it rests on: Ctrl-C goes to every process of the console, so it is never passed on
and never given a process group of its own (CREATE_NEW_PROCESS_GROUP would switch it off, python issue 13368); a second
one means "Two interrupts received". The child is put into a job object that ends with us, so that killing the shim does
not leave an apply running unseen (JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, Windows API documentation).
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    import os
    import signal
    import subprocess
    import threading
    from ctypes import wintypes

    from tfwrap.errors import CannotRun
    from tfwrap.finished import Finished
    from tfwrap.relay import Pump

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from collections.abc import Callable, Mapping, Sequence

    _EXTENDED_LIMITS = 9
    _KILL_ON_CLOSE = 0x2000
    # JOBOBJECT_EXTENDED_LIMIT_INFORMATION: 144 bytes on 64-bit Windows, the limit flags are its third field.
    _LIMITS_SIZE = 144
    _FLAGS_OFFSET = 16
    _MAY_BE_PUT_INTO_A_JOB = 0x0100 | 0x0001  # PROCESS_SET_QUOTA, PROCESS_TERMINATE
    # How long a stream must be silent, once Terraform is gone, before somebody who still holds it is no longer waited
    # for.
    _SILENCE_S = 0.2

    def replace(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        """Run the real binary in our place, and end as it ends. Raises CannotRun; never returns otherwise."""
        _noted_interrupts()
        os._exit(_wait(_start(path, argv, environ, None, None)))

    def run(
        path: str,
        argv: Sequence[str],
        environ: Mapping[str, str],
        *,
        watch_stdout: bool,
        say: Callable[[str], None],
    ) -> Finished:
        """Run the real binary and say how it ended; only stderr, and with `-json` stdout, go through a pipe."""
        del say  # on Windows a process that does not listen is ended by closing the console
        interrupts = _noted_interrupts()
        child = _start(path, argv, environ, subprocess.PIPE if watch_stdout else None, subprocess.PIPE)
        pairs = ((child.stdout, 1), (child.stderr, 2))
        pumps = [Pump(os.dup(stream.fileno()), target) for stream, target in pairs if stream]
        return _finish(child, pumps, interrupts)

    def capture(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> Finished:
        """Run the real binary unseen: nothing to read, its output kept. Raises CannotRun."""
        interrupts = _noted_interrupts()
        child = _start(path, argv, environ, subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            pumps = [Pump(os.dup(stream.fileno()), nowhere) for stream in (child.stdout,) if stream]
            return _finish(child, pumps, interrupts)
        finally:
            os.close(nowhere)

    def undisturbed(work: Callable[[], None]) -> None:
        """Do something; on Windows no signal can come in between."""
        work()

    def listen() -> None:
        """Ctrl-C stays what the child makes of it: nothing is begun on Windows that would have to be put back."""

    def die_by(number: int) -> None:
        """Windows knows no death by a signal: the status says it."""
        del number

    def _start(
        path: str,
        argv: Sequence[str],
        environ: Mapping[str, str],
        stdout: int | None,
        stderr: int | None,
        stdin: int | None = None,
    ) -> subprocess.Popen[bytes]:
        try:
            child = subprocess.Popen([path, *argv], env=dict(environ), stdin=stdin, stdout=stdout, stderr=stderr)
        except OSError as error:
            raise CannotRun(f"{path} cannot be run: {(error.strerror or str(error)).lower()}") from error
        _end_with_us(child)
        return child

    def _noted_interrupts() -> list[int]:
        """Outlive a Ctrl-C, which the console gives to the child as well; the list gets what arrives from now on."""
        arrived: list[int] = []
        for number in (signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda got, _: arrived.append(got))  # not SIG_IGN, which the child would inherit
        return arrived

    def _finish(child: subprocess.Popen[bytes], pumps: Sequence[Pump], interrupts: Sequence[int]) -> Finished:
        threads = [threading.Thread(target=pump.run, daemon=True) for pump in pumps]
        for thread in threads:
            thread.start()
        status = _wait(child)
        for pump, thread in zip(pumps, threads, strict=True):
            _drain(pump, thread)
        tail = b"".join(pump.tail.content() for pump in pumps)
        return Finished(status, 0, tail, interrupts[-1] if interrupts else 0)

    def _drain(pump: Pump, thread: threading.Thread) -> None:
        """Let a pump finish, unless a process that Terraform left behind keeps its stream open and says nothing."""
        silent_at = -1
        while thread.is_alive() and (pump.is_writing or pump.moved != silent_at):
            silent_at = pump.moved
            thread.join(_SILENCE_S)

    def _wait(child: subprocess.Popen[bytes]) -> int:
        """Wait in short steps: a wait without a limit cannot be interrupted on Windows.

        A status like 0xC000013A (ended by Ctrl-C) has its highest bit set, and os._exit takes a signed number.
        """
        while True:
            try:
                status = child.wait(timeout=0.5)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                continue
            return status - (1 << 32) if status >= 1 << 31 else status

    def _end_with_us(child: subprocess.Popen[bytes]) -> None:
        """Put the child into a job that is closed, and its processes killed, when our last handle to it goes."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        job = kernel.CreateJobObjectW(None, None)
        limits = ctypes.create_string_buffer(_LIMITS_SIZE)
        ctypes.memmove(ctypes.addressof(limits) + _FLAGS_OFFSET, _KILL_ON_CLOSE.to_bytes(4, "little"), 4)
        kernel.SetInformationJobObject(wintypes.HANDLE(job), _EXTENDED_LIMITS, limits, _LIMITS_SIZE)
        kernel.OpenProcess.restype = wintypes.HANDLE
        process = wintypes.HANDLE(kernel.OpenProcess(_MAY_BE_PUT_INTO_A_JOB, False, child.pid))
        kernel.AssignProcessToJobObject(wintypes.HANDLE(job), process)
        kernel.CloseHandle(process)
