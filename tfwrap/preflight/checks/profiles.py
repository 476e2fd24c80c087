"""2xx: the profiles that this run loads: whether they are there, whole, and lead to credentials."""

from __future__ import annotations

from tfwrap.aws import accesskey, keyshape
from tfwrap.preflight.checks import endpoints, shared_files, used
from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts, Finding
from tfwrap.preflight.checks.used import printable, quoted
from tfwrap.sources.profiles import HALF_A_PAIR, Broken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tfwrap.aws.config import Profile
    from tfwrap.preflight.checks.used import Use


def check(facts: Facts) -> Iterator[Finding]:
    """TFW201, TFW202, TFW206 and TFW208: a profile that is not there, empty, half a session, or a broken chain."""
    for use in used.uses(facts):
        profile = facts.files.profiles.get(use.profile)
        if profile is None:
            yield from _not_found(facts, use)
            continue
        lacking = list(_without_credentials(facts, use, profile))
        yield from lacking or _broken_chain(facts, use)
        if use.is_source:
            yield from _half_sessions(facts, use)


# TFW201


def _not_found(facts: Facts, use: Use) -> Iterator[Finding]:
    """A named profile that is missing stops the second SDK even beside good keys (tests/real/test_sources.py).

    AWS_DEFAULT_PROFILE may name what is not there: Terraform then looks elsewhere. A profile that is there behind
    the wrong prefix is a finding of its own (TFW203).
    """
    if not use.is_named or shared_files.is_misnamed(facts, use.profile):
        return
    is_fallback = use.origin == "AWS_DEFAULT_PROFILE"
    if is_fallback and not use.is_source:
        return
    severity = ERROR if (use.is_strict or use.is_source) and not is_fallback else WARNING
    title = f"profile {quoted(use.profile)} is not there (set by {use.origin}): {_consequence(use, severity)}"
    close = _close(use.profile, list(facts.files.profiles))
    evidence = (
        f"looked for in {facts.files.config_path} and {facts.files.credentials_path}, for {use.who}",
        *facts.files.problems,
        *_hint(use.profile, close, facts),
    )
    yield Finding("TFW201", "profile-not-found", severity, title, evidence, (_fix(use, close),))


def _consequence(use: Use, severity: str) -> str:
    if severity == ERROR:
        return "Terraform stops, whatever else is set" if use.is_strict else "Terraform finds no credentials"
    return "Terraform passes it over and looks elsewhere"


def _close(name: str, names: Sequence[str]) -> list[str]:
    """Names that differ in case or blanks only, else those that look alike."""
    from difflib import get_close_matches

    same = [other for other in names if other.strip().casefold() == name.strip().casefold()]
    return same or get_close_matches(name, names, n=3)


def _hint(name: str, close: Sequence[str], facts: Facts) -> Iterator[str]:
    if not close:
        there = used.listed(facts.files.profiles) if facts.files.profiles else "no profile at all"
        yield f"there is {there}"
    elif close[0].strip() == name.strip():
        yield f"there is {quoted(close[0])}: they differ in blanks"
    elif close[0].strip().casefold() == name.strip().casefold():
        yield f"there is {quoted(close[0])}: upper and lower case count"
    else:
        yield f"there is {used.listed(close)}"


def _fix(use: Use, close: Sequence[str]) -> str:
    import shlex

    if close and use.origin in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        return f"export {use.origin}={shlex.quote(close[0])}"
    if close:
        return f"write {quoted(close[0])} where {use.origin} says {quoted(use.profile)}"
    return f"add [profile {use.profile}] to your AWS config file, or name another profile"


# TFW202


def _without_credentials(facts: Facts, use: Use, profile: Profile) -> Iterator[Finding]:
    """`default` without credentials is what many machines have whose credentials come from elsewhere."""
    what = _lack(facts, profile)
    if not what or not (use.is_named or profile.is_partial):
        return
    is_fatal = what != _NOTHING and use.is_strict
    if not (is_fatal or use.is_source):
        return
    title = f"profile {quoted(use.profile)} (set by {use.origin}) {what}"
    fix = (f"aws configure --profile {use.profile}",) if what != _NO_SESSION else ("aws configure sso-session",)
    yield Finding("TFW202", "profile-without-credentials", ERROR, title, (f"it is used by {use.who}",), fix)


