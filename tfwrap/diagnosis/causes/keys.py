"""Keys that AWS does not accept: a token too few or too many, another's secret, a key that is gone or too new."""

from __future__ import annotations

import os

from tfwrap import userdirs
from tfwrap.aws import accesskey, partitions
from tfwrap.diagnosis.case import (
    CERTAIN,
    HOME_REGION,
    INSTRUCT,
    LIKELY,
    OTHER_PARTITION,
    POSSIBLE,
    REPAIR,
    WITHOUT_TOKEN,
    Case,
    Diagnosis,
    Remedy,
)
from tfwrap.diagnosis.causes import remedies, slugs, values
from tfwrap.preflight.checks import clock, placeholders
from tfwrap.sources.source import ENVIRONMENT, PROCESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.sources.source import Source

NOT_KNOWN = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "AuthFailure")
WRONG_SECRET = ("SignatureDoesNotMatch", "InvalidSignatureException")
# How long a key may take until every service knows it: HashiCorp's documents advise 5 to 10 s or more (vault, AWS
# secrets engine); younger than this counts as new.
NEW_S = 600


def missing_session_token(case: Case) -> Diagnosis | None:
    """A temporary key alone."""
    source = case.source
    if not case.says(NOT_KNOWN) or source is None or not source.access_key.startswith(accesskey.TEMPORARY):
        return None
    if source.token or case.is_accepted:
        return None
    key = accesskey.mask(source.access_key)
    seen = case.found("TFW103", "TFW206")
    evidence = (
        f"{key} is a temporary key by its first four letters, and {source.location} has no session token beside it",
        *((seen.title,) if seen else ()),
        case.asked,
    )
    fix = Remedy(REPAIR, "", _add_token(case))
    title = f"the temporary key {key} was used without its session token"
    return Diagnosis(slugs.MISSING_SESSION_TOKEN, title, CERTAIN, evidence, remedies=(fix, *remedies.renewal(case)))


def _add_token(case: Case) -> str:
    source = case.source
    if source and source.kind == ENVIRONMENT:
        return "export AWS_SESSION_TOKEN as well: it comes with the key, from the same source"
    if source and source.profile:
        return f'add the aws_session_token that came with the key to profile "{source.profile}"'
    return "add the session token that came with the key"


def stray_session_token(case: Case) -> Diagnosis | None:
    """A long-term key with the token of another session beside it."""
    source = case.source
    if not case.says(NOT_KNOWN) or source is None or not source.access_key.startswith(accesskey.LONG_TERM):
        return None
    if not source.token or case.is_accepted:
        return None
    alone = case.probe(WITHOUT_TOKEN)
    key = accesskey.mask(source.access_key)
    evidence = (
        f"{key} is a long-term key by its first four letters, and a session token stands beside it ({source.location})",
        case.asked,
        *((alone.describe(),) if alone else ()),
    )
    does = "unset AWS_SESSION_TOKEN" if source.kind == ENVIRONMENT else ""
    fix = Remedy(REPAIR, does, "AWS accepts a long-term key only without a token; remove it from " + source.location)
    title = f"a session token stood beside the long-term key {key}"
    return Diagnosis(slugs.STRAY_SESSION_TOKEN, title, CERTAIN if alone else LIKELY, evidence, remedies=(fix,))


def wrong_secret(case: Case) -> Diagnosis | None:
    """AWS knows the key id, and the signature is another secret's."""
    if not case.says(WRONG_SECRET) or case.is_accepted or clock.explains(case.used) or _is_about_time(case):
        return None
    evidence = (
        f"{case.who} uses {case.source.describe()}" if case.source else case.said,
        case.asked if case.is_rejected else case.said,
        "AWS knows the key id: it answers InvalidClientTokenId where it does not",
    )
    place = case.source.location if case.source else "the credentials"
    fix = remedies.edit(place, "copy the key id and the secret key anew, both from the same place")
    title = f"the secret key of {place} does not belong to its key id"
    return Diagnosis(slugs.WRONG_SECRET, title, CERTAIN, evidence, remedies=(fix, *remedies.renewal(case)))


def _is_about_time(case: Case) -> bool:
    return "Signature expired" in case.failure.message or "Signature not yet current" in case.failure.message


