"""Who a key is: one STS GetCallerIdentity with exactly that key, token, region, endpoint and proxy.

The call needs no permission, and an explicit Deny does not stop it (AWS STS API reference). It goes through a
botocore session of its own that inherits neither profile nor shared files nor endpoints: what the user's default
session would say is a different question.
"""

from __future__ import annotations

import os
import sys
import time

from tfwrap import partitions, proxies
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from tfwrap.consumers import Consumer
    from tfwrap.origin import Secret
    from tfwrap.proxies import Proxy
    from tfwrap.sources import Source

OK = "ok"
REJECTED = "rejected"
UNREACHABLE = "unreachable"
UNCHECKED = "unchecked"

# Why STS could not be asked.
NAME = "name"
TIMEOUT = "timeout"
PROXY = "proxy"
TLS = "tls"
REFUSED = "refused"
NOT_STS = "not-sts"
BUSY = "busy"
OTHER = "other"

TIMEOUT_S = 3
UNKNOWN_KEY = "InvalidClientTokenId"

# Where Go looks for the system's certificates (crypto/x509/root_linux.go); botocore brings its own instead.
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class Endpoint(NamedTuple):
    """Where STS is asked: the region that signs, a URL where one is configured, and the way there.

    `ca_bundle` is a file of certificates where one is configured.
    """

    region: str
    url: str = ""
    proxy: Proxy | None = None
    ca_bundle: str = ""


class Answer(NamedTuple):
    """What STS said: `status` is ok, rejected, unreachable or unchecked; `code` and `message` are AWS's words.

    `trouble` is why it could not be asked (NAME, TIMEOUT, …). `skew` is how many seconds STS's clock is ahead of
    ours (its Date, to the second, against the middle of the call). `host` was asked; `accepted_in` is another region
    whose STS accepts what this one rejects, known only where it was tried.
    """

    status: str
    account: str = ""
    arn: str = ""
    code: str = ""
    message: str = ""
    trouble: str = ""
    skew: float = 0
    http_status: int = 0
    host: str = ""
    accepted_in: str = ""

    def describe(self) -> str:
        """In words: `STS accepts it (account 111111111111, arn:…)`."""
        if self.status == OK:
            return f"STS accepts it (account {self.account}, {self.arn})"
        if self.status == REJECTED:
            return f"STS answers {self.code}: {self.message}"
        return f"STS could not be asked ({self.message})"


NO_KEYS = Answer(UNCHECKED, message="no keys at hand to ask with")


class Question(NamedTuple):
    """The credentials that STS is asked about, and where: what makes two consumers one question."""

    access_key: str
    secret_key: Secret | None
    token: Secret | None
    where: Endpoint

    @property
    def has_keys(self) -> bool:
        """Whether there is a complete pair to ask with."""
        return bool(self.access_key and self.secret_key)


def question(source: Source, where: Endpoint) -> Question:
    """What is asked about a source's keys."""
    return Question(source.access_key, source.secret_key, source.token, where)


def endpoint(config: Mapping[str, object], environ: Mapping[str, str]) -> Endpoint:
    """Where Terraform's S3 backend asks STS: its own arguments first, then the environment's names, new and old."""
    nested = config.get("endpoints")
    inner = nested if isinstance(nested, dict) else {}
    names = ("AWS_ENDPOINT_URL_STS", "AWS_STS_ENDPOINT", "AWS_ENDPOINT_URL")
    url = _first(inner.get("sts"), config.get("sts_endpoint"), *map(environ.get, names))
    regions = (config.get("sts_region"), config.get("region"), environ.get("AWS_REGION"))
    region = _first(*regions, environ.get("AWS_DEFAULT_REGION")) or "us-east-1"
    proxy = proxies.select(url or f"https://sts.{region}.amazonaws.com", config, environ)
    certificates = _first(config.get("custom_ca_bundle"), environ.get("AWS_CA_BUNDLE"), environ.get("SSL_CERT_FILE"))
    return Endpoint(region, url, proxy, certificates)


def _first(*candidates: object) -> str:
    return next((text for text in candidates if isinstance(text, str) and text), "")


def ask(source: Source, where: Endpoint) -> Answer:
    """Ask STS who the source's keys are. One attempt, three seconds at most, never raises for the answer."""
    asked = question(source, where)
    return _in_parallel([asked], _ask_once)[asked]


