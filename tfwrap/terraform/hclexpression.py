"""Expressions in the syntax tree of HCL, as the tree-sitter grammar has it, become those of `expression`."""

from __future__ import annotations

from tfwrap.terraform import expression
from tfwrap.terraform.expression import Call, Reference, Template
from tfwrap.terraform.functions import CONDITION, INDEX
from tfwrap.terraform.values import UNKNOWN, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node


_WRAPPERS = ("expression", "literal_value", "collection_value", "template_expr", "operation")


def read(node: Node) -> object:
    """The expression of a node; UNKNOWN for what has no value without Terraform, or does not parse."""
    if node.type in _WRAPPERS and node.named_child_count == 1:
        return read(node.named_children[0])
    reader = _READERS.get(node.type)
    return reader(node) if reader and not node.has_error else UNKNOWN


def _traversal(node: Node) -> object:
    """`var.x`, `local.tags["k"]`, `string`: an expression of a name or a value, and what stands behind it."""
    return _traversed([node] if node.type == "variable_expr" else _operands(node) or [node])


def _traversed(nodes: list[Node]) -> object:
    first, *rest = nodes
    steps = [_step(child) for child in rest]
    if not all(isinstance(step, str | int | Reference | Template | Call) for step in steps):
        return UNKNOWN
    if first.type == "variable_expr":
        return Reference((words(first), *steps))
    value = UNKNOWN if first.type == "expression" and first.named_child_count == 0 else read(first)
    return value if not steps or value is UNKNOWN else Call(INDEX, (value, *steps))


def _step(node: Node) -> object:
    inner = node.named_children[0] if node.named_child_count == 1 else None
    if inner is None:
        return UNKNOWN
    if node.type == "get_attr":
        return words(inner)
    # The index of the first Terraforms, `list.0`, is not evaluated; `list[*]` is another type of node.
    return read(inner.named_children[0]) if inner.type == "new_index" and inner.named_children else UNKNOWN


def _operands(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _condition(node: Node) -> object:
    return Call(CONDITION, tuple(map(read, _operands(node))))


def _operation(node: Node) -> object:
    """One operator, between two operands or before one; an operand is a node with its attributes and indices."""
    signs = [place for place, child in enumerate(node.children) if not child.is_named]
    if len(signs) != 1:
        return UNKNOWN
    sides = [node.children[: signs[0]], node.children[signs[0] + 1 :]]
    operands = [[child for child in side if child.type != "comment"] for side in sides]
    return Call(words(node.children[signs[0]]), tuple(_traversed(side) for side in operands if side))


def _call(node: Node) -> object:
    """A function. `f(list...)` has as many arguments as the list has items; a provider's has colons in its name."""
    name, *lists = _operands(node)
    arguments = [child for each in lists for child in _operands(each)]
    if name.type != "identifier" or any(child.type != "expression" for child in arguments):
        return UNKNOWN
    return Call(words(name), tuple(map(read, arguments)))


def _string(node: Node) -> object:
    parts = [_part(child) for child in node.named_children if not child.type.startswith("quoted_template_")]
    return expression.template(parts)


def _part(node: Node) -> object:
    if node.type == "template_literal":
        return _unescape(words(node))
    if node.type != "template_interpolation" or any(child.type == "strip_marker" for child in node.children):
        return UNKNOWN
    inner = [child for child in node.named_children if child.type == "expression"]
    return read(inner[0]) if len(inner) == 1 else UNKNOWN


def _unescape(text: str) -> object:
    """HCL's escapes are JSON's, with `$${` and `%%{` for a template marker that is meant as such."""
    import json

    plain = text.replace("$${", "${").replace("%%{", "%{")
    if "\\" not in plain:
        return plain
    try:
        return str(json.loads(f'"{plain}"'))
    except ValueError:
        return UNKNOWN


def _number(node: Node) -> object:
    text = words(node)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 30 else UNKNOWN


def _list(node: Node) -> object:
    return [read(child) for child in node.named_children if child.type == "expression"]


def _object(node: Node) -> object:
    """An object. A key that must be evaluated makes all of it unknown; `aws.west` as a key is that text."""
    pairs = [child.named_children for child in node.named_children if child.type == "object_elem"]
    keys = [_key(pair[0]) for pair in pairs if len(pair) > 1]
    if any(key is UNKNOWN for key in keys) or len(keys) < len(pairs):
        return UNKNOWN
    return {str(key): read(pair[-1]) for key, pair in zip(keys, pairs, strict=True)}


def _key(node: Node) -> object:
    key = read(node)
    if words(node).startswith("(") or (isinstance(key, Reference) and words(node).startswith('"')):
        return UNKNOWN
    return ".".join(str(part) for part in key.path) if isinstance(key, Reference) else text(key)


_READERS = {
    "expression": _traversal,
    "variable_expr": _traversal,
    "conditional": _condition,
    "binary_operation": _operation,
    "unary_operation": _operation,
    "function_call": _call,
    "quoted_template": _string,
    "string_lit": _string,
    "numeric_lit": _number,
    "bool_lit": lambda node: words(node) == "true",
    "null_lit": lambda _: None,
    "tuple": _list,
    "object": _object,
}


def words(node: Node) -> str:
    """What a node says, as it stands in the file."""
    return (node.text or b"").decode("utf-8", "replace")
