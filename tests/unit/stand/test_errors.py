from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.unit.stand.signing import TABLES, identity_call, signed
from tfwrap.stand.asked import Asked
from tfwrap.stand.errors import error

if TYPE_CHECKING:
    from tfwrap.stand.gate import Gate
    from tfwrap.stand.keys import AccessKey

STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"


@pytest.fixture
def deleted(gate: Gate, key: AccessKey) -> AccessKey:
    gate.keys.delete(key.id)
    return key


def test_sts_has_one_error_in_an_error_response(gate: Gate, deleted: AccessKey) -> None:
    answer = gate.answer(identity_call(deleted))
    root = ET.fromstring(answer.body)
    assert root.tag == f"{STS}ErrorResponse"
    assert [child.tag for child in root] == [f"{STS}Error", f"{STS}RequestId"]
    assert [child.tag for child in root[0]] == [f"{STS}Type", f"{STS}Code", f"{STS}Message"]
    assert dict(answer.headers)["Content-Type"] == "text/xml"
    assert dict(answer.headers)["x-amzn-RequestId"] == root[1].text


def test_ec2_has_a_list_of_errors(gate: Gate, deleted: AccessKey) -> None:
    body = b"Action=DescribeVpcs&Version=2016-11-15"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    root = ET.fromstring(gate.answer(signed(deleted, "ec2", body=body, headers=form)).body)
    assert root.findtext("Errors/Error/Code") == "AuthFailure"
    assert root.findtext("RequestID")


def test_s3_has_a_bare_error_that_names_the_key(gate: Gate, deleted: AccessKey) -> None:
    root = ET.fromstring(gate.answer(signed(deleted, "s3", "/bucket", "GET")).body)
    assert root.tag == "Error"
    assert root.findtext("AWSAccessKeyId") == deleted.id
    assert root.findtext("HostId")


def test_s3_shows_what_it_signed_itself(gate: Gate, key: AccessKey) -> None:
    root = ET.fromstring(gate.answer(signed(key._replace(secret="x"), "s3", "/b/a%20b", "GET")).body)
    assert (root.findtext("CanonicalRequest") or "").startswith("GET\n/b/a%20b\n")
    assert (root.findtext("StringToSign") or "").startswith("AWS4-HMAC-SHA256\n")


def test_s3_tells_both_times_when_the_clock_is_off(gate: Gate, key: AccessKey) -> None:
    call = signed(key, "s3", "/bucket", "GET")
    gate.clock.shift(3600)
    root = ET.fromstring(gate.answer(call).body)
    assert root.findtext("RequestTime") == call.header("x-amz-date")
    assert root.findtext("MaxAllowedSkewMilliseconds") == "900000"


def test_a_head_is_answered_without_a_body(gate: Gate, deleted: AccessKey) -> None:
    answer = gate.answer(signed(deleted, "s3", "/bucket/key", "HEAD"))
    assert (answer.status, answer.body, answer.code) == (403, b"", "InvalidAccessKeyId")


def test_a_json_service_names_the_type(gate: Gate, deleted: AccessKey) -> None:
    answer = gate.answer(signed(deleted, "dynamodb", body=b"{}", headers=TABLES))
    assert json.loads(answer.body)["__type"].endswith("#UnrecognizedClientException")


def test_a_rest_service_names_the_type_in_a_header(gate: Gate, deleted: AccessKey) -> None:
    answer = gate.answer(signed(deleted, "lambda", "/2015-03-31/functions/", "GET"))
    assert dict(answer.headers)["x-amzn-ErrorType"] == "UnrecognizedClientException"


@pytest.mark.parametrize("ahead_s", [0, 100_000_000])
def test_every_answer_is_dated_by_the_stands_clock(gate: Gate, key: AccessKey, ahead_s: int) -> None:
    from email.utils import parsedate_to_datetime

    gate.clock.shift(ahead_s)
    answer = gate.answer(identity_call(key))
    dates = [value for name, value in answer.headers if name == "Date"]
    assert len(dates) == 1
    assert parsedate_to_datetime(dates[0]).timestamp() == pytest.approx(gate.clock.now(), abs=3)


@pytest.mark.parametrize("family", ["query", "ec2", "s3"])
def test_what_a_client_sent_cannot_break_the_document(family: Any) -> None:
    asks = Asked("sts", "sts", "us-east-1", "X", family, '2011"><x/>', "AKIA")
    answer = error(asks, 400, "Code", "<b>&{0}%s", (("Token-0", "</Token-0>"),))
    assert "<b>&{0}%s" in "".join(ET.fromstring(answer.body).itertext())
