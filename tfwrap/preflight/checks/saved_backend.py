"""3xx: what `terraform init` saved in the data directory."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.preflight.checks import outdated
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding
from tfwrap.sources import sources
from tfwrap.terraform.saved_backend import SavedBackend, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def check(facts: Facts) -> Iterator[Finding]:
    """TFW301 to TFW303. That there is a saved key is information where it is said already that it is no good."""
    if isinstance(facts.saved, Unreadable):
        yield _unreadable(facts.saved)
    elif facts.saved and facts.backend_source and facts.backend_source.kind == sources.SAVED_BACKEND:
        stale = tuple(outdated.check(facts))
        yield from stale
        fresh = facts.fresh_source or sources.Source(sources.NONE)
        found = _saved_credentials(facts.saved, facts.backend_source, fresh)
        yield found._replace(severity=INFO) if stale else found


def _unreadable(saved: Unreadable) -> Finding:
    return Finding(
        "TFW303",
        "saved-backend-unreadable",
        WARNING,
        f"{saved.place} {saved.reason}; the backend's credentials are not checked",
        fix=("terraform init -reconfigure, once you know why the file is damaged",),
    )


def _saved_credentials(saved: SavedBackend, used: sources.Source, fresh: sources.Source) -> Finding:
    key = accesskey.mask(saved.access_key)
    evidence = (
        f"{saved.place} holds access_key {key}, saved by terraform init",
        f"without it the backend would use {fresh.describe()}",
    )
    if fresh.kind == sources.NONE or fresh.same_credentials(used):
        title = f"the backend uses the key {key} that terraform init saved in {saved.place}"
        return Finding("TFW301", "saved-backend-credentials", INFO, title, evidence, _FIX)
    title = f"the backend will use the saved key {key}, not {fresh.describe()}"
    return Finding("TFW301", "saved-backend-credentials", WARNING, title, evidence, _FIX)


_FIX = ("terraform init -reconfigure, with your -backend-config values but without the credentials",)
