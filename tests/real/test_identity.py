"""STS is asked on the way that a real Terraform takes: the same proxy or none, and the same answer at its end."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from testing import world as worlds
from testing.marks import on_terraforms
from testing.terraforms import PATH
from tfwrap.aws import endpoint
from tfwrap.identity import identity
from tfwrap.origin import Secret
from tfwrap.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

AWAY = "http://sts.example.test"


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that notes what it is asked for, and lets nothing through."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


CASES: list[Any] = [
    pytest.param(AWAY, {"HTTP_PROXY": "http://{}"}, {}, True, id="the variable"),
    pytest.param(AWAY, {"http_proxy": "{}"}, {}, True, id="the small one, without a scheme"),
    pytest.param(AWAY, {"HTTP_PROXY": "http://{}", "NO_PROXY": ".example.test"}, {}, False, id="a name excluded"),
    pytest.param(AWAY, {"HTTP_PROXY": "http://{}", "no_proxy": "other.test"}, {}, True, id="another name excluded"),
    pytest.param(AWAY, {}, {"http_proxy": "http://{}"}, True, id="an argument"),
    pytest.param("", {"HTTP_PROXY": "http://{}"}, {}, False, id="loopback is never proxied"),
]


@on_terraforms(PATH)
@pytest.mark.parametrize(("url", "environ", "arguments", "through"), CASES)
def test_terraform_and_tfwrap_take_the_same_way(
    url: str,
    environ: dict[str, str],
    arguments: dict[str, str],
    through: bool,
    world: World,
    stand: Stand,
    terraform: Terraform,
) -> None:
    key = stand.keys.create()
    with proxy() as (address, asked):
        variables = {name: value.format(address) for name, value in environ.items()}
        block = {name: value.format(address) for name, value in arguments.items()} | {"max_retries": "1"}
        lines = "".join(f'    {name} = "{value}"\n' for name, value in block.items())
        sts = url or stand.url
        (world.cwd / "main.tf").write_text(
            'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n    region = "us-east-1"\n'
            f'    endpoints = {{ sts = "{sts}", s3 = "{stand.url}", iam = "{stand.url}" }}\n{lines}  }}\n}}\n'
        )
        keys = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, "AWS_EC2_METADATA_DISABLED": "true"}
        worlds.run(world, [terraform.path, "init", "-input=false"], env={**keys, **variables})
        theirs = bool(asked)
        asked.clear()
        where = endpoint.of({**block, "region": "us-east-1", "endpoints": {"sts": sts}}, variables)
        answer = identity.ask(sources.Source(sources.ENVIRONMENT, "f", key.id, Secret(key.secret)), where)
    assert (theirs, bool(asked)) == (through, through)
    assert (answer.status == identity.OK) is (not url)
