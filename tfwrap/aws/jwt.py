"""The claims of a JSON web token in a file. Its signature is for AWS to check; the token itself is never shown."""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 1 << 18


class Token(NamedTuple):
    """What a token says about itself, times as Unix times, 0 where it says nothing. `problem` is what keeps it from
    being read, in words."""

    problem: str = ""
    expires: float = 0
    not_before: float = 0
    audiences: tuple[str, ...] = ()
    issuer: str = ""


def read(path: str) -> Token:
    """The token in a file. Never raises for what is or is not there."""
    try:
        if not os.path.isfile(path) and os.path.exists(path):
            return Token("is not a regular file")
        with open(path, "rb", buffering=0) as file:
            content = file.read(LARGEST)
    except FileNotFoundError:
        return Token("is not there")
    except (OSError, ValueError) as error:
        return Token(f"cannot be read ({(getattr(error, 'strerror', None) or str(error)).lower()})")
    return parse(content)


def parse(content: bytes) -> Token:
    """The claims in the middle one of a token's three parts (RFC 7519)."""
    text = content.strip()
    if not text:
        return Token("is empty")
    claims = _claims(text)
    if claims is None:
        return Token("holds no JSON web token")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    return Token(
        expires=_number(claims.get("exp")),
        not_before=_number(claims.get("nbf")),
        audiences=tuple(name for name in audiences if isinstance(name, str)),
        issuer=str(claims.get("iss") or ""),
    )


def _claims(text: bytes) -> Mapping[str, object] | None:
    import base64
    import json

    parts = text.split(b".")
    if len(parts) != 3:
        return None
    try:
        found = json.loads(base64.b64decode(parts[1] + b"=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else 0
