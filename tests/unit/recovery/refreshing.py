"""A home with AWS files and programs, the person at its terminal, and what is to be refreshed there."""

from __future__ import annotations

import base64
import json
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from tfwrap.aws import config as awsconfig
from tfwrap.aws.endpoint import Endpoint
from tfwrap.output import Output
from tfwrap.recovery.refresh import Console, Need
from tfwrap.recovery.refresh.terminal import QUIET, Ran
from tfwrap.sources import source
from tfwrap.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tfwrap.recovery.refresh.outcome import Credentials
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

NOBODY = Source(source.NONE)


class Person:
    """At the terminal: gives `answers` in turn, hears what is said, and lives by a clock that sleeping moves."""

    def __init__(self, environ: Mapping[str, str], *answers: str, may_ask: bool = True) -> None:
        self.environ = environ
        self.may_ask = may_ask
        self.answers = list(answers)
        self.asked: list[str] = []
        self.heard: list[str] = []
        self.slept: list[float] = []
        self.ran: list[tuple[list[str], str]] = []
        self.whenever_asleep: Callable[[], object] = lambda: None
        self.clock = time.time()

    def say(self, text: str) -> None:
        self.heard.append(text)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        if not self.answers:
            raise KeyboardInterrupt
        return self.answers.pop(0)

    ask_hidden = ask

    def now(self) -> float:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += seconds
        self.whenever_asleep()

    def run_command(self, argv: Sequence[str], env: Mapping[str, str], limit_s: float, streams: str) -> Ran:
        self.ran.append((list(argv), streams))
        return Console(Output(2, False), False, self.environ).run_command(argv, env, min(limit_s, 10), streams)

    @property
    def typed(self) -> list[str]:
        """The command lines that were run, without folders and versions asked for."""
        lines = (" ".join([os.path.basename(argv[0]), *argv[1:]]) for argv, streams in self.ran if streams != QUIET)
        return list(lines)


class Home(NamedTuple):
    """A home directory, what is on PATH there, and the STS that is asked."""

    path: Path
    environ: dict[str, str]
    where: Endpoint

    def write(self, config: str = "", credentials: str = "") -> None:
        """The two AWS files."""
        (self.path / ".aws").mkdir(exist_ok=True)
        (self.path / ".aws" / "config").write_text(config)
        (self.path / ".aws" / "credentials").write_text(credentials)

    def program(self, name: str, script: str) -> None:
        """A shell script on PATH."""
        path = self.path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def need(self, name: str, of: Source | None = None, **settings: object) -> Need:
        """What is to be refreshed: a profile as the files have it now, or another source."""
        used = of or Source(source.PROFILE, "~/.aws/config", profile=name)
        return Need(used, name, awsconfig.read(self.environ), self.environ, self.where, settings)

    def person(self, *answers: str) -> Person:
        """Somebody who gives these answers."""
        return Person(self.environ, *answers)

    def nobody(self) -> Person:
        """A CI system."""
        return Person(self.environ, may_ask=False)

    def files(self) -> Iterator[Path]:
        """Everything that lies in the home, apart from the AWS files that a test wrote."""
        written = (self.path / ".aws" / "config", self.path / ".aws" / "credentials")
        return (path for path in self.path.rglob("*") if path.is_file() and path not in written)


def home(path: Path, stand: Stand) -> Home:
    """A new home that asks the stand."""
    (path / "bin").mkdir(parents=True)
    environ = {"HOME": str(path), "PATH": f"{path / 'bin'}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    return Home(path, environ, Endpoint("us-east-1", stand.url))


def keys(name: str, key: AccessKey, *more: str) -> str:
    """A section of the credentials file."""
    token = [f"aws_session_token = {key.token}"] if key.token else []
    lines = [f"[{name}]", f"aws_access_key_id = {key.id}", f"aws_secret_access_key = {key.secret}", *token, *more]
    return "\n".join(lines) + "\n"


def printed(key: AccessKey, **changes: object) -> str:
    """What a `credential_process` prints for a key."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(key.expires_at)) if key.expires_at else None
    document: dict[str, object] = {
        "Version": 1,
        "AccessKeyId": key.id,
        "SecretAccessKey": key.secret,
        "SessionToken": key.token,
        "Expiration": ends,
    }
    return json.dumps({name: value for name, value in {**document, **changes}.items() if value is not None})


def prints(text: str) -> str:
    """The script of a program that prints a text."""
    return f"cat <<'END'\n{text}\nEND"


def jwt(expires: float, **claims: object) -> str:
    """A token of a CI system's."""
    body = json.dumps({"sub": "repo:made-up", "exp": expires, **claims}).encode()
    return f"e30.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.made-up-signature"


def same_key(credentials: Credentials | None, key: AccessKey) -> bool:
    """Whether the credentials are this key, secret and token included."""
    if credentials is None:
        return False
    token = credentials.token.reveal() if credentials.token else None
    return (credentials.access_key, credentials.secret_key.reveal(), token) == (key.id, key.secret, key.token)
