"""Blocks of a file in HCL's native syntax.

Read with the tree-sitter grammar for HCL, which keeps its bearings in a broken file and is twenty times faster
than python-hcl2 (docs/decisions.md).
"""

from __future__ import annotations

from tfwrap.terraform import expression, hclexpression
from tfwrap.terraform.block import Block
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

# Blocks of which everything is kept, and those of which only the provider that they use matters.
WHOLE = frozenset(("provider", "variable", "locals", "module"))
USERS = frozenset(("resource", "data", "ephemeral", "list", "action"))
OF_TERRAFORM = frozenset(("backend", "cloud", "required_providers"))


def blocks(path: str, content: bytes) -> Iterator[tuple[str, Block] | str]:
    """The blocks of a file with their kinds, those inside of `terraform` under their own; a problem is a string.

    Raises RecursionError for what is nested too deep.
    """
    root = _parse(content)
    if root.has_error:
        yield f"{path}: does not parse as HCL"
    for node in _blocks_of(root):
        kind = _kind(node)
        if kind in WHOLE:
            yield kind, _block(path, node)
        elif kind in USERS:
            yield "user", _user(path, node)
        elif kind == "terraform" and not node.has_error:
            yield kind, _block(path, node)
            yield from (
                (_kind(child), _block(path, child)) for child in _blocks_of(node) if _kind(child) in OF_TERRAFORM
            )
        elif kind == "check":
            yield from (("user", _user(path, child)) for child in _blocks_of(node))


def attributes(content: bytes) -> dict[str, object] | None:
    """The arguments of a file that holds nothing else (`*.tfvars`), as expressions; None where it does not parse."""
    root = _parse(content)
    return None if root.has_error else _attributes(root)


def value(text: str) -> object:
    """One expression, as it stands on a command line; UNKNOWN where it does not parse."""
    found = attributes(b"x = " + text.encode("utf-8", "replace") + b"\n")
    return found["x"] if found and len(found) == 1 else UNKNOWN


def _parse(content: bytes) -> Node:
    import tree_sitter
    import tree_sitter_hcl

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    return parser.parse(content.removeprefix(b"\xef\xbb\xbf")).root_node


def _blocks_of(node: Node) -> list[Node]:
    bodies = [child for child in node.named_children if child.type == "body"]
    return [child for body in bodies for child in body.named_children if child.type == "block"]


def _kind(node: Node) -> str:
    return hclexpression.words(node.named_children[0]) if node.named_children else ""


def _names(node: Node) -> tuple[str, ...]:
    names = [child for child in node.named_children if child.type in ("identifier", "string_lit")]
    return tuple(hclexpression.words(name).strip('"') for name in names)


def _block(path: str, node: Node) -> Block:
    expressions = _attributes(node)
    arguments = {name: expression.literal(value) for name, value in expressions.items()}
    for child in _blocks_of(node):
        kind, *labels = _names(child) or ("",)
        nested = _block(path, child)
        if kind == "dynamic":  # how many blocks it makes, only Terraform knows
            kind, nested = "".join(labels[:1]), Block((), {}, "", {})
            arguments[kind] = expressions[kind] = UNKNOWN
        arguments.setdefault(kind, nested.arguments)
        expressions[kind] = _repeated(expressions.get(kind), nested.expressions)
    return Block(_names(node)[1:], arguments, _location(path, node), expressions)


def _repeated(before: object, block: object) -> object:
    """A nested block is an object, several of one kind are a list of them."""
    if before is None:
        return block
    return before if before is UNKNOWN else [*(before if isinstance(before, list) else [before]), block]


def _user(path: str, node: Node) -> Block:
    """A resource: its labels, and the provider that it names."""
    named = _attributes(node).get("provider") if b"provider" in (node.text or b"") else None
    return Block(_names(node)[1:], {}, _location(path, node), {} if named is None else {"provider": named})


def _location(path: str, node: Node) -> str:
    return f"{path}:{node.start_point[0] + 1}"


def _attributes(node: Node) -> dict[str, object]:
    bodies = [child for child in node.named_children if child.type == "body"]
    found = [child for body in bodies for child in body.named_children if child.type == "attribute"]
    return {hclexpression.words(item.named_children[0]): hclexpression.read(item.named_children[-1]) for item in found}
