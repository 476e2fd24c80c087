from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tfwrap import identity, sources
from tfwrap.identity import Answer, Endpoint
from tfwrap.origin import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

REGION = "us-east-1"


def source(key: AccessKey, secret: str | None = None) -> sources.Source:
    token = Secret(key.token) if key.token else None
    return sources.Source(sources.PROFILE, "f", key.id, Secret(secret or key.secret), token)


def ask(stand: Stand, asked: sources.Source) -> Answer:
    return identity.ask(asked, Endpoint(REGION, stand.url))


def test_a_good_key_is_told_with_account_and_arn(stand: Stand) -> None:
    answer = ask(stand, source(stand.keys.create(account="222222222222", user="anna")))
    assert answer == Answer(identity.OK, "222222222222", "arn:aws:iam::222222222222:user/anna")
    assert "accepts it (account 222222222222" in answer.describe()


def test_a_session_needs_its_token_and_has_it(stand: Stand) -> None:
    session = stand.keys.create_session(role="ci")
    assert ask(stand, source(session)).status == identity.OK
    assert ask(stand, source(session)._replace(token=None)).code == "InvalidClientTokenId"


def test_a_deleted_key_is_rejected_in_the_words_of_aws(stand: Stand) -> None:
    key = stand.keys.create()
    stand.keys.delete(key.id)
    answer = ask(stand, source(key))
    assert (answer.status, answer.code) == (identity.REJECTED, "InvalidClientTokenId")
    assert (
        answer.describe() == "STS answers InvalidClientTokenId: The security token included in the request is invalid."
    )


@pytest.mark.parametrize("how", ["inactive", "wrong secret", "expired"])
def test_every_way_to_be_no_good_is_a_rejection(stand: Stand, how: str) -> None:
    key = stand.keys.create_session() if how == "expired" else stand.keys.create()
    if how == "inactive":
        stand.keys.deactivate(key.id)
    if how == "expired":
        stand.keys.expire(key.id)
    assert ask(stand, source(key, "madeupbytests" if how == "wrong secret" else None)).status == identity.REJECTED


def test_the_session_of_the_user_plays_no_part(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    other = stand.keys.create(user="other")
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "missing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/full")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", other.id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", other.secret)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "left over")
    assert ask(stand, source(stand.keys.create(user="anna"))).arn.endswith("user/anna")


@pytest.mark.parametrize("missing", ["access_key", "secret_key"])
def test_half_a_pair_is_not_asked_about(stand: Stand, missing: str) -> None:
    whole = source(stand.keys.create())
    half = whole._replace(access_key="") if missing == "access_key" else whole._replace(secret_key=None)
    before = len(stand.requests)
    assert ask(stand, half).status == identity.UNCHECKED
    assert len(stand.requests) == before


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Something on loopback that is not STS, or is in trouble."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def error(code: str) -> bytes:
    inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error><RequestId>r</RequestId>"
    return f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{inner}</ErrorResponse>'.encode()


SAYS_NOTHING_OF_THE_KEY = [
    ("a proxy's page", 403, b"<html><body>Blocked by policy</body></html>"),
    ("a proxy's text", 407, b"Proxy Authentication Required"),
    ("a login page", 200, b"<html><body><form/></body></html>"),
    ("a login page that is no XML", 200, b"<!doctype html><br>"),
    ("nothing", 200, b""),
    ("AWS in trouble", 503, error("ServiceUnavailable")),
    ("AWS broken", 500, error("InternalFailure")),
    ("too many requests", 400, error("Throttling")),
    ("too many requests, the newer word", 429, error("ThrottlingException")),
]


