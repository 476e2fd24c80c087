"""What a key id tells: kind, account, and what of it may be shown."""

from __future__ import annotations

import pytest

from tfwrap.aws import accesskey
from tfwrap.stand.keys import key_id

SHOWN = [
    pytest.param("AKIAMADEUPBYATEST001", "AKIA****T001", id="a long-term key"),
    pytest.param("ASIAMADEUPBYATEST002", "ASIA****T002", id="a session's key"),
    pytest.param("MADEUPBYATEST", "MADE****TEST", id="an emulator's, another prefix"),
    pytest.param("A" * 128, "AAAA****AAAA", id="the longest that IAM knows"),
]

HIDDEN = [
    pytest.param("", id="nothing"),
    pytest.param("AKIATEST", id="too short to keep the ends apart"),
    pytest.param("madeUp/by+a/test/0123456789012345678901", id="a secret in the wrong place"),
    pytest.param("madeUpByATest0123456789012345678901234567", id="a secret without + and /"),
    pytest.param("akiamadeupbyatest001", id="lower case: no id as AWS makes them"),
    pytest.param("AKIAMADEUPBYATEST 01", id="a space"),
    pytest.param("AKIAMADEUPBYATEST001\n", id="a line end"),
    pytest.param('"AKIAMADEUPBYATEST001"', id="quotes"),
    pytest.param("ÄKIAMADEUPBYATEST001", id="a letter that is no ASCII"),
    pytest.param("012345678901", id="digits alone: an account number"),
]


@pytest.mark.parametrize(("key", "masked"), SHOWN)
def test_a_key_id_is_shown_by_its_ends(key: str, masked: str) -> None:
    assert accesskey.mask(key) == masked


@pytest.mark.parametrize("key", HIDDEN)
def test_what_may_be_a_secret_is_hidden_whole(key: str) -> None:
    assert accesskey.mask(key) == "****"


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA"])
@pytest.mark.parametrize("account", ["111111111111", "000000000000", "000000000001", "999999999999", "549755813887"])
def test_the_account_comes_back_out_of_a_key_id(prefix: str, account: str) -> None:
    assert {accesskey.account(key_id(prefix, account)) for _ in range(20)} == {account}


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="nothing"),
        pytest.param("AKIA", id="a prefix alone"),
        pytest.param("AKIAAMADEUPBYATEST01", id="older than 2019: the first letter is A to P"),
        pytest.param("AKIAPMADEUPBYATEST01", id="P is still old"),
        pytest.param("AIDAQMADEUPBYATEST01", id="a user's id, not a key's"),
        pytest.param("AROAQMADEUPBYATEST01", id="a role's id, not a key's"),
        pytest.param("AKIAQMADEUPBYATEST0", id="a character short"),
        pytest.param("AKIAQMADEUPBYATEST012", id="a character long"),
        pytest.param("AKIAQ1ADEUPBYATEST01", id="1 is no base32"),
        pytest.param("AKIAqMADEUPBYATEST01", id="lower case"),
        pytest.param("AKIAQ ADEUPBYATEST01", id="a space"),
    ],
)
def test_no_account_is_read_where_there_is_none(key: str) -> None:
    assert accesskey.account(key) is None
