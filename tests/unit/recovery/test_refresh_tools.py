"""aws-vault, saml2aws, granted and a command of one's own: scripts stand in for the programs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery.refreshing import Home, keys, printed, prints, same_key
from tfwrap.origin import Secret
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh.aws_vault import AwsVault, Keyring
from tfwrap.recovery.refresh.command import Command
from tfwrap.recovery.refresh.granted import Granted
from tfwrap.recovery.refresh.saml2aws import Saml2aws
from tfwrap.sources import source
from tfwrap.sources.source import Source

if TYPE_CHECKING:
    from tests.unit.recovery.refreshing import Person
    from tfwrap.recovery.refresh import Result
    from tfwrap.stand.server import Stand

IN_ENVIRONMENT = Source(source.ENVIRONMENT, "AWS_ACCESS_KEY_ID", "ASIARTXV5AHD6QLZ0001", Secret("made up"))
SECRET = "made/up/by+the/tests/canary"


def run(home: Home, kind: type, person: Person, of: Source | None = None, **settings: object) -> Result:
    found = refresh.choose(home.need("prod", of, **settings))
    assert found
    assert type(found) is kind
    return refresh.run(found, person)


def ends(from_now: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + from_now))


def test_inside_a_shell_of_aws_vaults_it_is_explained_and_not_run(home: Home) -> None:
    home.environ["AWS_VAULT"] = "prod"
    person = home.person()
    result = run(home, AwsVault, person, IN_ENVIRONMENT)
    assert (result.done, person.ran) == (False, [])
    assert result.message.endswith("type exit, then aws-vault exec prod -- and your command")


def test_a_profile_that_asks_aws_vault_is_asked_again_with_the_terminal_at_hand(home: Home, stand: Stand) -> None:
    key = stand.keys.create_session()
    home.program("aws-vault", f'[ "$*" = "export --format=json prod" ] && {prints(printed(key))}')
    home.write("[profile prod]\ncredential_process = aws-vault export --format=json prod\n")
    assert same_key(run(home, AwsVault, home.person()).credentials, key)
    assert "needs a person" in run(home, AwsVault, home.nobody()).message
    home.environ["AWS_VAULT"] = "other"
    assert "this is a shell of aws-vault's" in run(home, AwsVault, home.person()).message


@pytest.mark.parametrize(
    ("version", "typed"),
    [
        ("v7.2.0", "export --format=json prod"),
        ("v6.6.2", "exec --json prod"),
        ("dev", "export --format=json prod"),
    ],
)
def test_a_profile_without_keys_may_have_them_in_the_keyring(
    home: Home, stand: Stand, version: str, typed: str
) -> None:
    key = stand.keys.create_session()
    home.program("aws-vault", f'[ "$1" = --version ] && {{ echo {version} >&2; exit; }}\n{prints(printed(key))}')
    home.write("[profile prod]\nregion = us-east-1\nmfa_serial = arn:aws:iam::111111111111:mfa/anna\n")
    person = home.person()
    result = run(home, Keyring, person)
    assert same_key(result.credentials, key)
    assert person.typed == [f"aws-vault {typed}"]


@pytest.mark.parametrize(
    ("does", "reason"),
    [("echo 'aws-vault: error: no creds' >&2; exit 1", "exit status 1"), ("echo garbage", "is not JSON")],
)
def test_a_keyring_that_gives_nothing_is_said(home: Home, does: str, reason: str) -> None:
    home.program("aws-vault", does)
    home.write("[profile prod]\nregion = us-east-1\n")
    assert run(home, Keyring, home.person()).message.endswith(reason)


def test_without_aws_vault_there_is_nothing_to_do_for_a_profile_without_keys(home: Home) -> None:
    home.write("[profile prod]\nregion = us-east-1\n")
    assert refresh.choose(home.need("prod")) is None


GRANTED = (
    "[profile prod]\ngranted_sso_start_url = https://made-up.awsapps.com/start\ngranted_sso_region = eu-west-1\n"
    "credential_process = granted credential-process --profile prod\n"
)


def granted(home: Home, key: str, logged_in: str = "") -> None:
    home.write(GRANTED)
    script = f'[ "$1" = sso ] && {{ {logged_in or "touch $HOME/in"}; exit; }}\n[ -e $HOME/in ] || exit 1\n{prints(key)}'
    home.program("granted", script)


def test_granted_gives_credentials_without_a_login_where_it_can(home: Home, stand: Stand) -> None:
    key = stand.keys.create_session()
    granted(home, printed(key))
    (home.path / "in").touch()
    assert same_key(run(home, Granted, home.nobody()).credentials, key)


def test_granted_logs_in_where_it_must_and_gives_them_then(home: Home, stand: Stand) -> None:
    key = stand.keys.create_session()
    granted(home, printed(key))
    person = home.person()
    assert same_key(run(home, Granted, person).credentials, key)
    login = "granted sso login --sso-start-url https://made-up.awsapps.com/start --sso-region eu-west-1"
    assert person.typed[1] == login


def test_granted_asks_nobody_where_nobody_is(home: Home, stand: Stand) -> None:
    granted(home, printed(stand.keys.create_session()))
    nobody = home.nobody()
    assert run(home, Granted, nobody).message == "the credential_process ended with exit status 1"
    assert len(nobody.ran) == 1


@pytest.mark.parametrize(
    ("does", "reason"), [("exit 1", "granted ended with exit status 1"), ("true", "the credential_process ended")]
)
def test_a_login_of_granteds_that_comes_to_nothing_is_said(home: Home, does: str, reason: str) -> None:
    granted(home, "{}", does)
    assert run(home, Granted, home.person()).message.startswith(reason)


def test_a_profile_of_granteds_without_a_start_url_is_said(home: Home) -> None:
    granted(home, "{}")
    home.write(GRANTED.replace("granted_sso_region", "x"))
    assert run(home, Granted, home.person()).message == (
        'profile "prod" has no granted_sso_start_url and granted_sso_region'
    )


def saml2aws(home: Home, stand: Stand, expires: float = 3600) -> str:
    """The profile that it wrote an hour ago; its next login writes another session, whose key id is returned."""
    old, new = stand.keys.create_session(), stand.keys.create_session()
    home.write("", keys("prod", old, f"x_security_token_expires = {ends(-60)}"))
    written = keys("prod", new, f"x_security_token_expires = {ends(expires)}")
    home.program("saml2aws", f"cat > $HOME/.aws/credentials <<'END'\n{written}END")
    return new.id


ACCOUNTS = [
    ("", {"SAML2AWS_PROFILE": "prod"}, "default"),
    ("", {"SAML2AWS_PROFILE": "prod", "SAML2AWS_IDP_ACCOUNT": "corp"}, "corp"),
    ("[work]\naws_profile = prod\n", {}, "work"),
    ("[other]\naws_profile = x\n[work]\naws_profile = prod\n", {}, "work"),
    ("[a]\naws_profile = prod\n[b]\naws_profile = prod\n", {"SAML2AWS_IDP_ACCOUNT": "b"}, "b"),
    ("[a]\naws_profile = prod\n", {"SAML2AWS_IDP_ACCOUNT": "z"}, "a"),
]


@pytest.mark.parametrize(("accounts", "environ", "account"), ACCOUNTS, ids=range(len(ACCOUNTS)))
def test_saml2aws_logs_in_and_its_new_session_is_read(
    home: Home, stand: Stand, accounts: str, environ: dict[str, str], account: str
) -> None:
    new = saml2aws(home, stand)
    (home.path / ".saml2aws").write_text(accounts)
    home.environ.update(environ)
    person = home.person()
    result = run(home, Saml2aws, person)
    assert result.done, result.message
    assert result.credentials
    assert result.credentials.access_key == new
    assert result.credentials.expires == pytest.approx(time.time() + 3600, abs=10)
    assert person.typed == [f"saml2aws login -a {account} --profile prod --force"]


NOT_SAML = [("", {}), ("[work]\naws_profile = lab\n", {}), ("", {"SAML2AWS_PROFILE": "lab"})]


@pytest.mark.parametrize(("accounts", "environ"), NOT_SAML, ids=range(len(NOT_SAML)))
def test_a_profile_that_saml2aws_does_not_write_is_not_its_affair(
    home: Home, stand: Stand, accounts: str, environ: dict[str, str]
) -> None:
    saml2aws(home, stand)
    (home.path / ".saml2aws").write_text(accounts)
    home.environ.update(environ)
    assert refresh.choose(home.need("prod")) is None


SAML_FAILS = [
    ("exit 1", "saml2aws ended with exit status 1"),
    ("true", 'saml2aws left the keys of profile "prod" as they were'),
    (": > $HOME/.aws/credentials", 'saml2aws wrote no keys for profile "prod"'),
]


@pytest.mark.parametrize(("does", "reason"), SAML_FAILS)
def test_a_login_of_saml2awss_that_comes_to_nothing_is_said(home: Home, stand: Stand, does: str, reason: str) -> None:
    saml2aws(home, stand)
    home.environ["SAML2AWS_PROFILE"] = "prod"
    home.program("saml2aws", does)
    assert run(home, Saml2aws, home.person()).message == reason


def test_a_session_that_is_over_when_it_is_written_is_said(home: Home, stand: Stand) -> None:
    saml2aws(home, stand, expires=-5)
    home.environ["SAML2AWS_PROFILE"] = "prod"
    assert run(home, Saml2aws, home.person()).message.endswith("is over already")


def test_a_login_of_saml2awss_needs_it_and_a_person(home: Home, stand: Stand) -> None:
    saml2aws(home, stand)
    home.environ["SAML2AWS_PROFILE"] = "prod"
    assert "needs a person" in run(home, Saml2aws, home.nobody()).message
    (home.path / "bin" / "saml2aws").unlink()
    assert run(home, Saml2aws, home.person()).message.startswith("saml2aws is not on PATH")


def test_a_command_of_ones_own_is_run_without_a_shell(home: Home) -> None:
    home.program("renew", 'printf "%s," "$@" > $HOME/got')
    result = run(home, Command, home.person(), command=["renew", "$HOME; true", "a b", "*"])
    assert (result.done, result.credentials) == (True, None)
    assert (home.path / "got").read_text() == "$HOME; true,a b,*,"


def test_a_command_goes_before_everything_else_and_serves_any_source(home: Home) -> None:
    home.write(GRANTED)
    for of in (None, IN_ENVIRONMENT):
        assert isinstance(refresh.choose(home.need("prod", of, command=["x"], vault="a/creds/b")), Command)


COMMAND_FAILS = [
    (["renew"], "renew ended with exit status 4"),
    (["missing"], "missing is not on PATH: install it, or do its work by hand"),
    (["./renew"], "./renew is a relative path: write it from / on, or only the program's name"),
    (["bin/renew"], "bin/renew is a relative path: write it from / on, or only the program's name"),
    (["/nonexistent/renew"], "/nonexistent/renew does not exist"),
]


@pytest.mark.parametrize(("command", "reason"), COMMAND_FAILS)
def test_a_command_that_fails_is_said(
    home: Home, command: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.path)
    home.program("renew", "exit 4")
    assert run(home, Command, home.person(), command=command).message == reason


def test_a_command_is_not_run_where_nobody_is_and_its_arguments_are_not_shown(home: Home) -> None:
    home.program("renew", "touch $HOME/ran")
    result = run(home, Command, home.nobody(), command=["renew", "--password", SECRET])
    assert not result.done
    assert "run renew, the command of [refresh.prod]" in result.message
    assert SECRET not in result.message
    assert not (home.path / "ran").exists()
