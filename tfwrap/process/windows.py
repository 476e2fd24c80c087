"""The child on Windows: run and wait, because there is no exec.

Ctrl-C goes to every process of the console, so it is never passed on, and the child gets no process group of its own
(CREATE_NEW_PROCESS_GROUP would switch it off, python issue 13368); a second one means "Two interrupts received".
docs/windows.md says what was tried, and where.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import nt
    import os
    import signal
    import subprocess
    import threading
    import time

    from tfwrap.environment_windows import as_given
    from tfwrap.errors import CannotRun, Interrupted
    from tfwrap.lean import NamedTuple
    from tfwrap.process import kernel_windows, patience
    from tfwrap.process.command import Command
    from tfwrap.process.finished import Finished
    from tfwrap.process.relay import Pump

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from collections.abc import Callable, Mapping, Sequence
        from types import FrameType
        from typing import IO, Never

        from tfwrap.process.kernel_windows import Job

        Child = subprocess.Popen[bytes]

    _STOPPING = (signal.SIGINT, signal.SIGBREAK)
    # A wait without a limit cannot be interrupted: no handler would run before the child has ended.
    _LOOK_AGAIN_S = 0.5
    _ENDED_BY_CTRL_C = 0xC000013A - (1 << 32)

    class Streams(NamedTuple):
        """What the child's standard streams are, as subprocess has it; None is our own."""

        stdin: int | None
        stdout: int | None
        stderr: int | None

    class Heard(NamedTuple):
        """How many interrupts may come before something has to be done, and when was said what the next one does."""

        interrupts: int
        said_at: float

    INHERITED = Streams(None, None, None)

    def replace(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        """Run the real binary in our place, and end as it ends. Raises CannotRun; never returns otherwise."""
        arrived = _noted_interrupts()
        job = kernel_windows.job()
        os._exit(_wait(_start(Command(path, argv, environ), INHERITED), job, arrived, lambda _: None))

    def run(command: Command, *, watch_stdout: bool, say: Callable[[str], None], held: Sequence[int] = ()) -> Finished:
        """Run the real binary and say how it ended. Raises CannotRun.

        Only stderr, and with `-json` stdout, go through a pipe; where both are one, so that their order is kept, both.
        """
        del held  # there is no bridge here
        kernel_windows.prepare_console(2)
        if not os.isatty(2) and kernel_windows.are_one(1, 2):
            streams = Streams(None, subprocess.PIPE, subprocess.STDOUT)
        else:
            streams = Streams(None, subprocess.PIPE if watch_stdout else None, subprocess.PIPE)
        return _watch(lambda: _start(command, streams), say)

    def capture(command: Command, *, say: Callable[[str], None]) -> Finished:
        """Run the real binary unseen: nothing to read, its output kept. Raises CannotRun."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        streams = Streams(subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT)
        try:
            return _watch(lambda: _start(command, streams), say, (nowhere, nowhere))
        finally:
            os.close(nowhere)

    def undisturbed(work: Callable[[], None]) -> None:
        """Do something that must not be left half done: a Ctrl-C waits until it is over."""
        before = [signal.getsignal(number) for number in _STOPPING]
        arrived = _noted_interrupts()
        try:
            work()
        finally:
            for number, handler in zip(_STOPPING, before, strict=True):
                signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])

    def listen() -> None:
        """From now on a Ctrl-C is raised as Interrupted, so that what was begun is put back first."""
        for number in _STOPPING:
            signal.signal(number, _raise)

    def die_by(number: int) -> None:
        """End as the system ends a program at a Ctrl-C."""
        del number
        os._exit(_ENDED_BY_CTRL_C)

    def _raise(number: int, frame: FrameType | None) -> Never:
        del frame
        raise Interrupted(number)

    def _noted_interrupts() -> list[int]:
        """Outlive a Ctrl-C, which the console gives to the child as well; the list gets what arrives from now on."""
        arrived: list[int] = []
        for number in _STOPPING:
            signal.signal(number, lambda got, _: arrived.append(got))  # not SIG_IGN, which the child would inherit
        return arrived

    def _start(command: Command, streams: Streams) -> Child:
        path, argv, environ = command
        try:
            return subprocess.Popen(
                [path, *argv],
                bufsize=0,
                stdin=streams.stdin,
                stdout=streams.stdout,
                stderr=streams.stderr,
                env=as_given(environ, nt.environ),
            )
        except OSError as error:
            raise CannotRun(f"{path} cannot be run: {(error.strerror or str(error)).lower()}") from error

    def _watch(start: Callable[[], Child], say: Callable[[str], None], targets: tuple[int, int] = (1, 2)) -> Finished:
        """Start the child, relay what it writes into pipes to these descriptors, and say how it ended."""
        arrived = _noted_interrupts()
        job = kernel_windows.job()
        child = start()
        pumps = [Pump(_taken(pipe), to) for pipe, to in zip((child.stdout, child.stderr), targets, strict=True) if pipe]
        threads = [threading.Thread(target=pump.run, daemon=True) for pump in pumps]
        for thread in threads:
            thread.start()
        status = _wait(child, job, arrived, say)
        for pump, thread in zip(pumps, threads, strict=True):
            _drain(pump, thread)
        tail = b"".join(pump.tail.content() for pump in pumps)
        return Finished(status, 0, tail, arrived[-1] if arrived else 0)

    def _taken(pipe: IO[bytes]) -> int:
        """The pipe's descriptor as our own: the last one, so that to close it tells the writer that nobody reads."""
        with pipe:
            return os.dup(pipe.fileno())

    def _drain(pump: Pump, thread: threading.Thread) -> None:
        """Let a pump finish, unless a process that Terraform left behind keeps its stream open and says nothing.

        Whether more waits in the pipe cannot be asked, as POSIX can: PeekNamedPipe would wait for the pump's own read.
        """
        silent_at = -1
        while thread.is_alive() and (pump.is_writing or pump.moved != silent_at):
            silent_at = pump.moved
            thread.join(patience.SILENCE_S)

    def _wait(child: Child, job: Job, arrived: Sequence[int], say: Callable[[str], None]) -> int:
        """Wait for the child's status, as os._exit takes it: one like 0xC000013A (ended by Ctrl-C) is negative there.

        What the child leaves running may go on, unless the child had to be killed.
        """
        heard = Heard(patience.INTERRUPTS_THAT_IT_HEARS, float("inf"))
        while True:
            try:
                status = child.wait(timeout=_LOOK_AGAIN_S)
                break
            except subprocess.TimeoutExpired:
                heard = _mind_a_deaf_child(child, len(arrived), heard, say)
        if len(arrived) <= heard.interrupts:
            job.let_go()
        return status - (1 << 32) if status >= 1 << 31 else status

    def _mind_a_deaf_child(child: Child, interrupts: int, heard: Heard, say: Callable[[str], None]) -> Heard:
        """After a third Ctrl-C on a console say how it can be killed; kill at the next."""
        if interrupts <= heard.interrupts or not os.isatty(2):
            return heard
        if heard.said_at == float("inf"):
            say(patience.STILL_RUNS)
            return Heard(interrupts, time.monotonic())
        if time.monotonic() - heard.said_at > patience.BEFORE_A_KILL_S:
            child.kill()
            return heard
        return heard._replace(interrupts=interrupts)
