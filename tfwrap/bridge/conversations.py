"""Everybody who asks on the socket of a bridge, and what each is told: only our own user, and each one apart."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import sys
import threading
import time
from typing import TYPE_CHECKING

from tfwrap.bridge.client import BAD, GOOD
from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = Callable[[str], str]

_LONGEST = 64  # bytes of a question
SLOW_S = 2.0  # for a client to ask, and to take the answer
_PAUSE_S = 0.05
_UCRED = struct.Struct("3i")  # pid, uid, gid (unix(7))
_OTHERS = BAD + b"this bridge belongs to another user"


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
            ready = [number for number, _ in self._poll.poll(1000 * SLOW_S if self._clients else None)]
            if ends in ready:
                return
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
                self._answer_apart(self._let_go(number))
        except OSError:  # it is gone
            self._drop(number)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone again; or there are no descriptors left, and the one who is here longest has to go
            if self._clients:
                self._drop(next(iter(self._clients)))
            else:  # those that are being answered hold them all
                time.sleep(_PAUSE_S)
            return
        self._clients[connection.fileno()] = Client(connection, b"", time.monotonic())
        self._poll.register(connection, select.POLLIN)

    def _drop(self, number: int) -> None:
        self._let_go(number).connection.close()

    def _let_go(self, number: int) -> Client:
        self._poll.unregister(number)
        return self._clients.pop(number)

    def _answer_apart(self, client: Client) -> None:
        """In a thread of its own: one profile whose renewal hangs keeps nobody from another's credentials."""
        try:
            threading.Thread(target=self._tell, args=(client,), daemon=True).start()
        except RuntimeError:  # there can be no more threads
            client.connection.close()

    def _tell(self, client: Client) -> None:
        with contextlib.suppress(OSError), client.connection as connection:  # it may be gone
            answer = self._said(client)
            connection.settimeout(SLOW_S)
            connection.sendall(answer)

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
    return time.monotonic() - client.since > SLOW_S


def is_ours(connection: socket.socket) -> bool:
    """Whether the other end is our own user, where the system tells; elsewhere the directory's mode has to do."""
    if sys.platform != "linux":
        return True
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    return bool(_UCRED.unpack(told)[1] == os.geteuid())
