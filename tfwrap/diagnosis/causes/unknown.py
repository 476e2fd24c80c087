"""What is said where no cause has its evidence, and what was looked at and found innocent in every case."""

from __future__ import annotations

from tfwrap.aws import accesskey, keyshape
from tfwrap.diagnosis.case import INSTRUCT, REPAIR, UNSURE, Case, Diagnosis, Remedy
from tfwrap.diagnosis.causes import slugs, values
from tfwrap.failure.codes import CREDENTIAL_CODES
from tfwrap.identity.question import NO_KEYS
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import used
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.identity.question import Answer
    from tfwrap.sources.source import Source

_STILL_S = 60


def unknown(case: Case) -> Diagnosis:
    """The diagnosis that names no cause. What was ruled out stands in `checked`."""
    if case.code == "MissingRegion":
        return _no_region(case)
    happened = "AWS rejected its credentials" if case.code in CREDENTIAL_CODES else f"it ended with {case.code}"
    title = f"{case.who}: {happened}; tfwrap could not establish why"
    return Diagnosis(slugs.UNKNOWN, title, UNSURE, (case.said,), (), (_WHO, _ASKED))


_WHO = Remedy(
    INSTRUCT,
    "aws sts get-caller-identity",
    "asks AWS who you are with the default credentials; they may be others than Terraform's",
)
_ASKED = Remedy(
    INSTRUCT,
    "tfwrap --explain --trace",
    "asks, runs a read-only command, and tells which key went where, and the answer",
)


def _no_region(case: Case) -> Diagnosis:
    """It never came to a question: no credentials were tried."""
    evidence = (f"Terraform was told {case.code}: the block has no region, nor has AWS_REGION or AWS_DEFAULT_REGION",)
    place = case.consumer.location if case.consumer else "the block"
    fix = (
        Remedy(REPAIR, "", f"{place}: set region; the backend does not read the region of a profile"),
        Remedy(INSTRUCT, "export AWS_REGION=us-east-1", "names it for this shell: put in yours"),
    )
    return Diagnosis(slugs.UNKNOWN, f"{case.who} has no region, and was not begun", UNSURE, evidence, (), fix)


def ruled_out(case: Case, told: str) -> tuple[str, ...]:
    """What was looked at: every question to STS, and what is as it should be; without what is told already."""
    lines = dict.fromkeys(filter(None, _looked(case, told)))
    return tuple(line for line in lines if line not in told)


def _looked(case: Case, told: str) -> Iterator[str]:
    source, other = case.source, case.other
    if source and not case.is_rejected and not _is_told(source, case.used, told):
        yield f"{case.who} uses {source.describe()}{_answer(case.used)}"
    if other and source and not other.same_credentials(source) and not _is_told(other, case.fresh, told):
        yield f"without that it would use {other.describe()}{_answer(case.fresh)}"
    elif source and source.passed_over:
        yield from (f"passed over: {each}" for each in source.passed_over if each not in told)
    if any(probe.describe() not in told for probe in case.probes):
        yield from case.probed()
    yield _clock(case)
    yield _form(case)
    yield _saved(case)
    if not childenv.present(used.environment(case.facts)):
        yield "no key is set in the environment"


def _is_told(source: Source, answer: Answer, told: str) -> bool:
    """Whether the evidence has the source and what STS says about it."""
    return accesskey.mask(source.access_key) in told and answer.describe() in told if source.access_key else False


def _answer(answer: Answer) -> str:
    return "" if answer == NO_KEYS else f": {answer.describe()}"


def _clock(case: Case) -> str:
    """By the Date of the answer, where there was one."""
    if not case.used.http_status or abs(case.used.skew) >= _STILL_S:
        return ""
    return f"this machine's clock: within {max(1, round(abs(case.used.skew)))} s of AWS's"


def _form(case: Case) -> str:
    """Whether key id, secret and token look as they should."""
    held = [value for value in values.values(case.source) if value.text] if case.source else []
    if not held or any(keyshape.damage(value.text, value.shape) for value in held):
        return ""
    return f"the form of {' and '.join(value.name for value in held)}: as it should be"


def _saved(case: Case) -> str:
    saved = case.facts.saved
    is_clean = isinstance(saved, SavedBackend) and not saved.access_key
    return f"{saved.place}: no key is saved in it" if is_clean and isinstance(saved, SavedBackend) else ""
