"""How a value differs from the one that was meant, told without showing either."""

from __future__ import annotations

_NAMED = {
    '"': "a double quote",
    "'": "a single quote",
    "\r": "a carriage return",
    "\n": "a line feed",
    " ": "a blank",
    "\t": "a tab",
    "\ufeff": "a byte order mark",
    "\xa0": "a no-break space",
}


def difference(found: str, meant: str) -> str:
    """In words: `42 characters instead of 40: a double quote before and a double quote behind`."""
    sizes = f"{len(found)} characters instead of {len(meant)}"
    if not meant or meant not in found:
        return sizes if len(found) != len(meant) else f"other characters, {len(meant)} as well"
    before, _, behind = found.partition(meant)
    around = [f"{_named(text)} {where}" for text, where in ((before, "before"), (behind, "behind")) if text]
    return f"{sizes}: {' and '.join(around)}"


def _named(text: str) -> str:
    if len(set(text)) == 1:
        name = _NAMED.get(text[0], "another character")
        return name if len(text) == 1 else f"{len(text)} times {name}"
    return f"{len(text)} other characters"
