"""Each refusal as each family of services words it, through the gate but without HTTP."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.unit.stand.signing import FORM, IDENTITY, TABLES, identity_call, signed, with_header, without_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.stand.gate import Gate
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.wire import Answer, Call

CALLS: dict[str, Callable[[AccessKey, str], Call]] = {
    "sts": identity_call,
    "iam": lambda key, region: signed(
        key, "iam", body=b"Action=ListRoles&Version=2010-05-08", region=region, headers=FORM
    ),
    "s3": lambda key, region: signed(key, "s3", "/bucket?list-type=2", "GET", region=region),
    "head": lambda key, region: signed(key, "s3", "/bucket/key", "HEAD", region=region),
    "ec2": lambda key, region: signed(
        key, "ec2", body=b"Action=DescribeVpcs&Version=2016-11-15", region=region, headers=FORM
    ),
    "dynamodb": lambda key, region: signed(key, "dynamodb", body=b"{}", region=region, headers=TABLES),
    "lambda": lambda key, region: signed(key, "lambda", "/2015-03-31/functions/", "GET", region=region),
}
UNKNOWN = {
    "sts": (403, "InvalidClientTokenId"),
    "iam": (403, "InvalidClientTokenId"),
    "s3": (403, "InvalidAccessKeyId"),
    "head": (403, "InvalidAccessKeyId"),
    "ec2": (401, "AuthFailure"),
    "dynamodb": (400, "UnrecognizedClientException"),
    "lambda": (403, "UnrecognizedClientException"),
}
WRONG_TOKEN = UNKNOWN | {"s3": (400, "InvalidToken"), "head": (400, "InvalidToken")}
EXPIRED = {
    "sts": (403, "ExpiredToken"),
    "iam": (403, "ExpiredToken"),
    "s3": (400, "ExpiredToken"),
    "head": (400, "ExpiredToken"),
    "ec2": (400, "RequestExpired"),
    "dynamodb": (400, "ExpiredTokenException"),
    "lambda": (403, "ExpiredTokenException"),
}
MISMATCH = {
    "sts": (403, "SignatureDoesNotMatch"),
    "iam": (403, "SignatureDoesNotMatch"),
    "s3": (403, "SignatureDoesNotMatch"),
    "head": (403, "SignatureDoesNotMatch"),
    "ec2": (401, "AuthFailure"),
    "dynamodb": (400, "InvalidSignatureException"),
    "lambda": (403, "InvalidSignatureException"),
}
SKEWED = MISMATCH | {"s3": (403, "RequestTimeTooSkewed"), "head": (403, "RequestTimeTooSkewed")}
families = pytest.mark.parametrize("family", CALLS)


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def message(answer: Answer) -> str:
    text = answer.body.decode()
    found = re.search("<Message>(.*)</Message>", text, re.DOTALL)
    return found[1] if found else str(json.loads(text)["message"])


@families
def test_a_key_that_never_was_is_unknown(gate: Gate, key: AccessKey, family: str) -> None:
    stranger = key._replace(id="AKIAQAAAAAAAAAAA0009")
    assert told(gate.answer(CALLS[family](stranger, "us-east-1"))) == UNKNOWN[family]


@families
def test_a_deactivated_key_is_unknown_until_it_is_activated(gate: Gate, key: AccessKey, family: str) -> None:
    call = CALLS[family](key._replace(secret="x"), "us-east-1")
    gate.keys.deactivate(key.id)
    assert told(gate.answer(call)) == UNKNOWN[family]
    gate.keys.activate(key.id)
    assert told(gate.answer(call)) == MISMATCH[family]


@families
def test_a_deleted_key_is_unknown(gate: Gate, key: AccessKey, family: str) -> None:
    gate.keys.delete(key.id)
    assert told(gate.answer(CALLS[family](key, "us-east-1"))) == UNKNOWN[family]


@families
def test_a_session_without_its_token_is_unknown(gate: Gate, family: str) -> None:
    session = gate.keys.create_session()
    assert told(gate.answer(CALLS[family](session._replace(token=None), "us-east-1"))) == UNKNOWN[family]


@families
def test_a_session_with_another_token_is_refused(gate: Gate, family: str) -> None:
    session = gate.keys.create_session()
    assert told(gate.answer(CALLS[family](session._replace(token="x"), "us-east-1"))) == WRONG_TOKEN[family]


@families
def test_a_token_left_over_beside_a_long_term_key_is_refused(gate: Gate, key: AccessKey, family: str) -> None:
    leftover = key._replace(token=gate.keys.create_session().token)
    assert told(gate.answer(CALLS[family](leftover, "us-east-1"))) == WRONG_TOKEN[family]


@families
def test_an_expired_session_is_told_so(gate: Gate, family: str) -> None:
    session = gate.keys.create_session()
    gate.keys.expire(session.id)
    assert told(gate.answer(CALLS[family](session, "us-east-1"))) == EXPIRED[family]


@families
def test_a_wrong_secret_is_a_wrong_signature(gate: Gate, key: AccessKey, family: str) -> None:
    assert told(gate.answer(CALLS[family](key._replace(secret="x" * 40), "us-east-1"))) == MISMATCH[family]


@families
def test_a_key_is_unknown_in_another_partition(gate: Gate, key: AccessKey, family: str) -> None:
    assert told(gate.answer(CALLS[family](key, "cn-north-1"))) == UNKNOWN[family]


@families
def test_a_key_is_unknown_where_its_account_has_not_enabled_the_region(gate: Gate, key: AccessKey, family: str) -> None:
    gate.disabled_regions.add("me-south-1")
    assert told(gate.answer(CALLS[family](key, "me-south-1"))) == UNKNOWN[family]


@families
@pytest.mark.parametrize("ahead_s", [16 * 60, -16 * 60])
def test_a_clock_off_by_sixteen_minutes_is_refused(gate: Gate, key: AccessKey, family: str, ahead_s: int) -> None:
    call = CALLS[family](key, "us-east-1")
    gate.clock.shift(ahead_s)
    assert told(gate.answer(call)) == SKEWED[family]


@pytest.mark.parametrize("ahead_s", [14 * 60, -14 * 60, 0])
def test_a_clock_off_by_fourteen_minutes_is_accepted(gate: Gate, key: AccessKey, ahead_s: int) -> None:
    call = identity_call(key)
    gate.clock.shift(ahead_s)
    assert gate.answer(call).status == 200


def test_a_session_ends_when_the_stands_clock_says_so(gate: Gate) -> None:
    session = gate.keys.create_session(lifetime_s=600)
    call = identity_call(session)
    assert gate.answer(call).status == 200
    gate.clock.shift(601)
    assert told(gate.answer(call)) == EXPIRED["sts"]


def test_a_key_of_china_is_known_in_china_only(gate: Gate) -> None:
    key = gate.keys.create(partition="aws-cn")
    assert gate.answer(identity_call(key, "cn-north-1")).status == 200
    assert told(gate.answer(identity_call(key))) == UNKNOWN["sts"]


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("sts", "The security token included in the request is invalid."),
        ("s3", "The AWS Access Key Id you provided does not exist in our records."),
        ("ec2", "AWS was not able to validate the provided access credentials"),
        ("dynamodb", "The security token included in the request is invalid."),
    ],
)
def test_an_unknown_key_is_told_in_the_words_of_the_service(
    gate: Gate, key: AccessKey, family: str, words: str
) -> None:
    gate.keys.delete(key.id)
    assert message(gate.answer(CALLS[family](key, "us-east-1"))) == words


def test_sts_names_both_times_when_the_clock_is_off(gate: Gate, key: AccessKey) -> None:
    call = identity_call(key)
    gate.clock.shift(3600)
    stamp = r"\d{8}T\d{6}Z"
    pattern = rf"Signature expired: {stamp} is now earlier than {stamp} \({stamp} - 15 min\.\)"
    assert re.fullmatch(pattern, message(gate.answer(call)))
    gate.clock.shift(-3600)
    pattern = rf"Signature not yet current: {stamp} is still later than {stamp} \({stamp} \+ 15 min\.\)"
    assert re.fullmatch(pattern, message(gate.answer(call)))


def test_a_region_that_is_none_is_named_as_the_fault(gate: Gate, key: AccessKey) -> None:
    answer = gate.answer(identity_call(key, "nowhere-1"))
    assert told(answer) == MISMATCH["sts"]
    assert message(answer) == "Credential should be scoped to a valid region."


def test_iam_wants_to_be_asked_in_its_home(gate: Gate, key: AccessKey) -> None:
    assert told(gate.answer(CALLS["iam"](key, "eu-west-1"))) == MISMATCH["iam"]


def test_a_call_signed_for_another_service_is_refused(gate: Gate, key: AccessKey) -> None:
    answer = gate.answer(signed(key, "ec2", body=IDENTITY, headers=FORM))
    assert told(answer) == MISMATCH["sts"]
    assert message(answer) == "Credential should be scoped to correct service: 'sts'."


def test_a_scope_of_another_day_is_refused(gate: Gate, key: AccessKey) -> None:
    call = identity_call(key)
    day = call.header("x-amz-date")[:8]
    forged = with_header(call, "Authorization", call.header("authorization").replace(day, "20200101"))
    assert message(gate.answer(forged)).startswith("Date in Credential scope does not match")


def test_a_date_that_is_none_is_malformed(gate: Gate, key: AccessKey) -> None:
    call = identity_call(key)
    day = call.header("x-amz-date")[:8]
    assert told(gate.answer(with_header(call, "X-Amz-Date", f"{day} noon"))) == (400, "IncompleteSignature")


def test_swapped_key_id_and_secret_are_an_incomplete_signature(gate: Gate, key: AccessKey) -> None:
    swapped = key._replace(id=key.secret, secret=key.id)
    answer = gate.answer(identity_call(swapped))
    assert told(answer) == (400, "IncompleteSignature")
    assert "must have exactly 5 slash-delimited elements" in message(answer)
    assert told(gate.answer(CALLS["s3"](swapped, "us-east-1"))) == (400, "AuthorizationHeaderMalformed")


def test_an_unsigned_call_is_told_so(gate: Gate, key: AccessKey) -> None:
    assert told(gate.answer(without_header(identity_call(key), "Authorization"))) == (403, "MissingAuthenticationToken")
    unsigned = without_header(CALLS["s3"](key, "us-east-1"), "Authorization")
    assert told(gate.answer(unsigned)) == (403, "AccessDenied")


def test_s3_notices_a_body_that_is_not_the_signed_one(gate: Gate, key: AccessKey) -> None:
    call = signed(key, "s3", "/bucket/key", "PUT", b"body")
    assert told(gate.answer(call._replace(body=b"other"))) == (400, "XAmzContentSHA256Mismatch")
