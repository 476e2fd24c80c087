"""The state: what an interrupted apply has left behind, and what S3 refuses without saying why."""

from __future__ import annotations

import os
import shlex

from tfwrap import failure
from tfwrap.case import CERTAIN, INSTRUCT, LIKELY, POSSIBLE, Case, Diagnosis, Remedy
from tfwrap.causes import remedies, slugs
from tfwrap.checks.errored_state import FILE_NAME

_LEFT = (failure.STATE_NOT_SAVED, failure.LOCK_NOT_RELEASED)
_FORKED = "do not apply again before that: Terraform says itself that it would create a forked state"


def state_left_behind(case: Case) -> Diagnosis | None:
    """The state was not saved, or the lock not let go: Terraform's own recovery, with the ids filled in."""
    named = case.failure.facts
    path = os.path.join(case.facts.invocation.working_directory, FILE_NAME)
    is_written = bool(named.get("errored_state")) or (case.code in _LEFT and os.path.isfile(path))
    is_locked = bool(named.get("lock_id")) and (is_written or case.code in _LEFT)
    if not (is_written or is_locked or case.code in _LEFT):
        return None
    evidence = [f"Terraform was told {case.code}: {case.failure.message}"]
    if is_written:
        evidence.append(f"the state that it could not save is in {FILE_NAME}: what was created is known only there")
    if is_locked:
        evidence.append(f"the lock {named['lock_id']} is still held{_holder(case)}")
    evidence.append(_FORKED)
    what = "the state was not saved" if is_written else "the state's lock was not let go"
    steps = tuple(_numbered(case, is_written))
    return Diagnosis(slugs.STATE_LEFT_BEHIND, f"{what} when the run broke off", CERTAIN, tuple(evidence), (), steps)


def _holder(case: Case) -> str:
    named = case.failure.facts
    who = named.get("lock_who", "")
    return f", by {who} since {named.get('lock_created', 'then')}" if who else ""


def _numbered(case: Case, is_written: bool) -> list[Remedy]:
    """The steps in their order. Without an id the error of the next command names it."""
    program, named = case.facts.invocation.program, case.failure.facts
    steps = [remedy._replace(does=f"get credentials that work: {remedy.does}") for remedy in remedies.renewal(case)[:1]]
    if not steps:
        steps.append(
            Remedy(INSTRUCT, "", "get credentials that work: what cannot be saved now cannot be pushed either")
        )
    lock_id = shlex.quote(named.get("lock_id", "ID"))
    unlock = "lets go of the lock that the broken run holds; be sure that nobody else is at work"
    if "lock_id" not in named:
        unlock = f"only if the state is still locked: the error then names the ID; it {unlock}"
    steps.append(Remedy(INSTRUCT, f"{program} force-unlock {lock_id}", unlock))
    if is_written:
        does = f"writes the saved state where it belongs; remove {FILE_NAME} when that has succeeded"
        steps.append(Remedy(INSTRUCT, f"{program} state push {FILE_NAME}", does))
        steps.append(Remedy(INSTRUCT, f"{program} plan", "shows what is still to be done, now from the right state"))
    return [step._replace(does=f"{number}. {step.does}") for number, step in enumerate(steps, 1)]


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
