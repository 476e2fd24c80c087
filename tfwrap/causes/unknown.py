"""What is said where no cause has its evidence, and what was looked at and found innocent in every case."""

from __future__ import annotations

from tfwrap import childenv, keyshape
from tfwrap.case import INSTRUCT, UNSURE, Case, Diagnosis, Remedy
from tfwrap.causes import slugs, values
from tfwrap.checks import used
from tfwrap.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_STILL_S = 60


def unknown(case: Case) -> Diagnosis:
    """The diagnosis that names no cause. What was ruled out stands in `checked`."""
    evidence = (case.said,)
    remedy = Remedy(
        INSTRUCT,
        "aws sts get-caller-identity",
        "asks AWS who you are with the default credentials; they may be others than Terraform's",
    )
    title = f"AWS rejected the credentials of the {case.failure.scope}; tfwrap could not establish why"
    return Diagnosis(slugs.UNKNOWN, title, UNSURE, evidence, (), (remedy,))


def ruled_out(case: Case) -> tuple[str, ...]:
    """What was looked at: every question to STS, and what is as it should be."""
    return tuple(dict.fromkeys(filter(None, _looked(case))))


def _looked(case: Case) -> Iterator[str]:
    source = case.source
    if source:
        yield f"{case.who} uses {source.describe()}: {case.used.describe()}"
        if source.passed_over:
            yield f"passed over: {', '.join(source.passed_over)}"
    if case.other and source and not case.other.same_credentials(source):
        yield f"without that it would use {case.other.describe()}: {case.fresh.describe()}"
    for probe in case.probes:
        yield probe.describe()
    yield _clock(case)
    yield _form(case)
    yield _saved(case)
    if not childenv.present(used.environment(case.facts)):
        yield "no key is set in the environment"


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
