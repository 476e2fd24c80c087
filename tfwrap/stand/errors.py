"""Refusals as AWS words them: status, code, message and document of each service family.

Sources: the error tables of the services' API references, and answers that users quoted in public threads
(STS bodies in hashicorp/vault#4939, DynamoDB's 400 in aws/aws-sdk-js#254, the scope message in
hashicorp/terraform-provider-aws#34865).
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tfwrap.stand.admission import Reason, Refusal
from tfwrap.stand.wire import Answer

if TYPE_CHECKING:
    from tfwrap.stand.asked import Asked, Family
    from tfwrap.stand.keys import AccessKey

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
_S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
_S3_MALFORMED = (
    "The authorization header is malformed; the Credential is mal-formed; "
    'expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
)
_S3_SKEWED = "The difference between the request time and the current time is too large."
_S3_BODY = "The provided 'x-amz-content-sha256' header does not match what was computed."
_EC2 = (401, "AuthFailure", "AWS was not able to validate the provided access credentials")

Row = tuple[int, str, str]

# An empty message is the refusal's own detail.
_QUERY: dict[Reason, Row] = {
    Reason.UNSIGNED: (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
    Reason.MALFORMED: (400, "IncompleteSignature", ""),
    Reason.UNKNOWN_KEY: (403, "InvalidClientTokenId", _INVALID),
    Reason.WRONG_TOKEN: (403, "InvalidClientTokenId", _INVALID),
    Reason.EXPIRED: (403, "ExpiredToken", _EXPIRED),
    Reason.WRONG_SCOPE: (403, "SignatureDoesNotMatch", ""),
    Reason.SKEWED: (403, "SignatureDoesNotMatch", ""),
    Reason.WRONG_SIGNATURE: (403, "SignatureDoesNotMatch", _MISMATCH),
    Reason.WRONG_BODY: (403, "SignatureDoesNotMatch", _MISMATCH),
}
_S3: dict[Reason, Row] = {
    Reason.UNSIGNED: (403, "AccessDenied", "Access Denied"),
    Reason.MALFORMED: (400, "AuthorizationHeaderMalformed", _S3_MALFORMED),
    Reason.UNKNOWN_KEY: (
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    Reason.WRONG_TOKEN: (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
    Reason.EXPIRED: (400, "ExpiredToken", "The provided token has expired."),
    Reason.WRONG_SCOPE: (400, "AuthorizationHeaderMalformed", ""),
    Reason.SKEWED: (403, "RequestTimeTooSkewed", _S3_SKEWED),
    Reason.WRONG_SIGNATURE: (403, "SignatureDoesNotMatch", _S3_MISMATCH),
    Reason.WRONG_BODY: (400, "XAmzContentSHA256Mismatch", _S3_BODY),
}
_EC2_ROWS: dict[Reason, Row] = dict.fromkeys(Reason, _EC2) | {
    Reason.EXPIRED: (400, "RequestExpired", "Request has expired.")
}
_JSON: dict[Reason, Row] = {
    Reason.UNSIGNED: (400, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    Reason.MALFORMED: (400, "IncompleteSignatureException", ""),
    Reason.UNKNOWN_KEY: (400, "UnrecognizedClientException", _INVALID),
    Reason.WRONG_TOKEN: (400, "UnrecognizedClientException", _INVALID),
    Reason.EXPIRED: (400, "ExpiredTokenException", _EXPIRED),
    Reason.WRONG_SCOPE: (400, "InvalidSignatureException", ""),
    Reason.SKEWED: (400, "InvalidSignatureException", ""),
    Reason.WRONG_SIGNATURE: (400, "InvalidSignatureException", _MISMATCH),
    Reason.WRONG_BODY: (400, "InvalidSignatureException", _MISMATCH),
}
# Lambda and the other REST services say the same with 403.
_REST = {reason: (403, code, message) for reason, (_, code, message) in _JSON.items()}
_ROWS: dict[Family, dict[Reason, Row]] = {
    "query": _QUERY,
    "s3": _S3,
    "ec2": _EC2_ROWS,
    "json": _JSON,
    "rest": _REST,
}


def refusal(refused: Refusal, asks: Asked, method: str) -> Answer:
    """The answer that AWS gives to a call it does not let in."""
    status, code, message = _ROWS[asks.family][refused.reason]
    message = message or refused.detail
    if asks.family == "s3" and refused.reason is Reason.WRONG_SCOPE:
        message = f"The authorization header is malformed; {message}"
    return error(asks, status, code, message, refused.extra, method)


def denial(code: str, asks: Asked, caller: AccessKey, method: str) -> Answer:
    """The answer to a caller that is known and may not do it, with AWS's words for `AccessDenied`."""
    status = 400 if asks.family == "json" else 403
    resource = "arn:aws:s3:::bucket" if asks.family == "s3" else "*"
    message = f"User: {caller.arn} is not authorized to perform: {asks.service}:{asks.action} on resource: {resource}"
    return error(asks, status, code, message, (), method)


def error(
    asks: Asked,
    status: int,
    code: str,
    message: str,
    extra: tuple[tuple[str, str], ...] = (),
    method: str = "POST",
) -> Answer:
    """An error of the service that was asked, in its family's form; S3 sends no body with a HEAD's answer."""
    request_id = str(uuid.uuid4())
    if asks.family in ("json", "rest"):
        return _json_error(asks, status, code, message, request_id)
    xml = ("Content-Type", "text/xml")
    if asks.family == "s3":
        body = b"" if method == "HEAD" else _s3_document(code, message, extra, request_id)
        return Answer(status, (xml, ("x-amz-request-id", request_id), ("x-amz-id-2", "stand")), body, code)
    document = _ec2_document if asks.family == "ec2" else _query_document
    text = document(asks, escape(code), escape(message), request_id)
    return Answer(status, (xml, ("x-amzn-RequestId", request_id)), text.encode(), code)


def namespace(asks: Asked) -> str:
    """The XML namespace of a Query API's documents."""
    return escape(f"https://{asks.service}.amazonaws.com/doc/{asks.version or '2011-06-15'}/", {'"': ""})


def _ec2_document(_asks: Asked, code: str, message: str, request_id: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code>'
        f"<Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
    )


def _query_document(asks: Asked, code: str, message: str, request_id: str) -> str:
    inner = f"<Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>"
    return (
        f'<ErrorResponse xmlns="{namespace(asks)}">\n'
        f"  <Error>\n    {inner}\n  </Error>\n"
        f"  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    )


def _s3_document(code: str, message: str, extra: tuple[tuple[str, str], ...], request_id: str) -> bytes:
    fields = (("Code", code), ("Message", message), *extra, ("RequestId", request_id), ("HostId", "stand"))
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()


def _json_error(asks: Asked, status: int, code: str, message: str, request_id: str) -> Answer:
    document = {"message": message}
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", "application/x-amz-json-1.0")]
    if asks.family == "json":
        document["__type"] = f"com.amazon.coral.service#{code}"
    else:
        headers.append(("x-amzn-ErrorType", code))
    return Answer(status, tuple(headers), json.dumps(document).encode(), code)
