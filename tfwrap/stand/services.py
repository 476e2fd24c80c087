"""The AWS services behind the gate: moto's WSGI application, called in this process, without a server."""

from __future__ import annotations

import importlib.util
import io
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from tfwrap.errors import TfwrapError
from tfwrap.stand.wire import Answer, Call

_CODE = re.compile(rb"<Code>([^<]+)</Code>|\"__type\": ?\"(?:[^\"]*#)?([^\"]+)\"")
_NOT_FORWARDED = ("connection", "expect", "transfer-encoding", "content-length", "x-moto-account-id")
# The gate writes these itself: its own clock's date, and the length of what it really sends.
_NOT_RETURNED = ("date", "server", "connection", "transfer-encoding", "content-length")

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]


class MissingExtraError(TfwrapError):
    """moto is not installed: the message names the extra that brings it."""


def require() -> None:
    """MissingExtraError unless moto and the web framework of its server are installed."""
    for module in ("moto", "flask", "flask_cors"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(f"the AWS stand-in needs {module}: pip install 'tfwrap-shim[demo]'")


class Services:
    """moto, imported at the first call. All stands of a process share its memory."""

    def __init__(self) -> None:
        self._application: Application | None = None
        # moto looks and then writes; conditional writes (Terraform's lock file) need that to be one step.
        self._lock = threading.Lock()

    def answer(self, call: Call, account: str) -> Answer:
        """What the service answers, with its resources kept in `account`."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _failure: object = None) -> None:
            started.append((status, headers))

        with self._lock:
            self._application = self._application or _moto()
            chunks = self._application(_environ(call, account), start)
            body = b"".join(chunks)
        status, headers = started[-1]
        return _as_answer(call, int(status.split()[0]), headers, body)

    def knows(self, service: str, region: str) -> bool:
        """Whether moto has this service. moto itself prints to stdout and then breaks when it has not."""
        from moto.backend_index import backend_url_patterns
        from moto.moto_server.werkzeug_app import SIGNING_ALIASES

        name = SIGNING_ALIASES.get(service, service)
        hosts = (f"http://{name}.{region}.amazonaws.com", f"http://{name}.amazonaws.com", f"http://{name}")
        return any(pattern.match(host) for _, pattern in backend_url_patterns for host in hosts)

    def forget(self) -> None:
        """Empty every service; does nothing where moto was never used."""
        if self._application is not None:
            self.answer(Call("POST", "/moto-api/reset", "", (), b""), "")


def _moto() -> Application:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return cast(Application, DomainDispatcherApplication(create_backend_app))


def _as_answer(call: Call, status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    kept = [(name, value) for name, value in headers if name.lower() not in _NOT_RETURNED]
    if call.method == "HEAD":
        # The length of what a GET would bring: SDKs read an object's size from it.
        kept += [(name, value) for name, value in headers if name.lower() == "content-length"]
    found = _CODE.search(body) if status >= 400 else None
    code = (found[1] or found[2]).decode("utf-8", "replace") if found else ""
    return Answer(status, tuple(kept), body, code)


def _environ(call: Call, account: str) -> dict[str, Any]:
    """The call as WSGI (PEP 3333) has it, with the raw request line where werkzeug's own server puts it."""
    target = f"{call.path}?{call.query}" if call.query else call.path
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(call.path).decode("latin-1"),
        "QUERY_STRING": call.query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": call.header("host").rpartition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(call.body)),
        "CONTENT_TYPE": call.header("content-type"),
    }
    for name in {name.lower() for name, _ in call.headers} - {*_NOT_FORWARDED, "content-type"}:
        environ["HTTP_" + name.upper().replace("-", "_")] = call.header(name)
    return environ | {"HTTP_X_MOTO_ACCOUNT_ID": account}
