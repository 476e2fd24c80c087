"""A directory with a configuration, AWS files and an environment, and an STS that knows some keys."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from tests.unit.boxes import boxed
from tfwrap import invocation
from tfwrap.aws import partitions
from tfwrap.diagnosis import diagnosis
from tfwrap.failure import failure
from tfwrap.identity.question import OK, REJECTED, UNREACHABLE, Answer
from tfwrap.preflight import preflight

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.diagnosis.case import Case, Diagnosis
    from tfwrap.failure.failure import Failure
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.sources.source import Source

ACCOUNT, OTHER_ACCOUNT = "111111111111", "222222222222"
# Made up by the stand: they encode their accounts, and stay the same, for they are in the names of tests.
GONE, GOOD = "AKIARTXV5AHDTADET001", "AKIARTXV5AHD7ADET002"
OTHER = "AKIATHPL2AOHFADET003"
SESSION = "ASIARTXV5AHD5ADET004"
SECRET = "canary/by+the/tests/0123456789abcdefghij"
TOKEN = "IQoJcanaryByTheTests/0123456789+abcdef=="
ROLE = "arn:aws:iam::111111111111:role/x"
USER = "arn:aws:iam::111111111111:user/u"
NOW = 1_795_000_000.0
BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n    region = "us-east-1"\n%s  }\n}\n'
PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n%s}\ndata "aws_iam_role" "r" {\n  name = "r"\n}\n'
IN_PROVIDER = (
    '  with provider["registry.terraform.io/hashicorp/aws"],\n  on main.tf line 1, in provider "aws":\n'
    '   1: provider "aws" {'
)
IN_DATA = (
    '  with data.aws_iam_role.r,\n  on main.tf line 4, in data "aws_iam_role" "r":\n   4: data "aws_iam_role" "r" {'
)
ID = "efd9cc30-f3a6-4462-b29a-33510cae53e5"
STS = f"operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: {ID}, api error "
ASSUME = f"operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: {ID}, api error "
VALIDATING = "validating provider credentials: retrieving caller identity from STS: "
NOT_KNOWN = "InvalidClientTokenId: The security token included in the request is invalid."


class Known(NamedTuple):
    """A key that STS knows: its secret, token and account, the regions that accept it (all for none), and a fault."""

    secret: str = SECRET
    token: str = ""
    account: str = ACCOUNT
    regions: tuple[str, ...] = ()
    code: str = ""
    message: str = "no"


class Sts(NamedTuple):
    """Answers as AWS does, and in the regions `silent` not at all.

    `skew` is how many seconds its clock is ahead of ours, `asked` what it was asked.
    """

    keys: Mapping[str, Known]
    skew: float = 0
    asked: list[tuple[str, str]] = []  # noqa: RUF012 - each scene brings its own
    silent: tuple[str, ...] = ()

    def __call__(self, source: Source, where: Endpoint, /) -> Answer:
        self.asked.append((source.access_key, where.region))
        if not source.has_keys:
            return Answer("unchecked", message="no keys at hand to ask with")
        if where.region in self.silent:
            return Answer(UNREACHABLE, message="no answer within 3 seconds")
        return self._answer(source, where)._replace(
            skew=self.skew, http_status=200, host=f"sts.{where.region}.amazonaws.com"
        )

    def _answer(self, source: Source, where: Endpoint) -> Answer:
        known = self.keys.get(source.access_key)
        token = source.token.reveal() if source.token else ""
        if known is None or token != known.token or (known.regions and where.region not in known.regions):
            return Answer(REJECTED, code="InvalidClientTokenId", message="not known")
        if not known.regions and partitions.of_region(where.region) != "aws":
            return Answer(REJECTED, code="InvalidClientTokenId", message="not known")
        if known.code:
            return Answer(REJECTED, code=known.code, message=known.message)
        if source.secret_key is None or source.secret_key.reveal() != known.secret:
            return Answer(REJECTED, code="SignatureDoesNotMatch", message="The request signature")
        return Answer(OK, known.account, f"arn:aws:iam::{known.account}:user/u")


class Scene(NamedTuple):
    """What there is, and what Terraform wrote. `sts` None is TFWRAP_OFFLINE."""

    text: str
    main: str = BACKEND % ""
    environ: Mapping[str, str] = {}
    credentials: str = ""
    config: str = ""
    saved: Mapping[str, object] | None = None
    planned: Mapping[str, str] | None = None
    words: tuple[str, ...] = ("plan",)
    sts: Sts | None = Sts({GOOD: Known(), OTHER: Known(account=OTHER_ACCOUNT)})
    files: Mapping[str, str] = {}

    def failure(self) -> Failure:
        """The failure that is recognised in what Terraform wrote."""
        output = self.text.encode()
        found = failure.recognise(output) or failure.interrupted(output)
        assert found, self.text
        return found

    def case(self, directory: Path) -> Case:
        """The failure with its facts and STS's answers."""
        ask = self.sts.__call__ if self.sts else None
        return diagnosis.examine(self.failure(), self.facts(directory), ask)

    def diagnose(self, directory: Path) -> Diagnosis:
        """The first cause."""
        return diagnosis.diagnose(self.case(directory))

    def facts(self, directory: Path) -> Facts:
        """What preflight would know."""
        home = directory / "home"
        (home / ".aws").mkdir(parents=True)
        work = directory / "work"
        work.mkdir()
        (home / ".aws" / "credentials").write_text(self.credentials)
        (home / ".aws" / "config").write_text(self.config)
        (work / "main.tf").write_text(self.main)
        for name, content in self.files.items():
            (work / name).write_text(content)
        self._save(work)
        shown = {name: value.replace("{home}", str(home)) for name, value in self.environ.items()}
        environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", **shown}
        typed = invocation.read("terraform", self.words, environ, str(work))
        return preflight.facts(typed, environ, "/nonexistent/terraform")._replace(now=NOW)

    def _save(self, work: Path) -> None:
        if self.saved is not None:
            (work / ".terraform").mkdir()
            held = {"bucket": "b", "key": "k", "region": "us-east-1", **self.saved}
            document = {
                "version": 3,
                "terraform_version": "1.11.4",
                "backend": {"type": "s3", "config": held, "hash": 1},
            }
            (work / ".terraform" / "terraform.tfstate").write_text(json.dumps(document))
        if self.planned is not None:
            with zipfile.ZipFile(work / "tfplan", "w") as archive:
                archive.writestr("tfplan", _plan(self.planned))


