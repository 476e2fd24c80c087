"""The process that becomes Terraform, born before it may begin.

A signal to the whole group from before there is a child never reaches the child, and would be lost: the warden got it,
so it looks as if the child had, too. Therefore the child is there first, with the signals blocked; then we look whether
one has come; only then it begins. What comes in between ends it, once it lets the signals in. With posix_spawn birth
and beginning are one step, and what came before cannot be told from what came after.
"""

from __future__ import annotations

import errno
import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable, Sequence

    from tfwrap.process.command import Command
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums

_GO = b"g"


class Program(NamedTuple):
    """What it becomes: the command, what its descriptors are, and its signals.

    `connect` are pairs of ours and the one of the program's that is to be the same; `mask` is what stays blocked;
    `defaults` are the signals that are to have their default action again.
    """

    command: Command
    connect: Sequence[tuple[int, int]]
    mask: Iterable[int]
    defaults: Iterable[int]


class Newborn:
    """Our end of the conversation with it. The signals must be blocked, and no thread started, before it is made.

    Raises OSError when there can be no more processes.
    """

    def __init__(self, program: Program) -> None:
        waits, self._gate = os.pipe()
        self._failed, failed = os.pipe()
        try:
            self.pid = os.fork()
            if self.pid == 0:
                os.close(self._gate)
                _live(program, waits, failed)
        except OSError:
            os.close(self._gate)
            os.close(self._failed)
            raise
        finally:
            os.close(waits)
            os.close(failed)

    def begin(self) -> None:
        """Let it become the program. Raises OSError, with the reason, where that is not possible."""
        os.write(self._gate, _GO)
        os.close(self._gate)
        reason = os.read(self._failed, 8)
        os.close(self._failed)
        if reason:
            os.waitpid(self.pid, 0)
            number = int.from_bytes(reason, "little")
            raise OSError(number, os.strerror(number))

    def abandon(self) -> None:
        """End it before it has begun, and wait for it."""
        os.close(self._gate)
        os.close(self._failed)
        os.waitpid(self.pid, 0)


def _live(program: Program, waits: int, failed: int) -> None:
    """Its life until it is another program, in the forked process."""
    try:
        if os.read(waits, 1) == _GO:
            _become(program)
    except OSError as error:
        os.write(failed, (error.errno or errno.EINVAL).to_bytes(8, "little"))
    except Exception:  # noqa: BLE001 - whatever it is, it must not look like a program that ran and ended well
        os.write(failed, errno.EINVAL.to_bytes(8, "little"))
    finally:
        os._exit(0)


def _become(program: Program) -> None:
    for ours, theirs in program.connect:
        os.dup2(ours, theirs)
    for number in program.defaults:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, program.mask)
    path, argv, environ = program.command
    os.execve(path, [path, *argv], dict(environ))  # noqa: S606 - no shell is the point
