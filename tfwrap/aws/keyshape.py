"""What key ids, secrets and tokens look like, what damages them on the way here, and what they were before.

AWS documents the prefixes of key ids (IAM, "Unique identifiers"), and that a secret is not to be mangled by the shell;
a secret is 30 bytes in base64: forty characters, no padding. Tokens are base64 of any length.
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE64 = _UPPER + _UPPER.lower() + _DIGITS + "+/"
_SECRET_LENGTH = 40

# Who puts it there: editors, web pages and chat programs from which a key is copied.
_INVISIBLE = {"\ufeff": "a byte order mark", "\xa0": "a no-break space"}
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\u200e\u200f"
_WHITE = " \t\r\n\v\f\x85\xa0\u2007\u2009\u202f\u3000\ufeff" + _ZERO_WIDTH
_QUOTES = ('""', "''", "``", "\u201c\u201d", "\u2018\u2019")
_ENCODED = (("%2F", "/"), ("%2f", "/"), ("%2B", "+"), ("%2b", "+"), ("%3D", "="), ("%3d", "="))
# The last folder of a root that MSYS2 and Git for Windows put before a leading slash (msys2.org, "Filesystem Paths").
_MSYS_ROOTS = ("git", "portablegit", "msys64", "msys32", "msys2", "msys", "current")


class Damage(NamedTuple):
    """What is wrong with a value, in words (none where nothing was recognised), and what it was before.

    `repaired` is None where undoing the damage does not make it well formed.
    """

    words: tuple[str, ...]
    repaired: str | None


class Shape(NamedTuple):
    """What makes a value well formed, and the repairs that may be tried on one that is not."""

    is_sound: Callable[[str], bool]
    steps: tuple[Callable[[str], tuple[str, str]], ...]


def is_key_id(value: str) -> bool:
    """Four letters, and at least twelve capitals or digits: the prefixes of AWS's and room for those to come."""
    return 16 <= len(value) <= 128 and not value[:4].strip(_UPPER) and not value.strip(_UPPER + _DIGITS)


def is_secret(value: str) -> bool:
    """Forty characters of base64."""
    return len(value) == _SECRET_LENGTH and not value.strip(_BASE64)


def is_token(value: str) -> bool:
    """Base64 that is no single word. Blanks around it do no harm: Go trims headers (tried with Terraform 1.11.4)."""
    inner = value.strip(" \t")
    return len(inner) >= 16 and not inner.strip(_BASE64 + "=-_")


def damage(value: str, shape: Shape) -> Damage | None:
    """What is wrong with a value; None where it is well formed."""
    if shape.is_sound(value):
        return None
    words: dict[str, None] = {}
    for step in shape.steps:
        value, found = step(value)
        words |= dict.fromkeys([found] if found else [])
        if shape.is_sound(value):
            return Damage(tuple(words), value)
    return Damage(tuple(words), None)


def bare(value: str) -> str:
    """A value without what surrounds it."""
    return _trimmed(_unquoted(_trimmed(value)[0])[0])[0]


def _trimmed(value: str) -> tuple[str, str]:
    inner = value.strip(_WHITE)
    around = value.replace(inner, "", 1) if inner else value
    return inner, _name(around) if around else ""


def _name(around: str) -> str:
    """The most telling of the characters around a value: those that one does not see go first."""
    for character, words in _INVISIBLE.items():
        if character in around:
            return words
    if any(character in _ZERO_WIDTH for character in around):
        return "an invisible character"
    return "a line break" if "\n" in around or "\r" in around else "a blank"


def _unquoted(value: str) -> tuple[str, str]:
    is_quoted = len(value) > 1 and value[0] + value[-1] in _QUOTES
    return (value[1:-1], "quotes") if is_quoted else (value, "")


def _decoded(value: str) -> tuple[str, str]:
    """Undo one URL-encoding, of the characters only that a secret can have in need of it."""
    result = value
    for code, character in _ENCODED:
        result = result.replace(code, character)
    return (result, "URL-encoding") if result != value else (value, "")


def _without_msys_root(value: str) -> tuple[str, str]:
    """`/abc` becomes `C:/Program Files/Git/abc` when an MSYS program starts a Windows one."""
    root, rest = value[:-_SECRET_LENGTH], value[-_SECRET_LENGTH:]
    folder = root.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    if root[1:2] == ":" and folder in _MSYS_ROOTS and rest.startswith("/"):
        return rest, "a folder that Git Bash put before its leading slash"
    return value, ""


_AROUND = (_trimmed, _unquoted, _trimmed)
KEY_ID = Shape(is_key_id, _AROUND)
SECRET = Shape(is_secret, (*_AROUND, _decoded, _without_msys_root))
TOKEN = Shape(is_token, _AROUND)
