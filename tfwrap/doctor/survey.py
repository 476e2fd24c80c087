"""The same question about many directories, in processes: what asks the real binary wants no threads beside it."""

from __future__ import annotations

import os
import sys

from tfwrap.errors import TfwrapError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    Task = TypeVar("Task")
    Answer = TypeVar("Answer")

# A directory takes a second; the bound is for a process that was killed and will never answer.
PATIENCE_S = 120
# They wait for STS more than they compute, and each has boto3 to import.
WORKERS_A_CORE = 2
MOST_WORKERS = 8


def each(answer: Callable[[Task], Answer], tasks: Sequence[Task]) -> Iterator[Answer]:
    """The answers, in the order of the tasks. `answer` is a module's function, and must not raise.

    Ends its processes at once when it is left. Raises TfwrapError where one of them does not answer.
    """
    workers = min(MOST_WORKERS, len(tasks), WORKERS_A_CORE * (os.cpu_count() or 1))
    if workers < 2:
        yield from map(answer, tasks)
        return
    import multiprocessing

    with multiprocessing.get_context(_method()).Pool(workers, _leave_interrupts_to_us) as pool:
        pending = [pool.apply_async(_answered, (answer, task)) for task in tasks]
        pool.close()
        for one in pending:
            try:
                yield one.get(PATIENCE_S)
            except multiprocessing.TimeoutError as late:
                raise TfwrapError(f"a process that looks at a directory gave no answer for {PATIENCE_S} s") from late
        pool.join()


def _answered(answer: Callable[[Task], Answer], task: Task) -> Answer:
    """A process that is ended while it answers ends what it has started; at any other time it holds the pool's locks.

    A handler that raises there leaves one of them locked, and the parent waits for ever (seen, one run in twelve).
    """
    import signal

    signal.signal(signal.SIGTERM, _end)
    try:
        return answer(task)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _method() -> str:
    """A fork inherits what is loaded; on macOS the system's own libraries do not survive one (bpo-33725)."""
    return "fork" if sys.platform == "linux" else "spawn"


def _leave_interrupts_to_us() -> None:
    """Ctrl-C reaches every process of the terminal; the parent ends the others, and says nothing about it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(number: int, frame: object) -> None:
    del frame
    sys.exit(128 + number)