@pytest.mark.parametrize(("status", "body"), [pytest.param(*row[1:], id=row[0]) for row in SAYS_NOTHING_OF_THE_KEY])
def test_an_answer_that_says_nothing_of_the_key_does_not_reject_it(stand: Stand, status: int, body: bytes) -> None:
    with answering(status, body) as url:
        answer = identity.ask(source(stand.keys.create()), Endpoint(REGION, url))
    assert answer.status == identity.UNREACHABLE
    assert "could not be asked" in answer.describe()


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "AccessDenied"])
def test_a_code_of_awss_own_rejects_the_key(stand: Stand, code: str) -> None:
    with answering(403, error(code)) as url:
        answer = identity.ask(source(stand.keys.create()), Endpoint(REGION, url))
    assert answer == Answer(identity.REJECTED, code=code, message="m")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "no url", "http://", "ftp://127.0.0.1"])
def test_where_nobody_answers_it_is_said_and_not_raised(stand: Stand, url: str) -> None:
    assert identity.ask(source(stand.keys.create()), Endpoint(REGION, url)).status == identity.UNREACHABLE


@pytest.mark.parametrize("region", ["us east 1", "-", "x" * 80])
def test_a_region_that_is_none_is_said_and_not_raised(stand: Stand, region: str) -> None:
    assert identity.ask(source(stand.keys.create()), Endpoint(region)).status == identity.UNREACHABLE


def test_a_line_end_in_a_key_is_said_and_not_raised(stand: Stand) -> None:
    key = stand.keys.create()
    asked = source(key)._replace(access_key=f"{key.id}\n")
    assert ask(stand, asked).status in (identity.REJECTED, identity.UNREACHABLE)


def test_it_does_not_wait_longer_than_it_says(stand: Stand) -> None:
    import time

    stand.hang("sts", 30)
    started = time.monotonic()
    try:
        assert ask(stand, source(stand.keys.create())).status == identity.UNREACHABLE
    finally:
        stand.hang("sts", 0)
    assert time.monotonic() - started < identity.TIMEOUT_S + 3  # botocore's import is in it


NEW, OLD, ALL, ARGUMENT = "http://new", "http://old", "http://all", "http://argument"
ENDPOINTS = [
    ("nothing said", {}, {}, Endpoint("us-east-1")),
    ("the backend's region", {"region": "eu-west-1"}, {"AWS_REGION": "us-west-2"}, Endpoint("eu-west-1")),
    ("its region for STS", {"region": "eu-west-1", "sts_region": "us-east-2"}, {}, Endpoint("us-east-2")),
    ("the environment's region", {}, {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "x"}, Endpoint("us-west-2")),
    ("its other name", {}, {"AWS_DEFAULT_REGION": "us-west-2"}, Endpoint("us-west-2")),
    ("an empty name is none", {}, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, Endpoint("us-west-2")),
    ("an argument", {"endpoints": {"sts": ARGUMENT}}, {"AWS_ENDPOINT_URL_STS": NEW}, Endpoint("us-east-1", ARGUMENT)),
    ("an old argument", {"sts_endpoint": ARGUMENT}, {"AWS_ENDPOINT_URL_STS": NEW}, Endpoint("us-east-1", ARGUMENT)),
    ("another service's argument", {"endpoints": {"s3": OLD}}, {"AWS_ENDPOINT_URL": ALL}, Endpoint("us-east-1", ALL)),
    ("its own variable", {}, {"AWS_ENDPOINT_URL_STS": NEW, "AWS_ENDPOINT_URL": ALL}, Endpoint("us-east-1", NEW)),
    ("its old variable", {}, {"AWS_STS_ENDPOINT": OLD, "AWS_ENDPOINT_URL": ALL}, Endpoint("us-east-1", OLD)),
    ("values of the wrong type", {"endpoints": "x", "region": 7, "sts_endpoint": []}, {}, Endpoint("us-east-1")),
]  # fmt: skip


@pytest.mark.parametrize(("config", "environ", "found"), [pytest.param(*row[1:], id=row[0]) for row in ENDPOINTS])
def test_sts_is_asked_where_terraform_asks_it(
    config: dict[str, object], environ: dict[str, str], found: Endpoint
) -> None:
    assert identity.endpoint(config, environ) == found
