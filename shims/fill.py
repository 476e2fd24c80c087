"""Write a launcher from its template: `fill.py TEMPLATE OUTPUT NAME=VALUE ...`.

`@NAME@` becomes the value as it is. Where it must be one word of the language, whatever it holds, a template has
`@NAME_WORD@` (bash) or `"@NAME_WORD@"` (Python). Run by install.sh; needs nothing but the standard library.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What Linux before 5.1 reads of a first line; 255 since then, 511 on macOS.
_FIRST_LINE = 127


def main(argv: Sequence[str]) -> int:
    """Write OUTPUT, executable, in one step: a shim that is running meanwhile keeps its old text."""
    template, output, *pairs = argv
    values = {name: os.fsencode(value) for name, _, value in (pair.partition("=") for pair in pairs)}
    with open(template, "rb") as file:
        text = file.read()
    _write(output, in_python(text, values) if template.endswith(".py") else in_bash(text, values))
    return 0


def in_python(template: bytes, values: Mapping[str, bytes]) -> bytes:
    """A Python template filled in, below the line that names the interpreter: PYTHON where it can be, else BASE."""
    words = {f'"@{name}_WORD@"': ascii(os.fsdecode(value)).encode("ascii") for name, value in values.items()}
    first = interpreter_line(values["PYTHON"], values["BASE"])
    return first + b"\n" + _replaced(template.partition(b"\n")[2], words, values)


def in_bash(template: bytes, values: Mapping[str, bytes]) -> bytes:
    """A bash template filled in."""
    words = {f"@{name}_WORD@": b"'" + value.replace(b"'", b"'\\''") + b"'" for name, value in values.items()}
    return _replaced(template, words, values)


def _replaced(template: bytes, words: Mapping[str, bytes], values: Mapping[str, bytes]) -> bytes:
    for placeholder, value in (*words.items(), *((f"@{name}@", value) for name, value in values.items())):
        template = template.replace(placeholder.encode(), value)
    return template


def interpreter_line(*interpreters: bytes) -> bytes:
    """The first line of a script for the first of the interpreters for which there can be one.

    A kernel knows no quotes there and hands on one argument. `/bin/sh` in between, as pip has it, would lose
    environment variables (docs/launcher.md); `env -S` does not.
    Raises SystemExit where no line is possible.
    """
    for path in interpreters:
        if len(path.split()) == 1 and len(path) + len("#! -IS\n") <= _FIRST_LINE:
            return b"#!" + path + b" -IS"
    for path in interpreters:
        line = b'#!/usr/bin/env -S "' + _escaped(path) + b'" -I -S'
        if len(line) + 1 <= _FIRST_LINE:
            return line
    raise SystemExit(f"the path of the interpreter is too long for a launcher: {os.fsdecode(interpreters[-1])}")


def _escaped(path: bytes) -> bytes:
    for special in (b"\\", b'"', b"$"):
        path = path.replace(special, b"\\" + special)
    return path


def _write(output: str, text: bytes) -> None:
    partial = f"{output}.{os.getpid()}.new"
    with open(partial, "wb") as file:
        file.write(text)
    os.chmod(partial, 0o755)  # noqa: S103 - a command on PATH
    os.replace(partial, output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
