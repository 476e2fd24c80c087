"""What a call asks for: which service, which action, and in which form that service answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from tfwrap.stand.wire import Call

Family = Literal["query", "ec2", "s3", "json", "rest"]

# The services whose calls say by themselves whose they are: the API version, or the prefix of X-Amz-Target.
_SERVICE_OF_VERSION = {"2011-06-15": "sts", "2010-05-08": "iam", "2016-11-15": "ec2"}
_SERVICE_OF_TARGET = {"DynamoDB_20120810": "dynamodb"}
_REST_XML = ("route53", "cloudfront")
_VERBS = {"GET": "Get", "PUT": "Put", "HEAD": "Head", "DELETE": "Delete", "POST": "Post"}


class Asked(NamedTuple):
    """`service` is the one the call is meant for, `scope_service` the one its signature names."""

    service: str
    scope_service: str
    region: str
    action: str
    family: Family
    version: str
    access_key_id: str


def asked(call: Call) -> Asked:
    """Read a call, whether or not it is signed well: what is missing is empty, an unsigned call is S3's."""
    key_id, region, scope_service = _scope(call.header("authorization"))
    target, _, operation = call.header("x-amz-target").partition(".")
    parameters = call.parameters() if not target else {}
    version = parameters.get("Version", "") if "Action" in parameters else ""
    service = _SERVICE_OF_TARGET.get(target) or _SERVICE_OF_VERSION.get(version) or scope_service or "s3"
    action = operation or parameters.get("Action", "") or (_s3_action(call) if service == "s3" else call.method)
    return Asked(service, scope_service, region, action, _family(service, bool(target), version), version, key_id)


def _scope(header: str) -> tuple[str, str, str]:
    credential = header.partition("Credential=")[2].partition(",")[0].strip()
    parts = credential.split("/")
    # From the right: whoever swaps key id and secret sends a key id with slashes in it.
    return ("/".join(parts[:-4]), parts[-3], parts[-2]) if len(parts) >= 5 else (credential, "", "")


def _family(service: str, has_target: bool, version: str) -> Family:
    if service in ("s3", "ec2"):
        return "s3" if service == "s3" else "ec2"
    if has_target:
        return "json"
    return "query" if version or service in _REST_XML else "rest"


def _s3_action(call: Call) -> str:
    bucket, _, key = call.path.lstrip("/").partition("/")
    names = dict(parse_qsl(call.query, keep_blank_values=True))
    if names.get("list-type") == "2":
        return "ListObjectsV2"
    plain = {
        ("GET", True, False): "ListObjects",
        ("GET", False, False): "ListBuckets",
        ("PUT", True, False): "CreateBucket",
    }.get((call.method, bool(bucket), bool(key)))
    detail = next((name.capitalize() for name in names if name.islower() and not names[name]), "")
    if plain and not detail:
        return plain
    return f"{_VERBS.get(call.method, call.method)}{'Object' if key else 'Bucket'}{detail}"
