"""One settings file: from its bytes to values with their places, or to what is wrong with it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from difflib import get_close_matches
from itertools import islice

from tfwrap.lean import NamedTuple
from tfwrap.settings import lines, vaultpath
from tfwrap.settings.settings import AUTO_CHOICES, ERROR, WARNING, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tfwrap.settings.settings import Key

PROJECT = "project"
USER = "user"
SITE = "site"
MOST_MISTAKES = 5
MOST_DAYS = 3650
# tomllib's time grows with the square of the parts of a dotted key (16 000 parts: 8 s), and a file comes with a clone.
MOST_DOTS = 200

# How many names lead to a value; whatever a table of the file's holds is one of the rules below.
_DEPTHS = {"ignore": 2, "paths": 2, "refresh": 3, "workspace": 3}
_INNER = {"refresh": ("command", "vault"), "workspace": ("profile", "account")}
_ONLY = {"paths": USER, "forbid": SITE}
FORBIDDABLE = (
    "account",
    "auto",
    "backend_config",
    "ignore",
    "key_age_days",
    "offline",
    "paths",
    "profile",
    "refresh",
    "strict",
    "workspace",
)
_TOP = (*FORBIDDABLE, "forbid")


class Layer(NamedTuple):
    """What a file sets. One with mistakes sets nothing: half a file may mean the opposite of the whole."""

    values: Mapping[Key, Value]
    mistakes: tuple[str, ...] = ()


def parse(content: bytes, place: str, kind: str) -> Layer:
    """A file's content (`kind` is PROJECT, USER or SITE) as a layer; `place` names it in origins and mistakes."""
    try:
        text = content.decode("utf-8-sig")
        _refuse_endless_keys(text)
        document = tomllib.loads(f"{text}\n")  # so that no mistake is "at end of document", without a line
    except (ValueError, RecursionError) as error:
        return Layer({}, (_unreadable(error, place),))
    numbers = lines.of_keys(text)
    leaves = [(key, value, lines.at(place, numbers, key)) for key, value in _leaves(document)]
    wrong = (f"{at}: {text} (the file is left out)" for key, value, at in leaves if (text := _wrong(key, value, kind)))
    mistakes = tuple(islice(wrong, MOST_MISTAKES))
    return Layer({} if mistakes else {key: Value(value, at) for key, value, at in leaves}, mistakes)


def shown(key: Key) -> str:
    """A key as it is written, with quotes where TOML wants them; cut where it is very long."""
    parts = (part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in key)
    return ".".join(part if len(part) <= 60 else f"{part[:60]}…" for part in parts)


def rows(values: Mapping[Key, Value]) -> list[str]:
    """A line for each setting, as TOML writes it, with its origin."""
    texts = {
        f"{shown(key)} = {json.dumps(value.value, ensure_ascii=False)}": value.origin for key, value in values.items()
    }
    return [f"  {text}  ({origin})" for text, origin in texts.items()]


def is_account_pin(key: Key) -> bool:
    """Whether a key pins an account: what counts in a project file that nobody has approved."""
    return key == ("account",) or (key[0] == "workspace" and key[-1] == "account")


def _unreadable(error: Exception, place: str) -> str:
    if isinstance(error, UnicodeDecodeError):
        why = "is not UTF-8"
    elif isinstance(error, RecursionError):
        why = "is nested too deeply"
    else:
        why = f"is not TOML: {error}"
    line = re.search(r"\(at line (\d+), column \d+\)$", why)
    return f"{place}:{line[1]}: {why}" if line else f"{place} {why}"


def _refuse_endless_keys(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise ValueError(f"more than {MOST_DOTS} dots (at line {number}, column 1)")


def _leaves(table: Mapping[str, object], above: Key = ()) -> Iterator[tuple[Key, object]]:
    for name, value in table.items():
        key = (*above, name)
        if isinstance(value, dict) and len(key) < _DEPTHS.get(key[0], 1):
            yield from _leaves(value, key)
        else:
            yield key, value


def _wrong(key: Key, value: object, kind: str) -> str:
    """What is wrong with a key or its value, in words; empty where nothing is. The value itself is never shown."""
    top, name = key[0], key[-1]
    if top not in _TOP:
        return f"{shown(key)} is no setting{_meant(top, _TOP)}"
    if _ONLY.get(top, kind) != kind:
        return f"{top} counts in the {'site policy' if top == 'forbid' else 'user file'} only"
    if len(key) < _DEPTHS.get(top, 1):
        return f"{shown(key)} must be a table"
    if top in _INNER and name not in _INNER[top]:
        return f"{shown(key)} is no setting{_meant(name, _INNER[top])}"
    if top == "ignore" and (unknown := _unknown_id(name)):
        return unknown
    accepts, what = _RULES[{"ignore": "reason", "paths": "profile"}.get(top, name)]
    return "" if accepts(value) else f"{shown(key)} must be {what}"


def _meant(name: str, names: tuple[str, ...]) -> str:
    close = get_close_matches(name[:60], names, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _unknown_id(name: str) -> str:
    ids = _finding_ids()
    if not ids or name in ids:
        return ""
    return f"ignore.{shown((name,))} is no finding's id{_meant(name.upper(), ids)}"


def _finding_ids() -> tuple[str, ...]:
    """Every finding has a page, whose name is its id. Nothing where the pages are no files: then all ids pass."""
    try:
        names = os.listdir(os.path.join(os.path.dirname(os.path.dirname(__file__)), "pages"))
    except OSError:
        return ()
    return tuple(sorted(name[:6] for name in names if re.fullmatch(r"TFW\d{3}\.md", name)))


def _is_profile(value: object) -> bool:
    rest = value.replace("{region}", "").replace("{workspace}", "") if isinstance(value, str) else "{"
    return bool(value) and rest.isprintable() and not set(rest) & set("{}")


def _is_account(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{12}", value) is not None


def _is_strict(value: object) -> bool:
    return isinstance(value, bool) or value in (ERROR, WARNING)


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_DAYS


def _is_reason(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word and "\0" not in word for word in value)


def _is_command(value: object) -> bool:
    return _are_words(value) and bool(value)


def _is_vault_path(value: object) -> bool:
    return isinstance(value, str) and vaultpath.parse(value) is not None


def _are_forbiddable(value: object) -> bool:
    return isinstance(value, list) and all(name in FORBIDDABLE for name in value)


_RULES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "account": (_is_account, "twelve digits in quotes"),
    "auto": (lambda value: value in AUTO_CHOICES, f"one of {', '.join(AUTO_CHOICES)}, in quotes"),
    "backend_config": (_are_words, 'a list of texts, as in ["bucket=made-up"]'),
    "command": (_is_command, 'a list of words, as in ["aws", "sso", "login"]'),
    "forbid": (_are_forbiddable, f"a list of names out of {', '.join(FORBIDDABLE)}"),
    "key_age_days": (_is_days, f"a number of days from 1 to {MOST_DAYS}"),
    "offline": (lambda value: isinstance(value, bool), "true or false"),
    "profile": (_is_profile, "the name of a profile in quotes, with no braces but {region} and {workspace}"),
    "reason": (_is_reason, "the reason, in quotes"),
    "strict": (_is_strict, 'true, false, "error" or "warning"'),
    "vault": (_is_vault_path, vaultpath.FORMS),
}
