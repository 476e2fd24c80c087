from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.stand.signing import FORM, identity_call, signed, with_header, without_header
from tfwrap.stand import sigv4
from tfwrap.stand.keys import AccessKey, KeyStore
from tfwrap.stand.wire import Call, Clock

KEY = KeyStore(Clock()).create()
SESSION = KeyStore(Clock()).create_session()


def is_accepted(call: Call, key: AccessKey = KEY) -> bool:
    return sigv4.is_signed_with(key.secret, call, sigv4.parse(call.header("authorization")))


ACCEPTED = {
    "a query call": identity_call(KEY),
    "a query call in a query string": signed(KEY, "sts", "/?Version=2011-06-15&Action=GetCallerIdentity", "GET"),
    "a session": identity_call(SESSION),
    "an object": signed(KEY, "s3", "/bucket/key", "GET"),
    "encoded characters in a path": signed(KEY, "s3", "/bucket/env%3A/prod/a%20b.tfstate", "GET"),
    "doubled slashes": signed(KEY, "s3", "/bucket//a//b", "GET"),
    "encoded characters in a query": signed(KEY, "s3", "/bucket?list-type=2&prefix=env%3A%2F&a=", "GET"),
    "a subresource without a value": signed(KEY, "s3", "/bucket?versioning", "PUT", b"<x/>"),
    "a path that is encoded once more": signed(KEY, "lambda", "/functions/arn%3Aaws%3Alambda", "GET"),
    "spaces in a header": signed(KEY, "s3", "/b/k", "PUT", b"x", headers={"x-amz-meta-a": "a   b  c"}),
    "an unsigned streaming body": signed(
        KEY, "s3", "/b/k", "PUT", b"1\r\nx\r\n0\r\n\r\n", context={"checksum": {"request_algorithm": {"in": "trailer"}}}
    ),
}


@pytest.mark.parametrize("call", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_botocore_signs_is_accepted(call: Call) -> None:
    assert is_accepted(call, SESSION if call.header("x-amz-security-token") else KEY)


@given(name=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30))
def test_whatever_an_object_is_called_its_signature_is_accepted(name: str) -> None:
    assert is_accepted(signed(KEY, "s3", f"/bucket/{quote(name, safe='/~')}", "GET"))


OBJECT = signed(KEY, "s3", "/bucket/a%20b?versionId=1", "PUT", b"body", headers={"x-amz-acl": "private"})
FORGED = {
    "another method": OBJECT._replace(method="POST"),
    "another path": OBJECT._replace(path="/bucket/other"),
    "the same path in another encoding": OBJECT._replace(path="/bucket/a b"),
    "another query": OBJECT._replace(query="versionId=2"),
    "a query more": OBJECT._replace(query="versionId=1&acl="),
    "a header changed": with_header(OBJECT, "x-amz-acl", "public-read"),
    "a signed header missing": without_header(OBJECT, "x-amz-acl"),
    "another date": with_header(OBJECT, "X-Amz-Date", "20200101T000000Z"),
    "another host": with_header(OBJECT, "Host", "elsewhere:1"),
    "another hash of the body": with_header(OBJECT, "X-Amz-Content-Sha256", "0" * 64),
    "another body of a query call": identity_call(KEY)._replace(body=b"Action=GetSessionToken&Version=2011-06-15"),
    "another region": with_header(
        OBJECT, "Authorization", OBJECT.header("authorization").replace("us-east-1", "us-west-2")
    ),
    "another service": with_header(OBJECT, "Authorization", OBJECT.header("authorization").replace("/s3/", "/sts/")),
    "another signature": with_header(OBJECT, "Authorization", OBJECT.header("authorization")[:-64] + "0" * 64),
    "no ASCII in the signature": with_header(OBJECT, "Authorization", OBJECT.header("authorization")[:-1] + "é"),
}


@pytest.mark.parametrize("call", FORGED.values(), ids=FORGED.keys())
def test_what_was_changed_after_signing_is_rejected(call: Call) -> None:
    assert not is_accepted(call)


def test_the_call_that_the_forgeries_start_from_is_accepted() -> None:
    assert is_accepted(OBJECT)


@pytest.mark.parametrize(
    "secret",
    [KEY.secret[:-1], KEY.secret + "\n", KEY.secret.replace("/", "%2F"), ""],
    ids=["a character less", "a line end more", "URL-encoded", "empty"],
)
def test_another_secret_is_rejected(secret: str) -> None:
    assert not is_accepted(identity_call(KEY), KEY._replace(secret=secret))


def test_a_body_is_compared_with_the_hash_that_was_signed() -> None:
    assert sigv4.has_body_as_signed(OBJECT)
    assert not sigv4.has_body_as_signed(OBJECT._replace(body=b"other"))
    assert sigv4.has_body_as_signed(with_header(OBJECT, "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "requires 'Credential' parameter"),
        ("Bearer abc", "requires 'Credential' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=0", "requires 'SignedHeaders' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host", "requires 'Signature' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e/aws4_request, SignedHeaders=h, Signature=0", "got 'a/b/c/d/e/aws4_"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws5, SignedHeaders=h, Signature=0", "valid terminator"),
        ("AWS4-ECDSA Credential=a/b/c/d/aws4_request, SignedHeaders=h, Signature=0", "AWS4-ECDSA"),
    ],
)
def test_a_header_of_another_form_is_named(header: str, message: str) -> None:
    with pytest.raises(sigv4.MalformedError, match=message):
        sigv4.parse(header)


def test_the_parts_of_a_header_are_read() -> None:
    parsed = sigv4.parse(signed(KEY, "sts", body=b"x", headers=FORM, region="eu-west-1").header("authorization"))
    assert (parsed.access_key_id, parsed.region, parsed.service) == (KEY.id, "eu-west-1", "sts")
    assert "host" in parsed.signed_headers
    assert parsed.scope.endswith("/eu-west-1/sts/aws4_request")
