"""Operators and functions of Terraform's language that follow from their arguments alone, as far as modules use them
to choose a profile, a region or a role. Everything else stays UNKNOWN.

Each gives what the real one gives, or UNKNOWN: also for what the real one refuses, and where Go's rules for text differ
from Python's, which is beyond ASCII (tests/real/test_evaluation.py holds them side by side).
"""

from __future__ import annotations

import operator
import re

from tfwrap.terraform.values import UNKNOWN, inside, is_known, joined, number, text, truth, unified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Function = Callable[..., object]

CONDITION = "?:"
INDEX = "[]"
_VERBS: Mapping[str, Function] = {"s": text, "v": text, "d": number}
_SPACE = " \t\n\v\f\r"


def apply(function: Function, arguments: list[object]) -> object:
    """What a function gives for these arguments; UNKNOWN for a number or a kind of them that it does not take."""
    try:
        return function(*arguments)
    except (TypeError, ValueError):
        return UNKNOWN


def _known(function: Function) -> Function:
    """The function for arguments that are known to the last item."""
    return lambda *arguments: function(*arguments) if all(map(is_known, arguments)) else UNKNOWN


def _of_texts(function: Function) -> Function:
    """The function for arguments that are text, or become it, in ASCII."""

    def work(*arguments: object) -> object:
        words = [text(argument) for argument in arguments]
        return function(*words) if all(isinstance(word, str) and word.isascii() for word in words) else UNKNOWN

    return work


def _of_numbers(function: Function) -> Function:
    def work(*arguments: object) -> object:
        numbers = [number(argument) for argument in arguments]
        return UNKNOWN if any(found is UNKNOWN for found in numbers) else function(*numbers)

    return work


def _minus(one: int, other: int | None = None) -> int:
    """The sign between two numbers, or before one."""
    return -one if other is None else one - other


def _equal(one: object, other: object) -> object:
    """Values of different types are different, whatever they look like; null equals null alone."""
    if one is UNKNOWN or other is UNKNOWN:
        return UNKNOWN
    if one is None or other is None:
        return one is other
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return UNKNOWN
    return type(one) is type(other) and one == other


def _both(one: object, other: object) -> object:
    pair = (truth(one), truth(other))
    return False if False in pair else UNKNOWN if UNKNOWN in pair else True


def _not(value: object) -> object:
    found = truth(value)
    return UNKNOWN if found is UNKNOWN else not found


def _either(one: object, other: object) -> object:
    return _not(_both(_not(one), _not(other)))


def _condition(condition: object, one: object, other: object) -> object:
    found = truth(condition)
    if found is UNKNOWN:
        return one if isinstance(one, str) and one == other else UNKNOWN
    return unified(one, [other]) if found else unified(other, [one])


def _coalesce(*values: object) -> object:
    """The first that is neither null nor empty text."""
    for place, value in enumerate(values):
        if value not in (None, ""):
            return unified(value, values[:place] + values[place + 1 :])
    return UNKNOWN


def _try(first: object, *_others: object) -> object:
    """The first, if it is known: whether what is not known is an error, only Terraform can tell."""
    return first


def _lookup(table: object, key: object, *default: object) -> object:
    if not isinstance(table, dict) or len(default) > 1:
        return UNKNOWN
    return inside({text(key): value for value in default} | table, [key])


def _merge(*tables: object) -> object:
    merged: dict[object, object] = {}
    for table in tables:
        if table is not None:
            if not isinstance(table, dict):
                return UNKNOWN
            merged |= table
    return merged


def _concat(*lists: list[object]) -> object:
    return [item for each in lists for item in each] if all(isinstance(each, list) for each in lists) else UNKNOWN


def _element(items: object, place: object) -> object:
    found = number(place)
    if not isinstance(items, list) or not items or not isinstance(found, int) or found < 0:
        return UNKNOWN
    return items[found % len(items)]


