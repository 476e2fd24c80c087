"""A value together with where it was set, and secrets that do not show themselves."""

from __future__ import annotations

from tfwrap.lean import NamedTuple


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


class Value(NamedTuple):
    """A value and its origin, as in "(set by AWS_PROFILE)" or "(set by backend.tf:3)"."""

    value: str
    origin: str

    def __str__(self) -> str:
        return f"{self.value} (set by {self.origin})"
