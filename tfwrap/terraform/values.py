"""Values, as far as tfwrap knows them: text, whole numbers, truth values, None, lists and dicts of these, UNKNOWN.

The conversions are Terraform's (cty's `convert`), tried with real ones; what it would refuse is UNKNOWN as well.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LONGEST = 1 << 13


class Unknown:
    """The value of an expression that only Terraform can evaluate."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()


def text(value: object) -> object:
    """A value as Terraform writes it into a string; UNKNOWN for what is no string, number or truth value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else UNKNOWN


def number(value: object) -> object:
    """A value as a whole number: a string of digits is one (`"05"` is 5; tried)."""
    if isinstance(value, str):
        digits = value.removeprefix("-")
        return int(value) if digits.isascii() and digits.isdigit() and len(digits) < 30 else UNKNOWN
    return value if isinstance(value, int) and not isinstance(value, bool) else UNKNOWN


def truth(value: object) -> object:
    """A value as a truth value: `"1"` is true, `"True"` is an error (tried)."""
    words = {"true": True, "1": True, "false": False, "0": False}
    return words.get(value, UNKNOWN) if isinstance(value, str) else value if isinstance(value, bool) else UNKNOWN


CONVERSIONS: Mapping[str, Callable[[object], object]] = {"string": text, "number": number, "bool": truth}
"""How a value becomes one of a primitive type."""


def joined(values: Iterable[object], separator: str = "") -> object:
    """Values as one text; UNKNOWN if one of them is no text, or all of it too long for any use."""
    words = [text(value) for value in values]
    if any(word is UNKNOWN for word in words):
        return UNKNOWN
    whole = separator.join(map(str, words))
    return whole if len(whole) <= LONGEST else UNKNOWN


def inside(value: object, keys: Iterable[object]) -> object:
    """What stands in a list or an object behind attributes and indices; UNKNOWN where nothing does."""
    for key in keys:
        word, place = text(key), number(key)
        if isinstance(value, dict) and isinstance(word, str):
            value = value.get(word, UNKNOWN)
        elif isinstance(value, list) and isinstance(place, int) and 0 <= place < len(value):
            value = value[place]
        else:
            return UNKNOWN
    return value


def is_known(value: object) -> bool:
    """Whether a value is known to its last item."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is not UNKNOWN and all(map(is_known, items))


def unified(chosen: object, others: Iterable[object]) -> object:
    """One of several values that stand for each other, in the type that Terraform finds for all of them.

    Text beside a number or a truth value makes text of both. What may still change its type is UNKNOWN.
    """
    for other in others:
        if chosen is None or other is None or _is_alike(chosen, other):
            continue
        is_text = isinstance(chosen, str) or isinstance(other, str)
        chosen = text(chosen) if is_text and other is not UNKNOWN else UNKNOWN
    return chosen


def _is_alike(one: object, other: object) -> bool:
    """Whether two values are of one type; text stays text beside whatever is not known."""
    if isinstance(one, str) and other is UNKNOWN:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_alike, one, other))
    return type(one) is type(other)