def _contains(items: object, wanted: object) -> object:
    are_texts = isinstance(items, list) and all(isinstance(item, str) for item in (*items, wanted))
    return wanted in items if isinstance(items, list) and are_texts else UNKNOWN


def _length(value: object) -> object:
    if isinstance(value, str):  # counted in graphemes, of which CR LF is one
        return len(value) if value.isascii() and "\r" not in value else UNKNOWN
    return len(value) if isinstance(value, dict | list) else UNKNOWN


def _join(separator: object, *lists: object) -> object:
    items = _concat(*lists)  # type: ignore[arg-type] # it looks itself
    return joined(items, separator) if isinstance(items, list) and isinstance(separator, str) else UNKNOWN


def _split(separator: str, whole: str) -> object:
    return list(whole.split(separator))  # of no separator Python makes a ValueError


def _replace(whole: str, old: str, new: str) -> object:
    """Between two slashes the old text is a regular expression."""
    is_pattern = len(old) > 1 and old.startswith("/") and old.endswith("/")
    return UNKNOWN if is_pattern or not old else joined([whole.replace(old, new)])


def _format(pattern: str, *values: object) -> object:
    """`%s`, `%v`, `%d` and `%%`, without flags and widths."""
    left, words = list(values), []
    for place, piece in enumerate(re.split("%(.)", pattern, flags=re.DOTALL)):
        is_verb = place % 2 == 1
        if not is_verb or piece == "%":
            words.append(piece if is_verb or "%" not in piece else UNKNOWN)
        elif piece in _VERBS and left:
            words.append(_VERBS[piece](left.pop(0)))
        else:
            return UNKNOWN
    return UNKNOWN if left else joined(words)


def _substr(whole: object, start: object, length: object) -> object:
    begin, size = number(start), number(length)
    if not isinstance(whole, str) or _length(whole) is UNKNOWN or not isinstance(begin, int) or begin < 0:
        return UNKNOWN
    return UNKNOWN if not isinstance(size, int) else whole[begin:] if size < 0 else whole[begin : begin + size]


def _converted(convert: Callable[[object], object]) -> Function:
    return lambda value: None if value is None else convert(value)


OPERATIONS: Mapping[str, Function] = {
    CONDITION: _condition,
    INDEX: lambda value, *keys: inside(value, keys),
    "==": _equal,
    "!=": lambda one, other: _not(_equal(one, other)),
    "&&": _both,
    "||": _either,
    "!": _not,
    "<": _of_numbers(operator.lt),
    "<=": _of_numbers(operator.le),
    ">": _of_numbers(operator.gt),
    ">=": _of_numbers(operator.ge),
    "+": _of_numbers(operator.add),
    "-": _of_numbers(_minus),
}
"""Operators, by the sign between (or before) their arguments."""

FUNCTIONS: Mapping[str, Function] = {
    "coalesce": _coalesce,
    "concat": _known(_concat),
    "contains": _known(_contains),
    "element": _element,
    "endswith": _of_texts(str.endswith),
    "format": _known(_format),
    "join": _known(_join),
    "keys": lambda table: sorted(table) if isinstance(table, dict) else UNKNOWN,
    "length": _length,
    "lookup": _lookup,
    "lower": _of_texts(str.lower),
    "merge": _merge,
    "nonsensitive": lambda value: value,
    "replace": _of_texts(_replace),
    "sensitive": lambda value: value,
    "split": _of_texts(_split),
    "startswith": _of_texts(str.startswith),
    "substr": _substr,
    "tobool": _converted(truth),
    "tonumber": _converted(number),
    "tostring": _converted(text),
    "trim": _of_texts(lambda whole, characters: whole.strip(characters) if characters else whole),
    "trimprefix": _of_texts(str.removeprefix),
    "trimspace": _of_texts(lambda whole: whole.strip(_SPACE)),
    "trimsuffix": _of_texts(str.removesuffix),
    "try": _try,
    "upper": _of_texts(str.upper),
}
"""Functions that may be called in a module, by name."""
