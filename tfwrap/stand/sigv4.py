"""Signature Version 4, computed from the raw request line as the client signed it.

Source of the steps: AWS General Reference, "Create a signed AWS API request". moto decodes path and query
before it computes, so a key with `%2F` or `%3A` in it never verifies there.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from tfwrap.stand.wire import Call

ALGORITHM = "AWS4-HMAC-SHA256"


class MalformedError(ValueError):
    """The Authorization header does not have SigV4's form; `str()` of it is AWS's own message."""


class Authorization(NamedTuple):
    """The parts of an Authorization header."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def scope(self) -> str:
        """`20261124/us-east-1/sts/aws4_request`."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def parse(header: str) -> Authorization:
    """The parts of an Authorization header. MalformedError where it is none of SigV4's."""
    algorithm, _, rest = header.strip().partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not fields.get(name)]
    if algorithm != ALGORITHM or missing:
        needs = " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        raise MalformedError(needs or f"Unsupported AWS 'algorithm': '{algorithm}'.")
    return Authorization(
        *_credential(fields["Credential"]), tuple(fields["SignedHeaders"].split(";")), fields["Signature"]
    )


def _credential(text: str) -> tuple[str, str, str, str]:
    parts = text.split("/")
    if len(parts) != 5:
        raise MalformedError(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{text}'"
        )
    key_id, date, region, service, term = parts
    if term != "aws4_request":
        raise MalformedError(f"Credential should be scoped with a valid terminator: 'aws4_request', not '{term}'.")
    return key_id, date, region, service


def canonical_request(call: Call, authorization: Authorization) -> str:
    """What both sides hash: method, path, query, the signed headers and the hash of the body."""
    headers = "".join(f"{name}:{_squeezed(call.header(name))}\n" for name in authorization.signed_headers)
    return "\n".join(
        (
            call.method,
            _canonical_path(call.path, authorization.service),
            _canonical_query(call.query),
            headers,
            ";".join(authorization.signed_headers),
            call.header("x-amz-content-sha256") or hashlib.sha256(call.body).hexdigest(),
        )
    )


def string_to_sign(call: Call, authorization: Authorization) -> str:
    """The algorithm, the time, the scope and the hash of the canonical request."""
    digest = hashlib.sha256(canonical_request(call, authorization).encode("latin-1")).hexdigest()
    return "\n".join((ALGORITHM, call.header("x-amz-date"), authorization.scope, digest))


def is_signed_with(secret: str, call: Call, authorization: Authorization) -> bool:
    """Whether the signature is the one that this secret makes of this call."""
    key = f"AWS4{secret}".encode()
    for part in (authorization.date, authorization.region, authorization.service, "aws4_request"):
        key = hmac.digest(key, part.encode("latin-1"), "sha256")
    expected = hmac.new(key, string_to_sign(call, authorization).encode("latin-1"), "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), authorization.signature.encode("latin-1"))


def has_body_as_signed(call: Call) -> bool:
    """Whether the body is the one that X-Amz-Content-Sha256 tells of.

    UNSIGNED-PAYLOAD and the STREAMING-... values (aws-chunked uploads) tell nothing of the whole body.
    """
    told = call.header("x-amz-content-sha256")
    return len(told) != 64 or told == hashlib.sha256(call.body).hexdigest()


def _canonical_path(path: str, service: str) -> str:
    # S3 signs the path as sent; everyone else encodes what is already encoded once more.
    return path or "/" if service == "s3" else quote(path or "/", safe="/-_.~")


def _canonical_query(query: str) -> str:
    pairs = sorted(part.partition("=")[::2] for part in query.split("&") if part)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _squeezed(value: str) -> str:
    return re.sub(" +", " ", value)
