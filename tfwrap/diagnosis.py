"""From a failure to its cause, by evidence: a table of causes, each with what it rests on and its remedies."""

from __future__ import annotations

from tfwrap import accesskey, failure, identity, sources
from tfwrap.lean import NamedTuple
from tfwrap.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.checks.finding import Facts
    from tfwrap.failure import Failure
    from tfwrap.identity import Answer

RECONFIGURE = "reconfigure"
INSTRUCT = "instruct"

STALE_SAVED_BACKEND = "stale-saved-backend"
UNKNOWN = "unknown"


class Remedy(NamedTuple):
    """Something that would put it right: `kind` is reconfigure or instruct, `command` what to type."""

    kind: str
    command: str
    does: str
    allowed: bool = False
    why_not: str = ""


class Diagnosis(NamedTuple):
    """The cause of a failure. `checked` is what was looked at and found innocent, or could not be looked at."""

    cause: str
    title: str
    confidence: str
    evidence: tuple[str, ...]
    checked: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()


class Case(NamedTuple):
    """A failure with the answers that STS gave: to the key that the backend used, and to the one it would use."""

    failure: Failure
    facts: Facts
    used: Answer
    fresh: Answer


def examine(found: Failure, facts: Facts, ask: Callable[[sources.Source], Answer]) -> Case:
    """Ask STS about the keys that matter for this failure."""
    used, fresh = facts.backend_source, facts.fresh_source
    nothing = identity.Answer(identity.UNCHECKED, message="no keys at hand to ask with")
    if used is None or fresh is None:
        return Case(found, facts, nothing, nothing)
    answer = ask(used)
    return Case(found, facts, answer, answer if fresh.same_credentials(used) else ask(fresh))


def diagnose(case: Case) -> Diagnosis:
    """The first cause of the table whose evidence is complete; `unknown` says what was ruled out."""
    return next(filter(None, (row(case) for row in CAUSES)), None) or _unknown(case)


def _stale_saved_backend(case: Case) -> Diagnosis | None:
    """The backend failed with the key that init saved, STS rejects that key, and another one would apply now."""
    saved, used, fresh = case.facts.saved, case.facts.backend_source, case.facts.fresh_source
    if case.failure.scope != failure.BACKEND or not isinstance(saved, SavedBackend) or not used or not fresh:
        return None
    if used.kind != sources.SAVED_BACKEND or not saved.access_key or case.used.status == identity.OK:
        return None
    if fresh.same_credentials(used):
        return None
    key = accesskey.mask(saved.access_key)
    evidence = (
        f"{saved.place} holds access_key {key}: an earlier init saved it, and it beats every profile and variable",
        f"the saved key {key}: {case.used.describe()}",
        f"without the saved key the backend would use {fresh.describe()}: {case.fresh.describe()}",
    )
    confidence = "certain" if case.used.status == identity.REJECTED else "likely"
    title = f"the backend used the key {key} that an earlier terraform init saved in {saved.place}"
    remedy = Remedy(
        RECONFIGURE,
        "terraform init -reconfigure",
        "saves the backend configuration anew, without the old key; the state and its address stay the same",
    )
    return Diagnosis(STALE_SAVED_BACKEND, title, confidence, evidence, remedies=(remedy,))


def _unknown(case: Case) -> Diagnosis:
    used = case.facts.backend_source
    looked = (f"the backend uses {used.describe()}: {case.used.describe()}",) if used else ()
    evidence = (f"Terraform's {case.failure.scope} was refused with {case.failure.code}",)
    remedy = Remedy(
        INSTRUCT,
        "aws sts get-caller-identity",
        "asks AWS who you are with the default credentials; they may be others than Terraform's",
    )
    title = f"AWS rejected the credentials of the {case.failure.scope}; tfwrap could not establish why"
    return Diagnosis(UNKNOWN, title, "unknown", evidence, looked, (remedy,))


CAUSES: tuple[Callable[[Case], Diagnosis | None], ...] = (_stale_saved_backend,)
