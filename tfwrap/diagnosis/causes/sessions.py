"""Credentials that somebody makes: a session that is over, a login, a code, a token, a program, a container."""

from __future__ import annotations

import shlex

from tfwrap.diagnosis.case import CERTAIN, INSTRUCT, LIKELY, POSSIBLE, REFRESH, Case, Diagnosis, Remedy
from tfwrap.diagnosis.causes import remedies, slugs
from tfwrap.sources.source import CONTAINER, LOGIN, SAVED_BACKEND, SSO, SSO_SESSION

EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")
_SSO_CODES = ("SSOTokenMissing", "SSOTokenExpired", "LoginTokenMissing")
_SSO_PORTAL_CODES = ("UnauthorizedException", "InvalidGrantException")
_WEB_CODES = (
    "InvalidIdentityToken",
    "IDPRejectedClaim",
    "IDPCommunicationError",
    "WebIdentityTokenUnreadable",
    "WebIdentityRoleMissing",
)
_WEB_OPERATION = "AssumeRoleWithWebIdentity"
_NOTHING = ("NoCredentialSources", "ContainerCredentialsError", "CannotAssumeRole", "AccountUnknown")


def expired_session(case: Case) -> Diagnosis | None:
    """AWS says that the session is over, or the source says when it ended."""
    source = case.source
    over = source is not None and bool(source.expires) and source.expires <= case.facts.now
    if _WEB_OPERATION in case.failure.facts.get("operation", ""):
        return None
    if not case.says(EXPIRED) and not (over and case.is_rejected):
        return None
    seen = case.found("TFW113")
    evidence = (
        f"{case.who} uses {source.describe()}" if source else case.said,
        f"Terraform was answered {case.code}",
        *((seen.title,) if seen else ()),
        case.asked,
    )
    title = f"the session of {case.key} is over"
    confidence = POSSIBLE if case.is_accepted else CERTAIN
    fix = remedies.renewal(case)
    if source and source.kind == SAVED_BACKEND:
        evidence = (
            *evidence,
            "an earlier terraform init has saved it; a temporary key that is saved is soon of no use",
        )
    return Diagnosis(slugs.EXPIRED_SESSION, title, confidence, evidence, remedies=fix)


def sso_login_required(case: Case) -> Diagnosis | None:
    """Nobody is logged in to IAM Identity Center, or to AWS by `aws login`."""
    is_portal = case.code in _SSO_PORTAL_CODES and "SSO" in case.failure.facts.get("operation", "SSO")
    seen = case.found("TFW207")
    if not (case.code in _SSO_CODES or is_portal or (seen and case.code in _NOTHING)):
        return None
    name = _profile(case)
    path = case.failure.facts.get("path", "")
    evidence = (
        f"Terraform was told {case.code}: the login's token is missing, over or refused",
        *((f"looked for in {path}",) if path and not seen else ()),
        *((seen.title, *seen.evidence) if seen else ()),
    )
    title = f'nobody is logged in for the profile "{name}"' if name else "nobody is logged in for the profile"
    return Diagnosis(slugs.SSO_LOGIN_REQUIRED, title, CERTAIN, evidence, remedies=(_login(case, name),))


def _profile(case: Case) -> str:
    source = case.source
    return source.base or source.profile if source else case.failure.facts.get("profile", "")


def _login(case: Case, name: str) -> Remedy:
    profile = case.facts.files.profiles.get(name)
    if case.code == "LoginTokenMissing":
        return remedies.of_profile(name or "default", LOGIN)
    session = profile.get("sso_session").strip() if profile else ""
    if session:
        does = "logs in to IAM Identity Center in a browser, for every profile of that sso-session"
        return Remedy(REFRESH, f"aws sso login --sso-session {shlex.quote(session)}", does)
    return remedies.of_profile(name or "default", SSO if not profile else SSO_SESSION)


def mfa_required(case: Case) -> Diagnosis | None:
    """A role that wants a code, and Terraform has nobody to ask for it."""
    seen = case.found("TFW209")
    if case.code != "MFARequired" and not (seen and case.code in _NOTHING):
        return None
    name = case.source.profile if case.source else ""
    evidence = (
        f"Terraform was told {case.code}: it cannot ask for a code",
        *((seen.title, *seen.evidence) if seen else ()),
    )
    whose = f'profile "{name}"' if name else "the profile"
    fix = Remedy(
        REFRESH,
        f"tfwrap refresh {shlex.quote(name or 'default')}",
        "asks for the code, assumes the role and keeps the session for Terraform",
    )
    title = f"{whose} assumes its role with MFA, and Terraform cannot ask for the code"
    return Diagnosis(slugs.MFA_REQUIRED, title, CERTAIN, evidence, remedies=(fix,))


