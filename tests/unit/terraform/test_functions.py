"""Operators and functions, by themselves; tests/real/test_evaluation.py holds them against Terraform."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfwrap.terraform import hcl, variables
from tfwrap.terraform.expression import Evaluator, Scope
from tfwrap.terraform.functions import FUNCTIONS, OPERATIONS, apply
from tfwrap.terraform.values import LONGEST, UNKNOWN

U = UNKNOWN
GIVES: list[Any] = [
    ("?:", [True, "a", U], "a"),
    ("?:", ["false", "a", None], None),
    ("?:", [U, "a", "a"], "a"),
    ("?:", [True, 5, "a"], "5"),
    ("?:", [False, {"a": 1}, {"a": 2}], {"a": 2}),
    ("==", ["1", 1], False),
    ("==", [None, None], True),
    ("==", [[], None], False),
    ("!=", ["a", "b"], True),
    ("&&", [U, False], False),
    ("||", ["true", U], True),
    ("!", ["0"], True),
    ("<", ["05", 6], True),
    ("<=", [6, 6], True),
    (">", [5, 6], False),
    (">=", [7, 6], True),
    ("+", ["5", 1], 6),
    ("-", [5], -5),
    ("-", [5, 7], -2),
    ("[]", [{"a": ["b"]}, "a", 0], "b"),
    ("coalesce", [None, "", "a", U], "a"),
    ("coalesce", [5, "a"], "5"),
    ("concat", [["a"], []], ["a"]),
    ("contains", [["a"], "b"], False),
    ("element", [["a", "b"], 3], "b"),
    ("endswith", ["eu-west-1", "-1"], True),
    ("format", ["%s-%v-%d%%", "a", True, "5"], "a-true-5%"),
    ("join", ["-", ["a", 1], ["b"]], "a-1-b"),
    ("keys", [{"b": U, "a": 1}], ["a", "b"]),
    ("length", ["abc"], 3),
    ("length", [[U]], 1),
    ("lookup", [{"5": "five", "x": U}, 5], "five"),
    ("lookup", [{}, "x", "d"], "d"),
    ("lower", ["EU"], "eu"),
    ("merge", [{"a": 1}, None, {"a": 2, "b": U}], {"a": 2, "b": U}),
    ("nonsensitive", ["s"], "s"),
    ("replace", ["a.b", ".", "/"], "a/b"),
    ("sensitive", ["s"], "s"),
    ("split", [",", ""], [""]),
    ("startswith", ["eu-west-1", "us"], False),
    ("substr", ["abc", 1, -1], "bc"),
    ("substr", ["abc", 0, 2], "ab"),
    ("tobool", ["true"], True),
    ("tonumber", [None], None),
    ("tostring", [False], "false"),
    ("trim", ["--a-", "-"], "a"),
    ("trimprefix", ["prod-a", "prod-"], "a"),
    ("trimspace", [" a\n"], "a"),
    ("trimsuffix", ["a.tf", ".tf"], "a"),
    ("try", ["a", U], "a"),
    ("upper", ["eu"], "EU"),
]
GIVES_NOTHING: list[Any] = [
    ("?:", [U, "a", "b"]),
    ("?:", ["yes", "a", "b"]),
    ("?:", [True, 5, U]),
    ("?:", [True, U, "a"]),
    ("?:", [True, 1, True]),
    ("?:", [True, {"a": 1}, {"b": 1}]),
    ("?:", [True, ["a"], []]),
    ("?:", [True, ["a"], [1]]),
    ("==", [U, "a"]),
    ("==", [["a"], ["a"]]),
    ("&&", [U, True]),
    ("||", [U, False]),
    ("!", ["x"]),
    ("!=", ["a", U]),
    ("<", ["a", 6]),
    ("<=", [True, 6]),
    (">", [U, 6]),
    (">=", [None, 6]),
    ("+", [5]),
    ("-", [1, 2, 3]),
    ("[]", [["a"], 1]),
    ("[]", [U, "a"]),
    ("coalesce", [None, ""]),
    ("coalesce", [U, "a"]),
    ("concat", [["a"], "b"]),
    ("contains", [["a", U], "b"]),
    ("contains", [["1"], 1]),
    ("element", [[], 0]),
    ("element", [["a"], -1]),
    ("endswith", ["a"]),
    ("format", ["%5s", "a"]),
    ("format", ["%s"]),
    ("format", ["a", "b"]),
    ("format", ["%d", "x"]),
    ("format", ["%s", None]),
    ("format", ["%s", ["a"]]),
    ("format", ["100%"]),
    ("join", ["-", ["a", U]]),
    ("join", ["-", [["a"]]]),
    ("join", ["-", "a"]),
    ("keys", [["a"]]),
    ("length", ["é"]),
    ("length", [5]),
    ("lookup", [{}, "x"]),
    ("lookup", [{}, "x", "d", "e"]),
    ("lookup", [["a"], 0]),
    ("lower", ["É"]),
    ("lower", [None]),
    ("merge", [{"a": 1}, U]),
    ("merge", ["a"]),
    ("replace", ["a.b", "/./", "x"]),
    ("replace", ["ab", "", "-"]),
    ("split", ["", "ab"]),
    ("startswith", ["a", U]),
    ("substr", ["abc", -1, 1]),
    ("substr", ["aé", 0, 1]),
    ("tobool", ["True"]),
    ("tonumber", ["1.5"]),
    ("tostring", [["a"]]),
    ("trim", ["é", "é"]),
    ("trimprefix", ["a", None]),
    ("trimspace", ["\u00a0a"]),
    ("trimsuffix", ["a", ["a"]]),
    ("try", [U, "a"]),
    ("try", []),
    ("upper", ["a", "b"]),
]
EVERYTHING = {**OPERATIONS, **FUNCTIONS}


@pytest.mark.parametrize(("name", "arguments", "value"), GIVES)
def test_it_gives_what_follows_from_its_arguments(name: str, arguments: list[object], value: object) -> None:
    found = apply(EVERYTHING[name], arguments)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("name", "arguments"), GIVES_NOTHING)
def test_what_does_not_follow_is_unknown(name: str, arguments: list[object]) -> None:
    assert apply(EVERYTHING[name], arguments) is UNKNOWN


def test_each_has_a_case_of_both_kinds() -> None:
    takes_anything = {"sensitive", "nonsensitive"}
    assert {name for name, *_ in GIVES} == set(EVERYTHING)
    assert {name for name, *_ in GIVES_NOTHING} == set(EVERYTHING) - takes_anything


PRIMITIVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just(UNKNOWN))
VALUES = st.recursive(
    PRIMITIVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(EVERYTHING)), st.lists(VALUES, max_size=4))
def test_no_argument_makes_it_raise(name: str, arguments: list[object]) -> None:
    apply(EVERYTHING[name], arguments)


def test_text_that_grows_without_end_is_unknown() -> None:
    assert apply(FUNCTIONS["replace"], ["a" * LONGEST, "a", "ab"]) is UNKNOWN
    assert apply(FUNCTIONS["join"], ["-", ["a"] * LONGEST]) is UNKNOWN


def test_outside_of_a_module_there_are_operators_and_no_functions() -> None:
    """Terraform says "Function calls not allowed" for a file of variables and for -var."""
    assert variables.literal('true ? "a" : "b"') == "a"
    assert variables.literal('upper("a")') is UNKNOWN
    assert Evaluator().value(hcl.value('upper("a")'), Scope({}, {}, functions=FUNCTIONS)) == "A"
