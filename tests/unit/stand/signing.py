"""Calls signed by botocore: what the gate must accept, and what tests tamper with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from tfwrap.stand.wire import Call

if TYPE_CHECKING:
    from tfwrap.stand.keys import AccessKey

HOST = "127.0.0.1:4566"
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TABLES = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"}


def signed(
    key: AccessKey,
    service: str,
    target: str = "/",
    method: str = "POST",
    body: bytes = b"",
    region: str = "us-east-1",
    headers: dict[str, str] | None = None,
    context: dict[str, object] | None = None,
) -> Call:
    """The call that botocore makes of this; `target` is the raw path and query."""
    request: Any = cast(Any, botocore.awsrequest.AWSRequest)(
        method=method, url=f"http://{HOST}{target}", data=body, headers=headers or {}
    )
    request.context.update(context or {})
    credentials = botocore.credentials.Credentials(key.id, key.secret, key.token)
    auth = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    auth(credentials, service, region).add_auth(request)
    path, _, query = target.partition("?")
    return Call(method, path, query, (*request.headers.items(), ("Host", HOST)), body)


def identity_call(key: AccessKey, region: str = "us-east-1") -> Call:
    """sts:GetCallerIdentity."""
    return signed(key, "sts", body=IDENTITY, region=region, headers=FORM)


def with_header(call: Call, name: str, value: str) -> Call:
    """The same call with a header changed or added."""
    kept = tuple(header for header in call.headers if header[0].lower() != name.lower())
    return call._replace(headers=(*kept, (name, value)))


def without_header(call: Call, name: str) -> Call:
    """The same call without a header."""
    return call._replace(headers=tuple(header for header in call.headers if header[0].lower() != name.lower()))
