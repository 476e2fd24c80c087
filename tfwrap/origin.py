"""A value together with where it was set, places as a person writes them, and secrets that do not show."""

from __future__ import annotations

import os


class Secret:
    """A secret value. Printing, formatting or logging it shows `****`; `reveal()` gives the value itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the one call that needs it, never for text."""
        return self._value

    def __repr__(self) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))


def place(path: str, *, home: str = "", directory: str = "") -> str:
    """A path as a person would write it: relative to the directory below which it lies, or with `~` for the home."""
    for base, sign in ((directory, ""), (home, f"~{os.sep}")):
        if base and path.startswith(base.rstrip(os.sep) + os.sep):
            return sign + os.path.relpath(path, base)
    return path
