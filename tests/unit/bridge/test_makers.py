"""What makes the credentials of a bridged profile, on the stand's STS and with an AWS CLI of ours."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.bridge.modules import login
from tests.unit.recovery.refreshing import keys, printed, prints, same_key
from tfwrap.bridge import makers
from tfwrap.identity import identity
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.bridge.modules import Module, People
    from tests.unit.recovery.refreshing import Home, Person
    from tfwrap.bridge.makers import Maker
    from tfwrap.recovery.refresh.outcome import Credentials
    from tfwrap.stand.server import Stand

CODE, OTHER = "123456", "222222222222"
SSO = "sso_account_id = 1\nsso_role_name = n\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = u\n"


def maker(module: Module, person: Person, profile: str = "prod") -> Maker:
    (needed,) = module.facts(profile).bridgeable
    return makers.maker(needed, module.home.environ, person)


def arn(home: Home, credentials: Credentials) -> str:
    return identity.ask(credentials.as_source("made up"), home.where).arn


def kept(home: Home) -> list[str]:
    return sorted(path.name for path in home.files() if path.parent.name == "sessions")


@pytest.fixture
def _no_session_tokens(stand: Stand) -> Iterator[None]:
    stand.denials["sts", "GetSessionToken"] = "AccessDenied"
    yield
    del stand.denials["sts", "GetSessionToken"]


# Roles with MFA


def test_one_code_is_good_for_session_after_session_of_the_role(people: People, module: Module) -> None:
    person = module.home.person(CODE)
    made = maker(module, person)
    assert person.asked == [f"code of MFA device {people.serial}:"]
    sessions = [made.make() for _ in range(3)]
    assert len({session.access_key for session in sessions}) == 3
    expected = f"arn:aws:sts::{OTHER}:assumed-role/guarded/"
    assert all(arn(module.home, session).startswith(expected) for session in sessions)
    assert (made.is_lasting, len(person.asked)) == (True, 1)


def test_the_users_own_session_is_kept_and_nobody_is_asked_again(people: People, module: Module) -> None:
    maker(module, module.home.person(CODE))
    assert len(kept(module.home)) == 1
    assert all(people.user.secret not in path.read_text() for path in module.home.files() if path.suffix == ".json")
    nobody = module.home.nobody()
    assert maker(module, nobody).make().role == people.role
    assert nobody.asked == []


def test_another_role_behind_the_same_device_needs_no_code_of_its_own(
    people: People, module: Module, stand: Stand
) -> None:
    second = people._replace(role=stand.keys.add_role("333333333333", "second", needs_mfa=True).arn)
    text = people.profile("prod") + second.profile("second")
    module.home.write(text, keys("base", people.user))
    maker(module, module.home.person(CODE))
    assert maker(module, module.home.nobody(), "second").make().role == second.role


def test_a_kept_session_that_aws_refuses_is_made_anew(people: People, module: Module, stand: Stand) -> None:
    maker(module, module.home.person(CODE))
    before = kept(module.home)
    (path,) = (path for path in module.home.files() if path.name in before)
    content = path.read_text()
    stand.keys.expire(json.loads(content)["access_key"])
    person = module.home.person(CODE)
    assert maker(module, person).make().role == people.role
    assert (len(person.asked), kept(module.home)) == (1, before)
    assert path.read_text() != content


@pytest.mark.parametrize(("left_s", "asked"), [(makers.ENOUGH_S + 60, 0), (makers.ENOUGH_S - 60, 1)])
def test_of_a_kept_session_enough_for_a_run_must_be_left(
    people: People, module: Module, left_s: float, asked: int
) -> None:
    maker(module, module.home.person(CODE))
    person = module.home.person(CODE)
    person.clock += 12 * 3600 - left_s
    assert maker(module, person).make().role == people.role
    assert len(person.asked) == asked


def test_where_nobody_can_be_asked_what_is_left_has_to_do(people: People, module: Module) -> None:
    maker(module, module.home.person(CODE))
    nobody = module.home.nobody()
    nobody.clock += 12 * 3600 - 600
    assert maker(module, nobody).make().role == people.role


def test_a_kept_session_is_not_that_of_another_key(people: People, module: Module, stand: Stand) -> None:
    maker(module, module.home.person(CODE))
    module.home.write(people.profile("prod"), keys("base", stand.keys.create(account="111111111111", user="anna")))
    person = module.home.person(CODE)
    maker(module, person)
    assert len(person.asked) == 1


def test_a_session_that_cannot_be_kept_is_in_memory_all_the_same(people: People, module: Module) -> None:
    (module.home.path / ".local").write_text("no directory")
    person = module.home.person(CODE)
    assert maker(module, person).make().role == people.role
    assert any("could not be kept" in line for line in person.heard)


@pytest.mark.usefixtures("_no_session_tokens")
def test_where_a_policy_forbids_a_session_of_the_users_own_the_code_buys_one_of_the_role(
    people: People, module: Module
) -> None:
    person = module.home.person(CODE, CODE)  # the first code is spent
    made = maker(module, person)
    assert not made.is_lasting
    session = made.make()
    assert session.role == people.role
    asked = len(person.asked)
    with pytest.raises(NotRefreshed, match='the session of profile "prod" ends, and a new one needs a code'):
        made.make()
    assert len(person.asked) == asked == 2


@pytest.mark.usefixtures("people")
def test_another_refusal_is_not_taken_for_a_policy(module: Module, stand: Stand) -> None:
    stand.denials["sts", "GetSessionToken"] = "RegionDisabledException"
    person = module.home.person(CODE, CODE)
    try:
        with pytest.raises(NotRefreshed, match="RegionDisabledException"):
            maker(module, person)
    finally:
        del stand.denials["sts", "GetSessionToken"]
    assert len(person.asked) == 1


@pytest.mark.usefixtures("people")
def test_three_wrong_codes_are_not_taken_for_a_policy(module: Module) -> None:
    person = module.home.person("000000", "000001", "000002", CODE)
    with pytest.raises(NotRefreshed, match="was accepted in 3 tries"):
        maker(module, person)
    assert person.answers == [CODE]


def test_keys_that_are_a_session_themselves_buy_one_session_of_the_role(
    people: People, module: Module, stand: Stand
) -> None:
    """To AWS GetSessionToken with temporary credentials is an error."""
    temporary = stand.keys.create_session(account="111111111111", role="ci")
    module.home.write(people.profile("prod"), keys("base", temporary))
    person = module.home.person(CODE)
    made = maker(module, person)
    assert (made.is_lasting, len(person.asked), made.make().role) == (False, 1, people.role)


def test_a_device_at_the_second_role_of_a_chain_buys_one_session(people: People, module: Module, stand: Stand) -> None:
    first = stand.keys.add_role("333333333333", "first").arn
    text = people.profile("prod", source="middle")
    text += f"[profile middle]\nrole_arn = {first}\nsource_profile = base\n"
    module.home.write(text, keys("base", people.user))
    person = module.home.person(CODE)
    made = maker(module, person)
    assert (made.is_lasting, len(person.asked), made.make().role) == (False, 1, people.role)


@pytest.mark.usefixtures("people")
def test_a_code_that_nobody_can_be_asked_for_is_said(module: Module, stand: Stand) -> None:
    before = len(stand.requests)
    with pytest.raises(NotRefreshed, match="can only be asked for on a terminal"):
        maker(module, module.home.nobody())
    assert len(stand.requests) == before


def test_keys_that_are_not_at_hand_are_said_and_no_code_is_asked_for(people: People, module: Module) -> None:
    module.home.write(f"{people.profile('prod')}[profile base]\nsso_session = corp\n{SSO}")
    person = module.home.person(CODE)
    with pytest.raises(NotRefreshed, match='what profile "prod" is assumed with is not at hand'):
        maker(module, person)
    assert person.asked == []


# Everything else


def test_a_login_session_is_what_the_aws_cli_exports(module: Module, stand: Stand) -> None:
    module.home.write(login("prod"))
    key = stand.keys.create_session(account=OTHER)
    module.aws_gives(key)
    made = maker(module, module.home.nobody())
    assert made.is_lasting
    assert all(same_key(made.make(), key) for _ in range(2))
    config = f"{module.home.path}/.aws/config"
    assert module.asked() == [f"{config} configure export-credentials --profile prod --format process"] * 2


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("exit 255", "aws ended with exit status 255", id="a failure"),
        pytest.param("echo canary", "the output of aws is not JSON", id="no credentials"),
        pytest.param("echo '{\"Version\": 1}'", "holds no complete pair of keys", id="none in it"),
    ],
)
def test_what_the_aws_cli_cannot_make_is_said_with_the_login_that_helps(
    module: Module, script: str, words: str
) -> None:
    module.home.write(login("prod"))
    module.aws_does(script)
    with pytest.raises(NotRefreshed, match=words) as failed:
        maker(module, module.home.nobody()).make()
    assert str(failed.value).endswith("(aws configure export-credentials): aws login --profile prod")
    assert "canary" not in str(failed.value)


def test_a_session_that_is_over_already_is_none(module: Module, stand: Stand) -> None:
    module.home.write(login("prod"))
    module.aws_gives(stand.keys.create_session(account=OTHER), Expiration="2020-01-01T00:00:00Z")
    with pytest.raises(NotRefreshed, match="expired already"):
        maker(module, module.home.nobody()).make()


def test_an_aws_cli_that_hangs_is_ended_in_time(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "LIMIT_S", 1)
    module.home.write(login("prod"))
    module.aws_does("sleep 60")
    begun = time.monotonic()
    with pytest.raises(NotRefreshed, match="did not end within 1 seconds"):
        maker(module, module.home.nobody()).make()
    assert time.monotonic() - begun < 10


def test_what_botocore_cannot_make_is_said(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    from tfwrap.terraform import versions

    monkeypatch.setattr(versions, "detect", lambda *_: (1, 0, 3))
    module.home.write(f"[profile prod]\nsso_session = corp\n{SSO}")
    with pytest.raises(NotRefreshed, match=r"\w") as failed:
        maker(module, module.home.nobody()).make()
    assert "login" in str(failed.value)


def test_a_process_is_run_again_each_time(module: Module, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.12 looks at no config file by itself."""
    from tfwrap.terraform import versions

    monkeypatch.setattr(versions, "detect", lambda *_: (0, 12, 29))
    key = stand.keys.create_session(account=OTHER, lifetime_s=3600)  # botocore renews a shorter one at once
    module.home.program("gives", f"echo x >> {module.home.path}/gave\n{prints(printed(key))}")
    module.home.write(f"[profile prod]\ncredential_process = {module.home.path}/bin/gives\n")
    module.home.environ["AWS_PROFILE"] = "prod"
    made = maker(module, module.home.nobody(), profile="")
    assert all(same_key(made.make(), key) for _ in range(2))
    assert (module.home.path / "gave").read_text() == "x\nx\n"
