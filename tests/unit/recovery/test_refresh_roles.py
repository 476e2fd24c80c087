"""Roles with and without MFA, and the MFA session of an IAM user, on the stand's STS."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.unit.recovery.refreshing import Home, Person, keys, printed, prints
from tfwrap.identity import identity
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh import Result
from tfwrap.recovery.refresh.mfa_role import MfaRole, MfaUser
from tfwrap.recovery.refresh.role import Role

if TYPE_CHECKING:
    from tfwrap.recovery.refresh import Refresher
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT, OTHER = "111111111111", "222222222222"
CODE = "123456"


class People(NamedTuple):
    """A user with keys and an MFA device, and the role that wants both."""

    user: AccessKey
    serial: str
    role: str


@pytest.fixture
def people(stand: Stand, home: Home) -> People:
    user = stand.keys.create(account=ACCOUNT, user="anna")
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/anna-{user.id}"
    stand.keys.add_mfa_device(serial, CODE)
    made = People(user, serial, stand.keys.add_role(OTHER, "guarded", needs_mfa=True).arn)
    home.write(config(made), keys("base", user))
    return made


def config(made: People, *more: str) -> str:
    lines = ("[profile prod]", f"role_arn = {made.role}", "source_profile = base", f"mfa_serial = {made.serial}", *more)
    return "\n".join(lines) + "\n"


def chosen(home: Home, name: str, kind: type) -> Refresher:
    found = refresh.choose(home.need(name))
    assert found
    assert type(found) is kind
    return found


def run(home: Home, person: Person) -> Result:
    return refresh.run(chosen(home, "prod", MfaRole), person)


def arn(home: Home, result: Result) -> str:
    """Who STS says that the credentials are."""
    assert result.credentials
    return identity.ask(result.credentials.as_source("made up"), home.where).arn


def sessions(home: Home) -> list[str]:
    return [path.name for path in home.files() if path.parent.name == "sessions"]


def test_a_role_is_assumed_with_the_code_that_is_typed(people: People, home: Home) -> None:
    person = home.person(CODE)
    result = run(home, person)
    assert (result.done, person.asked) == (True, [f"code of MFA device {people.serial}:"])
    assert arn(home, result).startswith(f"arn:aws:sts::{OTHER}:assumed-role/guarded/tfwrap-")
    assert result.credentials
    assert result.credentials.role == people.role
    assert result.credentials.expires > person.now()


def test_session_name_external_id_and_duration_are_those_of_the_profile(
    people: People, home: Home, stand: Stand
) -> None:
    role = stand.keys.add_role(OTHER, "partner", external_id="made-up", needs_mfa=True).arn
    more = ("role_session_name = anna", "external_id = made-up", "duration_seconds = 900")
    home.write(config(people._replace(role=role), *more), keys("base", people.user))
    person = home.person(CODE)
    result = run(home, person)
    assert arn(home, result) == f"arn:aws:sts::{OTHER}:assumed-role/partner/anna"
    assert result.credentials
    assert result.credentials.expires == pytest.approx(person.now() + 900, abs=10)


@pytest.mark.parametrize("duration", ["899", "43201", "an hour", "-900", "9" * 5000])
def test_a_duration_that_aws_would_not_take_is_said(people: People, home: Home, duration: str) -> None:
    home.write(config(people, f"duration_seconds = {duration}"), keys("base", people.user))
    result = run(home, home.person(CODE))
    assert not result.done
    assert result.message.startswith('duration_seconds of profile "prod" is not a number of seconds')


def test_a_wrong_code_may_be_typed_again(people: People, home: Home) -> None:
    person = home.person("000000", "12345", CODE)
    assert run(home, person).done
    assert person.heard == [
        "AWS does not accept this code (each one is good once, for half a minute): try 1 of 3",
        "a code has six digits: try 2 of 3",
    ]


def test_after_three_wrong_codes_it_is_over(people: People, home: Home) -> None:
    person = home.person("000000", "000001", "000002", CODE)
    result = run(home, person)
    assert result == Result(False, None, f"no code of MFA device {people.serial} was accepted in 3 tries")
    assert person.answers == [CODE]
    assert sessions(home) == []


def test_a_refusal_that_is_not_the_codes_fault_is_said_at_once(people: People, home: Home) -> None:
    home.write(config(people._replace(role=f"arn:aws:iam::{OTHER}:role/unknown")), keys("base", people.user))
    person = home.person(CODE, CODE)
    result = run(home, person)
    assert result.message.startswith("STS answers AccessDenied: User: arn:aws:iam::111111111111:user/anna is not auth")
    assert person.answers == [CODE]


@pytest.mark.parametrize("answers", [[""], ["000000", ""]])
def test_no_code_is_an_answer(people: People, home: Home, answers: list[str]) -> None:
    assert run(home, home.person(*answers)).message == "no code was given"


def test_an_interrupt_at_the_question_ends_the_refresh_alone(people: People, home: Home) -> None:
    result = run(home, home.person())
    assert (result.done, result.message) == (False, "the refresh was interrupted; nothing was changed")
    assert sessions(home) == []


def test_nobody_is_asked_where_nobody_is(people: People, home: Home, stand: Stand) -> None:
    before, nobody = len(stand.requests), home.nobody()
    result = run(home, nobody)
    assert not result.done
    assert "needs a person at a terminal" in result.message
    assert (nobody.asked, len(stand.requests)) == ([], before)


def test_the_session_is_kept_and_the_second_time_nobody_is_asked(people: People, home: Home) -> None:
    first = run(home, home.person(CODE))
    again = chosen(home, "prod", MfaRole)
    assert not again.is_interactive
    nobody = home.nobody()
    second = refresh.run(again, nobody)
    assert (second.done, second.credentials) == (True, first.credentials)


def test_the_kept_session_is_for_our_user_alone(people: People, home: Home) -> None:
    run(home, home.person(CODE))
    (path,) = [path for path in home.files() if path.parent.name == "sessions"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert people.user.secret not in path.read_text()


def test_a_kept_session_that_sts_rejects_is_not_used_again(people: People, home: Home, stand: Stand) -> None:
    first = run(home, home.person(CODE))
    assert first.credentials
    stand.keys.expire(first.credentials.access_key)
    person = home.person(CODE)
    second = run(home, person)
    assert (second.done, person.answers) == (True, [])
    assert second.credentials != first.credentials
    assert len(sessions(home)) == 1


def test_a_kept_session_is_not_that_of_another_key_or_role(people: People, home: Home, stand: Stand) -> None:
    run(home, home.person(CODE))
    home.write(config(people), keys("base", stand.keys.create(account=ACCOUNT, user="anna")))
    assert chosen(home, "prod", MfaRole).is_interactive
    home.write(config(people, "external_id = other"), keys("base", people.user))
    assert chosen(home, "prod", MfaRole).is_interactive


def test_a_state_directory_that_cannot_be_written_costs_only_the_next_question(people: People, home: Home) -> None:
    (home.path / ".local").write_text("no directory")
    person = home.person(CODE)
    assert run(home, person).done
    assert any("could not be kept" in line for line in person.heard)


def test_a_chain_is_assumed_from_its_end(people: People, home: Home, stand: Stand) -> None:
    last = stand.keys.add_role("333333333333", "last").arn
    chain = f"[profile prod]\nrole_arn = {last}\nsource_profile = middle\n"
    middle = config(people).replace("[profile prod]", "[profile middle]")
    home.write(chain + middle, keys("base", people.user))
    result = run(home, home.person(CODE))
    assert arn(home, result).startswith("arn:aws:sts::333333333333:assumed-role/last/")


@pytest.mark.parametrize("of", ["process", "environment"])
def test_the_keys_may_come_from_elsewhere(people: People, home: Home, of: str) -> None:
    text = config(people)
    if of == "environment":
        text = text.replace("source_profile = base", "credential_source = Environment")
        home.environ.update(AWS_ACCESS_KEY_ID=people.user.id, AWS_SECRET_ACCESS_KEY=people.user.secret)
    else:
        home.program("gives", prints(printed(people.user)))
        text += f"[profile base]\ncredential_process = {home.path}/bin/gives\n"
    home.write(text)
    assert run(home, home.person(CODE)).done


def test_a_role_without_mfa_needs_nobody_and_is_not_kept(people: People, home: Home, stand: Stand) -> None:
    plain = stand.keys.add_role(OTHER, "plain").arn
    home.write(f"[profile prod]\nrole_arn = {plain}\nsource_profile = base\n", keys("base", people.user))
    found = chosen(home, "prod", Role)
    assert not found.is_interactive
    assert found.describe() == f"assume {plain} again"
    result = refresh.run(found, home.nobody())
    assert arn(home, result).startswith(f"arn:aws:sts::{OTHER}:assumed-role/plain/")
    assert sessions(home) == []


def test_a_profile_may_be_its_own_source_and_its_role_is_assumed_once(people: People, home: Home, stand: Stand) -> None:
    plain = stand.keys.add_role(OTHER, "plain").arn
    home.write(f"[profile prod]\nrole_arn = {plain}\nsource_profile = prod\n", keys("prod", people.user))
    stand.forget()
    assert refresh.run(chosen(home, "prod", Role), home.nobody()).done
    assert len(stand.requests) == 1


def test_a_source_profile_with_keys_is_where_the_chain_ends(people: People, home: Home, stand: Stand) -> None:
    first, last = stand.keys.add_role(ACCOUNT, "first").arn, stand.keys.add_role(OTHER, "last").arn
    home.write(
        f"[profile prod]\nrole_arn = {last}\nsource_profile = base\n"
        f"[profile base]\nrole_arn = {first}\nsource_profile = nowhere\n",
        keys("base", people.user),
    )
    assert [role.get("role_arn") for role in home.need("prod").roles] == [first, last]
    assert refresh.run(chosen(home, "prod", Role), home.nobody()).done


def test_a_role_is_refused_in_the_words_of_sts(people: People, home: Home, stand: Stand) -> None:
    plain = stand.keys.add_role(OTHER, "plain").arn
    home.write(f"[profile prod]\nrole_arn = {plain}\nsource_profile = base\n", keys("base", people.user))
    stand.keys.delete(people.user.id)
    result = refresh.run(chosen(home, "prod", Role), home.nobody())
    assert result.message.startswith("STS answers InvalidClientTokenId: ")


def test_where_sts_does_not_answer_it_is_said(people: People, home: Home) -> None:
    elsewhere = home._replace(where=home.where._replace(url="http://127.0.0.1:9"))
    assert run(elsewhere, home.person(CODE)).message == "STS could not be asked (EndpointConnectionError)"


def test_a_user_gets_a_session_with_mfa(people: People, home: Home) -> None:
    home.write("", keys("prod", people.user, f"mfa_serial = {people.serial}", "duration_seconds = 129600"))
    person = home.person("000000", CODE)
    result = refresh.run(chosen(home, "prod", MfaUser), person)
    assert arn(home, result) == people.user.arn
    assert result.credentials
    assert result.credentials.token
    assert result.credentials.expires == pytest.approx(person.now() + 129600, abs=10)
    assert not chosen(home, "prod", MfaUser).is_interactive


MUST_NOT = [
    ("a session has no MFA session", "aws_session_token = made-up\nmfa_serial = x"),
    ("long-term keys without a device", ""),
]


@pytest.mark.parametrize("more", [pytest.param(more, id=why) for why, more in MUST_NOT])
def test_other_keys_get_no_mfa_session(people: People, home: Home, more: str) -> None:
    home.write("", keys("prod", people.user, more))
    assert refresh.choose(home.need("prod")) is None


def test_no_secret_shows_in_a_result(people: People, home: Home) -> None:
    result = run(home, home.person(CODE))
    assert result.credentials
    assert result.credentials.token
    shown = f"{result!r} {result.message}"
    for secret in (people.user.secret, result.credentials.secret_key.reveal(), result.credentials.token.reveal()):
        assert secret not in shown
