"""tfwrap.lean.NamedTuple does what typing.NamedTuple does, as far as tfwrap uses it."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import TYPE_CHECKING, Any

import pytest

from tfwrap import lean

if TYPE_CHECKING:
    from collections.abc import Callable


class Lean(lean.NamedTuple):
    """A record."""

    first: int
    second: str = "two"
    third: tuple[str, ...] = ()

    @property
    def twice(self) -> int:
        """A property."""
        return self.first * 2


class Real(typing.NamedTuple):
    """A record."""

    first: int
    second: str = "two"
    third: tuple[str, ...] = ()

    @property
    def twice(self) -> int:
        """A property."""
        return self.first * 2


USES: list[Any] = [
    pytest.param(lambda made: made(1), id="defaults"),
    pytest.param(lambda made: made(1, "b", ("c",)), id="by place"),
    pytest.param(lambda made: made(third=("c",), first=1), id="by name in any order"),
    pytest.param(lambda made: made(1)._replace(second="b"), id="replace"),
    pytest.param(lambda made: made(1)._replace(), id="replace nothing"),
    pytest.param(lambda made: made(1)._asdict(), id="asdict"),
    pytest.param(lambda made: made._fields, id="fields"),
    pytest.param(lambda made: made._field_defaults, id="field defaults"),
    pytest.param(lambda made: repr(made(1)).replace(made.__name__, "X"), id="repr"),
    pytest.param(lambda made: made(3).twice, id="a property"),
    pytest.param(lambda made: made(3)[0], id="by index"),
    pytest.param(lambda made: list(made(3)), id="unpacked"),
    pytest.param(lambda made: made(1) == (1, "two", ()), id="equal to a tuple"),
    pytest.param(lambda made: hash(made(1)), id="hash"),
    pytest.param(lambda made: made.__doc__, id="docstring"),
    pytest.param(lambda made: copy.copy(made(1)), id="copied"),
    pytest.param(lambda made: copy.deepcopy(made(1)), id="copied deeply"),
    pytest.param(lambda made: pickle.loads(pickle.dumps(made(1))), id="pickled"),
]

MISUSES: list[Any] = [
    pytest.param(lambda made: made(), TypeError, id="a value is missing"),
    pytest.param(lambda made: made(1, "b", (), "d"), TypeError, id="one too many"),
    pytest.param(lambda made: made(1, other=2), TypeError, id="an unknown name"),
    pytest.param(lambda made: made(1, first=2), TypeError, id="the same one twice"),
    pytest.param(lambda made: made(1)._replace(other=2), (TypeError, ValueError), id="replace an unknown name"),
    pytest.param(lambda made: setattr(made(1), "first", 2), AttributeError, id="set a field"),
    pytest.param(lambda made: setattr(made(1), "other", 2), AttributeError, id="add an attribute"),
]


@pytest.mark.parametrize("use", USES)
def test_a_record_behaves_as_a_named_tuple(use: Callable[[Any], object]) -> None:
    assert use(Lean) == use(Real)


@pytest.mark.parametrize(("misuse", "error"), MISUSES)
def test_a_record_refuses_what_a_named_tuple_refuses(misuse: Callable[[Any], object], error: type[Exception]) -> None:
    for made in (Lean, Real):
        with pytest.raises(error):
            misuse(made)


def test_an_error_names_the_record_and_the_field() -> None:
    with pytest.raises(TypeError, match="Lean: no value for 'first'"):
        Lean()  # type: ignore[call-arg]
