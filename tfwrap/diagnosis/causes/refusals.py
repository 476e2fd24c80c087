"""The credentials are good, and this is not what they are for: a role, a permission, an account, another place."""

from __future__ import annotations

from tfwrap.diagnosis import suspects
from tfwrap.diagnosis.case import CERTAIN, INSTRUCT, LIKELY, POSSIBLE, Case, Diagnosis, Remedy
from tfwrap.diagnosis.causes import remedies, slugs
from tfwrap.failure.codes import REFUSAL_CODES
from tfwrap.failure.failure import PROVIDER, RESOURCE
from tfwrap.preflight.checks import mismatch, remote
from tfwrap.preflight.checks.finding import WARNING

_DENIED = ("AccessDenied", "AccessDeniedException", "ForbiddenException", "OptInRequired")
_LOOK_WHO = Remedy(INSTRUCT, "aws sts get-caller-identity", "shows who you are by the AWS CLI's rules, not Terraform's")


def assume_role_denied(case: Case) -> Diagnosis | None:
    """STS knows the caller and does not let it assume the role."""
    named = case.failure.facts
    is_assuming = "AssumeRole" in f"{named.get('action', '')}{named.get('operation', '')}"
    is_web = "WithWebIdentity" in named.get("operation", "") + named.get("action", "")
    is_denied = case.code in _DENIED and is_assuming
    if is_web or not (is_denied or (case.code == "CannotAssumeRole" and case.is_accepted)):
        return None
    role = named.get("role_arn", "") or (case.source.roles[-1] if case.source and case.source.roles else "the role")
    who = named.get("who", "")
    evidence = (
        f"{who} may not assume {role}: AWS says {case.code}" if who else f"{role}: AWS says {case.code}",
        case.asked,
        "the caller is known: its policy lacks something, or the trust policy wants an external id or a code (MFA)",
    )
    fix = (
        Remedy(INSTRUCT, "", f"let the trust policy of {role} name {who or 'the caller'}, with the external id if any"),
        Remedy(INSTRUCT, "", f"let {who or 'the caller'} have sts:AssumeRole on {role}"),
    )
    title = f"{who or 'the caller'} may not assume {role}"
    return Diagnosis(slugs.ASSUME_ROLE_DENIED, title, CERTAIN if is_denied else LIKELY, evidence, remedies=fix)


def access_denied(case: Case) -> Diagnosis | None:
    """AWS knows who asks, and does not allow it. New credentials of the same identity change nothing."""
    if case.code not in REFUSAL_CODES or case.is_rejected or case.code in _OF_LOGINS:
        return None
    if case.code in _DENIED[:2] and "AssumeRole" in case.failure.facts.get("operation", ""):
        return None
    who, action = (case.failure.facts.get(name, "") for name in ("who", "action"))
    subject = who or case.who
    evidence = (
        f"AWS says {case.code}" + (f": {who} may not {action}" if who and action else f": {case.failure.message}"),
        case.asked,
        "AWS answers so to a caller that it knows: a new session of the same identity is refused again",
    )
    what = f"allow {action} for {subject}" if action else f"allow it for {subject}"
    fix = (Remedy(INSTRUCT, "", f"{what} in a policy, or use another identity"), _LOOK_WHO)
    title = f"{subject} may not {action}" if action else f"AWS does not allow {subject} what it asks for"
    return Diagnosis(slugs.ACCESS_DENIED, title, CERTAIN, evidence, remedies=fix)


# Not a refusal of AWS's, but of the login that makes the credentials, or of a region.
_OF_LOGINS = ("UnauthorizedException", "InvalidGrantException", "RegionDisabledException")


def account_not_allowed(case: Case) -> Diagnosis | None:
    """The block lists the accounts that it may work in, and this is none of them."""
    if case.code != "AccountNotAllowed":
        return None
    account = case.failure.facts.get("account", "") or case.used.account
    allowed = list(suspects.allowed_accounts(case.consumer))
    place = case.consumer.location if case.consumer else "the block"
    evidence = (
        f"{case.who} uses {case.source.describe()}" if case.source else case.said,
        f"these are credentials of account {account}",
        f"{place} allows {', '.join(allowed)}" if allowed else f"{place} does not allow that account",
    )
    fix = (
        Remedy(INSTRUCT, "", "use credentials of an account that is allowed"),
        _LOOK_WHO,
    )
    title = f"{case.who} works in account {account}, which its block does not allow"
    return Diagnosis(slugs.ACCOUNT_NOT_ALLOWED, title, CERTAIN, evidence, remedies=fix)


def backend_provider_mismatch(case: Case) -> Diagnosis | None:
    """Backend and provider work in different accounts, and the one that failed was refused what the other may do."""
    if case.code not in (*_DENIED, "Forbidden", "EmptyResult") or case.is_rejected:
        return None
    answers = {case.consumer.name: case.used} if case.consumer else {}
    found = next(
        (each for each in mismatch.check(case.facts._replace(answers=answers)) if _is_account(each.title)), None
    )
    if found is None or "AssumeRole" in case.failure.facts.get("operation", ""):
        return None
    evidence = (found.title, *found.evidence, f"{case.who} was refused with {case.code}")
    fix = remedies.of_finding(found.fix)
    confidence = CERTAIN if found.severity == WARNING else POSSIBLE
    return Diagnosis(slugs.BACKEND_PROVIDER_MISMATCH, found.title, confidence, evidence, remedies=fix)


def _is_account(title: str) -> bool:
    return "works in account" in title


def remote_execution(case: Case) -> Diagnosis | None:
    """The run is carried out elsewhere: the credentials of this machine have no part in it."""
    found = next(iter(remote.check(case.facts)), None)
    if found is None or case.failure.scope not in (PROVIDER, RESOURCE):
        return None
    evidence = (
        found.title,
        *found.evidence,
        f"the failure is of a {case.failure.scope}: its credentials are those of the remote workspace",
    )
    fix = remedies.of_finding(found.fix)
    title = "the run is carried out elsewhere, with credentials that are set there"
    confidence = POSSIBLE if case.is_rejected else CERTAIN
    return Diagnosis(slugs.REMOTE_EXECUTION, title, confidence, evidence, remedies=fix)
