"""Facts with consumers, an environment and shared files: for the tests of the families 1xx, 2xx and 5xx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfwrap import invocation
from tfwrap.aws import config as awsconfig
from tfwrap.aws.endpoint import Endpoint
from tfwrap.origin import Secret
from tfwrap.preflight import childenv
from tfwrap.preflight.checks.finding import Facts
from tfwrap.sources import sources
from tfwrap.sources.consumers import BACKEND, Consumer
from tfwrap.sources.sources import Source
from tfwrap.terraform.configuration import Configuration

if TYPE_CHECKING:
    from pathlib import Path

KEY = "AKIAMADEUPBYATEST001"
OTHER = "AKIAMADEUPBYATEST004"
TEMPORARY = "ASIAMADEUPBYATEST002"
SECRET = "canaryXbyXtheXtestsX0123456789abcdefghij"
TOKEN = "IQoJcanaryByTheTests/0123456789+abcdef=="
PAIR = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
SESSION = {"AWS_ACCESS_KEY_ID": TEMPORARY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
NOW = 1_800_000_000.0
HOUR_S = 3600.0
NEW = (1, 11)
OLD = (1, 0)


def keys(key: str = KEY, **more: str) -> dict[str, str]:
    """The settings of a profile with static keys."""
    return {"aws_access_key_id": key, "aws_secret_access_key": SECRET, **more}


def in_environment(key: str = KEY, expires: float = 0) -> Source:
    return Source(sources.ENVIRONMENT, "AWS_ACCESS_KEY_ID", key, Secret(SECRET), expires=expires)


def of_profile(name: str, key: str = "", **more: Any) -> Source:
    secret = Secret(SECRET) if key else None
    return Source(sources.PROFILE, "~/.aws/credentials", key, secret, profile=name, **more)


NOTHING = Source(sources.IMDS, "the instance metadata service", detail="the instance's role, if there is one")
DISABLED = Source(sources.NONE, "AWS_EC2_METADATA_DISABLED", detail="nothing is set")
WEB_IDENTITY = Source(sources.WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE")
BLOCK = Source(sources.BLOCK, "main.tf:3", KEY, Secret(SECRET))


def consumer(
    source: Source = NOTHING, name: str = BACKEND, rules: tuple[int, ...] = NEW, **arguments: object
) -> Consumer:
    """A consumer whose block names a region."""
    where = Endpoint("us-east-1", "")
    return Consumer(name, "main.tf:2", {"region": "us-east-1", **arguments}, source, rules, "", where)


def facts(environ: dict[str, str] | None = None, *consumers: Consumer, **more: Any) -> Facts:
    typed = invocation.read("terraform", more.pop("argv", ["plan"]), {}, "/w")
    given = environ or {}
    nothing = awsconfig.AwsFiles("~/.aws/credentials", "~/.aws/config", {})
    known = Facts(typed, Configuration(), None, more.pop("files", nothing), None, None)
    known = known._replace(environ=given, changes=childenv.repairs(given), consumers=consumers, now=NOW, version=NEW)
    return known._replace(**more)


def written(home: Path, config: str = "", credentials: str = "", mode: int = 0o600) -> dict[str, str]:
    """The shared files of a home, and the environment in which they are that."""
    folder = home / ".aws"
    folder.mkdir(exist_ok=True)
    for name, text in (("config", config), ("credentials", credentials)):
        if text:
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
            (folder / name).chmod(mode)
    return {"HOME": str(home), "PATH": "/usr/bin:/bin"}


def with_files(environ: dict[str, str], *consumers: Consumer, **more: Any) -> Facts:
    """Facts whose shared files are read from the disk."""
    return facts(environ, *consumers, files=awsconfig.read(environ, "/w"), **more)
