"""HashiCorp Vault: hvac against the stand-in, and new keys until STS knows them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from testing import vault as vaults
from tests.unit.recovery.refreshing import Home, same_key
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.recovery.refreshing import Person
    from tfwrap.recovery.refresh import Result
    from tfwrap.stand.server import Stand

TOKEN = "hvs.made-up-by-the-tests"
SECRET = "made/up/by+the/tests/canary"


@pytest.fixture
def vault(stand: Stand, home: Home) -> Iterator[vaults.Vault]:
    with vaults.start(stand.keys) as started:
        started.tokens[TOKEN] = ("aws/", "secret/")
        home.environ.update(VAULT_ADDR=started.url, VAULT_TOKEN=TOKEN)
        yield started


def run(home: Home, path: str, person: Person | None = None) -> Result:
    found = refresh.choose(home.need("prod", vault=path))
    assert isinstance(found, Vault)
    assert not found.is_interactive
    return refresh.run(found, person or home.nobody())


def test_a_role_of_the_aws_engine_gives_a_session(vault: vaults.Vault, home: Home) -> None:
    result = run(home, "aws/sts/deploy")
    assert result.done, result.message
    assert same_key(result.credentials, vault.made[0])
    assert result.credentials
    assert result.credentials.expires == pytest.approx(time.time() + vaults.LEASE_S, abs=10)
    assert [(call.method, call.path) for call in vault.calls] == [("POST", "/v1/aws/sts/deploy")]


def test_a_new_user_of_the_aws_engine_is_tried_on_sts(vault: vaults.Vault, home: Home, stand: Stand) -> None:
    stand.forget()
    result = run(home, "aws/creds/deploy")
    assert result.done, result.message
    assert same_key(result.credentials, vault.made[0])
    assert [request.access_key_id for request in stand.requests] == [vault.made[0].id]


def test_a_key_that_aws_does_not_know_yet_is_waited_for(
    vault: vaults.Vault, home: Home, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = home.person()
    monkeypatch.setattr(stand.keys, "create", _asleep(stand))

    def known_after_ten_seconds() -> None:
        if len(person.slept) == 5:
            stand.keys.activate(vault.made[0].id)

    person.whenever_asleep = known_after_ten_seconds
    result = run(home, "aws/creds/deploy", person)
    assert result.done, result.message
    assert person.slept == [2] * 5
    masked = f"{vault.made[0].id[:4]}****{vault.made[0].id[-4:]}"
    assert person.heard == [f"waiting until AWS knows the new key {masked} ({s} of 30 s)" for s in (0, 6)]


def test_a_key_that_aws_never_knows_is_given_up_after_half_a_minute(
    vault: vaults.Vault, home: Home, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = home.person()
    monkeypatch.setattr(stand.keys, "create", _asleep(stand))
    result = run(home, "aws/creds/deploy", person)
    assert not result.done
    assert result.message.endswith("after 30 seconds")
    assert sum(person.slept) <= 30
    assert vault.made[0].secret not in f"{result!r}{person.heard}"


def _asleep(stand: Stand) -> object:
    """Makes keys that STS does not know yet: it answers InvalidClientTokenId to inactive ones as well."""
    create = stand.keys.create

    def made(**arguments: str) -> object:
        key = create(**arguments)
        stand.keys.deactivate(key.id)
        return key

    return made


def test_an_interrupt_while_it_waits_ends_the_refresh_alone(
    vault: vaults.Vault, home: Home, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    person = home.person()
    person.whenever_asleep = interrupted
    monkeypatch.setattr(stand.keys, "create", _asleep(stand))
    assert run(home, "aws/creds/deploy", person).message == "the refresh was interrupted; nothing was changed"


KV = [
    {"access_key": "A", "secret_key": SECRET, "security_token": "T"},
    {"access_key": "A", "secret_key": SECRET, "session_token": "T"},
    {"aws_access_key_id": "A", "aws_secret_access_key": SECRET, "aws_session_token": "T"},
    {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "T"},
    {"AccessKeyId": "A", "SecretAccessKey": SECRET, "SessionToken": "T", "note": "of the build"},
]


@pytest.mark.parametrize("secret", KV, ids=range(len(KV)))
def test_a_secret_of_kv_is_read_under_the_names_that_people_use(
    vault: vaults.Vault, home: Home, secret: dict[str, str]
) -> None:
    vault.secrets["secret/team/prod"] = secret
    found = run(home, "secret/data/team/prod").credentials
    assert found
    assert found.token
    assert (found.access_key, found.secret_key.reveal(), found.token.reveal(), found.expires) == ("A", SECRET, "T", 0)
    assert vault.calls[0].path == "/v1/secret/data/team/prod"


def test_a_secret_of_kv_without_a_token_is_a_pair(vault: vaults.Vault, home: Home) -> None:
    vault.secrets["secret/prod"] = {"access_key": "A", "secret_key": SECRET, "session_token": None}
    found = run(home, "secret/data/prod").credentials
    assert found
    assert found.token is None


BAD = [
    ({}, "secret/data/prod in Vault holds no access key (looked for access_key, aws_access_key_id,"),
    ({"access_key": "A", "secret": SECRET}, "secret/data/prod in Vault holds no secret key (looked for secret_key,"),
    ({"access_key": "A", "secret_key": {"x": SECRET}}, "a key in secret/data/prod in Vault is no text of one line"),
    ({"access_key": "A", "secret_key": f"{SECRET}\n"}, "a key in secret/data/prod in Vault is no text of one line"),
]


@pytest.mark.parametrize(("secret", "reason"), BAD, ids=range(len(BAD)))
def test_a_secret_that_holds_no_keys_is_said_without_what_it_holds(
    vault: vaults.Vault, home: Home, secret: dict[str, object], reason: str
) -> None:
    vault.secrets["secret/prod"] = secret
    result = run(home, "secret/data/prod")
    assert not result.done
    assert result.message.startswith(reason)
    assert SECRET not in result.message


def test_the_token_of_vault_login_is_used_and_the_variable_goes_first(vault: vaults.Vault, home: Home) -> None:
    (home.path / ".vault-token").write_text("hvs.other\n")
    assert run(home, "aws/sts/deploy").done
    del home.environ["VAULT_TOKEN"]
    assert not run(home, "aws/sts/deploy").done
    (home.path / ".vault-token").write_text(f"{TOKEN}\n")
    assert run(home, "aws/sts/deploy").done


def test_the_namespace_is_sent(vault: vaults.Vault, home: Home) -> None:
    vault.namespace = "team/a"
    assert run(home, "aws/sts/deploy").message == "Vault has nothing at aws/sts/deploy"
    home.environ["VAULT_NAMESPACE"] = "team/a"
    assert run(home, "aws/sts/deploy").done


def test_a_token_that_has_ended_is_told_from_a_policy(vault: vaults.Vault, home: Home) -> None:
    assert run(home, "other/creds/deploy").message == (
        "the token is good, but its policies do not allow to read other/creds/deploy"
    )
    del vault.tokens[TOKEN]
    assert run(home, "aws/creds/deploy").message == (
        "Vault does not accept the token, it has probably expired: vault login"
    )


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_vault_in_trouble_is_said(vault: vaults.Vault, home: Home, status: int) -> None:
    vault.status = status
    assert run(home, "aws/sts/deploy").message.startswith("Vault answers ")


def test_what_is_missing_is_said(vault: vaults.Vault, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    del home.environ["VAULT_TOKEN"]
    assert run(home, "aws/sts/deploy").message == ("there is no Vault token (VAULT_TOKEN, ~/.vault-token): vault login")
    del home.environ["VAULT_ADDR"]
    assert run(home, "aws/sts/deploy").message == "VAULT_ADDR is not set: it names the Vault to ask"
    monkeypatch.setitem(sys.modules, "hvac", None)
    assert run(home, "aws/sts/deploy").message == "Vault needs hvac: pip install 'tfwrap-shim[vault]'"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "no address", "ftp://127.0.0.1"])
def test_where_nobody_answers_it_is_said_and_not_raised(vault: vaults.Vault, home: Home, address: str) -> None:
    home.environ["VAULT_ADDR"] = address
    assert run(home, "aws/sts/deploy").message.startswith("Vault could not be asked (")


def test_the_token_does_not_follow_a_redirection(vault: vaults.Vault, home: Home) -> None:
    from testing import jsonserver
    from testing.jsonserver import Reply

    to = (("Location", f"{vault.url}/v1/aws/creds/deploy"),)
    with jsonserver.serve(lambda _: Reply(307, {}, to)) as url:
        home.environ["VAULT_ADDR"] = url
        assert run(home, "aws/creds/deploy").message.startswith("what answers at VAULT_ADDR sends elsewhere")
    assert vault.calls == []


def test_no_secret_shows(vault: vaults.Vault, home: Home) -> None:
    result = run(home, "aws/sts/deploy")
    shown = f"{result!r}{result.message}"
    assert [text for text in (TOKEN, vault.made[0].secret, vault.made[0].token or "") if text in shown] == []
