"""The path of `[refresh.NAME] vault`: a role of Vault's AWS engine, or a secret of a KV store of version 2."""

from __future__ import annotations

import re

from tfwrap.lean import NamedTuple

CREDS = "creds"
STS = "sts"
KV = "data"
FORMS = '"aws/creds/ROLE", "aws/sts/ROLE" or "MOUNT/data/PATH" (KV version 2)'


class VaultPath(NamedTuple):
    """A path in Vault, as its API has it: the mount, the kind (CREDS, STS or KV), and what is behind."""

    mount: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.mount}/{self.kind}/{self.name}"


def parse(text: str) -> VaultPath | None:
    """The path in a text, None where it is none of the FORMS. A mount may have slashes of its own."""
    words = text.split("/")
    if len(words) < 3 or not all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@ -]*", word) for word in words):
        return None
    if words[-2] in (CREDS, STS) and KV not in words[1:-2]:
        return VaultPath("/".join(words[:-2]), words[-2], words[-1])
    if KV in words[1:-1]:
        place = words.index(KV, 1)
        return VaultPath("/".join(words[:place]), KV, "/".join(words[place + 1 :]))
    return None
