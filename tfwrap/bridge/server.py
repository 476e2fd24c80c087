"""The process that hands out credentials on a Unix socket, to processes of the same user alone.

It is forked off before Terraform starts, so that the shim itself, which forks, needs no thread. It goes on until nobody
holds the other end of its lifeline: that is the shim, and the warden, which outlives a killed shim until Terraform has
saved its state. Then it takes the bridge's directory away and ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from typing import TYPE_CHECKING

from tfwrap.bridge.conversations import Conversations
from tfwrap.process import descriptors

if TYPE_CHECKING:
    from tfwrap.bridge.conversations import Answer

_QUEUE = 512
_ENDING_S = 2.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGCHLD)


class Server:
    """Our end of it. `answer` makes the text for a question, in the server; it may raise NotRefreshed.

    `lifeline` is what keeps it alive. Raises OSError where there can be no socket, or no more processes.
    """

    def __init__(self, path: str, answer: Answer) -> None:
        with _listening(path) as listener:
            ends, self.lifeline = os.pipe()
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
            try:
                self._pid = os.fork()
                if self._pid == 0:
                    _live(listener, ends, os.path.dirname(path), answer)
            except OSError:
                os.close(self.lifeline)
                raise
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                os.close(ends)

    def stop(self) -> None:
        """Answer nobody any more. A renewal that is under way is not waited for."""
        os.close(self.lifeline)
        deadline = time.monotonic() + _ENDING_S
        while not os.waitpid(self._pid, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                return
            time.sleep(0.005)


def _listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(_QUEUE)
    except OSError:
        listener.close()
        raise
    return listener


# In the forked process


def _live(listener: socket.socket, ends: int, directory: str, answer: Answer) -> None:
    """The server's life. In a session of its own: a Ctrl-C is not for it, nor for what it starts to make credentials.

    After a Ctrl-C Terraform still has its state to save, with credentials that may have to be new.
    """
    try:
        os.setsid()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # which lets go of what the group got before it was left
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        descriptors.close_all_but({listener.fileno(), ends})
        for _ in range(3):
            os.open(os.devnull, os.O_RDWR)
        Conversations(listener, answer).until(ends)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os._exit(0)
