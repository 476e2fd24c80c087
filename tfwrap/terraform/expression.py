"""The value of an expression, where it follows from literals, variables and locals alone; else UNKNOWN, never a guess.

An expression is a literal (text, whole number, truth value, None), a list or dict of expressions, a `Reference`, a
`Template`, a `Call` of an operator or a function, or UNKNOWN: what only Terraform evaluates.
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.terraform import functions
from tfwrap.terraform.values import UNKNOWN, inside, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Locals that name each other twice double at every step: no real module comes near either number.
MOST_STEPS = 100_000


class Reference(NamedTuple):
    """A name and the attributes and indices behind it: `local.tags["k"]` is ("local", "tags", "k").

    An index may be an expression: `var.accounts[terraform.workspace]`.
    """

    path: tuple[object, ...]


class Template(NamedTuple):
    """A string with something to evaluate in it: literal text and expressions, in order."""

    parts: tuple[object, ...]


class Call(NamedTuple):
    """An operator or a function, by its sign or its name, and its arguments, which are expressions."""

    name: str
    arguments: tuple[object, ...]


class Deferred(NamedTuple):
    """An expression of another module, which is evaluated when something asks for it: an argument of a call.

    `finish` makes the variable's value of it.
    """

    expression: object
    scope: Scope
    finish: Callable[[object], object]


class Scope(NamedTuple):
    """What names stand for in one module. `locals` are expressions, everything else values or Deferred.

    Outside of modules, in a file of variables and on the command line, there are operators but no functions.
    """

    variables: Mapping[str, object]
    locals: Mapping[str, object]
    workspace: object = UNKNOWN
    paths: Mapping[str, object] = {}
    functions: Mapping[str, Callable[..., object]] = {}


class Evaluator:
    """Evaluates the expressions of one run. It tires: after MOST_STEPS everything is UNKNOWN."""

    def __init__(self) -> None:
        self._steps = 0

    def value(self, expression: object, scope: Scope) -> object:
        """The value of an expression in a module. Never raises, whatever the names lead to."""
        try:
            return self._value(expression, scope, ())
        except RecursionError:
            return UNKNOWN

    def _value(self, expression: object, scope: Scope, pending: tuple[str, ...]) -> object:
        self._steps += 1
        if self._steps > MOST_STEPS:
            return UNKNOWN
        if isinstance(expression, Reference):
            return self._named(expression, scope, pending)
        if isinstance(expression, Deferred):
            return expression.finish(self._value(expression.expression, expression.scope, ()))
        if isinstance(expression, Template):
            return joined([self._value(part, scope, pending) for part in expression.parts])
        if isinstance(expression, Call):
            return self._called(expression, scope, pending)
        if isinstance(expression, list):
            return [self._value(item, scope, pending) for item in expression]
        if isinstance(expression, dict):
            return {name: self._value(item, scope, pending) for name, item in expression.items()}
        return expression

    def _called(self, call: Call, scope: Scope, pending: tuple[str, ...]) -> object:
        function = functions.OPERATIONS.get(call.name) or scope.functions.get(call.name)
        if function is None:
            return UNKNOWN
        return functions.apply(function, [self._value(argument, scope, pending) for argument in call.arguments])

    def _named(self, reference: Reference, scope: Scope, pending: tuple[str, ...]) -> object:
        if len(reference.path) < 2:
            return UNKNOWN
        kind, name = reference.path[:2]
        rest = [self._value(key, scope, pending) for key in reference.path[2:]]
        if kind == "local":
            return self._local(str(name), rest, scope, pending)
        tables: dict[object, Mapping[str, object]] = {
            "var": scope.variables,
            "path": scope.paths,
            "terraform": {"workspace": scope.workspace},
        }
        found = tables.get(kind, {}).get(str(name), UNKNOWN)
        return inside(self._value(found, scope, pending), rest)

    def _local(self, name: str, rest: list[object], scope: Scope, pending: tuple[str, ...]) -> object:
        if name in pending or len(pending) > 100:
            return UNKNOWN
        expression, left = _descend(scope.locals.get(name, UNKNOWN), rest)
        value = self._value(expression, scope, (*pending, name))
        return inside(value, left)


def literal(expression: object) -> object:
    """An expression as it reads before anything is evaluated: UNKNOWN where it is no literal."""
    if isinstance(expression, Reference | Template | Call):
        return UNKNOWN
    if isinstance(expression, list):
        return [literal(item) for item in expression]
    if isinstance(expression, dict):
        return {name: literal(item) for name, item in expression.items()}
    return expression


def template(parts: list[object]) -> object:
    """A string of these parts. One interpolation alone is the value itself, of whatever type (HCL's rule; tried)."""
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    if any(part is UNKNOWN for part in parts):
        return UNKNOWN
    return parts[0] if len(parts) == 1 else Template(tuple(parts))


def _descend(expression: object, rest: list[object]) -> tuple[object, list[object]]:
    """As far as the names lead into a literal object, so that only the attribute itself is evaluated."""
    while rest and isinstance(expression, dict | list):
        expression, rest = inside(expression, rest[:1]), rest[1:]
    return expression, rest
