"""Where a consumer's credentials come from, by Terraform's own rules and not by boto3's.

The consumer that this module knows is the S3 backend. Its rules, in order (aws-sdk-go-base credentials.go and
aws_config.go; each tried): the saved backend config; a `profile` in the block (Terraform ≥1.7; the environment
before that); the environment's keys; web identity; the profile of AWS_PROFILE, else AWS_DEFAULT_PROFILE, else
`default`. Half a pair of keys is passed over in silence.
"""

from __future__ import annotations

from tfwrap import accesskey
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret

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

# A `profile` argument beats the environment's keys from this version on (use_legacy_workflow became false).
PROFILE_BEATS_ENVIRONMENT = (1, 7)


class Source(NamedTuple):
    """The credentials that a consumer gets: their kind, key, and the place they stand in.

    `detail` says how a profile makes its credentials ("static keys", "sso"); keys are known only for static ones.
    """

    kind: str
    location: str = ""
    access_key: str = ""
    secret_key: Secret | None = None
    token: Secret | None = None
    profile: str = ""
    detail: str = ""

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
            return "no credentials"
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
    return ambient(environ, files, backend.text("profile"), version)


def ambient(environ: Mapping[str, str], files: AwsFiles, profile: str, version: tuple[int, ...]) -> Source:
    """What the backend uses when its configuration holds no keys. `profile` is its own argument, or empty."""
    keys = _environment_keys(environ)
    if profile and (not keys or version >= PROFILE_BEATS_ENVIRONMENT):
        return _profile(files, profile, "the backend's profile argument")
    if keys:
        return keys
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environ.get("AWS_ROLE_ARN"):
        return Source(WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE", detail="the web identity role")
    for name, origin in _profile_names(environ):
        found = _profile(files, name, origin)
        if found.kind != NONE or origin == "AWS_PROFILE":
            return found
    return Source(NONE)


def _environment_keys(environ: Mapping[str, str]) -> Source | None:
    """The environment's pair; Terraform reads the old short names as well (aws-sdk-go-v2 config/env_config.go)."""
    key = environ.get("AWS_ACCESS_KEY_ID") or environ.get("AWS_ACCESS_KEY")
    secret = environ.get("AWS_SECRET_ACCESS_KEY") or environ.get("AWS_SECRET_KEY")
    if not key or not secret:
        return None
    name = "AWS_ACCESS_KEY_ID" if environ.get("AWS_ACCESS_KEY_ID") else "AWS_ACCESS_KEY"
    token = environ.get("AWS_SESSION_TOKEN")
    return Source(ENVIRONMENT, name, key, Secret(secret), Secret(token) if token else None)


def _profile_names(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    if environ.get("AWS_PROFILE"):
        return [(environ["AWS_PROFILE"], "AWS_PROFILE")]
    other = environ.get("AWS_DEFAULT_PROFILE")
    return [*([(other, "AWS_DEFAULT_PROFILE")] if other else []), ("default", "the default profile")]


def _profile(files: AwsFiles, name: str, origin: str) -> Source:
    profile = files.profiles.get(name)
    if profile is None:
        return Source(NONE, origin, profile=name, detail="no such profile")
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
    ("role_arn", "a role"),
    ("web_identity_token_file", "a web identity"),
    ("sso_session", "an SSO session"),
    ("sso_start_url", "an SSO session"),
    ("credential_process", "a credential process"),
    ("login_session", "a login session"),
)
