"""MessagePack, as far as Terraform writes the values of variables in it (https://github.com/msgpack/msgpack spec).

Floats and extensions, which stand for fractions and for what is unknown, are refused.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Read = tuple[object, int]
    Reader = Callable[[bytes, int, int], Read]

_CONSTANTS: Mapping[int, object] = MappingProxyType({0xC0: None, 0xC2: False, 0xC3: True})
_INTEGERS: Mapping[int, tuple[int, bool]] = MappingProxyType(
    {
        **{0xCC + power: (1 << power, False) for power in range(4)},
        **{0xD0 + power: (1 << power, True) for power in range(4)},
    }
)


def decoded(packed: bytes) -> object:
    """The first value. Raises ValueError, TypeError, IndexError or RecursionError for what is none of these."""
    return _value(packed, 0)[0]


def _value(packed: bytes, place: int) -> Read:
    head, place = packed[place], place + 1
    if head <= 0x7F or head >= 0xE0:
        return (head if head <= 0x7F else head - 0x100), place
    if head in _CONSTANTS:
        return _CONSTANTS[head], place
    if head in _INTEGERS:
        width, is_signed = _INTEGERS[head]
        return int.from_bytes(_bytes(packed, place, width), signed=is_signed), place + width
    if head in _SIZED:
        read, width = _SIZED[head]
        return read(packed, place + width, int.from_bytes(_bytes(packed, place, width)))
    for first, last, read in _SHORT:
        if first <= head <= last:
            return read(packed, place, head - first)
    raise ValueError(f"head {head:#x}")


def _bytes(packed: bytes, place: int, length: int) -> bytes:
    if place + length > len(packed):
        raise IndexError(length)
    return packed[place : place + length]


def _text(packed: bytes, place: int, length: int) -> Read:
    return _bytes(packed, place, length).decode(), place + length


def _raw(packed: bytes, place: int, length: int) -> Read:
    return _bytes(packed, place, length), place + length


def _array(packed: bytes, place: int, length: int) -> Read:
    items = []
    for _ in range(length):
        item, place = _value(packed, place)
        items.append(item)
    return items, place


def _map(packed: bytes, place: int, length: int) -> Read:
    both, place = _array(packed, place, 2 * length)
    words = iter(both if isinstance(both, list) else ())
    return dict(zip(words, words, strict=True)), place


_SHORT: tuple[tuple[int, int, Reader], ...] = ((0x80, 0x8F, _map), (0x90, 0x9F, _array), (0xA0, 0xBF, _text))
_SIZED: Mapping[int, tuple[Reader, int]] = MappingProxyType(
    {
        **{0xC4 + power: (_raw, 1 << power) for power in range(3)},
        **{0xD9 + power: (_text, 1 << power) for power in range(3)},
        **{0xDC + power: (_array, 2 << power) for power in range(2)},
        **{0xDE + power: (_map, 2 << power) for power in range(2)},
    }
)
