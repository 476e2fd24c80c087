from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfwrap.aws import accesskey
from tfwrap.stand.keys import KeyStore, key_id
from tfwrap.stand.wire import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(clock: Clock) -> KeyStore:
    return KeyStore(clock)


@given(number=st.integers(min_value=0, max_value=999_999_999_999))
def test_an_id_tells_its_account_as_real_ones_do(number: int) -> None:
    account = f"{number:012d}"
    made = key_id("AKIA", account)
    assert accesskey.account(made) == account
    assert len(made) == 20


def test_a_suffix_shows_in_the_masked_id(keys: KeyStore) -> None:
    key = keys.create(suffix="0001")
    assert accesskey.mask(key.id) == "AKIA****0001"
    assert accesskey.account(key.id) == "111111111111"


def test_an_old_key_id_does_not_tell_its_account(keys: KeyStore) -> None:
    old = keys.create_old("222222222222")
    assert (accesskey.account(old.id), old.account, keys.get(old.id)) == (None, "222222222222", old)
    assert keys.of_user(old.arn) == [old]


def test_two_keys_of_one_suffix_are_two_keys(keys: KeyStore) -> None:
    assert len({keys.create(suffix="0001").id for _ in range(20)}) == 20


def test_a_secret_is_forty_characters_with_the_ones_that_folklore_fears(keys: KeyStore) -> None:
    secret = keys.create().secret
    assert len(secret) == 40
    assert {"+", "/"} <= set(secret)


def test_a_long_term_key_has_no_token_and_no_end(keys: KeyStore) -> None:
    key = keys.create(account="222222222222", user="anna")
    assert key.id.startswith("AKIA")
    assert (key.token, key.expires_at) == (None, None)
    assert key.arn == "arn:aws:iam::222222222222:user/anna"


def test_a_session_has_a_token_and_ends_by_the_stands_clock(keys: KeyStore, clock: Clock) -> None:
    clock.shift(1000)
    session = keys.create_session(role="ci", lifetime_s=900)
    assert session.id.startswith("ASIA")
    assert session.token
    assert session.expires_at == pytest.approx(clock.now() + 900, abs=5)
    assert session.arn == "arn:aws:sts::111111111111:assumed-role/ci/stand"


def test_deactivating_is_undone_by_activating(keys: KeyStore) -> None:
    key = keys.create()
    keys.deactivate(key.id)
    states = [keys.get(key.id)]
    keys.activate(key.id)
    states.append(keys.get(key.id))
    assert [state and state.active for state in states] == [False, True]


def test_a_deleted_key_is_gone(keys: KeyStore) -> None:
    key = keys.create()
    keys.delete(key.id)
    assert keys.get(key.id) is None
    with pytest.raises(KeyError):
        keys.delete(key.id)


def test_an_expired_session_ended_before_now(keys: KeyStore, clock: Clock) -> None:
    session = keys.create_session()
    keys.expire(session.id)
    expired = keys.get(session.id)
    assert expired is not None
    assert expired.expires_at is not None
    assert expired.expires_at < clock.now()


def test_a_long_term_key_cannot_be_expired(keys: KeyStore) -> None:
    with pytest.raises(ValueError, match="does not expire"):
        keys.expire(keys.create().id)


@pytest.mark.parametrize("account", ["", "1", "11111111111x", "1111111111111"])
def test_an_account_must_have_twelve_digits(account: str) -> None:
    with pytest.raises(ValueError, match="twelve digits"):
        key_id("AKIA", account)


@pytest.mark.parametrize("suffix", ["", "001", "00001", "00-1", "äöüß"])
def test_a_suffix_must_be_four_letters_or_digits(suffix: str) -> None:
    with pytest.raises(ValueError, match="four letters or digits"):
        key_id("AKIA", "111111111111", suffix)
