"""The one STS call, through a botocore client that inherits nothing."""

from __future__ import annotations

import time

from tfwrap.identity import clients
from tfwrap.identity.question import (
    BUSY,
    NAME,
    NOT_STS,
    OK,
    OTHER,
    PROXY,
    REFUSED,
    REJECTED,
    TIMEOUT,
    TIMEOUT_S,
    TLS,
    UNREACHABLE,
    Answer,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tfwrap.aws.proxies import Proxy
    from tfwrap.identity.question import Question


def call(asked: Question) -> Answer:
    """GetCallerIdentity with these credentials. One attempt; never raises."""
    import botocore.exceptions
    import botocore.parsers

    # A page of a proxy's: botocore's parser has an error of its own for what is no XML, and none for what is.
    not_sts = (botocore.parsers.ResponseParserError, KeyError)
    host, started = "", time.time()
    try:
        sts = client(asked)
        host, started = sts.meta.endpoint_url.partition("://")[2], time.time()
        reply = sts.get_caller_identity()
        account, arn = reply["Account"], reply["Arn"]
    except botocore.exceptions.ClientError as error:
        return _refusal(error.response, started)._replace(host=host)
    except not_sts:
        return Answer(UNREACHABLE, message="what answered is not STS", trouble=NOT_STS, host=host)
    except Exception as error:  # noqa: BLE001 - a URL, a region or a header that is none raises almost anything
        trouble, words = _trouble(error, asked.where.proxy)
        return Answer(UNREACHABLE, message=words, trouble=trouble, host=host)
    return Answer(OK, account, arn, skew=_skew(reply, started), http_status=200, host=host)


def _refusal(response: Mapping[str, Any], started: float) -> Answer:
    """What an error says about the key: only a code of AWS's own, for this request, rejects it.

    botocore gives the bare HTTP status as the code where the body was no answer of AWS's (a proxy's page).
    """
    wrong = response.get("Error", {})
    code, message = wrong.get("Code", ""), wrong.get("Message", "").partition("\n")[0]  # the rest repeats the token
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if not code[:1].isalpha():
        trouble = PROXY if status == 407 else NOT_STS
        return Answer(UNREACHABLE, message=f"it answered {status}", trouble=trouble, http_status=status)
    if "Throttl" in code or status >= 500:
        return Answer(UNREACHABLE, code=code, message=f"it answered {code}", trouble=BUSY, http_status=status)
    return Answer(REJECTED, code=code, message=message, skew=_skew(response, started), http_status=status)


def _skew(response: Mapping[str, Any], started: float) -> float:
    """Seconds that the answer's Date is ahead of the middle of the call; 0 where there is no date."""
    from email.utils import parsedate_to_datetime

    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        theirs = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return 0
    return theirs - (started + time.time()) / 2


def _trouble(error: Exception, proxy: Proxy | None) -> tuple[str, str]:
    """Which step towards STS failed, and its words. The proxy is named by what set it, never by its address."""
    import socket

    import botocore.exceptions as known

    causes = _causes(error)
    table: tuple[tuple[type[BaseException], str, str], ...] = (
        (known.ProxyConnectionError, PROXY, f"the proxy of {proxy.name if proxy else '?'} does not answer"),
        (known.SSLError, TLS, "its certificate is not trusted"),
        (socket.gaierror, NAME, "its name could not be resolved"),
        (known.ConnectTimeoutError, TIMEOUT, f"no connection within {TIMEOUT_S} seconds"),
        (known.ReadTimeoutError, TIMEOUT, f"no answer within {TIMEOUT_S} seconds"),
        (ConnectionRefusedError, REFUSED, "the connection was refused"),
    )
    found = ((trouble, words) for kind, trouble, words in table if any(isinstance(cause, kind) for cause in causes))
    return next(found, (OTHER, type(error).__name__))


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and those that it was made of, however it holds them."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            inner = getattr(cause, "kwargs", None)
            more = inner.get("error") if isinstance(inner, dict) else None
            waiting += [more, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
    return found


def client(asked: Question, service: str = "sts") -> Any:
    """A client with these credentials and nothing else."""
    return clients.make(service, asked.where, asked, clients.Limits(TIMEOUT_S, attempts=1))
