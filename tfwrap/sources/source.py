"""A source: the credentials that a consumer gets, of which kind they are, and the place where they were found."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.origin import Secret

SAVED_BACKEND = "saved-backend"
BLOCK = "block"
ENVIRONMENT = "environment"
PROFILE = "profile"
WEB_IDENTITY = "web-identity"
CONTAINER = "container"
IMDS = "imds"
NONE = "none"
UNDECIDED = "unknown"

# How a profile makes its credentials.
STATIC = "static"
ROLE = "role"
SSO_SESSION = "sso-session"
SSO = "sso"
PROCESS = "credential-process"
LOGIN = "login-session"
HOW = (STATIC, ROLE, SSO_SESSION, SSO, PROCESS, LOGIN, WEB_IDENTITY)


class Source(NamedTuple):
    """The credentials that a consumer gets: their kind, key, and the place they stand in.

    `detail` says in words how a profile makes its credentials, or why there are none; `how` is one of HOW. The keys
    are those that the first request is signed with, where they are known without asking anybody: a role's are its
    source profile's. `roles` are the ARNs that are assumed with them, in order, the block's own last. `base` is the
    profile at the end of the chain, which has the credentials themselves, and `via` how it (or a role without one)
    makes them: one of HOW, ENVIRONMENT, CONTAINER or IMDS. `passed_over` describes what would have been used had this
    not come first; `expires` is when the session ends, as a Unix time, 0 where nothing says so.
    """

    kind: str
    location: str = ""
    access_key: str = ""
    secret_key: Secret | None = None
    token: Secret | None = None
    profile: str = ""
    detail: str = ""
    how: str = ""
    roles: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    expires: float = 0
    base: str = ""
    via: str = ""

    @property
    def has_keys(self) -> bool:
        """Whether a complete pair is at hand, so that it can be tried on STS."""
        return bool(self.access_key and self.secret_key)

    @property
    def is_found(self) -> bool:
        """Whether there is anything to sign a request with, as far as this can be known."""
        return self.kind not in (NONE, UNDECIDED)

    def same_credentials(self, other: Source) -> bool:
        """Whether the two hand Terraform the very same keys and roles, or the same profile where there are none."""
        mine = (self.access_key, self.secret_key, self.token, self.roles, "" if self.has_keys else self.profile)
        return mine == (
            other.access_key,
            other.secret_key,
            other.token,
            other.roles,
            "" if other.has_keys else other.profile,
        )

    def describe(self) -> str:
        """In words: `key AKIA****0002 of profile "default" (~/.aws/credentials)`."""
        if self.kind == NONE:
            return "no credentials that are set in the environment or a file"
        who = f"key {accesskey.mask(self.access_key)}" if self.access_key else self.detail or "credentials"
        whose = f' of profile "{self.profile}"' if self.profile else ""
        return f"{who}{whose} ({self.location})"
