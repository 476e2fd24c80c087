"""A refresh at a real terminal, and its token as the real Terraform and the real botocore read it."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from testing import sso as identity_center
from testing import world as worlds
from testing.marks import on_terraforms
from testing.sso import START_URL
from testing.terraforms import PATH
from tfwrap.aws import config as awsconfig
from tfwrap.aws.endpoint import Endpoint
from tfwrap.output import Output
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh import Console, Need
from tfwrap.sources import source
from tfwrap.sources.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from testing.processes import Answer, Shown
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

ACCOUNT, OTHER = "111111111111", "222222222222"
CODE = "123456"

# What a command of tfwrap's does: the refresh of a profile at the terminal that there is.
DRIVER = """
import json, os, sys
from tfwrap import output
from tfwrap.aws import config as awsconfig
from tfwrap.process import process
from tfwrap.sources import source
from tfwrap.aws.endpoint import Endpoint
from tfwrap.recovery import refresh
process.listen()
environ = dict(os.environ)
console = refresh.Console(output.make(environ), output.may_ask(environ, ()), environ)
need = refresh.Need(source.Source(source.PROFILE, "f", profile="prod"), "prod", awsconfig.read(environ), environ,
                    Endpoint("us-east-1", sys.argv[1]))
result = refresh.run(refresh.choose(need), console)
verdict = refresh.confirm(result, need, refresh.confirm.__globals__["identity"].Answer("unchecked"))
used = result.done and refresh.accept(verdict, console)
print("\\n" + json.dumps([result.done, used, result.message]))
"""


def at_a_terminal(world: World, stand: Stand, answers: list[Answer]) -> tuple[Shown, list[object]]:
    """Refresh the profile prod there; what the terminal shows, and what came of it."""
    driver = world.root / "driver.py"
    driver.write_text(DRIVER)
    shown = worlds.run_on_pty(world, [sys.executable, driver, stand.url], answers, (24, 400))
    lines = [line for line in shown.text.splitlines() if line.startswith("[")]
    assert lines, shown.text
    return shown, json.loads(lines[-1])


@pytest.fixture
def guarded(world: World, stand: Stand) -> str:
    """A role with MFA in the profile prod; the MFA device."""
    user = stand.keys.create(account=ACCOUNT, user="anna")
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/{user.id}"
    stand.keys.add_mfa_device(serial, CODE)
    role = stand.keys.add_role(OTHER, "guarded", needs_mfa=True).arn
    worlds.write_config(world, {"profile prod": {"role_arn": role, "source_profile": "base", "mfa_serial": serial}})
    worlds.write_credentials(world, {"base": {"aws_access_key_id": user.id, "aws_secret_access_key": user.secret}})
    return serial


def sessions(world: World) -> list[Path]:
    return [path for path in world.home.rglob("*.json") if path.parent.name == "sessions"]


def test_the_code_is_typed_unseen_and_the_session_kept(world: World, stand: Stand, guarded: str) -> None:
    question = f"tfwrap: code of MFA device {guarded}:"
    shown, came = at_a_terminal(world, stand, [(question, "000000\n"), (f"try 1 of 3\n{question}", f"{CODE}\n")])
    assert came[:2] == [True, True]
    assert CODE not in shown.text
    assert "000000" not in shown.text
    assert len(sessions(world)) == 1
    _, again = at_a_terminal(world, stand, [])
    assert again[:2] == [True, True]


def test_an_interrupt_at_the_question_ends_the_refresh_and_nothing_else(
    world: World, stand: Stand, guarded: str
) -> None:
    _, came = at_a_terminal(world, stand, [("code of MFA device", "\x03")])
    assert came == [False, False, "the refresh was interrupted; nothing was changed"]
    assert sessions(world) == []


SSO = {
    "sso-session corp": {"sso_start_url": START_URL, "sso_region": "us-east-1"},
    "profile prod": {"sso_session": "corp", "sso_account_id": OTHER, "sso_role_name": "Deploy"},
}


def test_an_interrupt_in_a_login_stops_the_login_as_well(world: World, stand: Stand) -> None:
    worlds.write_config(world, SSO)
    program = world.bin / "aws"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && { echo aws-cli/2.32.1; exit; }\n'
        f"echo $$ > {world.root}/pid\necho open this page\nexec sleep 60\n"
    )
    program.chmod(0o755)
    begun = time.monotonic()
    _, came = at_a_terminal(world, stand, [("open this page", "\x03")])
    assert came == [False, False, "the refresh was interrupted; nothing was changed"]
    assert time.monotonic() - begun < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int((world.root / "pid").read_text()), 0)


@pytest.fixture
def centre(stand: Stand) -> Iterator[identity_center.Sso]:
    with identity_center.start(stand.keys, stand.clock) as started:
        started.roles.add((OTHER, "Deploy"))
        yield started


def logged_in(world: World, centre: identity_center.Sso) -> None:
    """The refresh by the device code, which somebody confirms at once."""
    worlds.write_config(world, SSO)
    environ = {**world.environ, **centre.environment()}
    used = Source(source.PROFILE, "f", profile="prod")
    found = refresh.choose(Need(used, "prod", awsconfig.read(environ), environ, Endpoint("us-east-1")))
    assert found
    result = refresh.run(found, Console(Output(2, False), True, environ))
    assert result.done, result.message


def test_botocore_reads_and_renews_the_token(
    world: World, centre: identity_center.Sso, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(world, centre)
    for name, value in {**centre.environment(), "HOME": str(world.home), "AWS_PROFILE": "prod"}.items():
        monkeypatch.setenv(name, value)
    cache = world.home / ".aws" / "sso" / "cache"
    credentials = _of_botocore(cache)
    assert credentials.startswith("ASIA")
    (path,) = cache.iterdir()
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "expiresAt": "2020-01-01T00:00:00Z"}))
    assert _of_botocore(cache).startswith("ASIA")
    assert json.loads(path.read_text())["accessToken"] != kept["accessToken"]


def _of_botocore(cache: Path) -> str:
    """The key id that botocore gets for the profile, with a token cache in this home."""
    from botocore.credentials import SSOProvider
    from botocore.tokens import SSOTokenProvider
    from botocore.utils import JSONFileCache

    session = botocore.session.Session()
    kept: Any = JSONFileCache(str(cache))
    tokens = SSOTokenProvider(session, cache=kept, profile_name="prod")
    provider = SSOProvider(
        lambda: session.full_config, session.create_client, "prod", token_cache=kept, token_provider=tokens
    )
    found: Any = provider.load()
    return str(found.get_frozen_credentials().access_key)


@on_terraforms(PATH, "1.15.5")
def test_terraform_uses_the_token_that_the_refresh_left(
    world: World, stand: Stand, centre: identity_center.Sso, terraform: Terraform
) -> None:
    logged_in(world, centre)
    bucket = f"refreshed-{time.monotonic_ns()}"
    stand.create_bucket(bucket, account=OTHER)
    given = {"bucket": f'"{bucket}"', "key": '"k"', "profile": '"prod"'} | stand.backend_arguments(terraform.version)
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items())
    (world.cwd / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n')
    stand.forget()
    patch: worlds.Patch = {**stand.environment(), **centre.environment()}
    done = worlds.run(world, [terraform.path, "init", "-input=false"], env=patch)
    assert done.status == 0, done
    arrived = {key.access_key_id for key in stand.requests if key.access_key_id}
    assert all(key.startswith("ASIA") for key in arrived)
    assert any(call.path == "/federation/credentials" for call in centre.calls[4:])
