"""Profiles and pairs: one that is not there, one that leads nowhere, half a pair, keys that go before a profile."""

from __future__ import annotations

import shlex

from tfwrap.aws import accesskey
from tfwrap.diagnosis.case import CERTAIN, INSTRUCT, LIKELY, REPAIR, Case, Diagnosis, Remedy
from tfwrap.diagnosis.causes import remedies, slugs
from tfwrap.diagnosis.causes.sessions import EXPIRED
from tfwrap.identity import identity
from tfwrap.preflight.checks import used
from tfwrap.sources.source import BLOCK, ENVIRONMENT, IMDS, NONE, PROFILE, SAVED_BACKEND

_INCOMPLETE = ("PartialCredentials", "SSOSessionNotFound", "SSOConfigurationIncomplete")
_NOTHING = ("NoCredentialSources", "StaticCredentialsEmpty", "ProfileOverridesEnvironment", "CannotAssumeRole")


def profile_not_found(case: Case) -> Diagnosis | None:
    """A profile that is named and is not in the files."""
    seen = case.found("TFW201", "TFW203")
    if case.code not in ("ProfileNotFound", "SourceProfileNotFound") and not (seen and case.code in _NOTHING):
        return None
    name = case.failure.facts.get("profile", "") or (case.source.profile if case.source else "")
    files = case.facts.files
    # A link of a role that is there and leads to no credentials gets the same words from Terraform (1.11.4, tried).
    if not seen and (not name or (case.code == "SourceProfileNotFound" and name in files.profiles)):
        return None
    evidence = [f"Terraform was told {case.code}: {name}" if name else case.said]
    if seen:
        evidence += [seen.title, *seen.evidence]
    else:
        there = used.listed(files.profiles) if files.profiles else "no profile at all"
        evidence.append(f"looked in {files.config_path} and {files.credentials_path}: there is {there}")
    if case.code == "SourceProfileNotFound":
        evidence.append("a profile with a role names it as its source_profile")
    fix = remedies.of_finding(seen.fix) if seen else (_name_another(case, name),)
    title = f'the profile "{name}" is not there' if name else seen.title if seen else ""
    return Diagnosis(slugs.PROFILE_NOT_FOUND, title, CERTAIN, tuple(evidence), remedies=fix)


def _name_another(case: Case, name: str) -> Remedy:
    from difflib import get_close_matches

    close = get_close_matches(name, list(case.facts.files.profiles), n=1)
    if close and used.environment(case.facts).get("AWS_PROFILE") == name:
        return Remedy(REPAIR, f"export AWS_PROFILE={shlex.quote(close[0])}", "names the profile that is there")
    return Remedy(INSTRUCT, f"aws configure --profile {shlex.quote(name)}", "makes the profile; or name another one")


def profile_incomplete(case: Case) -> Diagnosis | None:
    """A profile that is there and leads to no credentials."""
    seen = case.found("TFW202", "TFW208", "TFW206")
    if seen and seen.id == "TFW206":
        seen = None
    is_told = case.code in _INCOMPLETE or (case.code == "StaticCredentialsEmpty" and _is_of_profile(case))
    if not is_told and not (seen and (case.code in _NOTHING or case.code == "SourceProfileNotFound")):
        return None
    name = case.failure.facts.get("profile", "") or (case.source.profile if case.source else "")
    session = case.failure.facts.get("sso_session", "")
    evidence = (
        f"Terraform was told {case.code}" + (f": sso_session {session}" if session else ""),
        *((seen.title, *seen.evidence) if seen else ()),
        *((f"the source is {case.source.detail}",) if case.source and case.source.kind == NONE and not seen else ()),
    )
    fix = remedies.of_finding(seen.fix) if seen else (_complete(name, session),)
    title = f'the profile "{name}" is not complete' if name else "the profile is not complete"
    return Diagnosis(slugs.PROFILE_INCOMPLETE, title, CERTAIN, evidence, remedies=fix)


def _is_of_profile(case: Case) -> bool:
    return case.source is not None and bool(case.source.profile)


def _complete(name: str, session: str) -> Remedy:
    if session:
        return Remedy(INSTRUCT, "aws configure sso-session", f"makes the section [sso-session {session}]")
    return Remedy(INSTRUCT, f"aws configure --profile {shlex.quote(name or 'default')}", "fills in what is missing")


