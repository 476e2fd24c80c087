"""Terraform's trace, read for what it says about requests: which key, region and host, and what AWS answered.

Of the text itself nothing is kept: bodies of answers hold secrets that no rule knows. Terraform has its requests in two
forms (tried with 0.12.29, 1.0.3, 1.11.4 and 1.15.5): since 1.6, and in providers since 4.0, as one entry of fields,
key ids masked by Terraform; before that as the request's own lines, key ids whole.
"""

from __future__ import annotations

import re

from tfwrap.aws import accesskey
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENTRY = re.compile(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S+ \[[A-Z]+\]")
# An entry that is larger holds a state or a plugin's schema.
_LONGEST = 1 << 16
_KEY = re.compile(r"Credential=(?P<id>[^\s,]+)/\d{8}/(?P<region>[\w-]+)/[\w-]+/aws4_request")
# As Terraform masks it. Anything else in that place may be a secret that stands there by mistake.
_MASKED = re.compile(r"[A-Z0-9]{4}\*+[A-Z0-9]{4}")
_NEW_CALL = re.compile(r"HTTP (?P<what>Request Sent|Response Received):")
_OLD_CALL = re.compile(r"DEBUG: (?P<what>Request|Response) (?P<service>[\w ]+)/(?P<method>\w+) Details:")
_OLD_REFUSAL = re.compile(r"Validate Response (?P<service>[\w ]+)/(?P<method>\w+) failed, .*?error (?P<code>\w+): ")
_SERVICE = re.compile(r"rpc\.service=\"?(?P<value>(?<=\")[\w ]+|\w+)")
# `rpc.method=STS/GetCallerIdentity` since 1.15, before that a field for each.
_METHOD = re.compile(r"rpc\.method=\"?(?:(?P<service>[\w ]+)/)?(?P<value>\w+)")
_REGION = re.compile(r"aws\.region=(?P<value>[\w-]+)")
_HOST = re.compile(r"(?:http\.url=\"?https?://|^Host: )(?:[^/@\s]*@)?(?P<value>[\w.:-]+)", re.MULTILINE)
_STATUS = re.compile(r"(?:http\.status_code=|^HTTP/[\d.]+ )(?P<value>\d{3})\b", re.MULTILINE)
_CODE = re.compile(r"<Code>(?P<value>\w+)</Code>|\"__type\": ?\"(?:[\w.]+#)?(?P<type>\w+)\"")


class Request(NamedTuple):
    """One request: what was asked of whom, signed with which key (masked) for which region, and the answer.

    `status` is 0 and `code` empty where the trace has no answer, `code` is AWS's error code.
    """

    service: str
    method: str
    key: str
    region: str
    host: str
    status: int = 0
    code: str = ""

    def describe(self) -> str:
        """A line: `STS GetCallerIdentity at 127.0.0.1 (us-east-1), key AKIA****0001: 403 InvalidClientTokenId`."""
        where = f"{self.host or 'a host that is not told'} ({self.region or 'no region'})"
        who = f"key {self.key}" if self.key else "unsigned"
        told = f"{self.status} {self.code}".strip() if self.status else self.code or "no answer"
        return f"{self.service} {self.method} at {where}, {who}: {told}"


def requests(lines: Iterable[str]) -> list[Request]:
    """The requests that a trace tells of, in their order."""
    found: list[Request] = []
    for entry in _entries(lines):
        _read(entry, found)
    return found


def _entries(lines: Iterable[str]) -> Iterator[str]:
    """The log's entries: a line with a time, and what stands below it without one."""
    current: list[str] = []
    size = 0
    for line in lines:
        if _ENTRY.match(line):
            yield "".join(current)
            current, size = [], 0
        if size < _LONGEST:
            current.append(line[:_LONGEST])
            size += len(line)
    yield "".join(current)


def _read(entry: str, found: list[Request]) -> None:
    if new := _NEW_CALL.search(entry):
        service, method = _operation(entry)
        is_request = new["what"] == "Request Sent"
    elif old := _OLD_CALL.search(entry):
        service, method = old["service"].upper(), old["method"]
        is_request = old["what"] == "Request"
    elif refusal := _OLD_REFUSAL.search(entry):
        _answer(found, refusal["service"].upper(), refusal["method"], refusal["code"])
        return
    else:
        return
    if is_request:
        found.append(_request(entry, service, method))
    else:
        _answer(found, service, method, _code(entry), int(_value(_STATUS, entry) or 0))


def _operation(entry: str) -> tuple[str, str]:
    found = _METHOD.search(entry)
    if found is None:
        return "", ""
    return found["service"] or _value(_SERVICE, entry), found["value"]


def _request(entry: str, service: str, method: str) -> Request:
    signed = _KEY.search(entry)
    key = _shown(signed["id"]) if signed else ""
    region = signed["region"] if signed else _value(_REGION, entry)
    return Request(service, method, key, region, _value(_HOST, entry))


def _shown(key_id: str) -> str:
    """The key id as tfwrap shows it, whether Terraform has masked it already or not."""
    return f"{key_id[:4]}****{key_id[-4:]}" if _MASKED.fullmatch(key_id) else accesskey.mask(key_id)


def _answer(found: list[Request], service: str, method: str, code: str, status: int = 0) -> None:
    """Set down the answer of the first such request that has none, or the code of the last that has only a status."""
    asked = [at for at, one in enumerate(found) if (one.service, one.method) == (service, method)]
    waiting = [at for at in asked if not found[at].status]
    at = waiting[0] if waiting and status else asked[-1] if asked else -1
    if at >= 0:
        found[at] = found[at]._replace(status=status or found[at].status, code=code or found[at].code)


def _value(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found["value"] if found else ""


def _code(entry: str) -> str:
    found = _CODE.search(entry)
    return (found["value"] or found["type"]) if found else ""
