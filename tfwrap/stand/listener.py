"""The HTTP side: raw request lines in, answers out in one write, and an end that leaves no thread behind."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import traceback
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from tfwrap.stand.wire import Answer, Call

if TYPE_CHECKING:
    from tfwrap.stand.gate import Gate

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Handler(BaseHTTPRequestHandler):
    """One connection; http.server itself answers `Expect: 100-continue`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def reply(self) -> None:
        """Answer one request."""
        answer = cast(Listener, self.server).gate.answer(self._call())
        self.wfile.write(_bytes(answer, self.command))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = reply  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Nothing: the journal has it."""

    def _call(self) -> Call:
        # Not self.path: http.server folds leading slashes there, and the signature is over the raw line.
        path, _, query = self.requestline.split(" ")[1].partition("?")
        return Call(self.command, path, query, tuple(self.headers.items()), self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0], 16)
        if size:
            chunk = self.rfile.read(size)
            self.rfile.readline()
            return chunk
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        return b""


def _bytes(answer: Answer, method: str) -> bytes:
    # One write: headers and body in two packets cost 40 ms of delayed acknowledgement each.
    status = HTTPStatus(answer.status)
    headers = list(answer.headers)
    if status not in _BODILESS and "content-length" not in (name.lower() for name, _ in headers):
        headers.append(("Content-Length", str(len(answer.body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    body = b"" if method == "HEAD" or status in _BODILESS else answer.body
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode("latin-1") + body


class Listener(ThreadingHTTPServer):
    """Listens on 127.0.0.1. OSError if the port (0: any free one) cannot be had."""

    # An interpreter that ends while a stand is open must not wait for idle connections; `end` joins them all.
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gate: Gate, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.gate = gate
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="stand", daemon=True
        )
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection, known so that `end` can end it."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name="stand-call", daemon=True
        )
        self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's
        """Keep what went wrong; a client that hangs up (Terraform, killed) is nothing wrong."""
        if not isinstance(sys.exception(), ConnectionError):
            self.gate.faults.append(traceback.format_exc())

    def end(self) -> None:
        """Stop listening, hang up on everybody, and return when all threads have ended.

        Whoever ends the stand as a whole opens its gate first, so that nobody waits there any more.
        """
        self.shutdown()
        self._thread.join()
        for request, thread in list(self._connections.items()):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
            thread.join(10)
        self.server_close()
