"""How a profile makes its credentials, as the Go SDKs follow it: keys, roles, SSO, processes.

The order within a profile is the same in both SDKs (aws-sdk-go-v2 config/resolve_credentials.go and aws-sdk-go
aws/session/credentials.go, resolveCredsFromProfile). docs/sources.md has the rules as tried.
"""

from __future__ import annotations

from tfwrap.aws import ssocache
from tfwrap.sources import credential_sources
from tfwrap.sources.chains import (
    AT_LOADING,
    HALF_A_PAIR,
    LEGACY_SSO,
    NEVER,
    NO_PROFILE,
    WHEN_USED,
    Abilities,
    Broken,
    Link,
    chain,
)
from tfwrap.sources.credential_sources import environment_keys
from tfwrap.sources.source import LOGIN, NONE, PROCESS, PROFILE, ROLE, SSO, SSO_SESSION, STATIC, WEB_IDENTITY, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.aws.config import AwsFiles, Profile

__all__ = [
    "AT_LOADING",
    "HALF_A_PAIR",
    "NEVER",
    "NO_PROFILE",
    "WHEN_USED",
    "Abilities",
    "Broken",
    "Link",
    "chain",
    "environment_keys",
    "resolve",
    "static",
]

WORDS = {
    STATIC: "static keys",
    ROLE: "a role",
    SSO_SESSION: "an SSO session",
    SSO: "an SSO session",
    PROCESS: "a credential process",
    LOGIN: "a login session",
    WEB_IDENTITY: "a web identity",
}


def resolve(links: list[Link], files: AwsFiles, environ: Mapping[str, str], home: str, abilities: Abilities) -> Source:
    """What the first request is signed with when this chain is used, and the roles that follow."""
    chosen, last = links[0].profile, links[-1].profile
    base = _base(last, files, environ, home, abilities)
    roles = [link.profile.get("role_arn") for link in reversed(links) if link.is_role and link.profile.get("role_arn")]
    if base.kind == NONE:
        return base._replace(profile=chosen.name, base=last.name)
    if reason := _impossible_role(links, base):
        return Source(NONE, files.config_path, profile=chosen.name, detail=reason, how=ROLE, base=last.name)
    how = ROLE if roles and base.via != WEB_IDENTITY else base.via
    if len(links) > 1 and roles:
        how = ROLE
    kind = PROFILE if how in WORDS else base.kind
    return base._replace(
        kind=kind,
        profile=chosen.name if kind == PROFILE else "",
        detail=WORDS.get(how, base.detail),
        how=how if kind == PROFILE else "",
        roles=tuple(roles),
        base=last.name if kind == PROFILE else "",
    )


def _impossible_role(links: list[Link], base: Source) -> str:
    """Terraform cannot ask for the code of an MFA device (AssumeRoleTokenProviderNotSetError in both SDKs)."""
    for link in reversed(links):
        is_assumed = link.is_role and link.profile.get("role_arn") and link.profile.get("mfa_serial")
        if is_assumed and not (link.profile is links[-1].profile and base.via == WEB_IDENTITY):
            return f'profile "{link.profile.name}" is a role that needs MFA'
    return ""


def _base(profile: Profile, files: AwsFiles, environ: Mapping[str, str], home: str, abilities: Abilities) -> Source:
    """The credentials of the last profile of a chain: the first of these that it has."""
    if profile.has_keys:
        return static(profile)
    place = files.config_path
    if profile.get("credential_source"):
        return credential_sources.named(profile.get("credential_source"), environ, place, abilities)
    if profile.get("web_identity_token_file"):
        return Source(PROFILE, place, detail=WORDS[WEB_IDENTITY], via=WEB_IDENTITY)
    if profile.get("sso_session") and abilities.knows_sso_session:
        ends = ssocache.expires(profile.get("sso_session").strip(), home)
        return Source(PROFILE, place, detail=WORDS[SSO_SESSION], via=SSO_SESSION, expires=ends)
    if any(profile.get(key) for key in LEGACY_SSO) and abilities.sso:
        return _legacy_sso(profile, place, home)
    if profile.get("credential_process"):
        return Source(PROFILE, place, detail=WORDS[PROCESS], via=PROCESS)
    if profile.get("login_session") and abilities.knows_login:
        return Source(PROFILE, place, detail=WORDS[LOGIN], via=LOGIN)
    return _without_own(profile, place, environ)


def static(profile: Profile) -> Source:
    """The plain keys of a profile that has them."""
    return Source(
        PROFILE,
        profile.locations["aws_access_key_id"],
        profile.get("aws_access_key_id"),
        profile.secret_key,
        profile.token,
        via=STATIC,
        expires=ssocache.of_settings(profile.settings),
    )


def _legacy_sso(profile: Profile, place: str, home: str) -> Source:
    missing = [key for key in LEGACY_SSO if not profile.get(key)]
    if missing:
        return Source(NONE, place, detail=f"an SSO profile without {missing[0]}", how=SSO)
    ends = ssocache.expires(profile.get("sso_start_url"), home, is_refreshable=False)
    return Source(PROFILE, place, detail=WORDS[SSO], via=SSO, expires=ends)


def _without_own(profile: Profile, place: str, environ: Mapping[str, str]) -> Source:
    """A profile that makes no credentials, or in a way that is too new: the SDK looks elsewhere without a word."""
    found = credential_sources.elsewhere(environ)
    if found.kind == NONE and profile.get("login_session"):
        return Source(NONE, place, detail="a login session, which this version does not know", how=LOGIN, via=LOGIN)
    return found
