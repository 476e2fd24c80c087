"""What STS is asked about credentials, and what it answered."""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.origin import Secret
    from tfwrap.sources.sources import Source

OK = "ok"
REJECTED = "rejected"
UNREACHABLE = "unreachable"
UNCHECKED = "unchecked"

# Why STS could not be asked.
NAME = "name"
TIMEOUT = "timeout"
PROXY = "proxy"
TLS = "tls"
REFUSED = "refused"
NOT_STS = "not-sts"
BUSY = "busy"
OTHER = "other"

TIMEOUT_S = 3

UNKNOWN_KEY = "InvalidClientTokenId"


class Answer(NamedTuple):
    """What STS said: `status` is ok, rejected, unreachable or unchecked; `code` and `message` are AWS's words.

    `trouble` is why it could not be asked (NAME, TIMEOUT, …). `skew` is how many seconds STS's clock is ahead of
    ours (its Date, to the second, against the middle of the call). `host` was asked; `accepted_in` is another region
    whose STS accepts what this one rejects, known only where it was tried.
    """

    status: str
    account: str = ""
    arn: str = ""
    code: str = ""
    message: str = ""
    trouble: str = ""
    skew: float = 0
    http_status: int = 0
    host: str = ""
    accepted_in: str = ""

    def describe(self) -> str:
        """In words: `STS accepts it (account 111111111111, arn:…)`."""
        if self.status == OK:
            return f"STS accepts it (account {self.account}, {self.arn})"
        if self.status == REJECTED:
            return f"STS answers {self.code}: {self.message}"
        return f"STS could not be asked ({self.message})"


NO_KEYS = Answer(UNCHECKED, message="no keys at hand to ask with")
NOT_ASKED = Answer(UNCHECKED, message="STS was not asked")


class Question(NamedTuple):
    """The credentials that STS is asked about, and where: what makes two consumers one question."""

    access_key: str
    secret_key: Secret | None
    token: Secret | None
    where: Endpoint

    @property
    def has_keys(self) -> bool:
        """Whether there is a complete pair to ask with."""
        return bool(self.access_key and self.secret_key)


def question(source: Source, where: Endpoint) -> Question:
    """What is asked about a source's keys."""
    return Question(source.access_key, source.secret_key, source.token, where)
