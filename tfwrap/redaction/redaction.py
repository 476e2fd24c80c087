"""Secrets out, before anything is stored or shown: the values of this run, and what looks like one."""

from __future__ import annotations

import re
from bisect import bisect_right

from tfwrap.lean import NamedTuple
from tfwrap.redaction import encodings, lookalikes
from tfwrap.redaction.lookalikes import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tfwrap.aws.config import AwsFiles
    from tfwrap.terraform.saved_backend import SavedBackend

__all__ = ["HIDDEN", "Redactor", "make"]

# Shorter values are words; replacing them would tear the text apart and hide nothing.
_SHORTEST = 8

# What may stand within a value that was coloured, wrapped and boxed; blanks too, where the value has some itself.
_COLOUR = r"\x1b\[[0-9;?]{0,32}[ -/]{0,8}[@-~]"
_BREAKS = re.compile(rf"(?:{_COLOUR}|\r|\n(?:[ \t]|{_COLOUR})*+(?:[│|](?:[ \t]|{_COLOUR})*+)?)+")
_BLANKS = re.compile(rf"(?:{_COLOUR}|[\s│|])+")


class Redactor(NamedTuple):
    """Knows the secret values of this run, longest first, and takes them out of text."""

    values: tuple[str, ...]

    def text(self, text: str) -> str:
        """The text without secrets: known values, and what looks like one; key ids keep their ends."""
        for value in self.values:
            text = text.replace(value, HIDDEN)
        solid = [value for value in self.values if not _BLANKS.search(value)]
        text = _without_split(text, solid, _BREAKS)
        spaced = {"".join(_BLANKS.split(value)) for value in self.values if _BLANKS.search(value)}
        text = _without_split(text, [value for value in spaced if len(value) >= _SHORTEST], _BLANKS)
        for lookalike in lookalikes.TABLE:
            text = lookalike.pattern.sub(lookalike.instead, text)
        return text

    def arguments(self, argv: Sequence[str]) -> list[str]:
        """A command line without secrets: `-var` and `-backend-config` values by name, the rest by value."""
        shown = (_assignment(word) if option in _ASSIGNING else _argument(word) for option, word in _pairs(argv))
        return [self.text(word) for word in shown]


def make(
    environ: Mapping[str, str],
    files: AwsFiles | None,
    saved: SavedBackend | None,
    argv: Iterable[str],
    blocks: Iterable[Mapping[str, object]] = (),
) -> Redactor:
    """A redactor that knows every secret at hand: environment, shared files, saved backend, command line, blocks.

    `blocks` are the arguments of backend and provider blocks.
    """
    settings = [profile.settings for profile in files.profiles.values()] if files else []
    named = [*environ.items(), *(pair for each in settings for pair in each.items())]
    for block in (saved.config if saved else {}, *blocks):
        named += _flat(block)
    named += _assigned(argv)
    for name, value in environ.items():
        named += _assigned(value.split()) if name.startswith("TF_CLI_ARGS") else []
    values = {value for name, value in named if _is_secret(name, value)}
    values.update(inner for value in environ.values() for inner in lookalikes.within(value))
    forms = {form for value in values for form in encodings.forms(value) if len(form) >= _SHORTEST}
    return Redactor(tuple(sorted(forms, key=lambda form: (-len(form), form))))


def _without_split(text: str, values: Sequence[str], breaks: re.Pattern[str]) -> str:
    """The text without the values that `breaks` stand in the middle of, whatever those break is hidden with them."""
    if not values or not breaks.search(text):
        return text
    solid, starts, places = _solid(text, breaks)
    spans = sorted(span for value in values for span in _found(solid, value))
    shown, end = [], 0
    for first, last in spans:
        begin = _place(first, starts, places)
        if begin >= end:
            shown += [text[end:begin], HIDDEN]
        end = max(end, _place(last, starts, places) + 1)
    return "".join((*shown, text[end:]))


def _solid(text: str, breaks: re.Pattern[str]) -> tuple[str, list[int], list[int]]:
    """The text without the breaks; where in it each piece starts, and where the piece starts in the text itself."""
    pieces, starts, places, length, end = [], [0], [0], 0, 0
    for found in breaks.finditer(text):
        pieces.append(text[end : found.start()])
        length += found.start() - end
        end = found.end()
        starts.append(length)
        places.append(end)
    return "".join((*pieces, text[end:])), starts, places


def _found(text: str, value: str) -> Iterator[tuple[int, int]]:
    """The first and the last place of each occurrence."""
    at = text.find(value)
    while at >= 0:
        yield at, at + len(value) - 1
        at = text.find(value, at + len(value))


def _place(at: int, starts: list[int], places: list[int]) -> int:
    piece = bisect_right(starts, at) - 1
    return places[piece] + at - starts[piece]


def _is_secret(name: str, value: str) -> bool:
    """By its name; and what stands in the place of a key id without being one is a secret in the wrong place."""
    if len(value) < _SHORTEST or lookalikes.PLACE_NAME.search(name):
        return False
    is_key_id = name.lower().endswith(("access_key", "access_key_id")) and "secret" not in name.lower()
    return not lookalikes.KEY_ID.fullmatch(value) if is_key_id else bool(lookalikes.SECRET_NAME.search(name))


def _flat(config: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in config.items():
        for inner in value if isinstance(value, list | tuple) else (value,):
            if isinstance(inner, dict):
                yield from _flat(inner)
            elif isinstance(inner, str):
                yield name, inner


def _assigned(argv: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The `NAME=value` pairs of `-var` and `-backend-config`, in one word or in two."""
    for option, word in _pairs(argv):
        text = word if option in _ASSIGNING else word.partition("=")[2]
        name, _, value = text.strip("\"'").partition("=")
        yield name, value


def _pairs(argv: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each word with the option before it: Go's flags allow `-var x=1` for `-var=x=1`."""
    before = ""
    for word in argv:
        yield before, word
        before = word.lstrip("-") if word.startswith("-") else ""


def _argument(word: str) -> str:
    option, equals, rest = word.partition("=")
    return f"{option}={_assignment(rest)}" if equals and option.lstrip("-") in _ASSIGNING else word


def _assignment(text: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}={HIDDEN}" if equals and value and name not in _HARMLESS else text


_ASSIGNING = ("var", "backend-config")
_HARMLESS = (
    "bucket",
    "key",
    "region",
    "profile",
    "encrypt",
    "dynamodb_table",
    "workspace_key_prefix",
    "use_lockfile",
)
