from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tfwrap.aws.endpoint import Endpoint
from tfwrap.aws.proxies import Proxy
from tfwrap.identity import clients, identity, question
from tfwrap.origin import Secret
from tfwrap.recovery.refresh import aws
from tfwrap.sources import sources
from tfwrap.sources.consumers import Consumer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tfwrap.identity.identity import Answer
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
    assert answer[:3] == (identity.OK, "222222222222", "arn:aws:iam::222222222222:user/anna")
    assert (answer.host, answer.http_status) == (stand.url.partition("://")[2], 200)
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
def answering(status: int, body: bytes, certificate: Path | None = None) -> Iterator[str]:
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
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


ACCEPTED = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::1:user/a</Arn><UserId>u</UserId><Account>111111111111</Account></GetCallerIdentityResult>"
    b"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)


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
    assert (answer.status, answer.code, answer.message, answer.http_status) == (identity.REJECTED, code, "m", 403)


TROUBLES = [
    ("nobody listens", "http://127.0.0.1:9", question.REFUSED),
    ("a name that does not resolve", "http://sts.invalid", question.NAME),
    ("no TLS there", "https://127.0.0.1:{port}", question.TLS),
    ("no URL", "no url", question.OTHER),
]


@pytest.mark.parametrize(("url", "trouble"), [pytest.param(*row[1:], id=row[0]) for row in TROUBLES])
def test_what_is_in_the_way_is_told_apart(stand: Stand, url: str, trouble: str) -> None:
    port = stand.url.rpartition(":")[2]
    answer = identity.ask(source(stand.keys.create()), Endpoint(REGION, url.format(port=port)))
    assert (answer.status, answer.trouble) == (identity.UNREACHABLE, trouble)
    assert answer.message


def test_a_certificate_that_nobody_vouches_for_is_said(stand: Stand, tmp_path: Path) -> None:
    """As behind a company's proxy that opens TLS; with its own CA named, the way is free."""
    certificate = self_signed(tmp_path)
    with answering(200, ACCEPTED, certificate) as url:
        asked = source(stand.keys.create())
        assert identity.ask(asked, Endpoint(REGION, url)).trouble == question.TLS
        assert identity.ask(asked, Endpoint(REGION, url, None, str(certificate))).account == "111111111111"


