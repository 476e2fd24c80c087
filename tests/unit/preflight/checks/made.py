"""Facts, consumers and answers made by hand for the tests of the checks."""

from __future__ import annotations

from typing import Any

from tfwrap import invocation
from tfwrap.aws.config import AwsFiles
from tfwrap.aws.endpoint import Endpoint
from tfwrap.identity.question import OK, REJECTED, Answer
from tfwrap.origin import Secret
from tfwrap.preflight.checks.finding import Facts
from tfwrap.sources import sources
from tfwrap.sources.consumers import BACKEND, Consumer
from tfwrap.sources.sources import Source
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.saved_backend import SavedBackend

ACCOUNT, OTHER_ACCOUNT = "111111111111", "222222222222"
# Made up by the stand: they encode their accounts, and stay the same, for they are in the names of tests.
KEY, KEY_2 = "AKIARTXV5AHDTADET001", "AKIARTXV5AHD7ADET002"
OTHER = "AKIATHPL2AOHFADET003"
SESSION = "ASIARTXV5AHD5ADET004"
SECRET = "canary/by+the/tests/0123456789abcdefghij"
TOKEN = "IQoJcanaryByTheTests/0123456789+abcdef=="
PROVIDER = "provider.aws"
SAVED = SavedBackend("/w/.terraform/terraform.tfstate", ".terraform/terraform.tfstate", "s3", {}, "1.11.4")


def facts(*words: str, directory: str = "/w", **more: Any) -> Facts:
    typed = invocation.read("terraform", words or ["plan"], {}, directory)
    return Facts(typed, Configuration(), None, AwsFiles("", "", {}), None, None)._replace(**more)


def source(key: str = KEY, kind: str = sources.ENVIRONMENT, location: str = "AWS_ACCESS_KEY_ID", **more: Any) -> Source:
    return Source(kind, location, key, Secret(SECRET))._replace(**more)


def consumer(
    name: str = PROVIDER,
    used: Source | None = None,
    where: Endpoint | None = None,
    **arguments: object,
) -> Consumer:
    found = where or Endpoint("us-east-1")
    return Consumer(name, "main.tf:1", arguments, used or source(), (5, 0), found.region, found)


def backend(used: Source | None = None, **arguments: object) -> Consumer:
    return consumer(BACKEND, used, None, **arguments)


def accepted(account: str = ACCOUNT, **more: Any) -> Answer:
    return Answer(OK, account, f"arn:aws:iam::{account}:user/a", host="sts.us-east-1.amazonaws.com")._replace(**more)


def rejected(code: str = "InvalidClientTokenId", message: str = "m", **more: Any) -> Answer:
    answer = Answer(REJECTED, code=code, message=message, host="sts.us-east-1.amazonaws.com", http_status=403)
    return answer._replace(**more)