def ask_all(consumers: Iterable[Consumer]) -> dict[str, Answer]:
    """Ask for every consumer, the same question once, all in parallel and in three seconds together.

    A key that its STS does not know is tried where else it may be known, in the time that is left: another answer
    there is evidence that the key is good and the region is not.
    """
    questions = {consumer.name: question(consumer.source, consumer.endpoint) for consumer in consumers}
    answers = ask_each(list(questions.values()))
    return {name: answers[asked] for name, asked in questions.items()}


def ask_each(questions: Sequence[Question]) -> dict[Question, Answer]:
    """The answers to several questions, as `ask_all` gets them."""
    return _in_parallel(questions, _ask_and_probe)


def _in_parallel(
    questions: Sequence[Question], work: Callable[[Question, Callable[[Answer], None]], None]
) -> dict[Question, Answer]:
    """What `work` has told about each question until the time is up.

    A timeout of botocore's counts for each address of a name and not for the resolver, so the clock is ours. The
    threads are daemons: none that still waits keeps tfwrap from ending.
    """
    import threading

    import botocore.session  # noqa: F401 - before the clock starts: the network is not to blame for it

    told: dict[Question, Answer] = {}
    open_ones = [asked for asked in dict.fromkeys(questions) if asked.has_keys]
    threads = [
        threading.Thread(
            target=work, args=(asked, lambda answer, asked=asked: told.update({asked: answer})), daemon=True
        )
        for asked in open_ones
    ]
    deadline = time.monotonic() + TIMEOUT_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    in_time = dict(told)
    late = Answer(UNREACHABLE, message=f"no answer within {TIMEOUT_S} seconds", trouble=TIMEOUT)
    return {asked: in_time.get(asked, late) if asked.has_keys else NO_KEYS for asked in questions}


def _ask_once(asked: Question, tell: Callable[[Answer], None]) -> None:
    tell(_answer(asked))


def _ask_and_probe(asked: Question, tell: Callable[[Answer], None]) -> None:
    answer = _answer(asked)
    tell(answer)
    if answer.code != UNKNOWN_KEY:
        return
    for region in partitions.elsewhere(asked.where.region):
        is_other = partitions.of_region(region) != partitions.of_region(asked.where.region)
        if asked.token and is_other:  # a token is not shown to those whom it does not concern
            continue
        if _answer(asked._replace(where=asked.where._replace(region=region))).status == OK:
            tell(answer._replace(accepted_in=region))
            return


def _answer(asked: Question) -> Answer:
    import botocore.exceptions
    import botocore.parsers

    # A page of a proxy's: botocore's parser has an error of its own for what is no XML, and none for what is.
    not_sts = (botocore.parsers.ResponseParserError, KeyError)
    host, started = "", time.time()
    try:
        client = _client(asked)
        host, started = client.meta.endpoint_url.partition("://")[2], time.time()
        reply = client.get_caller_identity()
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
    code, message = wrong.get("Code", ""), wrong.get("Message", "")
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


def _client(asked: Question) -> Any:
    import botocore.config
    import botocore.session

    inherit_nothing: dict[str, tuple[object, object, object, object]] = {
        "profile": (None, [], None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "sts_regional_endpoints": (None, None, "regional", None),
        "defaults_mode": (None, None, "legacy", None),  # `auto` would ask the instance's metadata service
    }
    where = asked.where
    way = where.proxy.url.reveal() if where.proxy else ""
    return botocore.session.Session(session_vars=inherit_nothing).create_client(
        "sts",
        region_name=where.region,
        endpoint_url=where.url or None,
        verify=where.ca_bundle or _system_certificates() or None,
        aws_access_key_id=asked.access_key,
        aws_secret_access_key=asked.secret_key.reveal() if asked.secret_key else None,
        aws_session_token=asked.token.reveal() if asked.token else None,
        config=botocore.config.Config(
            connect_timeout=TIMEOUT_S,
            read_timeout=TIMEOUT_S,
            retries={"total_max_attempts": 1},
            proxies={"http": way, "https": way} if way else {},
            ignore_configured_endpoint_urls=True,
        ),
    )


def _system_certificates() -> str:
    paths = _SYSTEM_CERTIFICATES if sys.platform == "linux" else ()
    return next((path for path in paths if os.path.isfile(path)), "")
