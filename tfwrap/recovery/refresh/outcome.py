"""What comes of a refresh: credentials in memory where the source hands them out, and what to say about it."""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.sources.source import PROFILE, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Credentials(NamedTuple):
    """Keys in memory. `expires` is a Unix time, 0 where nothing says so.

    `role` is the ARN of the role whose session this is, where a role was assumed for it: its account is the ARN's,
    and not that of the keys that assumed it.
    """

    access_key: str
    secret_key: Secret
    token: Secret | None = None
    expires: float = 0
    role: str = ""

    def as_source(self, location: str, profile: str = "") -> Source:
        """The keys as a source, to be asked about or handed on; `location` says what made them."""
        return Source(
            PROFILE, location, self.access_key, self.secret_key, self.token, profile=profile, expires=self.expires
        )


class Result(NamedTuple):
    """Whether the source was refreshed.

    `credentials` are the new keys where they are at hand; without them the source has to be read again. `message` is
    one line for the user and holds no secret. `is_in_place` says that whoever uses the source finds the new
    credentials where the old ones were: a token in its cache, a session in its file, a process that works again.
    """

    done: bool
    credentials: Credentials | None = None
    message: str = ""
    is_in_place: bool = False


class NotRefreshed(Exception):
    """A refresh came to nothing, and nothing was changed. `str()` is one line for the user; `code` is AWS's, if any."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def of_aws(answer: Mapping[str, object], role: str = "") -> Credentials:
    """The `Credentials` of an STS answer, as botocore gives them. Raises NotRefreshed for what are none."""
    from datetime import datetime

    texts = [answer.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    ends = answer.get("Expiration")
    access_key, secret_key, token = (text if isinstance(text, str) else "" for text in texts)
    if not (access_key and secret_key):
        raise NotRefreshed("what answered is not STS")
    expires = ends.timestamp() if isinstance(ends, datetime) else 0
    return Credentials(access_key, Secret(secret_key), Secret(token) if token else None, expires, role)
