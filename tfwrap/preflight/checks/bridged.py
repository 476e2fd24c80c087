"""2xx: profiles that this Terraform cannot use: what tfwrap makes of them."""

from __future__ import annotations

from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.preflight.checks.used import quoted
from tfwrap.sources.source import LOGIN, NONE, SSO, SSO_SESSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.preflight.bridgeable import Bridgeable

_LOGINS = {LOGIN: "aws login", SSO: "aws sso login", SSO_SESSION: "aws sso login"}


def check(facts: Facts) -> Iterator[Finding]:
    """TFW213, for all but roles with MFA (TFW209): information where the profile is bridged."""
    if not facts.bridgeable:
        return
    from tfwrap.preflight import bridgeable

    found: dict[tuple[str, str], Bridgeable] = {}
    for each in facts.bridgeable:
        if each.how != bridgeable.MFA:
            found.setdefault((each.profile, each.why_not), each)
    for each in found.values():
        yield _finding(each, facts, bridgeable.WORDS[each.how])


def _finding(found: Bridgeable, facts: Facts, words: str) -> Finding:
    subject = f"profile {quoted(found.profile)} is {words}"
    evidence = (f"in {found.files.config_path}, for {who(facts, found.profile)}",)
    if not found.why_not:
        title = f"{subject}: tfwrap makes its credentials for Terraform"
        return Finding("TFW213", "bridged-profile", INFO, title, evidence)
    severity = ERROR if found.consumer.source.kind == NONE else WARNING
    title = f"{subject}; tfwrap cannot make its credentials: {found.why_not}"
    return Finding("TFW213", "bridged-profile", severity, title, evidence, (_fix(found),))


def who(facts: Facts, profile: str) -> str:
    """The consumers that cannot use the profile."""
    return ", ".join(each.consumer.name for each in facts.bridgeable if each.profile == profile)


def why_not(facts: Facts, profile: str) -> str | None:
    """Why the profile is not bridged: empty where it is, None where there is nothing to be bridged."""
    reasons = [each.why_not for each in facts.bridgeable if each.profile == profile]
    return next(filter(None, reasons), "") if reasons else None


def _fix(found: Bridgeable) -> str:
    import shlex

    if command := _LOGINS.get(found.how):
        return f"{command} --profile {shlex.quote(found.profile)}"
    return f"export credentials of profile {quoted(found.profile)}, or use a newer Terraform"
