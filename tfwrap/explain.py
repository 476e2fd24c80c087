"""Prints what is known: an incident as a story, a page for an id. Nothing is found out here."""

from __future__ import annotations

import shlex
from importlib import resources

from tfwrap.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tfwrap.incident import Incident
    from tfwrap.output import Output

# tfwrap's own codes, for what AWS gave none (catalogue.py), and the cause whose page tells about each.
OWN_CODES: Mapping[str, str] = {
    "AccountNotAllowed": "account-not-allowed",
    "AccountUnknown": "no-credentials",
    "BackendChanged": "backend-changed",
    "CannotAssumeRole": "assume-role-denied",
    "ContainerCredentialsError": "container-credentials",
    "EmptyResult": "hidden-s3-status",
    "InvalidHeaderValue": "damaged-credentials",
    "LockNotReleased": "state-left-behind",
    "LoginTokenMissing": "sso-login-required",
    "MFARequired": "mfa-required",
    "MissingRegion": "TFW212",
    "NoCredentialSources": "no-credentials",
    "PartialCredentials": "profile-incomplete",
    "ProcessProviderError": "credential-process-failed",
    "ProfileNotFound": "profile-not-found",
    "ProfileOverridesEnvironment": "profile-incomplete",
    "SSOConfigurationIncomplete": "profile-incomplete",
    "SSOSessionNotFound": "profile-incomplete",
    "SSOTokenExpired": "sso-login-required",
    "SSOTokenMissing": "sso-login-required",
    "SavedBackendUnreadable": "backend-changed",
    "SourceProfileNotFound": "profile-not-found",
    "StateNotSaved": "state-left-behind",
    "StaticCredentialsEmpty": "partial-credentials",
    "WebIdentityRoleMissing": "web-identity-invalid",
    "WebIdentityTokenUnreadable": "web-identity-invalid",
}


def story(incident: Incident, output: Output, *, with_tail: bool) -> str:
    """An incident on one screen: what failed, why, the fix, what was found innocent, what was done."""
    return "\n".join([*_story(incident, output), *(_tail(incident, output) if with_tail else ())])


def _story(incident: Incident, output: Output) -> Iterator[str]:
    yield (output.paint(" ".join(incident.command), "bold") + f"  exit status {incident.exit_status}, {incident.time}")
    yield f"  in {incident.workdir}"
    yield from _section("What failed", [f"{incident.code} ({incident.scope})", incident.message], output)
    yield from _section(f"Cause: {incident.cause} ({incident.confidence})", [incident.title], output)
    yield from _section("Evidence", incident.evidence, output)
    yield from _section("It would fit as well", [line for other in incident.also for line in _other(other)], output)
    yield from _section("Fix", [line for remedy in incident.remedies for line in _remedy(remedy)], output)
    yield from _section("Found innocent", incident.checked, output)
    yield from _section("Not done by tfwrap", list(_objections(incident)), output)
    yield from _section("The conditions for a retry", list(map(_condition, incident.conditions)), output)
    yield from _section("What tfwrap did", incident.actions or ["nothing but tell you"], output)
    yield ""
    yield f"More: tfwrap --explain {incident.cause}   (incident {incident.id})"


def _section(title: str, lines: object, output: Output) -> Iterator[str]:
    rows = list(lines) if isinstance(lines, list | tuple) else []
    if rows:
        yield ""
        yield output.paint(title, "bold")
        yield from (f"  {line}" for line in rows)


def _other(other: Mapping[str, object]) -> list[str]:
    return [f"{other['slug']} ({other['confidence']}): {other['title']}"]


def _remedy(remedy: Mapping[str, object]) -> Iterator[str]:
    """The command to copy, with what it does below; where there is no command, that alone."""
    command = remedy["command"]
    line = command if isinstance(command, str) else shlex.join(_texts(command))
    yield from filter(None, (line,))
    yield f"    {remedy['does']}" if line else f"{remedy['does']}"


def _texts(words: object) -> list[str]:
    return [str(word) for word in words] if isinstance(words, list | tuple) else []


def _objections(incident: Incident) -> Iterator[str]:
    """Why the remedy was not applied: the conditions that did not hold, or in old records what the remedy says."""
    unmet = [str(condition["why_not"]) for condition in incident.conditions if not condition["held"]]
    told = unmet or [str(remedy["why_not"]) for remedy in incident.remedies if remedy["why_not"]]
    if told:
        yield f"not retried: {'; '.join(dict.fromkeys(told))}"


def _condition(condition: Mapping[str, object]) -> str:
    return f"held      {condition['name']}" if condition["held"] else f"not held  {condition['name']}"


def _tail(incident: Incident, output: Output) -> Iterator[str]:
    yield from _section("The end of what Terraform wrote (redacted)", incident.tail.splitlines(), output)


def page(name: str) -> str:
    """The page of a finding's id or slug, a cause, or a code, as Markdown. Raises BadInput with close matches."""
    names = page_names()
    wanted = _spelled(name, names) or _by_slug(name, names) or _spelled(_own_code(name), names)
    wanted = wanted or _by_slug(_own_code(name), names)
    if wanted is None:
        from difflib import get_close_matches

        close = ", ".join(get_close_matches(name, names, n=3, cutoff=0.4)) or ", ".join(names)
        raise BadInput(f"there is no page for {name!r}; try one of: {close}")
    return _read(wanted)


def page_names() -> list[str]:
    """The names of all pages, sorted."""
    files = resources.files("tfwrap.pages").iterdir()
    return sorted(file.name.removesuffix(".md") for file in files if file.name.endswith(".md"))


def _spelled(name: str, names: Iterable[str]) -> str | None:
    return {known.lower(): known for known in names}.get(name.lower())


def _own_code(name: str) -> str:
    return {code.lower(): cause for code, cause in OWN_CODES.items()}.get(name.lower(), "")


def _by_slug(name: str, names: list[str]) -> str | None:
    """A finding's page begins `# TFW301 saved-backend-credentials`."""
    if not name:
        return None
    return next((known for known in names if _read(known).partition("\n")[0].endswith(f" {name.lower()}")), None)


def _read(name: str) -> str:
    return resources.files("tfwrap.pages").joinpath(f"{name}.md").read_text(encoding="utf-8")