def partial_credentials(case: Case) -> Diagnosis | None:
    """Half a pair, in the environment or in a block."""
    seen = case.found("TFW102")
    is_block = case.code == "StaticCredentialsEmpty" and not _is_of_profile(case)
    if not is_block and not (seen and case.code in (*_NOTHING, "AccountUnknown")):
        return None
    if is_block and case.source and case.source.kind not in (BLOCK, SAVED_BACKEND, NONE):
        return None
    place = case.consumer.location if is_block and case.consumer else "the environment"
    evidence = (
        f"Terraform was told {case.code}",
        seen.title if seen else f"{place} has one half of a key pair and not the other",
    )
    words = "set both access_key and secret_key, or neither" if is_block else "set both halves of the pair, or neither"
    fix = remedies.of_finding(seen.fix) if seen else (remedies.edit(place, words),)
    title = f"{place} holds half a key pair"
    return Diagnosis(slugs.PARTIAL_CREDENTIALS, title, CERTAIN, evidence, remedies=fix)


def environment_overrides_profile(case: Case) -> Diagnosis | None:
    """Keys in the environment, which AWS rejects, went before a profile that is named."""
    source, other = case.source, case.other
    if source is None or source.kind != ENVIRONMENT or other is None or other.kind != PROFILE:
        return None
    if not (case.is_rejected or case.says(EXPIRED)) or case.is_accepted:
        return None
    seen = case.found("TFW101")
    environ = used.environment(case.facts)
    is_named = bool(seen or environ.get("AWS_PROFILE") or (case.consumer and case.consumer.arguments.get("profile")))
    works = case.fresh.status == identity.OK
    if not is_named and not works:
        return None
    key = accesskey.mask(source.access_key)
    evidence = (
        *((seen.title,) if seen else (f"the key {key} in {source.location} goes before every profile",)),
        case.asked,
        f"without it {case.who} would use {other.describe()}: {case.fresh.describe()}",
    )
    fix = Remedy(INSTRUCT, remedies.unset_keys(environ), f'lets the profile "{other.profile}" be used')
    title = f'the key {key} in the environment goes before the profile "{other.profile}"'
    confidence = CERTAIN if works and case.is_rejected else LIKELY
    return Diagnosis(slugs.ENVIRONMENT_OVERRIDES_PROFILE, title, confidence, evidence, remedies=(fix,))


# The profile that is looked at unasked.
_UNNAMED = ("", "default")


def no_credentials(case: Case) -> Diagnosis | None:
    """Nothing is set anywhere, and this machine has no role."""
    is_told = case.code in ("NoCredentialSources", "AccountUnknown", "MissingAuthenticationToken", "CannotAssumeRole")
    source = case.source
    if not is_told or case.is_accepted or (source and source.has_keys):
        return None
    is_nothing = source is not None and (source.kind == IMDS or (source.kind == NONE and source.profile in _UNNAMED))
    environ = used.environment(case.facts)
    looked = (
        f"{case.who} uses {source.describe()}" if source else f"{case.who} found nothing",
        "AWS_ACCESS_KEY_ID is not set" if not environ.get("AWS_ACCESS_KEY_ID") else "AWS_ACCESS_KEY_ID is set",
        f"AWS_PROFILE is {environ['AWS_PROFILE']!a}" if environ.get("AWS_PROFILE") else "AWS_PROFILE is not set",
        f"looked in {case.facts.files.credentials_path} and {case.facts.files.config_path}",
    )
    confidence = CERTAIN if is_nothing else LIKELY
    unbridged = case.found("TFW213")
    if unbridged and unbridged.fix:  # there is a profile, which neither this Terraform nor tfwrap could use
        fix = remedies.of_finding(unbridged.fix)
        return Diagnosis(slugs.NO_CREDENTIALS, unbridged.title, confidence, (case.said, *looked), remedies=fix)
    fix = (
        Remedy(INSTRUCT, "aws configure", "writes a default profile; or export AWS_PROFILE to name one"),
        *(remedies.renewal(case) if source and source.kind == IMDS else ()),
    )
    title = "there are no AWS credentials here"
    return Diagnosis(slugs.NO_CREDENTIALS, title, confidence, (case.said, *looked), remedies=fix)
