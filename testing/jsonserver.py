"""A server on loopback that takes and gives JSON: what the stand-ins for Vault and SSO are made of."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Document = dict[str, Any]


class Call(NamedTuple):
    """A request: the path without its query, header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Document


class Reply(NamedTuple):
    """An answer; `body` that is bytes goes out as it is."""

    status: int
    body: Document | bytes
    headers: tuple[tuple[str, str], ...] = ()


def _document(raw: bytes) -> Document:
    """The JSON of a body; nothing for a form."""
    return json.loads(raw) if raw.startswith(b"{") else {}


def encoded(reply: Reply) -> bytes:
    """The body as it goes out."""
    return reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()


@contextmanager
def serve(answer: Callable[[Call], Reply]) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1 for the length of a `with`; its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def reply(self) -> None:
            path, _, query = self.path.partition("?")
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(answer(Call(self.command, path, query, headers, _document(raw))))

        do_GET = do_POST = do_PUT = reply  # noqa: N815 - http.server's names

        def _send(self, reply: Reply) -> None:
            body = encoded(reply)
            self.send_response(reply.status)
            for name, value in (*reply.headers, ("Content-Length", str(len(body))), ("Connection", "close")):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
