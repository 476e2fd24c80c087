"""How a value may stand in other text: escaped, encoded, and as a part of something longer that was encoded."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote_from_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PERCENT = str.maketrans("ABCDEF", "abcdef")


def forms(value: str) -> set[str]:
    """The value itself, line by line, on one line, and as other texts write it."""
    lines = (value.strip(), " ".join(value.split()), *map(str.strip, value.splitlines()))
    return {value, *lines, *_escaped(value), *_encoded(_bytes(value))}


def _bytes(value: str) -> bytes:
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, from a JSON file: nobody else writes it as bytes either
        return value.encode("utf-8", "replace")


def _escaped(value: str) -> Iterator[str]:
    """As a string of JSON, HCL, Go, Python or XML."""
    in_json = json.dumps(value, ensure_ascii=False)[1:-1]
    # Go's encoding/json, and with it Terraform's state and `-json`, writes these three as \u003c and so on.
    in_go = in_json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    yield from (in_json, in_go, json.dumps(value)[1:-1], json.dumps(in_json, ensure_ascii=False)[1:-1])
    yield in_json.replace("${", "$${").replace("%{", "%%{")
    yield from (repr(value)[1:-1], html.escape(value), html.escape(value, quote=False))


def _encoded(content: bytes) -> Iterator[str]:
    """URL-encoded, in hexadecimal, and in base64."""
    for safe in ("", "/", "/~!*'()"):
        percent = quote_from_bytes(content, safe=safe)
        yield from (percent, percent.replace("%20", "+"), _lower_escapes(percent))
    yield from (content.hex(), content.hex().upper())
    for shift in range(3):
        core = _within_base64(content, shift)
        yield from (core, core.replace("+", "-").replace("/", "_"))
    yield from (base64.b64encode(content).decode(), base64.urlsafe_b64encode(content).decode())


def _lower_escapes(percent: str) -> str:
    first, *rest = percent.split("%")
    return "%".join((first, *(part[:2].translate(_PERCENT) + part[2:] for part in rest)))


def _within_base64(content: bytes, shift: int) -> str:
    """The characters that depend on nothing else, where the content begins `shift` bytes into a group of three."""
    first = (0, 2, 3)[shift]
    whole = (shift + len(content)) * 8 // 6
    return base64.b64encode(bytes(shift) + content).decode()[first:whole]
