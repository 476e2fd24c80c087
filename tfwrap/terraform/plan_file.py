"""What a saved plan holds: `terraform apply PLANFILE` uses these credentials for the backend and these variables, and
no others.

A plan is a zip whose member `tfplan` is a protobuf message; its fields 2 hold a variable each, and field 13 the
backend's type, the workspace and, in MessagePack, its whole configuration (terraform
internal/plans/planproto/planfile.proto; the files of 0.12.29 to 1.15.5 tried).
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBER = "tfplan"
# What is uncompressed at most: resources are in there as well, and an archive may claim to hold anything.
LARGEST = 64 << 20

_VARIABLE = 2
_BACKEND = 13
_TYPE = 1
_CONFIG = 2
_WORKSPACE = 3
_NAME, _DYNAMIC = 1, 2
_VALUE = 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_FIXED = {_FIXED_64: 8, _FIXED_32: 4}


class PlannedBackend(NamedTuple):
    """The credentials of the backend in a plan: empty and None where it holds none."""

    access_key: str
    secret_key: Secret | None
    token: Secret | None


class Planned(NamedTuple):
    """The workspace that was planned for, and the variables that were given; up to 1.0 the defaults as well (tried)."""

    workspace: str
    variables: dict[str, object]


def read(path: str) -> PlannedBackend | None:
    """The S3 backend of a plan file; None for what is no plan, or has another backend. Never raises for the content."""
    try:
        return _backend(_message(path))
    except _DAMAGED:
        return None


def planned(path: str) -> Planned | None:
    """What a plan file fixes; None for what is no plan, or an encrypted one. Never raises for the content."""
    try:
        return _planned(_message(path))
    except _DAMAGED:
        return None


_DAMAGED = (ValueError, KeyError, IndexError)


def _message(path: str) -> bytes:
    """The plan itself. Raises ValueError and KeyError for what is none, or cannot be read."""
    import os
    import zipfile
    import zlib

    try:
        if not os.path.isfile(path):
            raise ValueError("is not a regular file")
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
            return member.read(LARGEST)
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(str(error)) from error


def _backend(message: bytes) -> PlannedBackend | None:
    parts = dict(_fields(dict(_fields(message)).get(_BACKEND, b"")))
    if parts.get(_TYPE) != b"s3":
        return None
    config = _decoded(parts.get(_CONFIG, b""))
    found = [config.get(name) if isinstance(config, dict) else None for name in ("access_key", "secret_key", "token")]
    key_id, secret_key, token = (value if isinstance(value, str) else "" for value in found)
    return PlannedBackend(key_id, Secret(secret_key) if secret_key else None, Secret(token) if token else None)


def _planned(message: bytes) -> Planned:
    fields = list(_fields(message))
    backend = dict(_fields(dict(fields).get(_BACKEND, b"")))
    entries = [dict(_fields(held)) for number, held in fields if number == _VARIABLE]
    variables = {entry[_NAME].decode(): _variable(entry.get(_DYNAMIC, b"")) for entry in entries}
    return Planned(backend.get(_WORKSPACE, b"").decode(), variables)


def _variable(held: bytes) -> object:
    """The value: it comes in a pair with its type, as JSON. What has no order is not told from a list: UNKNOWN."""
    try:
        pair = _decoded(held)
    except ValueError:
        return UNKNOWN
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], bytes)):
        return UNKNOWN
    return UNKNOWN if b'"set"' in pair[0] else _known(pair[1])


def _decoded(held: bytes) -> object:
    """The value of a DynamicValue message, which is MessagePack. Raises ValueError for what is none."""
    import msgpack  # type: ignore[import-untyped]

    try:
        return msgpack.unpackb(dict(_fields(held)).get(_VALUE, b""), strict_map_key=False)
    except (TypeError, IndexError, RecursionError) as error:  # a list for a key, or a message that breaks off
        raise ValueError(str(error)) from error


def _known(value: object) -> object:
    """A value without what only Terraform knows: fractions, and extensions, which stand for unknown values."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return value if value is None or isinstance(value, str | int) else UNKNOWN


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
