"""What all combinations on a stand share: its keys and roles, the services beside it, and the leash of programs."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from testing import world as worlds
from testing.leash import Leash
from tfwrap.stand.listener import Listener

if TYPE_CHECKING:
    from pathlib import Path

    from testing.world import World
    from tfwrap.stand.journal import Request
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

# A plan with four configurations of a new provider takes about twenty seconds on two processors.
LIMIT_S = 180
A_PLAN = 4
"""Configurations of a plan: each is a process of its own, and takes half a gigabyte with a new provider."""

ACCOUNT = "111111111111"
BUCKET = "differential"
ROLES = ("lab", "chain", "loop", "block", "second", "web")
KEYS = (
    *("env", "alias", "block", "process", "container", "sso", "other"),
    *("cred-default", "cred-lab", "cred-self", "config-default", "config-lab", "config-bare"),
)


def arn(role: str) -> str:
    """The ARN of one of ROLES."""
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


class Bench:
    """What all combinations on a stand share: its keys and roles, and the services beside it."""

    def __init__(self, stand: Stand, root: Path) -> None:
        self.stand = stand
        self.root = root
        self.keys = {name: stand.keys.create(user=name) for name in KEYS}
        self.names = {key.id: name for name, key in self.keys.items()}
        for role in ROLES:
            stand.keys.add_role(ACCOUNT, role)
        stand.create_bucket(BUCKET)
        self.beside = Beside(self.keys)
        self.leash = Leash(root / "leash", LIMIT_S)
        # Private, but each provider configuration needs an address of its own to be told from the others.
        self.doors = [Listener(stand._gate) for _ in range(A_PLAN)]

    def close(self) -> None:
        """Stop the services, and whatever is on the leash."""
        self.leash.let_go()
        self.beside.end()
        for door in self.doors:
            door.end()

    def environment(self) -> dict[str, str]:
        """The variables that lead every program to the stand and to the services beside it."""
        return {**self.stand.environment(), "AWS_ENDPOINT_URL_SSO": self.beside.url}

    def requests(self, world: World, argv: list[str], environ: dict[str, str]) -> list[Request]:
        """What arrives at the stand while this runs. TimeoutError after LIMIT_S."""
        self.stand.forget()
        self.beside.asked.clear()
        worlds.run(world, self.leash.around(argv), env=dict(environ), timeout=LIMIT_S)
        return self.stand.requests


class Beside(ThreadingHTTPServer):
    """Container credentials, the SSO portal, and a proxy that notes who asks AWS itself and lets nobody through."""

    daemon_threads = True

    def __init__(self, keys: dict[str, AccessKey]) -> None:
        super().__init__(("127.0.0.1", 0), _Beside)
        self.keys = keys
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()


class _Beside(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Hand out keys without asking who wants them."""
        keys = cast(Beside, self.server).keys
        key = keys["sso" if self.path.startswith("/federation") else "container"]
        later = 4102444800
        role = {"accessKeyId": key.id, "secretAccessKey": key.secret, "sessionToken": "", "expiration": later * 1000}
        flat = {"AccessKeyId": key.id, "SecretAccessKey": key.secret, "Expiration": "2100-01-01T00:00:00Z"}
        body = json.dumps({"roleCredentials": role} if self.path.startswith("/federation") else flat).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        """Nobody reaches AWS from here."""
        cast(Beside, self.server).asked.append(self.path)
        self.send_error(502)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Nothing."""
