"""What is well formed, and what becomes of a value that is not."""

from __future__ import annotations

import pytest

from tfwrap.aws import keyshape
from tfwrap.aws.keyshape import KEY_ID, SECRET, TOKEN, Damage, Shape

KEY = "AKIAMADEUPBYATEST001"
PLAIN = "madeUp/by+the/tests/0123456789abcdefghij"
SLASH = "/" + PLAIN[:-1]
LONG = "IQoJmadeUpByTheTests/0123456789+abcdef=="
FOLDER = "a folder that Git Bash put before its leading slash"


def test_the_values_of_these_tests_are_well_formed() -> None:
    assert [keyshape.is_key_id(KEY), keyshape.is_token(LONG)] == [True, True]
    assert [keyshape.is_secret(PLAIN), keyshape.is_secret(SLASH)] == [True, True]


@pytest.mark.parametrize(
    ("value", "shape", "words", "repaired"),
    [
        pytest.param(f"{PLAIN}\n", SECRET, ["a line break"], PLAIN, id="a line end"),
        pytest.param(f"{PLAIN}\r", SECRET, ["a line break"], PLAIN, id="half of a Windows line end"),
        pytest.param(f"{KEY} ", KEY_ID, ["a blank"], KEY, id="a blank"),
        pytest.param(f"\t{KEY}", KEY_ID, ["a blank"], KEY, id="a tab"),
        pytest.param(f"\ufeff{KEY}", KEY_ID, ["a byte order mark"], KEY, id="a byte order mark"),
        pytest.param(f"{KEY}\xa0", KEY_ID, ["a no-break space"], KEY, id="a no-break space"),
        pytest.param(f"{PLAIN}\u200b", SECRET, ["an invisible character"], PLAIN, id="a zero-width space"),
        pytest.param(f'"{KEY}"', KEY_ID, ["quotes"], KEY, id="double quotes"),
        pytest.param(f"'{PLAIN}'", SECRET, ["quotes"], PLAIN, id="single quotes"),
        pytest.param(f"\u201c{PLAIN}\u201d", SECRET, ["quotes"], PLAIN, id="a word processor's quotes"),
        pytest.param(f'"{PLAIN}"\n', SECRET, ["a line break", "quotes"], PLAIN, id="quotes and a line end"),
        pytest.param(f'" {PLAIN}"', SECRET, ["quotes", "a blank"], PLAIN, id="a blank inside the quotes"),
        pytest.param(PLAIN.replace("/", "%2F"), SECRET, ["URL-encoding"], PLAIN, id="encoded slashes"),
        pytest.param(
            PLAIN.replace("/", "%2f").replace("+", "%2b"), SECRET, ["URL-encoding"], PLAIN, id="in small letters"
        ),
        pytest.param(f"C:/Program Files/Git{SLASH}", SECRET, [FOLDER], SLASH, id="Git Bash"),
        pytest.param(f"C:/msys64{SLASH}", SECRET, [FOLDER], SLASH, id="MSYS2"),
        pytest.param(f"D:/Users/x/scoop/apps/git/current{SLASH}", SECRET, [FOLDER], SLASH, id="scoop"),
        pytest.param(f"{LONG}\n", TOKEN, ["a line break"], LONG, id="a token's line end"),
        pytest.param(f'"{LONG}"', TOKEN, ["quotes"], LONG, id="a token in quotes"),
    ],
)
def test_damage_is_named_and_undone(value: str, shape: Shape, words: list[str], repaired: str) -> None:
    assert keyshape.damage(value, shape) == Damage(tuple(words), repaired)


@pytest.mark.parametrize(
    ("value", "shape", "words"),
    [
        pytest.param("", SECRET, [], id="nothing"),
        pytest.param(" \n", KEY_ID, ["a line break"], id="nothing but white space"),
        pytest.param('""', KEY_ID, ["quotes"], id="nothing in quotes"),
        pytest.param(f'"{KEY}', KEY_ID, [], id="a quote on one side"),
        pytest.param(f"\"{KEY}'", KEY_ID, [], id="two different quotes"),
        pytest.param(f"''{KEY}''", KEY_ID, ["quotes"], id="twice in quotes"),
        pytest.param(PLAIN.replace("/", "%252F"), SECRET, [], id="encoded twice"),
        pytest.param(f"{PLAIN[:-1]}%3D", SECRET, ["URL-encoding"], id="no secret has a = in it"),
        pytest.param(f"{PLAIN[:-1]}\n", SECRET, ["a line break"], id="one character too few"),
        pytest.param(PLAIN.replace("+", " "), SECRET, [], id="a plus that became a blank: who knows"),
        pytest.param(KEY.lower(), KEY_ID, [], id="small letters: who knows"),
        pytest.param(f"C:/elsewhere{SLASH}", SECRET, [], id="a folder that is not MSYS's"),
        pytest.param(f"/msys64{SLASH}", SECRET, [], id="no drive"),
        pytest.param(f"C:/msys64/{PLAIN}", SECRET, [], id="a secret that does not begin with a slash"),
        pytest.param(KEY.replace("A", "%41"), KEY_ID, [], id="an encoded key id: nobody does that"),
        pytest.param("word", TOKEN, [], id="a word in the token's place"),
    ],
)
def test_what_would_not_be_well_formed_is_not_repaired(value: str, shape: Shape, words: list[str]) -> None:
    assert keyshape.damage(value, shape) == Damage(tuple(words), None)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        pytest.param(KEY, KEY_ID, id="a key id"),
        pytest.param("ASIA" + KEY[4:], KEY_ID, id="a temporary one"),
        pytest.param("ACCA" + KEY[4:], KEY_ID, id="a kind that few have seen"),
        pytest.param("AKIA" + "Q2" * 6, KEY_ID, id="a short one"),
        pytest.param(f"{KEY}0123456789", KEY_ID, id="a long one"),
        pytest.param(PLAIN, SECRET, id="a secret"),
        pytest.param("0" * 40, SECRET, id="a dull secret"),
        pytest.param("%2F"[1:] * 20, SECRET, id="a secret with 2F in it"),
        pytest.param(LONG, TOKEN, id="a token"),
        pytest.param(f" {LONG}\t", TOKEN, id="blanks around a token do no harm"),
    ],
)
def test_what_is_well_formed_is_not_touched(value: str, shape: Shape) -> None:
    assert keyshape.damage(value, shape) is None


def test_what_surrounds_a_value_can_be_taken_off() -> None:
    assert keyshape.bare(' "test" \n') == "test"
    assert keyshape.bare("test") == "test"
