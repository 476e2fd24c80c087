"""What an earlier `terraform init` or `terraform plan` has kept: keys that are no good any more, another backend."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.diagnosis import suspects
from tfwrap.diagnosis.case import (
    CERTAIN,
    HOME_REGION,
    INSTRUCT,
    LIKELY,
    OTHER_PARTITION,
    RECONFIGURE,
    Case,
    Diagnosis,
    Remedy,
)
from tfwrap.diagnosis.causes import slugs
from tfwrap.failure.failure import OF_THE_BACKEND
from tfwrap.identity import identity
from tfwrap.preflight.checks import clock, drift
from tfwrap.sources import sources
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.preflight.checks.finding import Finding


def stale_saved_backend(case: Case) -> Diagnosis | None:
    """The backend failed with what init saved of credentials, AWS rejects it, and something else would apply now."""
    saved, fresh = case.facts.saved, case.facts.fresh_source
    used = case.source or case.facts.backend_source
    if case.failure.scope not in OF_THE_BACKEND or not isinstance(saved, SavedBackend) or not used or not fresh:
        return None
    if case.is_accepted or suspects.planned(case.facts) or fresh.same_credentials(used) or _is_good_elsewhere(case):
        return None
    if used.kind == sources.SAVED_BACKEND and saved.access_key:
        return _stale_key(case, saved, fresh)
    return _stale_profile(case, saved, fresh) if used.profile and saved.text("profile") == used.profile else None


def _stale_key(case: Case, saved: SavedBackend, fresh: sources.Source) -> Diagnosis:
    key = accesskey.mask(saved.access_key)
    evidence = (
        f"{saved.place} holds access_key {key}: an earlier init saved it, and it beats every profile and variable",
        f"the saved key {key}: {case.used.describe()}",
        f"without the saved key the backend would use {fresh.describe()}: {case.fresh.describe()}",
    )
    confidence = CERTAIN if case.is_rejected else LIKELY
    title = f"the backend used the key {key} that an earlier terraform init saved in {saved.place}"
    return Diagnosis(slugs.STALE_SAVED_BACKEND, title, confidence, evidence, remedies=(_reconfigure(case, "key"),))


def _stale_profile(case: Case, saved: SavedBackend, fresh: sources.Source) -> Diagnosis | None:
    """A saved profile that is gone, or whose key is rejected, where the block names none or another one."""
    block, name = case.facts.configuration.backend, saved.text("profile")
    is_gone = case.code == "ProfileNotFound"
    if (block and block.arguments.get("profile") == name) or not (is_gone or case.is_rejected):
        return None
    if not (is_gone or _is_named(fresh) or case.fresh.status == identity.OK):
        return None
    evidence = (
        f'{saved.place} holds profile "{name}": an earlier init saved it, and it beats AWS_PROFILE',
        f"Terraform was told {case.code}" if is_gone else case.asked,
        f"without the saved profile the backend would use {fresh.describe()}: {case.fresh.describe()}",
    )
    title = f'the backend used the profile "{name}" that an earlier terraform init saved in {saved.place}'
    return Diagnosis(slugs.STALE_SAVED_BACKEND, title, CERTAIN, evidence, remedies=(_reconfigure(case, "profile"),))


def _is_named(fresh: sources.Source) -> bool:
    """Whether somebody has named what would apply now: a saved profile may well be meant, and its key be no good."""
    return fresh.is_found and fresh.kind != sources.IMDS and fresh.profile != "default"


def _reconfigure(case: Case, what: str) -> Remedy:
    does = f"saves the backend configuration anew, without the old {what}; the state and its address stay the same"
    return Remedy(RECONFIGURE, f"{case.facts.invocation.program} init -reconfigure", does)


def _is_good_elsewhere(case: Case) -> bool:
    """Whether the key itself is good, or the clock is what AWS objects to."""
    return bool(case.probe(HOME_REGION, OTHER_PARTITION)) or clock.explains(case.used) or bool(case.used.accepted_in)


def saved_plan_credentials(case: Case) -> Diagnosis | None:
    """`apply PLANFILE` used the key that the plan carries: neither a profile nor init has a say in that."""
    source = suspects.planned(case.facts)
    if source is None or case.failure.scope not in OF_THE_BACKEND or case.is_accepted or _is_good_elsewhere(case):
        return None
    key = accesskey.mask(source.access_key)
    evidence = [
        f"{source.location} holds the backend's access_key {key}; apply uses it and asks nobody else",
        f"the plan's key {key}: {case.used.describe()}",
    ]
    if case.other and not case.other.same_credentials(source):
        evidence.append(f"without the plan the backend would use {case.other.describe()}: {case.fresh.describe()}")
    title = f"the plan file {source.location} carries the key {key}, and apply used it"
    program = case.facts.invocation.program
    remedies = []
    if case.facts.backend_source and case.facts.backend_source.kind == sources.SAVED_BACKEND:
        does = "first: init has saved a key as well, and a new plan would carry it again"
        remedies.append(Remedy(INSTRUCT, f"{program} init -reconfigure", does))
    remedies.append(Remedy(INSTRUCT, f"{program} plan -out=tfplan", "makes a new plan with the credentials of now"))
    confidence = CERTAIN if case.is_rejected else LIKELY
    return Diagnosis(slugs.SAVED_PLAN_CREDENTIALS, title, confidence, tuple(evidence), remedies=tuple(remedies))


def backend_changed(case: Case) -> Diagnosis | None:
    """The backend block, or what `-backend-config` says, is not what init saved; or that cannot be read."""
    if case.code not in ("BackendChanged", "SavedBackendUnreadable"):
        return None
    reason = case.failure.facts.get("reason", "")
    differences = list(drift.check(case.facts))
    evidence = tuple(
        filter(None, (case.failure.message.partition(" Reason: ")[0], reason, *(each.title for each in differences)))
    )
    if case.code == "SavedBackendUnreadable":
        title = "what terraform init saved of the backend cannot be read by this Terraform"
    else:
        title = "the backend is configured otherwise than when terraform init was last run"
    return Diagnosis(slugs.BACKEND_CHANGED, title, CERTAIN, evidence, remedies=_init_again(case, differences))


_FORGETS = "keeps a copy of the state here and lets go of the saved backend; -reconfigure would leave it saved"
_MOVES = "copies the state to where the block says now"
_POINTS = "only if the state lies there already: Terraform forgets the old place, and would create everything anew"
_KEEPS = "takes the backend as it is declared; the state stays where it is"


def _init_again(case: Case, differences: list[Finding]) -> tuple[Remedy, ...]:
    """Which `init` it takes: `-reconfigure` alone points Terraform at another state where the place has changed."""
    migrate, reconfigure = (
        f"{case.facts.invocation.program} init -{option}" for option in ("migrate-state", "reconfigure")
    )
    reason = case.failure.facts.get("reason", "")
    if reason.startswith("Unsetting"):
        return (Remedy(INSTRUCT, migrate, _FORGETS),)
    if any(map(drift.is_elsewhere, differences)) or "type changed" in reason:
        return (Remedy(INSTRUCT, migrate, _MOVES), Remedy(INSTRUCT, reconfigure, _POINTS))
    return (Remedy(INSTRUCT, reconfigure, _KEEPS),)