_NOTHING = "has no credentials and nothing that makes some: Terraform finds nothing there"
_HALF = "holds half a key pair: Terraform stops at it"
_NO_SESSION = "names an sso_session that the config file does not have: Terraform stops at it"


def _lack(facts: Facts, profile: Profile) -> str:
    if profile.is_partial:
        return _HALF
    session = profile.get("sso_session")
    if session and session not in facts.files.sso_sessions:
        return _NO_SESSION
    return "" if profile.get("role_arn") or _makes_credentials(profile) else _NOTHING


def _makes_credentials(profile: Profile) -> bool:
    """Whether a profile has any way to credentials; a role alone is none."""
    return profile.has_keys or any(map(profile.get, _MAKERS))


_MAKERS = (
    "source_profile",
    "credential_source",
    "credential_process",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "login_session",
)

# TFW206


def _half_sessions(facts: Facts, use: Use) -> Iterator[Finding]:
    """The end of the chain has the keys, and AWS sees these."""
    links = used.chain(facts, use)
    profile = None if isinstance(links, Broken) else links[-1].profile
    if profile is None or not profile.has_keys or endpoints.is_elsewhere(facts):
        return
    key = profile.get("aws_access_key_id")
    where = f"profile {quoted(profile.name)} ({profile.locations['aws_access_key_id']})"
    kind = key[:4] if keyshape.is_key_id(key) else ""
    if kind == accesskey.TEMPORARY and not profile.token:
        yield _no_token(profile, f"{where} has the temporary key {accesskey.mask(key)}")
    elif kind == accesskey.LONG_TERM and profile.token:
        title = f"{where} has the long-term key {accesskey.mask(key)} and a session token: AWS refuses the two together"
        fix = (f"remove aws_session_token from profile {quoted(profile.name)}",)
        yield Finding("TFW206", "profile-missing-session-token", ERROR, title, (), fix)


def _no_token(profile: Profile, subject: str) -> Finding:
    if profile.get("aws_security_token"):
        title = f"{subject}, and its token under the old name aws_security_token, which Terraform does not read"
        fix = f"rename aws_security_token to aws_session_token in profile {quoted(profile.name)}"
    else:
        title = f"{subject} without aws_session_token: AWS refuses one without the other"
        fix = f"add the aws_session_token that came with the key to profile {quoted(profile.name)}"
    return Finding("TFW206", "profile-missing-session-token", ERROR, title, (), (fix,))


# TFW208


def _broken_chain(facts: Facts, use: Use) -> Iterator[Finding]:
    """Terraform looks at the whole chain when it loads the profile, and stops even beside good keys (tried)."""
    links = used.chain(facts, use)
    evidence = (f"profile {quoted(use.profile)} (set by {use.origin}), for {use.who}",)
    if isinstance(links, Broken):
        why = "a profile that it rests on holds half a key pair" if links.reason == HALF_A_PAIR else links.reason
        title = f"the role of profile {quoted(use.profile)} cannot be assumed: {printable(why)}"
        yield Finding("TFW208", "role-chain-broken", ERROR, title, evidence, _CHAIN_FIX)
    elif wrong := _unknown_source(links[0].profile):
        yield Finding("TFW208", "role-chain-broken", ERROR, f"{wrong}: Terraform stops", evidence, _CHAIN_FIX)
    elif use.is_source and links[0].profile.get("role_arn") and not _makes_credentials(links[0].profile):
        title = f"profile {quoted(use.profile)} has a role_arn and nothing to assume it with"
        more = "Terraform takes the role of the container or the instance for it, boto3 refuses it"
        yield Finding("TFW208", "role-chain-broken", WARNING, title, (*evidence, more), _CHAIN_FIX)


def _unknown_source(profile: Profile) -> str:
    named = profile.get("credential_source")
    if not named or named in _CREDENTIAL_SOURCES:
        return ""
    return f"credential_source {quoted(named)} of profile {quoted(profile.name)} is none that AWS knows"


_CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
_CHAIN_FIX = ("give the role one source_profile that has credentials, or one credential_source",)
