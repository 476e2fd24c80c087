"""3xx: the key that `terraform init` saved is no good any more, and another one would apply."""

from __future__ import annotations

import os

from tfwrap.aws import accesskey
from tfwrap.identity.question import REJECTED
from tfwrap.preflight.checks import clock
from tfwrap.preflight.checks.finding import ERROR, Facts, Finding
from tfwrap.sources import sources
from tfwrap.sources.consumers import BACKEND
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tfwrap.identity.question import Answer
    from tfwrap.sources.consumers import Consumer

# No session lasts longer (AWS STS API reference, GetSessionToken: 129,600 seconds).
LONGEST_SESSION_S = 36 * 3600

_NO_GOOD = ("InvalidClientTokenId", "ExpiredToken", "ExpiredTokenException", "SignatureDoesNotMatch")


def check(facts: Facts) -> Iterator[Finding]:
    """TFW302: by evidence only, a rejection by STS or a session that must be over; another key alone is TFW301."""
    if not is_of_use(facts) or not isinstance(facts.saved, SavedBackend):
        return
    answer = facts.answers.get(BACKEND)
    is_rejected = answer is not None and is_rejection(answer)
    why = answer.describe() if answer and is_rejected else _age(facts.saved, facts.now)
    if not why or not facts.fresh_source:
        return
    key = accesskey.mask(facts.saved.access_key)
    what = "is rejected" if is_rejected else "has expired"
    title = (
        f"the key {key} that terraform init saved in {facts.saved.place} {what}, not {facts.fresh_source.describe()}"
    )
    evidence = (
        f"the saved key {key}: {why}",
        f"without it the backend would use {facts.fresh_source.describe()}",
    )
    fix = ("terraform init -reconfigure, with your -backend-config values but without the credentials",)
    yield Finding("TFW302", "stale-saved-backend", ERROR, title, evidence, fix)


def explains(answer: Answer, consumers: Sequence[Consumer], facts: Facts) -> bool:
    """Whether a rejection is that of a stale saved key, and of nobody else's."""
    is_backend = len(consumers) == 1 and consumers[0].is_backend
    return is_backend and is_of_use(facts) and is_rejection(answer)


def is_of_use(facts: Facts) -> bool:
    """Whether the backend uses a saved key, and would use another were it not for that."""
    used, fresh = facts.backend_source, facts.fresh_source
    if not used or not fresh or used.kind != sources.SAVED_BACKEND:
        return False
    return fresh.kind != sources.NONE and not fresh.same_credentials(used)


def is_rejection(answer: Answer) -> bool:
    """Whether STS rejects the key itself: not its region, and not our clock."""
    is_no_good = answer.status == REJECTED and answer.code in _NO_GOOD
    return is_no_good and not answer.accepted_in and not clock.explains(answer)


def _age(saved: SavedBackend, now: float) -> str:
    """Why a temporary key must have expired: the file that holds it is older than any session; empty if not."""
    if not saved.access_key.startswith(accesskey.TEMPORARY) or not now:
        return ""
    try:
        age_s = now - os.stat(saved.path).st_mtime
    except OSError:
        return ""
    hours = int(age_s / 3600)
    return f"a temporary key, saved {hours} hours ago; none lasts longer than 36" if age_s > LONGEST_SESSION_S else ""