def keys(key: str = GONE, secret: str = SECRET, token: str = "") -> dict[str, str]:
    """A pair in the environment."""
    pair = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    return {**pair, "AWS_SESSION_TOKEN": token} if token else pair


def profile(name: str, key: str = GOOD, secret: str = SECRET, token: str = "") -> str:
    """A section of the credentials file."""
    held = f"aws_session_token = {token}\n" if token else ""
    return f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n{held}"


def sts_says(what: str = NOT_KNOWN, place: str = "") -> str:
    """STS's refusal, in the words of Terraform 1.11 and provider 5."""
    return boxed(f"{'Retrieving AWS account details: ' if place else ''}{VALIDATING}{STS}{what}", place)


def nothing_found(why: str, place: str = "") -> str:
    """`No valid credential sources found`, and why."""
    return boxed("No valid credential sources found", place, f"Please see the documentation.\n\nError: {why}")


def _plan(config: Mapping[str, str]) -> bytes:
    packed = bytes([0x80 | len(config)]) + b"".join(_text(name) + _text(value) for name, value in config.items())
    backend = _field(1, b"s3") + _field(2, _field(1, packed))
    return _field(13, backend)


def _text(value: str) -> bytes:
    raw = value.encode()
    return (bytes([0xA0 | len(raw)]) if len(raw) < 32 else bytes([0xD9, len(raw)])) + raw


def _field(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content
