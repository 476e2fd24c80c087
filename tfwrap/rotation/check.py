"""One thing that was looked at, and what came of it."""

from __future__ import annotations

from tfwrap.lean import NamedTuple

OK = "ok"
FAILED = "failed"
NOTE = "note"  # worth knowing, and nothing against the key
UNCHECKED = "unchecked"

# What each check is called, here and in the JSON.
SHAPE = "shape"
STS = "sts"
ACCOUNT = "account"
OTHER_KEYS = "other-keys"
CHANNELS = "channels"


class Check(NamedTuple):
    """A check's result, in words. `evidence` and `fix` are lines; no secret is in any of them."""

    name: str
    status: str
    title: str
    evidence: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the key is not to go live: what could not be checked is not well, but for the other keys."""
        return self.status == FAILED or (self.status == UNCHECKED and self.name != OTHER_KEYS)
