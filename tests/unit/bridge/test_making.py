"""The first credentials of bridged profiles, who may follow them, and what the facts are with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.bridge.modules import login
from tests.unit.recovery.refreshing import keys, printed
from tfwrap.bridge import making
from tfwrap.recovery.refresh.outcome import NotRefreshed
from tfwrap.sources.source import NONE

if TYPE_CHECKING:
    from tests.unit.bridge.modules import Module, People
    from tests.unit.recovery.refreshing import Home, Person
    from tfwrap.bridge.session import Renewing
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT, OTHER = "111111111111", "222222222222"
CODE = "123456"
HOUR = 3600.0
UNREACHABLE = "http://127.0.0.1:9"


def session(stand: Stand, account: str = ACCOUNT, lifetime_s: float = HOUR) -> AccessKey:
    return stand.keys.create_session(account=account, lifetime_s=lifetime_s)


def asked_who(stand: Stand) -> int:
    return sum(request.action == "GetCallerIdentity" for request in stand.requests)


def told(renewing: Renewing) -> str:
    found = json.loads(renewing.document())["AccessKeyId"]
    assert isinstance(found, str)
    return found


def served(module: Module, person: Person, account: str = "") -> Renewing:
    """What is handed out for the profile "prod"."""
    (one,), _ = making.made(module.facts(account=account), person)
    return one.renewing


@pytest.fixture
def first(module: Module, stand: Stand) -> AccessKey:
    """What the AWS CLI gives for "prod", to begin with."""
    module.home.write(login("prod"))
    key = session(stand)
    module.aws_gives(key)
    return key


# Who may follow the first ones


def test_a_new_session_of_the_same_account_takes_over(module: Module, stand: Stand, first: AccessKey) -> None:
    person = module.home.nobody()
    renewing = served(module, person)
    assert told(renewing) == first.id
    second = session(stand)
    module.aws_gives(second)
    person.clock += HOUR - 60
    assert told(renewing) == second.id


def test_a_new_session_of_another_account_is_refused(module: Module, stand: Stand, first: AccessKey) -> None:
    """A login may have turned to another account meanwhile."""
    person = module.home.nobody()
    renewing = served(module, person)
    module.aws_gives(session(stand, OTHER))
    person.clock += HOUR - 60
    assert told(renewing) == first.id  # for as long as it is good
    person.clock += 60
    with pytest.raises(
        NotRefreshed, match=f"the new credentials are of account {OTHER}, and those before were of account {ACCOUNT}"
    ):
        renewing.document()


def test_a_pin_is_asked_about_at_each_renewal(module: Module, stand: Stand, first: AccessKey) -> None:
    person = module.home.nobody()
    renewing = served(module, person, account=ACCOUNT)
    assert told(renewing) == first.id
    for _ in range(3):
        stand.forget()
        following = session(stand, lifetime_s=8 * HOUR)
        module.aws_gives(following)
        person.clock += 8 * HOUR - 60
        assert told(renewing) == following.id
        assert [r.access_key_id for r in stand.requests if r.action == "GetCallerIdentity"] == [following.id]


@pytest.mark.usefixtures("first")
def test_a_session_of_another_than_the_pinned_account_is_refused(module: Module, stand: Stand) -> None:
    """Of the first one the verdict asks, before Terraform starts."""
    person = module.home.nobody()
    renewing = served(module, person, account=OTHER)
    module.aws_gives(session(stand))
    person.clock += HOUR
    with pytest.raises(NotRefreshed, match=f"are of account {ACCOUNT}, and account {OTHER} is pinned"):
        renewing.document()


@pytest.mark.usefixtures("first")
def test_a_key_that_does_not_tell_its_account_is_asked_about(module: Module, stand: Stand) -> None:
    person = module.home.nobody()
    renewing = served(module, person, account=ACCOUNT)
    stand.forget()
    module.aws_gives(session(stand), AccessKeyId="ASIAOLD")
    person.clock += HOUR
    with pytest.raises(NotRefreshed, match=f"account {ACCOUNT} is pinned, and STS did not confirm it"):
        renewing.document()
    assert asked_who(stand) == 1


@pytest.mark.usefixtures("first")
def test_where_sts_cannot_be_asked_a_pin_is_not_held_to_be_met(module: Module, stand: Stand) -> None:
    module.home.environ["AWS_ENDPOINT_URL_STS"] = UNREACHABLE
    person = module.home.nobody()
    renewing = served(module, person, account=ACCOUNT)
    module.aws_gives(session(stand))
    person.clock += HOUR
    with pytest.raises(NotRefreshed, match="STS did not confirm it"):
        renewing.document()


def test_where_nothing_is_pinned_sts_is_not_asked(module: Module, stand: Stand, first: AccessKey) -> None:
    stand.forget()
    person = module.home.nobody()
    renewing = served(module, person)
    following = session(stand)
    module.aws_gives(following)
    person.clock += HOUR
    assert told(renewing) == following.id
    assert (stand.requests, first.id != following.id) == ([], True)


def test_a_role_that_one_code_bought_says_at_the_end_that_a_new_one_is_needed(
    people: People, module: Module, stand: Stand
) -> None:
    stand.denials["sts", "GetSessionToken"] = "AccessDenied"
    person = module.home.person(CODE, CODE)
    try:
        (one,), facts = making.made(module.facts(), person)
    finally:
        del stand.denials["sts", "GetSessionToken"]
    assert not one.is_lasting
    assert facts.consumers[0].source.expires == one.renewing.first.expires > 0  # TFW114 rests on it
    person.clock = one.renewing.first.expires - 1
    assert told(one.renewing) == one.renewing.first.access_key
    person.clock += 1
    with pytest.raises(NotRefreshed, match="a new one needs a code: run it again"):
        one.renewing.document()
    assert (len(person.asked), one.renewing.first.role) == (2, people.role)


# What cannot be made


@pytest.mark.usefixtures("people")
def test_a_profile_that_cannot_be_made_is_declined_in_words(module: Module) -> None:
    before = module.facts()
    found, facts = making.made(before, module.home.nobody())
    assert found == ()
    assert "can only be asked for on a terminal" in facts.bridgeable[0].why_not
    assert facts.consumers == before.consumers
    assert facts.consumers[0].source.kind == NONE


@pytest.mark.usefixtures("first")
def test_a_program_that_cannot_be_started_is_declined_in_words(module: Module) -> None:
    (module.home.path / "bin" / "aws").write_bytes(b"\x7fELF no program")
    found, facts = making.made(module.facts(), module.home.nobody())
    assert (found, facts.bridgeable[0].why_not) == ((), f"{module.home.path}/bin/aws exec format error")


def test_of_two_profiles_the_one_that_can_be_made_is(people: People, module: Module, stand: Stand) -> None:
    module.home.write(people.profile("prod") + login("lab"), keys("base", people.user))
    key = session(stand)
    module.aws_gives(key)
    (one,), facts = making.made(module.facts("prod", "lab"), module.home.nobody())
    assert one.profile == "lab"
    reasons = {each.profile: each.why_not for each in facts.bridgeable}
    assert reasons["lab"] == ""
    assert "terminal" in reasons["prod"]
    used = {consumer.name: consumer.source.access_key for consumer in facts.consumers}
    assert sorted(used.values()) == ["", key.id]


def test_what_stands_in_the_way_of_a_bridge_is_not_made(module: Module, stand: Stand) -> None:
    """Neither a program is run nor a code asked for."""
    module.home.write("", login("prod").replace("profile ", ""))
    module.aws_gives(session(stand))
    found, facts = making.made(module.facts(), module.home.person(CODE))
    assert (found, module.asked()) == ((), [])
    assert "it is defined in" in facts.bridgeable[0].why_not


def test_a_consumer_with_a_reason_of_its_own_keeps_it_where_another_ones_was_not_made(module: Module) -> None:
    module.home.write(login("prod"))
    module.aws_does("exit 1")
    block = f'    shared_config_files = ["{module.home.path}/.aws/config"]\n'
    _, facts = making.made(module.facts("prod", "prod", more=block), module.home.nobody())
    backend, provider = (each.why_not for each in facts.bridgeable)
    assert "shared_config_files" in backend
    assert "aws ended with exit status 1" in provider


@pytest.mark.usefixtures("people")
def test_who_gives_up_at_the_question_ends_the_run(module: Module) -> None:
    with pytest.raises(KeyboardInterrupt):
        making.made(module.facts(), module.home.person())


def test_where_nothing_may_be_made_every_profile_says_so_but_those_that_have_a_reason(module: Module) -> None:
    module.home.write(login("lab"), login("prod").replace("profile ", ""))
    facts = making.declined(module.facts("prod", "lab"), "not today")
    reasons = {each.profile: each.why_not for each in facts.bridgeable}
    assert reasons["lab"] == "not today"
    assert reasons["prod"].startswith("it is defined in")


# What the facts are


def test_a_profile_of_several_consumers_is_made_once(module: Module, stand: Stand, first: AccessKey) -> None:
    (one,), facts = making.made(module.facts("prod", "prod", "prod"), module.home.nobody())
    assert len(module.asked()) == 1
    assert len(facts.consumers) == 3
    assert {consumer.source.access_key for consumer in facts.consumers} == {first.id}
    assert (one.profile, one.config) == ("prod", f"{module.home.path}/.aws/config")


def test_the_checks_see_what_was_made_and_no_end_where_it_is_made_anew(module: Module, first: AccessKey) -> None:
    _, facts = making.made(module.facts(), module.home.nobody())
    source = facts.consumers[0].source
    assert (source.access_key, source.profile, source.expires) == (first.id, "prod", 0)
    assert (facts.backend_source, facts.fresh_source) == (source, source)
    assert "made by tfwrap" in source.location


def test_two_profiles_of_one_name_in_two_files_are_two(home: Home, module: Module, stand: Stand) -> None:
    """The backend's own variable for the config file goes before the SDK's."""
    one, other = session(stand), session(stand, OTHER)
    module.home.write(login("prod"))
    (home.path / "other").write_text(login("prod"))
    home.environ["AWS_SHARED_CONFIG_FILE"] = f"{home.path}/other"
    module.aws_does(f"case $AWS_CONFIG_FILE in */other) cat {home.path}/2;; *) cat {home.path}/1;; esac")
    (home.path / "1").write_text(printed(one))
    (home.path / "2").write_text(printed(other))
    found, facts = making.made(module.facts("prod", "prod"), module.home.nobody())
    made = {each.config: each.renewing.first.access_key for each in found}
    assert made == {f"{home.path}/.aws/config": one.id, f"{home.path}/other": other.id}
    backend, provider = (consumer.source.access_key for consumer in facts.consumers)
    assert (backend, provider) == (other.id, one.id)
