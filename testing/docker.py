"""What the real docker reads in an env-file: it tells a daemon that is none."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = shutil.which("docker") or ""


class Daemon(http.server.ThreadingHTTPServer):
    """As much of docker's API as `docker create` asks for; `told` are the environments that it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.told: list[list[str]] = []

    def read(self, content: bytes, folder: Path) -> dict[str, str] | None:
        """The variables of a container that is made with this env-file; None where docker refuses the file."""
        path = folder / "env-file"
        path.write_bytes(content)
        host = f"tcp://127.0.0.1:{self.server_port}"
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "DOCKER_HOST": host}
        self.told.clear()
        command = [PROGRAM, "create", "--env-file", str(path), "made-up"]
        done = subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            return None
        (told,) = self.told
        return dict(pair.split("=", 1) for pair in told)


@contextmanager
def daemon() -> Iterator[Daemon]:
    """A daemon on loopback."""
    with Daemon() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Answers(http.server.BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class's
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.answer(200, {})

    def do_GET(self) -> None:
        self.answer(200, {})

    def do_POST(self) -> None:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, Daemon)
        self.server.told.append(body["Env"] or [])
        self.answer(201, {"Id": "0" * 64, "Warnings": []})

    def answer(self, status: int, document: object) -> None:
        """Send a document, as the API does."""
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Api-Version", "1.45")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
