"""How the blocks of several files become one module, override files last (terraform configs/module_merge.go)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tfwrap.terraform.block import Block


def by_kind(items: Iterable[tuple[str, Block]]) -> dict[str, list[Block]]:
    """Blocks in the order of their files, kind by kind."""
    kinds: dict[str, list[Block]] = {}
    for kind, block in items:
        kinds.setdefault(kind, []).append(block)
    return kinds


def by_label(block: Block, place: int) -> str:
    """A variable or a call of a module is known by its label."""
    return "".join(block.labels[:1]) or str(place)


def by_alias(block: Block, place: int) -> str:
    """A provider configuration is known by its name and alias; a second one of the same is an error of Terraform's."""
    alias = block.arguments.get("alias", "")
    return f"{by_label(block, place)}.{alias}" if isinstance(alias, str) else str(place)


def merged(base: list[Block], over: list[Block], key: Callable[[Block, int], str]) -> dict[str, Block]:
    """Blocks by their keys; what overrides one replaces single arguments of it, nested blocks whole."""
    found: dict[str, Block] = {}
    for place, block in enumerate(base):
        found.setdefault(key(block, place), block)
    for place, block in enumerate(over):
        known = found.setdefault(key(block, place), block)
        arguments, expressions = {**known.arguments, **block.arguments}, {**known.expressions, **block.expressions}
        found[key(block, place)] = known._replace(arguments=arguments, expressions=expressions)
    return found


def expressions(blocks: list[Block]) -> dict[str, object]:
    """The arguments of all of them, a later one instead of an earlier one of the same name (`locals`)."""
    return {name: value for block in blocks for name, value in block.expressions.items()}
