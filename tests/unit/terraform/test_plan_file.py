"""What is read from a saved plan, and what of a damaged one is not; tests/real/test_saved_plan.py has real ones."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfwrap.terraform import plan_file
from tfwrap.terraform.plan_file import Planned
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "madeUp/by+the/tests/0123456789abcdefghij"
CONFIG = {"access_key": "AKIAMADEUPBYATEST001", "secret_key": SECRET, "token": None, "bucket": "b"}


def field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that holds bytes."""
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes((size & 127 | 128,)), size >> 7
    return bytes((number << 3 | 2,)) + length + bytes((size,)) + content


def variable(name: str, packed: bytes) -> bytes:
    return field(2, field(1, name.encode()) + field(2, field(1, packed)))


def backend(kind: str, config: object, workspace: str = "default") -> bytes:
    return field(13, field(1, kind.encode()) + field(2, field(1, msgpack.packb(config))) + field(3, workspace.encode()))


def plan(folder: Path, message: bytes) -> str:
    path = folder / "tfplan"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tfplan", message)
    return str(path)


def typed(value: object, kind: bytes = b'"string"') -> bytes:
    """A value with its type, as cty packs what may be of any."""
    packed: bytes = msgpack.packb([kind, value])
    return packed


def test_the_backend_s_credentials_are_those_that_were_planned_with(tmp_path: Path) -> None:
    found = plan_file.read(plan(tmp_path, backend("s3", CONFIG)))
    assert found
    assert (found.access_key, found.token) == ("AKIAMADEUPBYATEST001", None)
    assert found.secret_key
    assert found.secret_key.reveal() == SECRET
    assert SECRET not in repr(found)


NO_BACKEND = [
    pytest.param(backend("gcs", CONFIG), id="another backend"),
    pytest.param(b"", id="none"),
    pytest.param(b"\xff\xff\xff", id="no message"),
    pytest.param(field(13, field(1, b"s3") + field(2, field(1, b"\xc1"))), id="no MessagePack"),
]


@pytest.mark.parametrize("message", NO_BACKEND)
def test_what_is_no_plan_for_s3_has_none(message: bytes, tmp_path: Path) -> None:
    assert plan_file.read(plan(tmp_path, message)) is None


VALUES: list[Any] = [
    pytest.param(typed("v"), "v", id="text"),
    pytest.param(typed(5), 5, id="a number"),
    pytest.param(typed(-1), -1, id="a negative one"),
    pytest.param(typed(True), True, id="a truth value"),
    pytest.param(typed(None), None, id="null"),
    pytest.param(typed({"a": ["b", None]}), {"a": ["b", None]}, id="an object"),
    pytest.param(typed(1.5), UNKNOWN, id="a fraction"),
    pytest.param(typed(msgpack.ExtType(0, b"\0")), UNKNOWN, id="what is not known yet"),
    pytest.param(typed(["a"], b'["set","string"]'), UNKNOWN, id="what has no order"),
    pytest.param(msgpack.packb("v"), UNKNOWN, id="a value without its type"),
    pytest.param(msgpack.packb([b"a", b"b", b"c"]), UNKNOWN, id="no pair"),
    pytest.param(typed("v")[:-1], UNKNOWN, id="what is cut off"),
    pytest.param(typed("v") + b"x", UNKNOWN, id="what has something behind it"),
    pytest.param(b"\x92\xc4\x01s\x81\x90\xc0", UNKNOWN, id="a list for a name"),
    pytest.param(b"\x92\xc4\x01s" + b"\x91" * 100_000, UNKNOWN, id="lists without end"),
    pytest.param(b"", UNKNOWN, id="nothing"),
]


@pytest.mark.parametrize(("packed", "value"), VALUES)
def test_a_variable_has_the_value_that_was_planned_with(packed: bytes, value: object, tmp_path: Path) -> None:
    held = plan_file.planned(plan(tmp_path, variable("x", packed) + backend("local", {}, "lab")))
    assert held == Planned("lab", {"x": value})
    assert type(held.variables["x"]) is type(value)


def test_of_an_object_only_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    packed = typed({"a": "A", "b": 1.5, "c": [msgpack.ExtType(0, b"\0")]}, b"{}")
    held = plan_file.planned(plan(tmp_path, variable("x", packed)))
    assert held
    assert held.variables == {"x": {"a": "A", "b": UNKNOWN, "c": [UNKNOWN]}}


def test_what_is_no_plan_fixes_nothing(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no plan")
    with zipfile.ZipFile(tmp_path / "other", "w") as archive:
        archive.writestr("else", b"")
    places = [tmp_path, tmp_path / "absent", tmp_path / "text", tmp_path / "other"]
    assert [plan_file.planned(str(path)) for path in places] == [None] * 4


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_makes_it_raise(tmp_path: Path, message: bytes) -> None:
    path = plan(tmp_path, message + variable("x", message) + field(13, message))
    plan_file.read(path)
    plan_file.planned(path)
