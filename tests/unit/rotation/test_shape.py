"""Which damage is seen in a candidate, and what is none."""

from __future__ import annotations

import base64

import pytest

from tests.unit.rotation.texts import KEY_ID, SECRET, TOKEN
from tfwrap.origin import Secret
from tfwrap.rotation import shape
from tfwrap.rotation.candidate import ENV, Candidate, Part
from tfwrap.rotation.check import FAILED, OK
from tfwrap.rotation.material import Material

SESSION = KEY_ID.replace("AKIA", "ASIA")


def candidate(key_id: str, secret: str, token: str = "") -> Candidate:
    values = {"key id": key_id, "secret": secret} | ({"token": token} if token else {})
    parts = {part: Part(Secret(value)) for part, value in values.items()}
    return Candidate(ENV, Material("key", Secret("")), parts)


GOOD = [
    (KEY_ID, SECRET, ""),
    (SESSION, SECRET, TOKEN),
    (KEY_ID, "/" + SECRET[1:], ""),
    (KEY_ID, "+" * 40, ""),
    (KEY_ID, "/" * 40, ""),
    (KEY_ID, "a" * 40, ""),
]


@pytest.mark.parametrize(("key_id", "secret", "token"), GOOD)
def test_a_well_formed_key_is_well(key_id: str, secret: str, token: str) -> None:
    looked = shape.look(candidate(key_id, secret, token))
    assert (looked.check.status, looked.check.evidence, looked.check.fix) == (OK, (), ())
    assert looked.usable is not None
    assert looked.usable.value("secret") == secret


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


DAMAGED = [
    (KEY_ID, f"{SECRET}\n", "the secret is damaged by a line break: 41 characters instead of 40"),
    (KEY_ID, f'"{SECRET}"', "the secret is damaged by quotes: 42 characters instead of 40"),
    (KEY_ID, f"\u201c{SECRET}\u201d", "the secret is damaged by quotes: 42 characters instead of 40"),
    (KEY_ID, SECRET.replace("/", "%2F"), "the secret is damaged by URL-encoding: 46 characters instead of 40"),
    (KEY_ID, f"C:/Program Files/Git/{SECRET[20:]}{SECRET[:20]}", "the secret is of 61 characters"),
    (KEY_ID, encoded(SECRET), "the secret is damaged by base64: 56 characters instead of 40"),
    (KEY_ID, encoded(f"{SECRET}\n"), "the secret is damaged by base64 and a line break: 56 characters instead of 40"),
    (f" {KEY_ID}", SECRET, "the key id is damaged by a blank: 21 characters instead of 20"),
    (KEY_ID, SECRET[1:], "the secret is of 39 characters, where a secret key has forty"),
    (KEY_ID, SECRET[1:] + "@", "the secret is with a character that no secret key has"),
    (KEY_ID.lower(), SECRET, "the key id has small letters"),
    ("anna", SECRET, "the key id does not look like a key id"),
    (KEY_ID, "<secret>", "the secret is a placeholder"),
    (SECRET, KEY_ID, "the key id and the secret are swapped"),
    (SESSION, SECRET, "ASIA****0002 is a temporary key, and its session token is missing"),
]


@pytest.mark.parametrize(("key_id", "secret", "words"), DAMAGED)
def test_a_damaged_key_is_told_by_its_shape_alone(key_id: str, secret: str, words: str) -> None:
    looked = shape.look(candidate(key_id, secret))
    assert looked.check.status == FAILED
    assert looked.check.title.startswith(words)
    assert secret not in repr(looked)


@pytest.mark.parametrize(("key_id", "secret", "words"), [row for row in DAMAGED if " damaged by " in row[2]])
def test_what_can_be_undone_is_undone_for_the_question_to_aws(key_id: str, secret: str, words: str) -> None:
    usable = shape.look(candidate(key_id, secret)).usable
    assert usable is not None
    assert (usable.value("key id"), usable.value("secret")) == (KEY_ID, SECRET)


@pytest.mark.parametrize(("key_id", "secret"), [(SECRET, KEY_ID), (KEY_ID, SECRET[1:]), ("anna", SECRET)])
def test_what_cannot_be_a_key_is_not_shown_to_anybody(key_id: str, secret: str) -> None:
    assert shape.look(candidate(key_id, secret)).usable is None


def test_a_long_term_key_with_a_token_is_refused() -> None:
    assert "a token stands beside it" in shape.look(candidate(KEY_ID, SECRET, TOKEN)).check.title
