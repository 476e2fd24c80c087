"""Who a key is: one STS GetCallerIdentity with exactly that key, token, region and endpoint.

The call needs no permission, and an explicit Deny does not stop it (AWS STS API reference). It goes through a
botocore session of its own that inherits neither profile nor shared files: what the user's default session would
say is a different question.
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mypy_boto3_sts.client import STSClient

    from tfwrap.sources import Source

OK = "ok"
REJECTED = "rejected"
UNREACHABLE = "unreachable"
UNCHECKED = "unchecked"

TIMEOUT_S = 3


class Endpoint(NamedTuple):
    """Where STS is asked: the region that signs, and a URL where one is configured."""

    region: str
    url: str = ""


class Answer(NamedTuple):
    """What STS said: `status` is ok, rejected, unreachable or unchecked; `code` and `message` are AWS's words."""

    status: str
    account: str = ""
    arn: str = ""
    code: str = ""
    message: str = ""

    def describe(self) -> str:
        """In words: `STS accepts it (account 111111111111, arn:…)`."""
        if self.status == OK:
            return f"STS accepts it (account {self.account}, {self.arn})"
        if self.status == REJECTED:
            return f"STS answers {self.code}: {self.message}"
        return f"STS could not be asked ({self.message})"


def endpoint(config: Mapping[str, object], environ: Mapping[str, str]) -> Endpoint:
    """Where Terraform's S3 backend asks STS: its own arguments first, then the environment's names, new and old."""
    nested = config.get("endpoints")
    inner = nested if isinstance(nested, dict) else {}
    candidates = (inner.get("sts"), config.get("sts_endpoint"))
    names = ("AWS_ENDPOINT_URL_STS", "AWS_STS_ENDPOINT", "AWS_ENDPOINT_URL")
    url = next((text for text in (*candidates, *map(environ.get, names)) if isinstance(text, str) and text), "")
    regions = (config.get("sts_region"), config.get("region"))
    region_names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    found = (text for text in (*regions, *map(environ.get, region_names)) if isinstance(text, str) and text)
    return Endpoint(next(found, "us-east-1"), url)


def ask(source: Source, where: Endpoint) -> Answer:
    """Ask STS who the source's keys are. One attempt, three seconds at most, never raises for the answer."""
    if not source.has_keys:
        return Answer(UNCHECKED, message="no keys at hand to ask with")
    import botocore.exceptions
    import botocore.parsers

    # A page of a proxy's: botocore's parser has an error of its own for what is no XML, and none for what is.
    not_sts = (botocore.parsers.ResponseParserError, KeyError)
    try:
        reply = _client(source, where).get_caller_identity()
        account, arn = reply["Account"], reply["Arn"]
    except botocore.exceptions.ClientError as error:
        return _refusal(error.response)
    except not_sts:
        return Answer(UNREACHABLE, message="what answered is not STS")
    except (botocore.exceptions.BotoCoreError, ValueError, OSError) as error:
        return Answer(UNREACHABLE, message=type(error).__name__)
    return Answer(OK, account=account, arn=arn)


def _refusal(response: Mapping[str, Any]) -> Answer:
    """What an error says about the key: only a code of AWS's own, for this request, rejects it.

    botocore gives the bare HTTP status as the code where the body was no answer of AWS's (a proxy's page).
    """
    wrong = response.get("Error", {})
    code, message = wrong.get("Code", ""), wrong.get("Message", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if not code[:1].isalpha() or "Throttl" in code or status >= 500:
        return Answer(UNREACHABLE, code=code, message=f"it answered {code or status}")
    return Answer(REJECTED, code=code, message=message)


def _client(source: Source, where: Endpoint) -> STSClient:
    import boto3
    import botocore.config
    import botocore.session

    inherit_nothing: dict[str, tuple[object, object, object, object]] = {
        "profile": (None, [], None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = boto3.Session(botocore_session=botocore.session.Session(session_vars=inherit_nothing))
    return session.client(
        "sts",
        region_name=where.region,
        endpoint_url=where.url or None,
        aws_access_key_id=source.access_key,
        aws_secret_access_key=source.secret_key.reveal() if source.secret_key else None,
        aws_session_token=source.token.reveal() if source.token else None,
        config=botocore.config.Config(
            connect_timeout=TIMEOUT_S / 2, read_timeout=TIMEOUT_S / 2, retries={"total_max_attempts": 1}
        ),
    )
