"""Where a consumer's credentials come from, by Terraform's own rules and not by boto3's.

The consumer that this module knows is the S3 backend. Its rules, in order (aws-sdk-go-base credentials.go and
aws_config.go; each tried): the saved backend config; a `profile` in the block (Terraform ≥1.7; the environment
before that); the environment's keys; web identity; the profile of AWS_PROFILE, else AWS_DEFAULT_PROFILE, else
`default`. Half a pair of keys in the environment is passed over in silence; elsewhere it is an error, as a profile is
that is named and not there, whatever else is at hand (Terraform ≥1.6). tests/real/test_sources.py tries all of it.
"""

from __future__ import annotations

from tfwrap import accesskey
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.saved_backend import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.awsconfig import AwsFiles
    from tfwrap.saved_backend import SavedBackend

SAVED_BACKEND = "saved-backend"
ENVIRONMENT = "environment"
WEB_IDENTITY = "web-identity"
PROFILE = "profile"
NONE = "none"
BLOCK = "block"
CONTAINER = "container"
IMDS = "imds"
UNDECIDED = "unknown"

# What names a profile, where no variable does.
ARGUMENT = "the backend's profile argument"
DEFAULT = "the default profile"
NO_PROFILE = "no such profile"

# Terraform has the second AWS SDK for Go, with other rules, from this version on.
SECOND_SDK = (1, 6)
# A `profile` argument beats the environment's keys from this version on (use_legacy_workflow became false).
PROFILE_BEATS_ENVIRONMENT = (1, 7)

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

    `detail` says in words how a profile makes its credentials, `how` is one of HOW. The keys are those that the first
    request is signed with, where they are known without asking anybody: a role's are its source profile's. `roles`
    are the ARNs that are assumed with them, in order, the block's own last. `passed_over` describes what would
    have been used had this not come first; `expires` is when the session ends, as a Unix time, 0 where nothing says so.
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

    @property
    def has_keys(self) -> bool:
        """Whether a complete pair is at hand, so that it can be tried on STS."""
        return bool(self.access_key and self.secret_key)

    def same_credentials(self, other: Source) -> bool:
        """Whether the two hand Terraform the very same keys, or the same profile where there are none."""
        mine = (self.access_key, self.secret_key, self.token, "" if self.has_keys else self.profile)
        return mine == (
            other.access_key,
            other.secret_key,
            other.token,
            "" if other.has_keys else other.profile,
        )

    def describe(self) -> str:
        """In words: `key AKIA****0002 of profile "default" (~/.aws/credentials)`."""
        if self.kind == NONE:
            return "no credentials that are set in the environment or a file"
        who = f"key {accesskey.mask(self.access_key)}" if self.access_key else self.detail or "credentials"
        whose = f' of profile "{self.profile}"' if self.profile else ""
        return f"{who}{whose} ({self.location})"


def saved(backend: SavedBackend, environ: Mapping[str, str], files: AwsFiles, version: tuple[int, ...]) -> Source:
    """What the backend uses while `terraform init` has saved this configuration."""
    if backend.access_key and backend.secret("secret_key"):
        return Source(
            SAVED_BACKEND,
            backend.place,
            backend.access_key,
            backend.secret("secret_key"),
            backend.secret("token"),
        )
    if version >= SECOND_SDK and any(backend.text(name) for name in CREDENTIALS):
        return Source(NONE, backend.place, detail="half a key pair")  # "static credentials are empty"
    return ambient(environ, files, backend.text("profile"), version)


def ambient(environ: Mapping[str, str], files: AwsFiles, profile: str, version: tuple[int, ...]) -> Source:
    """What the backend uses when its configuration holds no keys. `profile` is its own argument, or empty."""
    name, origin = _chosen_profile(environ, profile, version)
    keys = _environment_keys(environ)
    if version >= SECOND_SDK and (fatal := _fatal(files, name, origin)):
        return fatal
    if profile and (not keys or version >= PROFILE_BEATS_ENVIRONMENT):
        return _profile(files, name, origin)
    if keys:
        return keys
    found = _profile(files, name, origin)
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and (version >= SECOND_SDK or not found.has_keys):
        return _web_identity(environ)
    return found


def _chosen_profile(environ: Mapping[str, str], profile: str, version: tuple[int, ...]) -> tuple[str, str]:
    """The one profile that is looked at, and what names it. The first SDK has no AWS_DEFAULT_PROFILE (tried, 1.0.3)."""
    default = environ.get("AWS_DEFAULT_PROFILE", "") if version >= SECOND_SDK else ""
    candidates = (
        (profile, ARGUMENT),
        (environ.get("AWS_PROFILE", ""), "AWS_PROFILE"),
        (default, "AWS_DEFAULT_PROFILE"),
        ("default", DEFAULT),
    )
    return next((name, origin) for name, origin in candidates if name)


def _fatal(files: AwsFiles, name: str, origin: str) -> Source | None:
    """What stops Terraform before it looks for keys: a named profile that is not there, or half a pair in a profile."""
    found = files.profiles.get(name)
    if found is None and origin in (ARGUMENT, "AWS_PROFILE"):
        return Source(NONE, origin, profile=name, detail=NO_PROFILE)
    if found and found.is_partial:
        return Source(NONE, origin, profile=name, detail="half a key pair")
    return None


def _web_identity(environ: Mapping[str, str]) -> Source:
    if not environ.get("AWS_ROLE_ARN"):
        return Source(NONE, "AWS_WEB_IDENTITY_TOKEN_FILE", detail="AWS_ROLE_ARN is not set")
    return Source(WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE", detail="the web identity role")


def _environment_keys(environ: Mapping[str, str]) -> Source | None:
    """The environment's pair; Terraform reads the old short names as well (aws-sdk-go-v2 config/env_config.go)."""
    key = environ.get("AWS_ACCESS_KEY_ID") or environ.get("AWS_ACCESS_KEY")
    secret = environ.get("AWS_SECRET_ACCESS_KEY") or environ.get("AWS_SECRET_KEY")
    if not key or not secret:
        return None
    name = "AWS_ACCESS_KEY_ID" if environ.get("AWS_ACCESS_KEY_ID") else "AWS_ACCESS_KEY"
    token = environ.get("AWS_SESSION_TOKEN")
    return Source(ENVIRONMENT, name, key, Secret(secret), Secret(token) if token else None)


def _profile(files: AwsFiles, name: str, origin: str) -> Source:
    profile = files.profiles.get(name)
    if profile is None:
        return Source(NONE, origin, profile=name, detail=NO_PROFILE)
    if profile.get("role_arn") or not (profile.get("aws_access_key_id") and profile.secret_key):
        detail = next((words for key, words in _MAKERS if profile.get(key)), "")
        return Source(PROFILE if detail else NONE, files.config_path, profile=name, detail=detail)
    return Source(
        PROFILE,
        profile.locations["aws_access_key_id"],
        profile.get("aws_access_key_id"),
        profile.secret_key,
        profile.token,
        name,
        "static keys",
    )


# How a profile without plain keys makes its credentials, in the order in which the SDK looks.
_MAKERS = (
    ("web_identity_token_file", "a web identity"),
    ("role_arn", "a role"),
    ("sso_session", "an SSO session"),
    ("sso_start_url", "an SSO session"),
    ("credential_process", "a credential process"),
    ("login_session", "a login session"),
)
