"""5xx: the token with which a web identity is proved, as GitHub, GitLab and Kubernetes put it into a file."""

from __future__ import annotations

import os

from tfwrap.aws import jwt
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks import used
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.preflight.checks.used import listed, quoted
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.aws.jwt import Token
    from tfwrap.sources.consumers import Consumer

VARIABLE = "AWS_WEB_IDENTITY_TOKEN_FILE"
_AUDIENCES = ("sts.amazonaws.com", "sts.amazonaws.com.cn")
# What a token is for where nobody asked for an audience: AWS has no identity provider that knows these.
_UNASKED = ("https://github.com/", "https://kubernetes.default.svc", "api", "vault")


class _File(NamedTuple):
    path: str
    origin: str
    consumer: str


def check(facts: Facts) -> Iterator[Finding]:
    """TFW503, one for each token file."""
    for file in _files(facts):
        yield from _token(file, jwt.read(file.path), facts.now)


def paths(facts: Facts) -> list[str]:
    """The token files that the check looks at."""
    return [file.path for file in _files(facts)]


def ends(facts: Facts) -> list[float]:
    """The moments at which a token begins to count or ceases to."""
    tokens = [jwt.read(file.path) for file in _files(facts)]
    return [moment for token in tokens for moment in (token.expires, token.not_before) if moment]


def _files(facts: Facts) -> list[_File]:
    found: dict[str, _File] = {}
    for consumer in facts.consumers:
        path, origin = _named(facts, consumer)
        if path:
            full = os.path.join(facts.invocation.working_directory, path)
            found.setdefault(full, _File(full, origin, consumer.name))
    return list(found.values())


def _named(facts: Facts, consumer: Consumer) -> tuple[str, str]:
    """The token file of a consumer and what names it: its block, the profile, or the environment."""
    block = consumer.arguments.get("assume_role_with_web_identity")
    nested = block[0] if isinstance(block, list) and block else block
    inside = nested.get("web_identity_token_file") if isinstance(nested, dict) else None
    if isinstance(inside, str) and inside:
        return inside, f"{consumer.location}, assume_role_with_web_identity"
    source = consumer.source
    profile = facts.files.profiles.get(source.profile) if source.profile else None
    if profile and sources.WEB_IDENTITY in (source.kind, source.how):
        return profile.get("web_identity_token_file"), f"profile {quoted(profile.name)}"
    is_asked = source.kind == sources.WEB_IDENTITY
    return (used.environment(facts).get(VARIABLE, ""), VARIABLE) if is_asked else ("", "")


def _token(file: _File, token: Token, now: float) -> Iterator[Finding]:
    what = token.problem or _time_problem(token, now)
    evidence = (f"named by {file.origin}, for {file.consumer}",)
    if what:
        title = f"the web identity token {quoted(file.path)} {what}"
        yield Finding("TFW503", "web-identity-token", ERROR, title, evidence, (_fix(token),))
    elif token.audiences and not any(name in _AUDIENCES for name in token.audiences):
        severity = WARNING if all(name.startswith(_UNASKED) for name in token.audiences) else INFO
        title = f"the web identity token is for {listed(token.audiences)}, not for sts.amazonaws.com"
        more = "AWS accepts it only where the identity provider in IAM lists that audience"
        yield Finding("TFW503", "web-identity-token", severity, title, (*evidence, more), (_AUDIENCE_FIX,))


_AUDIENCE_FIX = "ask for the audience sts.amazonaws.com, or add this one to the identity provider in IAM"


def _time_problem(token: Token, now: float) -> str:
    if token.expires and token.expires <= now:
        return f"expired {int((now - token.expires) // 60)} min ago"
    if token.not_before > now:
        return f"counts only in {int((token.not_before - now) // 60) + 1} min: compare the clocks"
    return ""


def _fix(token: Token) -> str:
    if token.expires:
        return "get a new token: in CI run the job again, and let the token's step stand right before Terraform"
    return "let the CI job write its id token into that file first (printf '%s' \"$TOKEN\" > file)"
