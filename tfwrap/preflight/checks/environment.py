"""1xx: what becomes of the AWS variables that Terraform was given. No value of theirs is ever in a finding."""

from __future__ import annotations

from tfwrap.preflight import childenv
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tfwrap.preflight.childenv import Change


def check(facts: Facts) -> Iterator[Finding]:
    """TFW102, TFW104, TFW105, TFW106 and TFW108: what was repaired, and what Terraform passes over."""
    environ = childenv.apply(facts.environ, facts.changes)
    yield from (_FINDINGS[change.rule](change) for change in facts.changes if change.rule in _FINDINGS)
    yield from _partial(environ)
    yield from _legacy_token(facts)
    if childenv.pair(environ) is None:
        yield from _default_profile(environ)


def _stray(change: Change) -> Finding:
    title = f"Terraform gets no {change.name}: {change.why}"
    return Finding("TFW104", "stray-session-token", WARNING, title, fix=(f"unset {change.name}",))


def _promoted(change: Change) -> Finding:
    title = f"Terraform gets AWS_SECURITY_TOKEN as {change.name}: {change.why}"
    fix = (f'export {change.name}="$AWS_SECURITY_TOKEN"',)
    return Finding("TFW105", "legacy-variables", WARNING, title, (), fix)


def _repaired(change: Change) -> Finding:
    title = f"{change.name} is damaged by {change.why}; Terraform gets it repaired"
    evidence = ("AWS refuses it as it is; undoing the damage makes it well formed",)
    return Finding("TFW106", "damaged-value", WARNING, title, evidence, (f"set {change.name} without it",))


# By the rule that made the change: what is changed for the profile that is meant is nothing wrong.
_FINDINGS: dict[str, Callable[[Change], Finding]] = {
    childenv.STRAY: _stray,
    childenv.LEGACY: _promoted,
    childenv.DAMAGED: _repaired,
}


def _partial(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Terraform passes over half a pair in silence; botocore refuses it (PartialCredentialsError)."""
    present = childenv.present(environ)
    if not present or childenv.pair(environ):
        return
    missing = "key id" if "SECRET" in present[0] else "secret key"
    title = f"{present[0]} is set without its {missing}: Terraform passes it over and looks elsewhere"
    fix = ("set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",)
    yield Finding("TFW102", "partial-credentials", WARNING, title, fix=fix)


def _legacy_token(facts: Facts) -> Iterator[Finding]:
    """botocore prefers AWS_SECURITY_TOKEN, Terraform does not read it. aws-vault and saml2aws set both alike."""
    legacy, token = facts.environ.get(childenv.SECURITY), facts.environ.get(childenv.SESSION)
    promoted = any(change.rule == childenv.LEGACY for change in facts.changes)
    if not legacy or legacy == token or promoted:
        return
    fix = ("unset AWS_SECURITY_TOKEN",)
    if token:
        title = "AWS_SECURITY_TOKEN differs from AWS_SESSION_TOKEN: Terraform uses the second, boto3 the first"
        yield Finding("TFW105", "legacy-variables", WARNING, title, fix=fix)
    else:
        title = "AWS_SECURITY_TOKEN is set: Terraform does not read it"
        yield Finding("TFW105", "legacy-variables", INFO, title, fix=fix)


def _default_profile(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Only where no pair of keys goes before both."""
    first, second = environ.get("AWS_PROFILE"), environ.get("AWS_DEFAULT_PROFILE")
    if first and second and first != second:
        title = "AWS_PROFILE and AWS_DEFAULT_PROFILE differ: Terraform takes the first, boto3 the second"
        evidence = (f"AWS_PROFILE={first!a}, AWS_DEFAULT_PROFILE={second!a}",)
        yield Finding("TFW108", "default-profile-differs", WARNING, title, evidence, ("unset AWS_DEFAULT_PROFILE",))