def web_identity_invalid(case: Case) -> Diagnosis | None:
    """The token with which a CI job or a pod says who it is: missing, over, or not for AWS."""
    is_operation = _WEB_OPERATION in case.failure.facts.get("operation", "")
    seen = case.found("TFW503", "TFW502")
    if not (case.code in _WEB_CODES or is_operation or (seen and case.code in _NOTHING)):
        return None
    path = case.failure.facts.get("path", "")
    evidence = (
        f"Terraform was told {case.code}: {_WHY.get(case.code, _DOES_NOT_FIT)}",
        *((f"the token's file is {path}",) if path and not seen else ()),
        *((seen.title, *seen.evidence) if seen else ()),
    )
    fix = remedies.of_finding(seen.fix) if seen else (Remedy(INSTRUCT, "", _FIXES.get(case.code, _ANOTHER_TOKEN)),)
    title = "the web identity does not get the role: " + _WHY.get(case.code, "AWS refuses its token")
    confidence = CERTAIN if case.code in _WEB_CODES or is_operation else LIKELY
    return Diagnosis(slugs.WEB_IDENTITY_INVALID, title, confidence, evidence, remedies=fix)


_DOES_NOT_FIT = "the token or the role's trust policy does not fit"
_WHY = {
    "InvalidIdentityToken": "AWS does not accept the token: its audience, its issuer or its signature",
    "IDPRejectedClaim": "the identity provider has rejected the claim",
    "IDPCommunicationError": "AWS could not reach the identity provider",
    "WebIdentityTokenUnreadable": "the token's file cannot be read",
    "WebIdentityRoleMissing": "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not",
    "ExpiredTokenException": "the token is over",
    "AccessDenied": "the role's trust policy does not let this identity in",
}
_FIXES = {
    "WebIdentityRoleMissing": "set AWS_ROLE_ARN to the role that is to be assumed, or unset the token file",
    "IDPCommunicationError": "try again: AWS could not fetch the identity provider's keys",
    "AccessDenied": "let the role's trust policy name this provider, its audience and the subject of the job",
}
_ANOTHER_TOKEN = "get a new token, for the audience that the identity provider in IAM names (sts.amazonaws.com)"  # noqa: S105


def credential_process_failed(case: Case) -> Diagnosis | None:
    """The program that a profile names for its credentials failed, or wrote something else than them."""
    seen = case.found("TFW210")
    if case.code != "ProcessProviderError" and not (seen and case.code in _NOTHING):
        return None
    name = _profile(case)
    said = case.failure.facts.get("process", "")
    profile = case.facts.files.profiles.get(name)
    place = profile.locations.get("credential_process", "") if profile else ""
    evidence = (
        f"Terraform was told {case.code}" + (f": {said}" if said else ""),
        *((f'set in {place}, for profile "{name}"',) if place else ()),
        *((seen.title,) if seen else ()),
    )
    fix = remedies.of_finding(seen.fix) if seen else ()
    test = Remedy(
        INSTRUCT,
        f"aws configure export-credentials --profile {shlex.quote(name or 'default')} --format process",
        "runs the same program as Terraform does, and shows what it says (a secret, if it works)",
    )
    title = f'the credential process of profile "{name}" gave no credentials' if name else "a credential process failed"
    return Diagnosis(slugs.CREDENTIAL_PROCESS_FAILED, title, CERTAIN, evidence, remedies=(*fix, test))


def container_credentials(case: Case) -> Diagnosis | None:
    """The credentials of the container or the task could not be had."""
    seen = case.found("TFW504", "TFW505", "TFW506")
    is_container = case.source is not None and CONTAINER in (case.source.kind, case.source.via)
    is_told = case.code == "ContainerCredentialsError"
    if not is_told and not ((seen or is_container) and case.code in _NOTHING):
        return None
    host = "only hosts of ECS, EKS and this machine may be asked" if "only loopback" in case.failure.message else ""
    evidence = (
        f"Terraform was told {case.code}",
        *(("AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI says where they are",) if is_container else ()),
        *((host,) if host else ()),
        *((seen.title, *seen.evidence) if seen else ()),
    )
    fix = remedies.of_finding(seen.fix) if seen else (Remedy(INSTRUCT, "", _TASK_ROLE),)
    title = "the container's credentials could not be had"
    if seen and not (is_told or is_container):
        title = seen.title
    confidence = CERTAIN if is_told or is_container else POSSIBLE
    return Diagnosis(slugs.CONTAINER_CREDENTIALS, title, confidence, evidence, remedies=fix)


_TASK_ROLE = "give the task or the pod a role, or take the AWS_CONTAINER_* variables away where it has none"
