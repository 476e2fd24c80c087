"""The backend's credentials in a saved plan: `terraform apply PLANFILE` uses those, and no others.

A plan is a zip whose member `tfplan` is a protobuf message; its field 13 holds the backend's type and, in MessagePack,
its whole configuration (terraform internal/plans/planproto/planfile.proto; the files of 0.12.29 to 1.15.5 tried).
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBER = "tfplan"
# What is uncompressed at most: resources are in there as well, and an archive may claim to hold anything.
LARGEST = 64 << 20

_BACKEND = 13
_TYPE = 1
_CONFIG = 2
_VALUE = 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_FIXED = {_FIXED_64: 8, _FIXED_32: 4}


class PlannedBackend(NamedTuple):
    """The credentials of the backend in a plan: empty and None where it holds none."""

    access_key: str
    secret_key: Secret | None
    token: Secret | None


def read(path: str) -> PlannedBackend | None:
    """The S3 backend of a plan file; None for what is no plan, or has another backend. Never raises for the content."""
    import os
    import zipfile
    import zlib

    try:
        if not os.path.isfile(path):
            return None
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
            return _backend(member.read(LARGEST))
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def _backend(message: bytes) -> PlannedBackend | None:
    parts = dict(_fields(dict(_fields(message)).get(_BACKEND, b"")))
    if parts.get(_TYPE) != b"s3":
        return None
    packed = dict(_fields(parts.get(_CONFIG, b""))).get(_VALUE, b"")
    secrets = [_text(packed, name) for name in ("secret_key", "token")]
    secret_key, token = (Secret(value) if value else None for value in secrets)
    return PlannedBackend(_text(packed, "access_key"), secret_key, token)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a protobuf message that hold bytes. Raises ValueError and IndexError for what is none."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if wire == _BYTES:
            length, place = _varint(message, place)
            yield number, message[place : place + length]
            place += length
        elif wire == _VARINT:
            _, place = _varint(message, place)
        elif wire in _FIXED:
            place += _FIXED[wire]
        else:
            raise ValueError(f"wire type {wire}")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128 or shift > 63:
            return number, place


def _text(packed: bytes, name: str) -> str:
    """The text behind a name in a MessagePack map; empty where there is none. Both are short strings."""
    key = bytes((0xA0 | len(name),)) + name.encode()
    place = packed.find(key)
    head = packed[place + len(key) :] if place >= 0 else b""
    if not head:
        return ""
    if 0xA0 <= head[0] <= 0xBF:
        start, length = 1, head[0] & 31
    elif head[0] == 0xD9:
        start, length = 2, head[1]
    elif head[0] == 0xDA:
        start, length = 3, int.from_bytes(head[1:3])
    else:
        return ""
    return head[start : start + length].decode("utf-8", "replace")
