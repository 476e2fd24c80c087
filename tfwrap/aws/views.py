"""Which profiles there are in the sections of a shared AWS file, in the eyes of each SDK.

From aws-sdk-go-v2 config/shared_config.go, and aws-sdk-go aws/session/shared_config.go and
aws/credentials/shared_credentials_provider.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.aws.inifile import Sections

# Whose eyes: the second SDK's; those of the first SDK's session; those of the first SDK's provider for static keys,
# which knows no `profile ` before a name.
SECOND_SDK = "second SDK"
SESSION = "first SDK's session"
STATIC_KEYS = "first SDK's static keys"

PAIR = ("aws_access_key_id", "aws_secret_access_key")
SSO_SESSION, SERVICES = "sso-session ", "services "


def _credentials_profiles(sections: Sections) -> Sections:
    """In the credentials file a profile is `[NAME]`, and `[profile NAME]` is none."""
    return {name: settings for name, settings in sections.items() if not name.startswith("profile ")}


def _config_profiles(sections: Sections) -> Sections:
    """In the config file a profile is `[profile NAME]` or `[default]`, and `[profile default]` beats `[default]`."""
    found: Sections = {}
    for section, settings in sections.items():
        kind, _, name = section.partition(" ")
        if section == "default":
            found.setdefault("default", settings)
        elif kind == "profile" and name:
            found[name] = settings
    return found


def _session_profiles(sections: Sections) -> Sections:
    """To a session of the first SDK `[NAME]` and `[profile NAME]` are the same in both files; the shorter one wins.

    Half a pair of keys is none there: it neither spoils the profile nor takes the place of a pair in the other file.
    """
    prefixed = {name.removeprefix("profile "): settings for name, settings in sections.items()}
    return {name: _without_half(settings) for name, settings in {**prefixed, **sections}.items()}


def _without_half(settings: dict[str, str]) -> dict[str, str]:
    if all(settings.get(key) for key in PAIR):
        return settings
    return {key: value for key, value in settings.items() if key not in (*PAIR, "aws_session_token")}


def _plain(sections: Sections) -> Sections:
    return sections


# For each view: the profiles of a config file, and those of a credentials file.
VIEWS: dict[str, tuple[Callable[[Sections], Sections], Callable[[Sections], Sections]]] = {
    SECOND_SDK: (_config_profiles, _credentials_profiles),
    SESSION: (_session_profiles, _session_profiles),
    STATIC_KEYS: (_plain, _plain),
}


def of_kind(sections: Sections, kind: str) -> Sections:
    """The settings of each `[sso-session NAME]`, or of each `[services NAME]`."""
    return {name.removeprefix(kind).strip(): told for name, told in sections.items() if name.startswith(kind)}
