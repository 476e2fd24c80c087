"""The process that hands out credentials on a Unix socket, to processes of the same user alone.

It is forked off before Terraform starts, so that the shim itself, which forks, needs no thread. It goes on until nobody
holds the other end of its lifeline: that is the shim, and the warden, which outlives a killed shim until Terraform has
saved its state. Then it takes the bridge's directory away and ends.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from tfwrap.bridge.client import BAD, GOOD
from tfwrap.lean import NamedTuple
from tfwrap.process import descriptors
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = Callable[[str], str]

_LONGEST = 64  # bytes of a question
_SLOW_S = 2.0  # for a client to ask, and to take the answer
_QUEUE = 512
_ENDING_S = 2.0
_UCRED = struct.Struct("3i")  # pid, uid, gid (unix(7))
_OTHERS = BAD + b"this bridge belongs to another user"
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


class Client(NamedTuple):
    """Somebody who is asking: what of the question has come, and since when we listen."""

    connection: socket.socket
    asked: bytes
    since: float


class Conversations:
    """Everybody who asks at a time. One who is slow to ask keeps nobody waiting."""

    def __init__(self, listener: socket.socket, answer: Answer) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._answer = answer
        self._clients: dict[int, Client] = {}
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)

    def until(self, ends: int) -> None:
        """Answer until there is something to read at `ends`, be it its end."""
        self._poll.register(ends, select.POLLIN)
        while True:
            ready = [number for number, _ in self._poll.poll(1000 * _SLOW_S if self._clients else None)]
            if ends in ready:
                return
            # Before the others are answered: that can take long, and is nobody's fault who asks meanwhile.
            for number in [each for each, client in self._clients.items() if each not in ready and _is_slow(client)]:
                self._drop(number)
            for number in ready:
                self._listen(number)

    def _listen(self, number: int) -> None:
        if number == self._listener.fileno():
            self._accept()
            return
        client = self._clients.get(number)
        if client is None:  # it had to make room
            return
        try:
            part = client.connection.recv(_LONGEST)
            self._clients[number] = client = client._replace(asked=client.asked + part)
            if not part or len(client.asked) >= _LONGEST:
                _tell(client.connection, self._said(client))
                self._drop(number)
        except OSError:  # it is gone
            self._drop(number)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone again; or there are no descriptors left, and the one who is here longest has to go
            if self._clients:
                self._drop(next(iter(self._clients)))
            return
        self._clients[connection.fileno()] = Client(connection, b"", time.monotonic())
        self._poll.register(connection, select.POLLIN)

    def _drop(self, number: int) -> None:
        self._poll.unregister(number)
        self._clients.pop(number).connection.close()

    def _said(self, client: Client) -> bytes:
        if not is_ours(client.connection):
            return _OTHERS
        try:
            return GOOD + self._answer(client.asked.decode("ascii", "replace")).encode()
        except NotRefreshed as error:
            return BAD + str(error).encode("utf-8", "backslashreplace")
        except Exception as error:  # noqa: BLE001 - in words of our own: what it says may hold a secret
            return BAD + f"tfwrap failed to make credentials ({type(error).__name__})".encode()


def _is_slow(client: Client) -> bool:
    return time.monotonic() - client.since > _SLOW_S


def _tell(connection: socket.socket, answer: bytes) -> None:
    connection.settimeout(_SLOW_S)
    connection.sendall(answer)


def is_ours(connection: socket.socket) -> bool:
    """Whether the other end is our own user, where the system tells; elsewhere the directory's mode has to do."""
    if sys.platform != "linux":
        return True
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    return bool(_UCRED.unpack(told)[1] == os.geteuid())
