"""Chains of profiles, as the Go SDKs load them: what `source_profile` leads to, and at what they give up.

A chain is checked when the file is loaded, whether or not the profile is then used (setFromIniSections in
aws-sdk-go-v2 config/shared_config.go, setFromIniFiles in aws-sdk-go aws/session/shared_config.go).
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.aws.config import AwsFiles, Profile

NO_PROFILE = "no such profile"
HALF_A_PAIR = "half a key pair"

# Settings of which a profile may have one only.
MAKERS = ("source_profile", "credential_source", "credential_process", "web_identity_token_file")
# Those that are nothing without a role_arn.
_OF_ROLES = ("source_profile", "credential_source", "web_identity_token_file")
LEGACY_SSO = ("sso_region", "sso_start_url", "sso_account_id", "sso_role_name")

# When an SDK checks an SSO profile.
NEVER, AT_LOADING, WHEN_USED = "", "at loading", "when used"


class Abilities(NamedTuple):
    """What the SDK of a consumer can do with a profile, by its age. `sso` is when it checks an SSO profile."""

    is_first_sdk: bool
    sso: str
    knows_sso_session: bool
    knows_login: bool


class Link(NamedTuple):
    """A profile of a chain. A profile that is seen for the second time keeps its own credentials, but no role."""

    profile: Profile
    is_role: bool


class Broken(NamedTuple):
    """Why a chain cannot be loaded."""

    reason: str


def chain(files: AwsFiles, name: str, abilities: Abilities) -> list[Link] | Broken:
    """The profile and what its `source_profile` leads to, or why the SDK gives up when it loads this."""
    links: list[Link] = []
    seen: set[str] = set()
    while True:
        profile = files.profiles.get(name)
        if profile is None:
            return Broken(_missing(links, name))
        link = Link(profile, name not in seen)
        links.append(link)
        if reason := _unsound(link, abilities):
            return Broken(reason)
        if len(links) > 1 and _ends_at_keys(profile, abilities):
            return links
        if reason := _overloaded(link) or _session_fault(files, profile, abilities):
            return Broken(reason)
        seen.add(name)
        name = profile.get("source_profile") if link.is_role else ""
        if not name:
            return _complete(links, abilities)


def _missing(links: list[Link], name: str) -> str:
    if not links:
        return NO_PROFILE
    return f'source_profile "{name}" of profile "{links[-1].profile.name}" is not there'


def _unsound(link: Link, abilities: Abilities) -> str:
    """What makes a profile impossible to load even where a chain ends at its keys."""
    profile = link.profile
    if not abilities.is_first_sdk and profile.is_partial:
        return HALF_A_PAIR
    lacking = next((key for key in _OF_ROLES if profile.get(key)), "")
    if link.is_role and lacking and not profile.get("role_arn"):
        return f'{lacking} of profile "{profile.name}" needs a role_arn'
    return ""


def _ends_at_keys(profile: Profile, abilities: Abilities) -> bool:
    """To the second SDK the keys of a linked profile go before its own source; the first one forgets them for it."""
    return profile.has_keys and not abilities.is_first_sdk


def _overloaded(link: Link) -> str:
    made = [key for key in MAKERS if link.profile.get(key) and (link.is_role or key != "source_profile")]
    return f'profile "{link.profile.name}" has both {made[0]} and {made[1]}' if len(made) > 1 else ""


def _session_fault(files: AwsFiles, profile: Profile, abilities: Abilities) -> str:
    session = profile.get("sso_session").strip()
    is_followed = abilities.knows_sso_session and not profile.get("source_profile")
    if session and is_followed and session not in files.sso_sessions:
        return f'sso-session "{session}" of profile "{profile.name}" is not there'
    return _incomplete_sso(profile) if abilities.sso == AT_LOADING else ""


def _incomplete_sso(profile: Profile) -> str:
    """An early SSO wants all four settings when it loads the profile, which `sso_session` splits (tried, 1.0.3)."""
    missing = [key for key in LEGACY_SSO if not profile.get(key)]
    return f'SSO profile "{profile.name}" has no {missing[0]}' if 0 < len(missing) < len(LEGACY_SSO) else ""


def _complete(links: list[Link], abilities: Abilities) -> list[Link] | Broken:
    """A chain must end at a profile that has something to sign with, of what the SDK knows."""
    last = links[-1].profile
    if len(links) == 1 or last.has_keys or any(last.get(key) for key in _makers(abilities)):
        return links
    loops = any(link.profile.name == last.name for link in links[:-1])
    what = "leads back to itself" if loops else "has no credentials"
    return Broken(f'source_profile "{last.name}" of profile "{links[-2].profile.name}" {what}')


def _makers(abilities: Abilities) -> list[str]:
    """The settings that make credentials. What came later is nothing to an older SDK (0.12.29, 5.100.0, tried)."""
    newer = ((LEGACY_SSO, abilities.sso), (("sso_session",), abilities.knows_sso_session))
    last = (("login_session",), abilities.knows_login)
    return [*MAKERS[1:], *(key for keys, is_known in (*newer, last) if is_known for key in keys)]
