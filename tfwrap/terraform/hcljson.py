"""Blocks of a file in HCL's JSON syntax. Strings are templates there, and a block may be one object or a list."""

from __future__ import annotations

from tfwrap.terraform import expression, hcl
from tfwrap.terraform.block import Block
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# How many labels a block has, and what it is to tfwrap where that has another name.
LABELS = {"provider": 1, "variable": 1, "locals": 0, "module": 1}
USERS = ("resource", "data", "ephemeral")
OF_TERRAFORM = {"backend": 1, "cloud": 0, "required_providers": 0}
# What Terraform reads without evaluating it: the strings in it are no templates (tried: a default of "${1}").
_PLAIN = {"variable": ("default",), "module": ("source", "version", "providers"), "user": ("provider",)}


class Object(dict[str, object]):
    """A JSON object and the line it begins in."""

    line = 0


def blocks(path: str, content: bytes) -> Iterator[tuple[str, Block] | str]:
    """The blocks of a file with their kinds, as `hcl.blocks`; a problem is a string. May raise RecursionError."""
    document = document_of(content)
    if document is None:
        yield f"{path}: does not parse as JSON"
        return
    for root in document if isinstance(document, list) else [document]:
        for terraform in _objects(root, "terraform"):
            yield "terraform", _block(path, "terraform", (), terraform)
            yield from _of_kinds(path, terraform, OF_TERRAFORM)
        yield from _of_kinds(path, root, LABELS)
        for kind in USERS:
            yield from (("user", block) for block in _labelled(path, root, kind, "user", 2))


def document_of(content: bytes) -> object:
    """A JSON document whose objects know their lines; None where it does not parse."""
    import json

    text = content.decode("utf-8-sig", "replace")
    lines = iter(_lines(text))
    try:
        return json.loads(text, object_pairs_hook=_with_line(lines))
    except (ValueError, RecursionError, StopIteration):
        return None


def _with_line(lines: Iterator[int]) -> Callable[[list[tuple[str, object]]], Object]:
    def made(pairs: list[tuple[str, object]]) -> Object:
        found = Object(pairs)
        found.line = next(lines)
        return found

    return made


def _lines(text: str) -> list[int]:
    """The line in which each object begins, in the order in which they end: that of `object_pairs_hook`."""
    import re

    line, open_, done = 1, [], []
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"|[{}\n]', text):
        mark = token[0]
        if mark == "\n":
            line += 1
        elif mark == "{":
            open_.append(line)
        elif mark == "}" and open_:
            done.append(open_.pop())
    return done


def _of_kinds(path: str, parent: object, kinds: dict[str, int]) -> Iterator[tuple[str, Block]]:
    for kind, labels in kinds.items():
        yield from ((kind, block) for block in _labelled(path, parent, kind, kind, labels))


def _labelled(path: str, parent: object, name: str, kind: str, labels: int) -> Iterator[Block]:
    levels: list[tuple[tuple[str, ...], Object]] = [((), found) for found in _objects(parent, name)]
    for _ in range(labels):
        levels = [((*above, key), one) for above, found in levels for key in found for one in _objects(found, key)]
    yield from (_block(path, kind, above, found) for above, found in levels)


def _objects(parent: object, name: str) -> list[Object]:
    value = parent.get(name) if isinstance(parent, dict) else None
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Object)]


def _block(path: str, kind: str, labels: tuple[str, ...], found: Object) -> Block:
    plain = _PLAIN.get(kind, ())
    kept = {key: value for key, value in found.items() if key != "//"}
    if kind == "user":
        kept = {key: value for key, value in kept.items() if key == "provider"}
    expressions = {key: value if key in plain else _expression(value) for key, value in kept.items()}
    arguments = {key: expression.literal(value) for key, value in expressions.items()}
    return Block(labels, arguments, f"{path}:{found.line}", expressions)


def _expression(value: object) -> object:
    if isinstance(value, str):
        return _template(value)
    if isinstance(value, list):
        return [_expression(item) for item in value]
    if isinstance(value, dict):
        return {key: _expression(item) for key, item in value.items()}
    return UNKNOWN if isinstance(value, float) else value


def _template(text: str) -> object:
    """A string as a template. An interpolation with braces or quotes of its own is not evaluated."""
    if "${" not in text and "%{" not in text:
        return text
    import re

    parts = re.split(r"(\$\$\{|%%\{|\$\{[^{}]*\}|\$\{|%\{)", text)
    return expression.template([_part(part) for part in parts if part])


def _part(part: str) -> object:
    if part in ("$${", "%%{"):
        return part[1:]
    if part in ("${", "%{") or part.startswith("${~") or (part.startswith("${") and part.endswith("~}")):
        return UNKNOWN
    return hcl.value(part[2:-1]) if part.startswith("${") else part
