"""A page's Markdown for the terminal: headings bold, code indented, text wrapped at the width.

It knows what the pages use: headings, paragraphs, lists, fenced code, `code` and tables of text. Anything else comes
through as it is.
"""

from __future__ import annotations

import re
import textwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Paint = Callable[[str, str], str]

NARROWEST = 20
WIDEST = 100
_FENCE = "```"
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*]|\d+\.) +(?P<text>.*)")
_CODE = re.compile(r"`([^`]+)`")


def render(text: str, width: int, paint: Paint) -> str:
    """The page for a terminal of so many columns; `paint(text, style)` colours where colour is wanted."""
    columns = max(NARROWEST, min(width, WIDEST))
    return "\n".join(line for block in _blocks(text.rstrip("\n").split("\n")) for line in _block(block, columns, paint))


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """What belongs together: a fence with its content, a heading, a list item, the lines of a paragraph."""
    current: list[str] = []
    for line in lines:
        if current and current[0].startswith(_FENCE):
            current.append(line)
            if line.startswith(_FENCE):
                yield current
                current = []
        elif not line.strip() or line.startswith(("#", _FENCE, "|")) or _ITEM.fullmatch(line):
            yield from filter(None, (current,))
            current = [line]
            if not line.strip() or line.startswith(("#", "|")):
                yield current
                current = []
        else:
            current.append(line)
    yield from filter(None, (current,))


def _block(block: list[str], columns: int, paint: Paint) -> list[str]:
    first = block[0]
    if first.startswith(_FENCE):
        return [f"    {line}" for line in block[1:] if not line.startswith(_FENCE)]
    if first.startswith("#"):
        return [paint(first.lstrip("#").strip(), "bold")]
    if first.startswith("|") or not first.strip():
        return block
    return _wrapped(block, columns)


def _wrapped(block: list[str], columns: int) -> list[str]:
    item = _ITEM.fullmatch(block[0])
    mark = f"{item['indent']}{item['mark']} " if item else ""
    words = " ".join(line.strip() for line in ([item["text"], *block[1:]] if item else block))
    # A name between backticks is not torn apart; a hyphen in a command is no place to break either.
    return textwrap.wrap(
        _CODE.sub(r"\1", words),
        columns,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