def unknown_access_key(case: Case) -> Diagnosis | None:
    """AWS does not know the key, wherever it was asked: deleted, deactivated or mistyped. Never the secret's fault."""
    if not case.says(NOT_KNOWN) or case.is_accepted or case.probe(HOME_REGION, OTHER_PARTITION, WITHOUT_TOKEN):
        return None
    source = case.source
    if source is None or not source.access_key or clock.explains(case.used):
        return None
    token = "the session token is not this key's, the session was revoked, or " if source.token else ""
    evidence = (
        f"{case.who} uses {source.describe()}",
        *_made_again(source),
        case.asked,
        *case.probed(),
        f"{token}the key was deleted, deactivated or mistyped: AWS gives the same answer to all of these",
    )
    region = case.consumer.endpoint.region if case.consumer else ""
    is_open = region in partitions.OPT_IN and not case.is_answered(HOME_REGION)
    if is_open:
        evidence = (*evidence, f"or the account has not enabled {region}: no other region has answered")
    title = f"AWS does not know {case.key}"
    confidence = CERTAIN if case.is_rejected and not is_open and not values.placeholder(case) else LIKELY
    look = Remedy(
        INSTRUCT,
        "aws iam list-access-keys --user-name NAME",
        "shows, with another identity that works, whether the key is there and active",
    )
    return Diagnosis(slugs.UNKNOWN_ACCESS_KEY, title, confidence, evidence, remedies=(*remedies.renewal(case), look))


def is_of_a_process(source: Source) -> bool:
    """Whether a credential process gives the key, or the one that the roles are assumed with."""
    return PROCESS in (source.via, source.how)


def _made_again(source: Source) -> tuple[str, ...]:
    if not is_of_a_process(source):
        return ()
    name = source.base or source.profile
    return (f'the credential process of profile "{name}" was run again, as Terraform runs it: it gives this key now',)


def new_key_not_propagated(case: Case) -> Diagnosis | None:
    """Terraform was told that the key is not known, and STS knows it now."""
    source = case.source
    if source is not None and case.code in NOT_KNOWN and is_of_a_process(source) and not source.has_keys:
        return _made_a_moment_before(case, source)
    if case.code not in NOT_KNOWN or not case.is_accepted or source is None:
        return None
    if placeholders.is_placeholder(source.access_key):
        return None
    age_s = -1 if is_of_a_process(source) else _age_s(case)
    is_young = 0 <= age_s < NEW_S
    evidence = [f"Terraform was answered {case.code}", *_made_again(source), f"a moment later {case.asked}"]
    if is_of_a_process(source):
        evidence.append("the process made it, or Terraform was given one before it that is gone")
    elif is_young:
        evidence.append(f"{source.location} was written {int(age_s)} seconds ago: the key may be as new")
    else:
        evidence.append("a key that was just made is not known everywhere at once; this one's age is not known")
    again = Remedy(INSTRUCT, "", "wait ten seconds and run the same command again; nothing else has to change")
    title = f"{case.key} was refused and is accepted now: a new key takes a while to be known everywhere"
    return Diagnosis(
        slugs.NEW_KEY_NOT_PROPAGATED, title, LIKELY if is_young else POSSIBLE, tuple(evidence), remedies=(again,)
    )


def _made_a_moment_before(case: Case, source: Source) -> Diagnosis:
    """The key of a process is at nobody's hand afterwards: the process would make another one."""
    evidence = (
        f"Terraform was answered {case.code}",
        f"{case.who} uses {source.describe()}: the process made the key just before",
        "a key that was just made is not known everywhere at once; or the process hands out one that is gone",
    )
    fix = (
        Remedy(INSTRUCT, "", "wait ten seconds and run the same command again, where the process makes a new key"),
        Remedy(
            INSTRUCT, "tfwrap doctor", "runs the process as Terraform does and asks AWS about the key that it gives"
        ),
    )
    title = f'AWS did not know the key that the credential process of profile "{source.profile}" gave'
    return Diagnosis(slugs.NEW_KEY_NOT_PROPAGATED, title, POSSIBLE, evidence, remedies=fix)


def _age_s(case: Case) -> float:
    """How long ago the file that holds the key was written, at the run's start; -1 where it is no file."""
    place = case.source.location if case.source else ""
    home = userdirs.home(case.facts.environ)
    path = os.path.join(home, place[2:]) if place.startswith("~/") else place
    try:
        written = os.stat(os.path.join(case.facts.invocation.directory, path)).st_mtime
    except OSError:
        return -1
    return max(0.0, case.facts.now - written) if case.facts.now else -1
