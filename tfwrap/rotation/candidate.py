"""A candidate key, with where its parts stand."""

from __future__ import annotations

from tfwrap.aws import accesskey, keyshape
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.rotation.material import Unfit
from tfwrap.sources.source import PROFILE, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.rotation.material import Material

# The forms in which keys are handed out and kept.
SHARED = "shared-file"
ENV = "env-file"
CSV = "csv"
JSON = "json"

KEY_ID = "key id"
SECRET = "secret"  # noqa: S105 - what it is called in a message
TOKEN = "token"  # noqa: S105 - the same
SHAPES: Mapping[str, keyshape.Shape] = {
    KEY_ID: keyshape.KEY_ID,
    SECRET: keyshape.SECRET,
    TOKEN: keyshape.TOKEN,
}


class Part(NamedTuple):
    """A value of the key's: what it is called where it stands, and its line there, 0 where that is not known."""

    value: Secret
    name: str = ""
    line: int = 0


class Candidate(NamedTuple):
    """A key that is to go live. `parts` are those that are there, by KEY_ID, SECRET and TOKEN.

    `form` is one of SHARED, ENV, CSV and JSON; `section` the profile of a shared file.
    """

    form: str
    material: Material
    parts: Mapping[str, Part]
    section: str = ""

    def value(self, part: str) -> str:
        """A part's value, empty where it is missing. For calls and comparisons, never for text."""
        return self.parts[part].value.reveal() if part in self.parts else ""

    @property
    def shown_id(self) -> str:
        """The key id as it may be shown."""
        return accesskey.mask(self.value(KEY_ID))

    @property
    def place(self) -> str:
        """Where it stands: the line of the secret, as far as that is known."""
        line = self.parts[SECRET].line
        return self.material.at(line) if line else self.material.place

    @property
    def source(self) -> Source:
        """The credentials, as STS is asked about them."""
        token = self.parts[TOKEN].value if TOKEN in self.parts else None
        return Source(PROFILE, self.place, self.value(KEY_ID), self.parts[SECRET].value, token)

    def repaired(self, values: Mapping[str, str]) -> Candidate:
        """The same key with other values."""
        parts = {part: each._replace(value=Secret(values[part])) for part, each in self.parts.items()}
        return self._replace(parts=parts)


def make(form: str, material: Material, parts: Mapping[str, Part], section: str = "") -> Candidate:
    """A candidate of the parts that are not empty. Raises Unfit where the pair is not complete."""
    present = {part: each for part, each in parts.items() if each.value.reveal()}
    for part in (KEY_ID, SECRET):
        if part not in present:
            other = next(iter(present.values()), None)
            where = material.at(other.line) if other and other.line else material.place
            has = "the key id stands here" if part == SECRET and present else ""
            raise Unfit(f"{where}: {has or 'there is'} {'without its' if has else 'no'} {_NAMED[part]}")
    return Candidate(form, material, present, section)


_NAMED = {KEY_ID: "access key id", SECRET: "secret access key"}
