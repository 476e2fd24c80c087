"""1xx: variables that stand in each other's way, so that not the one you look at counts."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import used
from tfwrap.preflight.checks.finding import WARNING, Facts, Finding
from tfwrap.preflight.checks.used import quoted
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.preflight.checks.used import Use
    from tfwrap.sources.consumers import Consumer

# The variables by which a tool says that it made the session, and the tool.
_MAKERS = {
    "AWS_VAULT": "aws-vault",
    "AWSUME_PROFILE": "awsume",
    "SAML2AWS_PROFILE": "saml2aws",
    "GRANTED_SSO": "granted",
}


def check(facts: Facts) -> Iterator[Finding]:
    """TFW101, TFW112 and TFW115."""
    environ = used.environment(facts)
    with_keys = [consumer for consumer in facts.consumers if consumer.source.kind == sources.ENVIRONMENT]
    if with_keys:
        yield from _over_profile(facts, environ)
        yield from _over_web_identity(environ, with_keys)
    yield from _two_regions(facts, environ)


# TFW101


def _over_profile(facts: Facts, environ: dict[str, str]) -> Iterator[Finding]:
    """The environment's keys beat AWS_PROFILE always, and a profile argument before Terraform 1.7 and provider 4.0.

    A tool that was asked for this very profile put them there on purpose, as has a profile with the same key.
    """
    for use in used.uses(facts):
        losing = [consumer for consumer in use.consumers if consumer.source.kind == sources.ENVIRONMENT]
        if use.is_named and losing and not _is_same(facts, use, environ, losing[0]):
            yield _overridden(use, environ, losing)


def _is_same(facts: Facts, use: Use, environ: dict[str, str], consumer: Consumer) -> bool:
    profile = facts.files.profiles.get(use.profile)
    same_key = profile is not None and profile.get("aws_access_key_id") == consumer.source.access_key
    return same_key or profile is None or childenv.is_made_for(environ, use.profile)


def _overridden(use: Use, environ: dict[str, str], losing: list[Consumer]) -> Finding:
    source = losing[0].source
    key = accesskey.mask(source.access_key)
    title = f"the key {key} in {source.location} goes before profile {quoted(use.profile)} (set by {use.origin})"
    maker = next(
        (f"{tool} made it for {quoted(environ[name])}" for name, tool in _MAKERS.items() if name in environ), ""
    )
    names = ", ".join(consumer.name for consumer in losing)
    evidence = (f"{names} uses the key: Terraform takes a pair of keys in the environment first", maker)
    fix = (f"unset {' '.join((*childenv.present(environ), *_tokens(environ)))}",)
    return Finding("TFW101", "env-overrides-profile", WARNING, title, tuple(filter(None, evidence)), fix)


def _tokens(environ: dict[str, str]) -> list[str]:
    return [name for name in (childenv.SESSION, childenv.SECURITY) if name in environ]


# TFW112


def _over_web_identity(environ: dict[str, str], with_keys: list[Consumer]) -> Iterator[Finding]:
    """A temporary key beside the token is what a CI action leaves that has assumed the role already."""
    source = with_keys[0].source
    is_meant = environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environ.get("AWS_ROLE_ARN")
    if not is_meant or not source.access_key.startswith(accesskey.LONG_TERM):
        return
    title = f"the key {accesskey.mask(source.access_key)} in {source.location} goes before the web identity role"
    evidence = ("AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are set, and Terraform does not look at them",)
    fix = (f"unset {' '.join((*childenv.present(environ), *_tokens(environ)))}",)
    yield Finding("TFW112", "static-keys-over-web-identity", WARNING, title, evidence, fix)


# TFW115


def _two_regions(facts: Facts, environ: dict[str, str]) -> Iterator[Finding]:
    """Only where a consumer takes its region from there: a `region` argument beside another one is normal."""
    first, second = environ.get("AWS_REGION", ""), environ.get("AWS_DEFAULT_REGION", "")
    asking = [consumer.name for consumer in facts.consumers if not consumer.arguments.get("region")]
    if not (first and second and first != second and asking):
        return
    title = f"AWS_REGION is {quoted(first)} and AWS_DEFAULT_REGION {quoted(second)}: Terraform takes the first"
    evidence = (f"boto3 and the AWS CLI version 1 take the second; {', '.join(asking)} has no region of its own",)
    yield Finding("TFW115", "region-conflict", WARNING, title, evidence, ("unset AWS_DEFAULT_REGION",))
