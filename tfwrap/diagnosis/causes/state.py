"""The state: what an interrupted apply has left behind, and what S3 refuses without saying why."""

from __future__ import annotations

import os
import shlex

from tfwrap.diagnosis.case import CERTAIN, INSTRUCT, LIKELY, POSSIBLE, Case, Diagnosis, Remedy
from tfwrap.diagnosis.causes import remedies, slugs
from tfwrap.failure import failure
from tfwrap.preflight.checks.errored_state import FILE_NAME

_LEFT = (failure.STATE_NOT_SAVED, failure.LOCK_NOT_RELEASED, failure.LOCK_HELD)
_FORKED = "do not apply again before that: Terraform says itself that it would create a forked state"
_TITLES = {
    failure.STATE_NOT_SAVED: "the state was not saved when the run broke off",
    failure.LOCK_NOT_RELEASED: "the state's lock was not let go when the run broke off",
    failure.LOCK_HELD: "the lock of an apply that broke off here is still held",
}
_CREDENTIALS = "what cannot be saved now cannot be pushed either"
_UNLOCK = "lets go of the lock that the broken run holds; be sure that nobody else is at work"
_UNLOCK_UNNAMED = "only if the next command says that the state is locked: its error names the ID"


def state_left_behind(case: Case) -> Diagnosis | None:
    """The state was not saved, or the lock not let go: Terraform's own recovery, with the ids filled in."""
    left = case.code if case.code in _LEFT else case.failure.facts.get("interrupted", "")
    if not left:
        return None
    is_written = _is_written(case)
    evidence = tuple(filter(None, (_told(case, left), _saved_in(is_written), _locked(case), _forks(is_written))))
    return Diagnosis(slugs.STATE_LEFT_BEHIND, _TITLES[left], CERTAIN, evidence, (), _numbered(case, is_written))


def _is_written(case: Case) -> bool:
    path = os.path.join(case.facts.invocation.working_directory, FILE_NAME)
    return bool(case.failure.facts.get("errored_state")) or os.path.isfile(path)


def _told(case: Case, left: str) -> str:
    """What Terraform said; the code where it is AWS's."""
    said = {
        failure.STATE_NOT_SAVED: "Terraform says that it could not save the state",
        failure.LOCK_NOT_RELEASED: "Terraform says that it could not let go of the state's lock",
        failure.LOCK_HELD: "Terraform was kept out by a lock that was made on this machine",
    }[left]
    return said if case.code in _LEFT else f"{said}: AWS answered {case.code}"


def _saved_in(is_written: bool) -> str:
    return f"the state is in {FILE_NAME} now: what was created is known only there" if is_written else ""


def _forks(is_written: bool) -> str:
    return _FORKED if is_written else ""


def _locked(case: Case) -> str:
    named = case.failure.facts
    if "lock_id" not in named:
        return ""
    who = named.get("lock_who", "")
    holder = f", by {who} since {named.get('lock_created', 'then').partition('.')[0]}" if who else ""
    return f"the lock {named['lock_id']} is still held{holder}"


def _numbered(case: Case, is_written: bool) -> tuple[Remedy, ...]:
    """The steps in their order."""
    steps = (_new_credentials(case), _unlocked(case), *(_pushed(case) if is_written else ()))
    found = [step for step in steps if step]
    return tuple(step._replace(step=number) for number, step in enumerate(found, 1))


def _new_credentials(case: Case) -> Remedy | None:
    """The first step, where the credentials are what it broke off over."""
    if case.is_accepted:
        return None
    renewed = next(iter(remedies.renewal(case)), None)
    if renewed is None:
        return Remedy(INSTRUCT, "", f"get credentials that work: {_CREDENTIALS}")
    return renewed._replace(does=f"get credentials that work: {renewed.does}")


def _unlocked(case: Case) -> Remedy:
    """Without an id the error of the next command names it, and then tfwrap does."""
    program, lock_id = case.facts.invocation.program, case.failure.facts.get("lock_id", "")
    if lock_id:
        return Remedy(INSTRUCT, f"{program} force-unlock {shlex.quote(lock_id)}", _UNLOCK)
    return Remedy(INSTRUCT, f"{program} force-unlock ID", _UNLOCK_UNNAMED)


def _pushed(case: Case) -> tuple[Remedy, ...]:
    program = case.facts.invocation.program
    does = f"writes the saved state where it belongs; remove {FILE_NAME} when that has succeeded"
    return (
        Remedy(INSTRUCT, f"{program} state push {FILE_NAME}", does),
        Remedy(INSTRUCT, f"{program} plan", "shows what is still to be done, now from the right state"),
    )


def hidden_s3_status(case: Case) -> Diagnosis | None:
    """A HEAD that S3 refused: its answer has no body, so that the reason is not in it."""
    if case.code not in (*_HIDDEN, "EmptyResult") or case.is_rejected:
        return None
    bucket, key = (case.failure.facts.get(name, "") for name in ("bucket", "key"))
    place = f"s3://{bucket}/{key}" if bucket else "the bucket"
    evidence = [
        f"S3 answered {_HIDDEN.get(case.code, 'an error')} to a HEAD request: such an answer has no body and no reason",
        case.asked,
    ]
    what = "permission on the object, the bucket or its KMS key is missing, or the bucket is another account's"
    if case.is_accepted:
        evidence.append(f"the credentials are good, so it is about what they may do: {what}")
    look = Remedy(INSTRUCT, f"aws s3api list-objects-v2 --bucket {bucket or 'BUCKET'} --max-items 1", _GET)
    title = f"S3 refused {place} without saying why"
    confidence = LIKELY if case.is_accepted else POSSIBLE
    return Diagnosis(slugs.HIDDEN_S3_STATUS, title, confidence, tuple(evidence), remedies=(look,))


_HIDDEN = {"Forbidden": "403 Forbidden", "BadRequest": "400 Bad Request"}
_GET = "asks the same bucket with a request that is answered in words: use the same credentials"
