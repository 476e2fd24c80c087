"""Whether the parts of a candidate are what AWS hands out, and what they were before something damaged them."""

from __future__ import annotations

import base64
import binascii

from tfwrap.aws import accesskey, keyshape
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks import keys, placeholders
from tfwrap.rotation.candidate import KEY_ID, SECRET, SHAPES, TOKEN
from tfwrap.rotation.check import FAILED, OK, SHAPE, Check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.rotation.candidate import Candidate

BASE64 = "base64"


class Shaped(NamedTuple):
    """The check, and the key to ask AWS about: with its damage undone; None where it cannot be a key."""

    check: Check
    usable: Candidate | None


def look(candidate: Candidate) -> Shaped:
    """Look at each part, and at whether they belong together."""
    if _is_swapped(candidate):
        title = "the key id and the secret are swapped: the secret would be sent in clear with every request"
        return Shaped(Check(SHAPE, FAILED, title, fix=("exchange the two",)), None)
    damages = {part: _damage(candidate.value(part), part) for part in candidate.parts}
    wrong = [*_words(candidate, damages), *_mismatched(candidate)]
    values = {part: candidate.value(part) if each is None else each.repaired for part, each in damages.items()}
    whole = {part: value for part, value in values.items() if value is not None}
    usable = candidate.repaired(whole) if len(whole) == len(values) else None
    if not wrong:
        return Shaped(Check(SHAPE, OK, _sizes(candidate)), usable)
    return Shaped(
        Check(SHAPE, FAILED, wrong[0], tuple(wrong[1:]), ("copy the key anew from where it was made",)), usable
    )


def _is_swapped(candidate: Candidate) -> bool:
    return keyshape.is_secret(candidate.value(KEY_ID)) and keyshape.is_key_id(candidate.value(SECRET))


def _damage(value: str, part: str) -> keyshape.Damage | None:
    damage = keyshape.damage(value, SHAPES[part])
    if damage is None or damage.repaired is not None:
        return damage
    inner = _unpacked(value)
    again = keyshape.damage(inner, SHAPES[part]) if inner else None
    if inner and again is None:
        return keyshape.Damage((BASE64,), inner)
    if again and again.repaired is not None:
        return keyshape.Damage((BASE64, *again.words), again.repaired)
    return damage


def _unpacked(value: str) -> str:
    """What a value is the base64 of, empty where it is of no text."""
    try:
        return base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _words(candidate: Candidate, damages: dict[str, keyshape.Damage | None]) -> Iterator[str]:
    for part, damage in damages.items():
        value = candidate.value(part)
        if placeholders.is_placeholder(value):
            yield f"the {part} is a placeholder"
        elif damage and damage.repaired is not None:
            sizes = f"{_size(value)} instead of {len(damage.repaired)}"
            yield f"the {part} is damaged by {' and '.join(damage.words)}: {sizes}"
        elif damage:
            yield _hopeless(value, part)


def _hopeless(value: str, part: str) -> str:
    if part == TOKEN:
        return f"the token is {_size(value)} and no base64"
    return f"the {part} {keys.wrong(value, is_secret=part == SECRET)}"


def _mismatched(candidate: Candidate) -> Iterator[str]:
    key_id, has_token = candidate.value(KEY_ID), TOKEN in candidate.parts
    if key_id.startswith(accesskey.TEMPORARY) and not has_token:
        yield f"{candidate.shown_id} is a temporary key, and its session token is missing"
    if key_id.startswith(accesskey.LONG_TERM) and has_token:
        yield f"{candidate.shown_id} is a long-term key, and a token stands beside it: AWS refuses the two together"


def _sizes(candidate: Candidate) -> str:
    return ", ".join(f"a {part} of {_size(candidate.value(part))}" for part in candidate.parts)


def _size(value: str) -> str:
    return f"{len(value)} character{'' if len(value) == 1 else 's'}"
