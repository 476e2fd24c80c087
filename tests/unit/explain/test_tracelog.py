# ruff: noqa: E501
"""Traces as Terraform 0.12.29, 1.11.4 and 1.15.5 wrote them on the stand, shortened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.diagnosis.causes.scene import GOOD, SECRET
from tfwrap.explain import tracelog
from tfwrap.explain.tracelog import Request

SCOPE = "20261124/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=*****"
NEW = f"""2026-11-24T05:10:15.610Z [INFO]  Terraform version: 1.11.4
2026-11-24T05:10:15.610Z [DEBUG] backend-s3.aws-base: HTTP Request Sent: aws.region=us-east-1 rpc.method=GetCallerIdentity rpc.service=STS http.request.header.authorization="AWS4-HMAC-SHA256 Credential=AKIA************T000/{SCOPE}"
  http.request.body=
  | Action=GetCallerIdentity&Version=2011-06-15
   http.method=POST http.url=http://user:password@127.0.0.1:46861/ net.peer.name=127.0.0.1
2026-11-24T05:10:15.615Z [DEBUG] backend-s3.aws-base: HTTP Response Received: aws.region=us-east-1 rpc.method=GetCallerIdentity rpc.service=STS
  http.response.body=
  | <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  |   <Error>
  |     <Code>InvalidClientTokenId</Code>
  |   </Error>
  | </ErrorResponse>
   http.duration=4 http.status_code=403
2026-11-24T05:10:15.615Z [DEBUG] backend-s3.aws-base: request failed with unretryable error https response error StatusCode: 403, api error InvalidClientTokenId: no
"""
OLD = f"""2026/11/24 05:10:18 [DEBUG] Trying to get account information via sts:GetCallerIdentity
2026/11/24 05:10:18 [DEBUG] [aws-sdk-go] DEBUG: Request sts/GetCallerIdentity Details:
---[ REQUEST POST-SIGN ]-----------------------------
POST / HTTP/1.1
Host: 127.0.0.1:46861
Authorization: AWS4-HMAC-SHA256 Credential=AKIAMADEUPBYATEST000/{SCOPE}
X-Amz-Security-Token: {SECRET}

2026/11/24 05:10:18 [DEBUG] [aws-sdk-go] DEBUG: Response sts/GetCallerIdentity Details:
---[ RESPONSE ]--------------------------------------
HTTP/1.1 403 Forbidden
Server: stand

2026/11/24 05:10:18 [DEBUG] [aws-sdk-go] <ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>
2026/11/24 05:10:18 [DEBUG] [aws-sdk-go] DEBUG: Validate Response sts/GetCallerIdentity failed, attempt 0/5, error InvalidClientTokenId: no
"""  # fmt: skip
NEWEST = NEW.replace("rpc.method=", "rpc.method=STS/").replace(" rpc.service=STS", "")
ASKED = Request("STS", "GetCallerIdentity", "AKIA****T000", "us-east-1", "127.0.0.1:46861", 403, "InvalidClientTokenId")


def read(text: str) -> list[Request]:
    return tracelog.requests(text.splitlines(keepends=True))


@pytest.mark.parametrize(
    "text", [pytest.param(NEW, id="1.11.4"), pytest.param(NEWEST, id="1.15.5"), pytest.param(OLD, id="0.12.29")]
)
def test_key_region_host_and_answer_are_read(text: str) -> None:
    assert read(text) == [ASKED]
    assert ASKED.describe() == (
        "STS GetCallerIdentity at 127.0.0.1:46861 (us-east-1), key AKIA****T000: 403 InvalidClientTokenId"
    )


def test_answers_go_to_the_requests_that_wait_for_them() -> None:
    asked, answered = NEW.split("2026-11-24T05:10:15.615Z [DEBUG] backend-s3.aws-base: HTTP Response", 1)
    good = answered.partition("\n2026")[0].replace("403", "200").replace("<Code>InvalidClientTokenId</Code>", "")
    mark = "2026-11-24T05:10:15.615Z [DEBUG] backend-s3.aws-base: HTTP Response"
    first, second = read(f"{asked}{asked}{mark}{good}\n{mark}{answered}")
    assert (first.status, first.code) == (200, "")
    assert (second.status, second.code) == (403, "InvalidClientTokenId")


def test_a_request_without_an_answer_says_so() -> None:
    (found,) = read(NEW.partition("2026-11-24T05:10:15.615Z")[0])
    assert found.describe().endswith("key AKIA****T000: no answer")


@pytest.mark.parametrize("id_", [SECRET, SECRET.replace("/", "x").replace("+", "x"), "canary"])
def test_what_stands_for_a_key_id_and_is_none_is_not_shown(id_: str) -> None:
    (found,) = read(OLD.replace("AKIAMADEUPBYATEST000", id_))
    assert found.key == "****"


def test_nothing_but_key_region_host_and_answer_is_kept() -> None:
    shown = repr(read(NEW) + read(OLD))
    assert not [secret for secret in (SECRET, "password", "AKIAMADEUPBYATEST000", "Signature=") if secret in shown]


def test_a_whole_key_id_is_masked() -> None:
    (found,) = read(OLD.replace("AKIAMADEUPBYATEST000", GOOD))
    assert found.key == "AKIA****T002"


@given(st.lists(st.sampled_from([*NEW.splitlines(keepends=True), *OLD.splitlines(keepends=True), "x\n", "\0"])))
def test_any_order_of_lines_is_read(lines: list[str]) -> None:
    assert len(tracelog.requests(lines)) <= len(lines)
