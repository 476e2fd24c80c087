"""IAM tells how old a key is, when it is asked with that key and allows it."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tfwrap import awsconfig, consumers, invocation, key_ages
from tfwrap.checks.finding import Facts
from tfwrap.configuration import Configuration
from tfwrap.origin import Secret
from tfwrap.question import Answer, Endpoint, question
from tfwrap.source import ENVIRONMENT, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

DAY_S = 86_400
# As the IAM API reference shows it: the stand-in's own IAM knows nothing of its keys.
LISTED = """<ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAccessKeysResult>
<UserName>deployer</UserName><AccessKeyMetadata><member><UserName>deployer</UserName><AccessKeyId>{key}</AccessKeyId>
<Status>Active</Status><CreateDate>{date}</CreateDate></member></AccessKeyMetadata><IsTruncated>false</IsTruncated>
</ListAccessKeysResult><ResponseMetadata><RequestId>made-up</RequestId></ResponseMetadata></ListAccessKeysResponse>"""


class Iam(ThreadingHTTPServer):
    """Answers ListAccessKeys with one key, made now."""

    daemon_threads = True
    key = ""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Iam)
        assert b"Action=ListAccessKeys" in self.rfile.read(int(self.headers["Content-Length"]))
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = LISTED.format(key=self.server.key, date=date).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@pytest.fixture
def iam() -> Iterator[Iam]:
    """An IAM on loopback."""
    with Iam(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def facts(url: str, key: AccessKey, days: float, status: str = "ok") -> Facts:
    """What is known of a provider that uses a key, so many days from now."""
    token = Secret(key.token) if key.token else None
    source = Source(ENVIRONMENT, "AWS_ACCESS_KEY_ID", key.id, Secret(key.secret), token)
    where = Endpoint("us-east-1", url)
    one = consumers.Consumer("provider.aws", "main.tf:1", {}, source, (5,), "us-east-1", where)
    typed = invocation.read("terraform", ["plan"], {}, "/w")
    files = awsconfig.AwsFiles("~/.aws/credentials", "~/.aws/config", {})
    known = Facts(typed, Configuration(), None, files, None, None, consumers=(one, one._replace(name="provider.aws.b")))
    return known._replace(now=time.time() + days * DAY_S, answers={"provider.aws": Answer(status, "1" * 12)})


def test_an_old_key_is_found_once(stand: Stand, iam: Iam) -> None:
    key = stand.keys.create(suffix="0001")
    iam.key = key.id
    (found,) = key_ages.check(facts(iam.url, key, 91.5))
    assert (found.id, found.severity) == ("TFW211", "info")
    assert "AKIA****0001 is 91 days old" in found.title


@pytest.mark.parametrize("days", [0, 1, 90])
def test_a_young_key_is_no_finding(stand: Stand, iam: Iam, days: int) -> None:
    key = stand.keys.create(suffix="0001")
    iam.key = key.id
    assert list(key_ages.check(facts(iam.url, key, days))) == []


def test_of_sessions_and_of_keys_that_nobody_accepts_nothing_is_asked(stand: Stand) -> None:
    session, key = stand.keys.create_session(suffix="0002"), stand.keys.create(suffix="0001")
    stand.forget()
    assert list(key_ages.check(facts(stand.url, session, 500))) == []
    assert list(key_ages.check(facts(stand.url, key, 500, status="rejected"))) == []
    assert not stand.requests


def test_what_iam_does_not_tell_is_not_known(stand: Stand) -> None:
    key = stand.keys.create(suffix="0001")
    stand.keys.deactivate(key.id)
    source = Source(ENVIRONMENT, "AWS_ACCESS_KEY_ID", key.id, Secret(key.secret))
    assert key_ages.created(question(source, Endpoint("us-east-1", stand.url))) == 0
    assert key_ages.created(question(source, Endpoint("us-east-1", "http://127.0.0.1:9"))) == 0
