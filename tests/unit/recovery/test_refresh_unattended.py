"""What needs nobody: a credential process, and a web identity."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery.refreshing import Home, jwt, printed, prints, same_key
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh import Result
from tfwrap.recovery.refresh.process import Process, program
from tfwrap.recovery.refresh.web_identity import WebIdentity
from tfwrap.sources import source
from tfwrap.sources.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.stand.server import Stand

SECRET = "made/up/by+the/tests/canary"


def run_process(home: Home, command: str) -> Result:
    home.write(f"[profile prod]\ncredential_process = {command}\n")
    found = refresh.choose(home.need("prod"))
    assert isinstance(found, Process)
    assert not found.is_interactive
    return refresh.run(found, home.nobody())


def test_a_process_is_run_again_without_anybody(home: Home, stand: Stand) -> None:
    key = stand.keys.create_session()
    home.program("gives", prints(printed(key)))
    result = run_process(home, f"{home.path}/bin/gives --profile prod")
    assert result.done, result.message
    assert same_key(result.credentials, key)


def test_a_process_is_run_by_the_shell_as_the_go_sdk_does(home: Home, stand: Stand) -> None:
    home.program("gives", f'[ "$1" = "two words" ] && {prints(printed(stand.keys.create_session()))}')
    assert run_process(home, '"$HOME"/bin/gives "two words" -v').done


FAILS = [
    ("exit 3", "the credential_process ended with exit status 3"),
    (f"echo '{SECRET}'", "the output of the credential_process is not JSON"),
    ("exit 0", "the output of the credential_process is not JSON"),
    (prints('{"Version": 2}'), "the output of the credential_process is not Version 1"),
]


@pytest.mark.parametrize(("does", "reason"), FAILS)
def test_a_process_that_gives_nothing_good_is_said_without_its_output(home: Home, does: str, reason: str) -> None:
    home.program("gives", does)
    assert run_process(home, f"{home.path}/bin/gives") == Result(False, None, reason)


def test_a_process_that_gives_an_old_session_is_said(home: Home, stand: Stand) -> None:
    home.program("gives", prints(printed(stand.keys.create_session(), Expiration="2020-01-01T00:00:00Z")))
    result = run_process(home, f"{home.path}/bin/gives")
    assert result.message == "the output of the credential_process is a session that has expired already"


def test_a_command_with_a_secret_in_it_is_not_shown(home: Home) -> None:
    home.write(f"[profile prod]\ncredential_process = gives --password {SECRET}\n")
    found = refresh.choose(home.need("prod"))
    assert found
    assert SECRET not in found.describe() + refresh.run(found, home.nobody()).message


@pytest.mark.parametrize(
    ("command", "name"),
    [("granted credential-process", "granted"), ('"/opt/a b/aws-vault" exec', "aws-vault"), ('"open', ""), ("", "")],
)
def test_the_program_of_a_process_is_its_first_word(home: Home, command: str, name: str) -> None:
    home.write(f"[profile prod]\ncredential_process = {command}\n")
    assert program(home.need("prod")) == name


@pytest.fixture
def token(home: Home) -> Path:
    home.environ.update(AWS_WEB_IDENTITY_TOKEN_FILE=str(home.path / "token"), AWS_ROLE_SESSION_NAME="job")
    return home.path / "token"


@pytest.fixture
def role(home: Home, stand: Stand) -> str:
    home.environ["AWS_ROLE_ARN"] = stand.keys.add_role("222222222222", "pipeline").arn
    return home.environ["AWS_ROLE_ARN"]


def run_identity(home: Home, name: str = "") -> Result:
    of = None if name else Source(source.WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE")
    found = refresh.choose(home.need(name, of))
    assert isinstance(found, WebIdentity)
    assert not found.is_interactive
    return refresh.run(found, home.nobody())


def test_the_token_is_read_again_and_the_role_assumed(home: Home, token: Path, role: str) -> None:
    token.write_text(jwt(time.time() + 60) + "\n")
    result = run_identity(home)
    assert result.done, result.message
    assert result.credentials
    assert result.credentials.role == role


def test_a_profile_has_a_token_and_a_role_of_its_own(home: Home, stand: Stand) -> None:
    own = stand.keys.add_role("222222222222", "own").arn
    (home.path / "own").write_text(jwt(time.time() + 60))
    home.write(f"[profile prod]\nrole_arn = {own}\nweb_identity_token_file = {home.path}/own\n")
    result = run_identity(home, "prod")
    assert result.credentials
    assert result.credentials.role == own


def test_a_token_that_has_expired_is_not_shown_to_aws(home: Home, token: Path, role: str, stand: Stand) -> None:
    token.write_text(jwt(1_700_000_000))
    before = len(stand.requests)
    result = run_identity(home)
    assert (
        result.message == f"the token in {token} expired at 2023-11-14 22:13:20 UTC, and nobody has written a new one"
    )
    assert len(stand.requests) == before


NO_TOKENS = ["", "no token", "a.b.c", "e30.W10.x", "e30.____.x", "\xe9", "a." + "W" * 3000]


@pytest.mark.parametrize("text", NO_TOKENS, ids=range(len(NO_TOKENS)))
def test_what_is_no_token_is_said(home: Home, token: Path, role: str, text: str) -> None:
    token.write_text(text)
    assert run_identity(home).message in (f"{token} holds no JSON web token", f"{token} holds no token")


def test_what_cannot_be_read_or_is_not_set_is_said(home: Home, token: Path, role: str) -> None:
    assert run_identity(home).message == f"{token} cannot be read: no such file or directory"
    del home.environ["AWS_ROLE_ARN"]
    assert run_identity(home).message.startswith("AWS_ROLE_ARN is not set")


def test_a_role_that_does_not_trust_the_token_is_said(home: Home, token: Path) -> None:
    home.environ["AWS_ROLE_ARN"] = "arn:aws:iam::222222222222:role/unknown"
    token.write_text(jwt(time.time() + 60))
    assert run_identity(home).message.startswith("STS answers AccessDenied: ")


@pytest.mark.parametrize("expires", ["never", None, True, 1e300])
def test_an_end_that_is_no_time_is_for_aws_to_judge(home: Home, token: Path, role: str, expires: object) -> None:
    token.write_text(jwt(0, exp=expires))
    result = run_identity(home)
    assert result.done or "expired" in result.message
