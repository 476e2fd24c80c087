"""The only writer to the user: prefix, colour, and the prompt on the terminal.

Everything goes to standard error, written whole lines at a time, so that nothing mixes with Terraform's bytes.
"""

from __future__ import annotations

import os
import sys

from tfwrap.errors import Interrupted
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PREFIX = "tfwrap: "
STDERR = 2
_STYLES = {"error": "31", "warning": "33", "info": "36", "good": "32", "bold": "1", "dim": "2"}
_NO = ("0", "f", "false")  # what Go reads as false, in any case of letters


class Output(NamedTuple):
    """Where tfwrap writes, and whether in colour."""

    descriptor: int
    colour: bool

    def paint(self, text: str, style: str) -> str:
        """The text in a style (error, warning, info, good, bold, dim) where colour is on."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour else text

    def say(self, *lines: str, style: str = "") -> None:
        """Write lines, each with the prefix. A closed or full standard error is not tfwrap's to report."""
        if not lines:
            return
        shown = (PREFIX + (self.paint(line, style) if style else line) for line in lines)
        write(self.descriptor, shown)


def make(environ: Mapping[str, str], descriptor: int = STDERR) -> Output:
    """The output for an environment: NO_COLOR and FORCE_COLOR count, else colour is for terminals."""
    return Output(descriptor, _wants_colour(environ, descriptor))


def _wants_colour(environ: Mapping[str, str], descriptor: int) -> bool:
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    if not is_terminal(descriptor) or environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        import colorama

        colorama.just_fix_windows_console()
    return True


def write(descriptor: int, lines: Iterable[str]) -> None:
    """Write lines as UTF-8 in one piece; an error of the reader's is swallowed."""
    text = "".join(f"{harmless(line)}\n" for line in lines)
    rest = memoryview(text.encode("utf-8", "backslashreplace"))
    try:
        while rest:
            rest = rest[_write_some(descriptor, rest) :]
    except OSError:
        return


if sys.platform == "win32":

    def _write_some(descriptor: int, content: bytes | memoryview) -> int:
        """Write; a console would show bytes in its own code page, and Python's stream hands it text."""
        if descriptor == STDERR and sys.stderr and is_terminal(STDERR):
            sys.stderr.buffer.write(content)
            sys.stderr.buffer.flush()
            return len(content)
        return os.write(descriptor, content)

else:

    def _write_some(descriptor: int, content: bytes | memoryview) -> int:
        """Write as much as goes at once."""
        return os.write(descriptor, content)


def harmless(text: str) -> str:
    """The text with nothing in it that could drive a terminal, apart from our own styles.

    Names of profiles, paths and saved values come from files that came with a clone.
    """
    head, *pieces = text.split("\x1b")
    return _visible(head) + "".join(_own_style(piece) for piece in pieces)


def _own_style(piece: str) -> str:
    for style in ("[0m", *(f"[{code}m" for code in _STYLES.values())):
        if piece.startswith(style):
            return f"\x1b{style}{_visible(piece.removeprefix(style))}"
    return "\\x1b" + _visible(piece)


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)


def is_terminal(descriptor: int) -> bool:
    """Whether a descriptor is an open terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def may_ask(environ: Mapping[str, str], options: Sequence[str]) -> bool:
    """Whether a person is there to be asked: terminals on both ends, and nothing says otherwise."""
    if not (is_terminal(0) and is_terminal(STDERR)):
        return False
    if environ.get("CI") or environ.get("TF_IN_AUTOMATION"):
        return False
    told = (option.lstrip("-").partition("=") for option in options)
    refused = any(name == "input" and value.lower() in _NO for name, _, value in told)
    return not refused and environ.get("TF_INPUT", "").lower() not in _NO


def ask(output: Output, question: str, choices: Mapping[str, str]) -> str:
    """Ask on the terminal itself, never on stdin; returns a key of `choices`, the last one when nobody answers.

    `choices` maps the letter to type to what it does.
    """
    terminal = "CONIN$" if sys.platform == "win32" else "/dev/tty"
    fallback = list(choices)[-1]
    offer = ", ".join(f"[{letter}] {meaning}" for letter, meaning in choices.items())
    try:
        with open(terminal, encoding="utf-8", errors="replace") as keyboard:
            for _ in range(3):
                write_prompt(output, f"{question} {offer}: ")
                answer = keyboard.readline()
                letter = answer.strip().lower()[:1]
                if letter in choices:
                    return letter
                if not answer:
                    break
    except (OSError, Interrupted):  # Ctrl-C at a question is an answer
        return fallback
    return fallback


def write_prompt(output: Output, text: str) -> None:
    """Write a prompt: prefixed, and without an end of line."""
    try:
        _write_some(output.descriptor, (PREFIX + output.paint(text, "bold")).encode("utf-8", "backslashreplace"))
    except OSError:
        return
