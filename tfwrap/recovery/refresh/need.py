"""What has to be refreshed: a failing consumer's source, its profile, and what the user set for it."""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.sources.source import LOGIN, NONE, PROCESS, PROFILE, SSO, SSO_SESSION, STATIC, WEB_IDENTITY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles, Profile
    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.settings.settings import Key
    from tfwrap.settings.settings import Value as Setting
    from tfwrap.sources.source import Source

LONGEST_CHAIN = 5

# How a profile makes its own credentials, in the order in which the SDK looks (aws-sdk-go-v2 resolve_credentials.go).
_MAKERS = (
    ("aws_secret_access_key", STATIC),
    ("credential_source", "credential-source"),
    ("web_identity_token_file", WEB_IDENTITY),
    ("sso_session", SSO_SESSION),
    ("sso_start_url", SSO),
    ("credential_process", PROCESS),
    ("login_session", LOGIN),
)

# A profile that Terraform cannot use (a role with MFA) is a source of kind NONE.
_OF_PROFILES = (PROFILE, NONE)


class Need(NamedTuple):
    """A source whose credentials are no good any more.

    `name` is the profile's, or that of the profile that is meant where the source is none; `where` is where its
    consumer asks STS; `settings` are those of `[refresh.NAME]`, by their names.
    """

    source: Source
    name: str
    files: AwsFiles
    environ: Mapping[str, str]
    where: Endpoint
    settings: Mapping[str, object] = {}

    @property
    def profile(self) -> Profile | None:
        """The profile itself, None where there is none of that name, or where it is not what the consumer uses."""
        return self.files.profiles.get(self.name) if self.source.kind in _OF_PROFILES else None

    @property
    def chain(self) -> tuple[Profile, ...]:
        """The profile and those that its `source_profile` leads to; the last one has the credentials themselves."""
        links: list[Profile] = []
        profile = self.profile
        while profile and len(links) < LONGEST_CHAIN and profile not in links:
            links.append(profile)
            goes_on = profile.get("role_arn") and not (links[1:] and profile.secret_key)  # config/shared_config.go
            name = profile.get("source_profile") if goes_on else ""
            profile = self.files.profiles.get(name) if name else None
        return tuple(links)

    @property
    def base(self) -> Profile | None:
        """The last profile of the chain."""
        return self.chain[-1] if self.chain else None

    @property
    def via(self) -> str:
        """How the last profile of the chain makes its credentials, empty where it makes none."""
        base = self.base
        return next((how for key, how in _MAKERS if base and base.get(key)), "")

    @property
    def roles(self) -> tuple[Profile, ...]:
        """The profiles of the chain that assume a role, in the order in which this happens."""
        return tuple(profile for profile in reversed(self.chain) if profile.get("role_arn"))


def configured(values: Mapping[Key, Setting]) -> dict[str, dict[str, object]]:
    """The `[refresh.NAME]` tables of the settings that count: NAME → setting → value."""
    found: dict[str, dict[str, object]] = {}
    for key, setting in values.items():
        if key[0] == "refresh":
            found.setdefault(key[1], {})[key[2]] = setting.value
    return found
