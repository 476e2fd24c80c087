"""Good keys at the wrong place or time: a region that is not enabled, another partition, a clock that is wrong."""

from __future__ import annotations

from tfwrap.aws import partitions
from tfwrap.diagnosis.case import (
    CERTAIN,
    HOME_REGION,
    INSTRUCT,
    LIKELY,
    OTHER_PARTITION,
    POSSIBLE,
    Case,
    Diagnosis,
    Remedy,
)
from tfwrap.diagnosis.causes import slugs
from tfwrap.diagnosis.causes.keys import NOT_KNOWN
from tfwrap.preflight.checks import clock

_TOO_LATE = ("RequestTimeTooSkewed", "RequestExpired")
_WORDS = ("Signature expired", "Signature not yet current")


def region_not_enabled(case: Case) -> Diagnosis | None:
    """The home region of the same partition accepts the very key that this region rejects."""
    home = case.probe(HOME_REGION)
    region = case.consumer.endpoint.region if case.consumer else ""
    if case.code == "RegionDisabledException" or (case.is_rejected and case.used.code == "RegionDisabledException"):
        evidence = (case.said, "AWS says so itself: STS is not activated in the region for this account")
    elif home and case.is_rejected:
        evidence = (case.asked, home.describe())
    elif _may_be_off(case, region):
        return _perhaps_off(case, region)
    else:
        return None
    where = region or "the region"
    enable = Remedy(
        INSTRUCT,
        f"aws account enable-region --region-name {region or 'REGION'}",
        "enables the region for the account; it takes some minutes",
    )
    remedies = [enable]
    if case.source and case.source.token:
        does = "or make the session in that region: what the global endpoint makes is not accepted in newer regions"
        remedies.append(Remedy(INSTRUCT, f"export AWS_REGION={region or 'REGION'}", does))
    title = f"{case.key} is good, but STS does not accept it in {where}"
    return Diagnosis(slugs.REGION_NOT_ENABLED, title, CERTAIN, evidence, remedies=tuple(remedies))


def _may_be_off(case: Case, region: str) -> bool:
    """A region that accounts have to enable, a key that it does not know, and no other region that has answered."""
    is_unknown = case.says(NOT_KNOWN) and not case.is_accepted
    return is_unknown and region in partitions.OPT_IN and not case.is_answered(HOME_REGION)


def _perhaps_off(case: Case, region: str) -> Diagnosis:
    evidence = (case.asked, f"accounts have to enable {region}, and no other region has answered about this key")
    look = Remedy(
        INSTRUCT,
        f"aws account get-region-opt-status --region-name {region}",
        "shows whether the account has enabled the region",
    )
    return Diagnosis(
        slugs.REGION_NOT_ENABLED, f"{region} may not be enabled for the account", POSSIBLE, evidence, remedies=(look,)
    )


def wrong_partition(case: Case) -> Diagnosis | None:
    """Another partition accepts the key, or an ARN in use is of another partition than the region."""
    if not case.says(NOT_KNOWN):
        return None
    there = case.probe(OTHER_PARTITION)
    region = case.consumer.endpoint.region if case.consumer else ""
    own = partitions.of_region(region)
    foreign = _foreign_arn(case, own)
    if there:
        theirs = partitions.of_region(there.region)
        evidence: tuple[str, ...] = (case.asked, there.describe())
    elif foreign and not case.is_accepted:
        theirs = partitions.of_arn(foreign)
        evidence = (case.asked, f"{foreign} is of the partition {theirs}, and {region} is a region of {own}")
    else:
        return None
    fix = Remedy(INSTRUCT, "", f"use a region of {theirs}, or credentials of {own or 'the other partition'}")
    title = f"{case.key} belongs to the partition {theirs}, and {region or 'the region'} to {own or 'another'}"
    return Diagnosis(slugs.WRONG_PARTITION, title, CERTAIN if there else LIKELY, evidence, remedies=(fix,))


def _foreign_arn(case: Case, own: str) -> str:
    roles = case.source.roles if case.source else ()
    return next((arn for arn in roles if own and partitions.of_arn(arn) not in ("", own)), "")


def clock_skew(case: Case) -> Diagnosis | None:
    """AWS says that the request is of another time, or dates its answers so far from ours."""
    is_said = case.code in _TOO_LATE or any(words in case.failure.message for words in _WORDS)
    is_shown = clock.explains(case.used)
    if not (is_said or is_shown):
        return None
    ahead_s = case.used.skew
    evidence = [case.asked if is_shown else f"{case.code}: AWS refuses the request for its time"]
    if abs(ahead_s) >= 60:
        how = "slow" if ahead_s > 0 else "fast"
        minutes = f"{abs(ahead_s) / 60:.0f} minutes"
        evidence.append(f"by the Date of STS's answer this machine's clock is {minutes} {how}; AWS allows fifteen")
        title = f"this machine's clock is {minutes} {how}"
    else:
        evidence.append("by the Date of STS's answer the clock is right now" if case.used.http_status else "")
        title = "AWS refused the request for its time"
    remedies = (
        Remedy(INSTRUCT, "sudo timedatectl set-ntp true", "sets the clock by the network (systemd)"),
        Remedy(INSTRUCT, "w32tm /resync", "the same on Windows; a WSL or virtual machine that slept: wsl --shutdown"),
    )
    confidence = CERTAIN if is_shown or abs(ahead_s) > clock.TOLERATED_S else LIKELY
    return Diagnosis(slugs.CLOCK_SKEW, title, confidence, tuple(filter(None, evidence)), remedies=remedies)
