"""3xx: a saved plan carries the backend's keys with it."""

from __future__ import annotations

from tfwrap import origin
from tfwrap.aws import accesskey
from tfwrap.preflight.checks import outdated
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.terraform import plan_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.terraform.plan_file import PlannedBackend

_ANEW = ("make a new plan with the credentials that apply now: terraform plan -out=FILE",)


def check(facts: Facts) -> Iterator[Finding]:
    """TFW308: an error where STS has rejected the key, a warning where another would apply now, else information."""
    path = facts.invocation.plan_file
    planned = plan_file.read(path) if path else None
    if not path or planned is None or not planned.access_key:
        return
    place = origin.place(path, directory=facts.invocation.shown_from)
    key = accesskey.mask(planned.access_key)
    evidence = (f"{place} holds the backend's access_key {key}; terraform apply uses it and asks nobody else",)
    fresh = facts.fresh_source
    other = f"; without the plan the backend would use {fresh.describe()}" if fresh else ""
    if _is_rejected(planned, facts):
        title = f"{place} carries the backend's key {key}, which AWS rejects: apply will fail"
        yield Finding("TFW308", "plan-file-credentials", ERROR, title, evidence, _ANEW)
    elif fresh and fresh.access_key and fresh.access_key != planned.access_key:
        title = f"{place} carries the backend's key {key}{other}"
        yield Finding("TFW308", "plan-file-credentials", WARNING, title, evidence, _ANEW)
    else:
        title = f"{place} carries the backend's key {key} and its secret"
        fix = ("treat the plan file as a secret, or give the backend a profile or a role instead of keys",)
        yield Finding("TFW308", "plan-file-credentials", INFO, title, evidence, fix)


def _is_rejected(planned: PlannedBackend, facts: Facts) -> bool:
    """Whether STS was asked about these very keys, as somebody's, and rejects them."""
    wanted = (planned.access_key, planned.secret_key, planned.token)
    asked = [
        facts.answers[consumer.name]
        for consumer in facts.consumers
        if (consumer.source.access_key, consumer.source.secret_key, consumer.source.token) == wanted
        and consumer.name in facts.answers
    ]
    return any(map(outdated.is_rejection, asked))
