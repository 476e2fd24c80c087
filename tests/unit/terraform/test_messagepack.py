"""Values as Terraform packs them, and what is refused."""

from __future__ import annotations

import pytest

from tfwrap.terraform import messagepack

VALUES: list[tuple[str, object]] = [
    ("c0", None),
    ("c2", False),
    ("c3", True),
    ("00", 0),
    ("7f", 127),
    ("ff", -1),
    ("e0", -32),
    ("cc80", 128),
    ("ce00011170", 70000),
    ("cf0000000100000000", 1 << 32),
    ("d080", -128),
    ("d1ff00", -256),
    ("a0", ""),
    ("a462c3bc62", "büb"),
    ("d90161", "a"),
    ("da000161", "a"),
    ("c40161", b"a"),
    ("90", []),
    ("9201a162", [1, "b"]),
    ("dc000101", [1]),
    ("80", {}),
    ("81a16b91c0", {"k": [None]}),
    ("de0001a16b01", {"k": 1}),
]
NONE = [
    pytest.param("", id="nothing"),
    pytest.param("a3", id="a text that is cut off"),
    pytest.param("a1ff", id="a text that is no UTF-8"),
    pytest.param("92", id="a list that is cut off"),
    pytest.param("dcffff", id="a list that claims too much"),
    pytest.param("81a16b", id="a name without its value"),
    pytest.param("8190c0", id="a list for a name"),
    pytest.param("cd00", id="a number that is cut off"),
    pytest.param("d9", id="a length that is cut off"),
    pytest.param("cb3ff8000000000000", id="a fraction"),
    pytest.param("d40000", id="unknown, as Terraform writes it"),
    pytest.param("c1", id="what nobody uses"),
    pytest.param("91" * 100_000, id="without end"),
]


@pytest.mark.parametrize(("packed", "value"), VALUES)
def test_what_terraform_packs_is_read(packed: str, value: object) -> None:
    found = messagepack.decoded(bytes.fromhex(packed))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("packed", NONE)
def test_everything_else_is_refused(packed: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError, RecursionError)):
        messagepack.decoded(bytes.fromhex(packed))