def test_whom_the_system_trusts_is_trusted_by_every_client_as_go_does(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    monkeypatch.setattr(clients, "_SYSTEM_CERTIFICATES", ("/nonexistent/ca.pem", str(certificate)))
    with answering(200, ACCEPTED, certificate) as url:
        where = Endpoint(REGION, url)
        assert identity.ask(source(stand.keys.create()), where).account == "111111111111"
        assert aws.client("sts", where).get_caller_identity()["Account"] == "111111111111"


def self_signed(folder: Path) -> Path:
    both = folder / "both.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    try:
        subprocess.run(
            ["openssl", *words.split(), "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return both


def test_it_goes_through_the_proxy_that_it_is_given_and_no_other(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    asked = source(stand.keys.create())
    assert identity.ask(asked, Endpoint(REGION, stand.url)).status == identity.OK
    with answering(200, ACCEPTED) as url:
        through = Proxy("HTTP_PROXY", Secret(url.replace("http://", "http://anna:canary@")))
        assert identity.ask(asked, Endpoint(REGION, "http://sts.invalid", through)).arn == "arn:aws:iam::1:user/a"


@pytest.mark.parametrize("status", [0, 407])
def test_a_proxy_that_refuses_is_named_by_its_variable_without_its_password(stand: Stand, status: int) -> None:
    with answering(status or 200, b"<html><body>denied</body></html>") as url:
        place = url if status else "http://127.0.0.1:9"
        through = Proxy("HTTPS_PROXY", Secret(place.replace("http://", "http://anna:canary@")))
        answer = identity.ask(source(stand.keys.create()), Endpoint(REGION, "http://sts.invalid", through))
    assert (answer.status, answer.trouble) == (identity.UNREACHABLE, question.PROXY)
    assert "canary" not in repr(answer)
    assert "canary" not in repr(through)


def test_the_signed_request_that_aws_repeats_is_left_out(stand: Stand) -> None:
    words = (
        b"<Message>It does not match.\n\nThe Canonical String should have been\n'x-amz-security-token:canary'</Message>"
    )
    with answering(403, error("SignatureDoesNotMatch").replace(b"<Message>m</Message>", words)) as url:
        answer = identity.ask(source(stand.keys.create()), Endpoint(REGION, url))
    assert answer.message == "It does not match."


@pytest.mark.parametrize("ahead_s", [-600, 0, 600])
def test_the_clocks_are_compared(stand: Stand, ahead_s: int) -> None:
    asked = source(stand.keys.create())
    with shifted(stand, ahead_s):
        answer = ask(stand, asked)
    assert answer.status == identity.OK
    assert abs(answer.skew - ahead_s) < 3


@pytest.mark.parametrize("ahead_s", [-1200, 1200])
def test_a_clock_that_is_too_far_off_is_measured_in_the_refusal(stand: Stand, ahead_s: int) -> None:
    asked = source(stand.keys.create())
    with shifted(stand, ahead_s):
        answer = ask(stand, asked)
    assert (answer.status, answer.code) == (identity.REJECTED, "SignatureDoesNotMatch")
    assert abs(answer.skew - ahead_s) < 3


@contextmanager
def shifted(stand: Stand, seconds: int) -> Iterator[None]:
    stand.clock.shift(seconds)
    try:
        yield
    finally:
        stand.clock.shift(0)


def consumer(name: str, asked: sources.Source, where: Endpoint) -> Consumer:
    return Consumer(name, "main.tf:1", {}, asked, (1, 11), where.region, where)


def test_the_same_question_is_asked_once_for_all_consumers(stand: Stand) -> None:
    here = Endpoint(REGION, stand.url)
    one, two = (source(stand.keys.create(user=user)) for user in ("anna", "berta"))
    elsewhere = one._replace(kind=sources.ENVIRONMENT, location="AWS_ACCESS_KEY_ID")
    nothing = sources.Source(sources.NONE)
    all_of_them = zip("abcd", (one, elsewhere, two, nothing), strict=True)
    stand.forget()
    answers = identity.ask_all(consumer(name, asked, here) for name, asked in all_of_them)
    assert [answers[name].arn.rpartition("/")[2] for name in "abcd"] == ["anna", "anna", "berta", ""]
    assert answers["d"].status == identity.UNCHECKED
    assert sorted(request.access_key_id for request in stand.requests) == sorted([one.access_key, two.access_key])


def test_nobody_to_ask_about_is_no_answers() -> None:
    assert identity.ask_all([]) == {}


def test_many_are_asked_in_the_time_of_one(stand: Stand) -> None:
    asked = [source(stand.keys.create(user=f"u{number}")) for number in range(6)]
    stand.hang("sts", 0.7)
    started = time.monotonic()
    try:
        answers = identity.ask_all(consumer(one.access_key, one, Endpoint(REGION, stand.url)) for one in asked)
    finally:
        stand.hang("sts", 0)
    assert [answer.status for answer in answers.values()] == [identity.OK] * 6
    assert time.monotonic() - started < 6 * 0.7


def test_a_region_that_is_not_enabled_is_told_by_another_that_is(stand: Stand) -> None:
    asked = source(stand.keys.create())
    stand.disabled_regions.add("me-south-1")
    try:
        answer = identity.ask_all([consumer("a", asked, Endpoint("me-south-1", stand.url))])["a"]
    finally:
        stand.disabled_regions.remove("me-south-1")
    assert (answer.status, answer.code, answer.accepted_in) == (
        identity.REJECTED, "InvalidClientTokenId", "us-east-1",
    )  # fmt: skip


def test_another_partition_is_told_by_its_answer(stand: Stand) -> None:
    asked = source(stand.keys.create(partition="aws-cn"))
    answer = identity.ask_all([consumer("a", asked, Endpoint(REGION, stand.url))])["a"]
    assert (answer.status, answer.accepted_in) == (identity.REJECTED, "cn-north-1")


def test_a_token_is_not_shown_to_another_partition(stand: Stand) -> None:
    asked = source(stand.keys.create_session(partition="aws-cn"))
    stand.forget()
    assert identity.ask_all([consumer("a", asked, Endpoint(REGION, stand.url))])["a"].accepted_in == ""
    assert {request.region for request in stand.requests} == {REGION}


def test_a_key_that_is_known_nowhere_stays_rejected(stand: Stand) -> None:
    key = stand.keys.create()
    stand.keys.delete(key.id)
    answer = identity.ask_all([consumer("a", source(key), Endpoint(REGION, stand.url))])["a"]
    assert (answer.status, answer.accepted_in) == (identity.REJECTED, "")


MEASURE = """
import sys, time
started = time.process_time()
from tfwrap.aws.endpoint import Endpoint
from tfwrap.identity import identity; from tfwrap.sources import sources
from tfwrap.origin import Secret
asked = sources.Source(sources.PROFILE, "f", sys.argv[2], Secret(sys.stdin.read()))
answer = identity.ask(asked, Endpoint("us-east-1", sys.argv[1]))
assert answer.status == identity.OK, answer
print(time.process_time() - started)
"""


def test_it_costs_little_more_than_the_round_trip(stand: Stand) -> None:
    """In a fresh interpreter, with the import of botocore: processor time, which other tests do not prolong."""
    key = stand.keys.create()
    command = [sys.executable, "-c", MEASURE, stand.url, key.id]
    runs = [
        subprocess.run(command, input=key.secret, capture_output=True, text=True, timeout=60, check=True)
        for _ in range(3)
    ]
    assert min(float(done.stdout) for done in runs) < 0.6


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
    stand.hang("sts", 30)
    started = time.monotonic()
    try:
        answer = ask(stand, source(stand.keys.create()))
    finally:
        stand.hang("sts", 0)
    assert (answer.status, answer.trouble) == (identity.UNREACHABLE, question.TIMEOUT)
    assert time.monotonic() - started < identity.TIMEOUT_S + 1.5


def test_a_server_that_dribbles_does_not_prolong_it(stand: Stand) -> None:
    """A read timeout counts from byte to byte; three seconds are three seconds."""
    with dribbling() as url:
        started = time.monotonic()
        answer = identity.ask(source(stand.keys.create()), Endpoint(REGION, url))
        assert time.monotonic() - started < identity.TIMEOUT_S + 1.5
    assert (answer.status, answer.trouble) == (identity.UNREACHABLE, question.TIMEOUT)


@contextmanager
def dribbling() -> Iterator[str]:
    """A server that sends a byte every half second, for ten seconds at most."""
    ended = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(20):
                if ended.wait(0.5):
                    return
                connection.sendall(b"X")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()
