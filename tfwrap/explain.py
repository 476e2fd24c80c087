"""Prints what is known: an incident as a story, a page for an id. Nothing is found out here."""

from __future__ import annotations

from importlib import resources

from tfwrap.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.incident import Incident
    from tfwrap.output import Output


def story(incident: Incident, output: Output, *, with_tail: bool) -> str:
    """An incident on one screen: what failed, why, the fix, what was done."""
    return "\n".join([*_story(incident, output), *(_tail(incident, output) if with_tail else ())])


def _story(incident: Incident, output: Output) -> Iterator[str]:
    yield (output.paint(" ".join(incident.command), "bold") + f"  exit status {incident.exit_status}, {incident.time}")
    yield f"  in {incident.workdir}"
    yield from _section("What failed", [f"{incident.code} ({incident.scope})", incident.message], output)
    yield from _section(f"Cause: {incident.cause} ({incident.confidence})", [incident.title], output)
    yield from _section("Evidence", incident.evidence, output)
    yield from _section("Found innocent", incident.checked, output)
    yield from _section("Fix", [line for remedy in incident.remedies for line in _remedy(remedy)], output)
    yield from _section("What tfwrap did", incident.actions or ["nothing but tell you"], output)
    yield ""
    yield f"More: tfwrap --explain {incident.cause}   (incident {incident.id})"


def _section(title: str, lines: object, output: Output) -> Iterator[str]:
    rows = list(lines) if isinstance(lines, list | tuple) else []
    if rows:
        yield ""
        yield output.paint(title, "bold")
        yield from (f"  {line}" for line in rows)


def _remedy(remedy: dict[str, object]) -> Iterator[str]:
    yield str(remedy["command"])
    yield f"    {remedy['does']}"
    if remedy["why_not"]:
        yield f"    not done by tfwrap: {remedy['why_not']}"


def _tail(incident: Incident, output: Output) -> Iterator[str]:
    yield from _section("The end of what Terraform wrote (redacted)", incident.tail.splitlines(), output)


def page(name: str) -> str:
    """The page of a finding's id or slug, a cause, or an AWS code, as Markdown. Raises BadInput with close matches."""
    names = page_names()
    wanted = {known.lower(): known for known in names}.get(name.lower()) or _by_slug(name, names)
    if wanted is None:
        from difflib import get_close_matches

        close = ", ".join(get_close_matches(name, names, n=3, cutoff=0.4)) or ", ".join(names)
        raise BadInput(f"there is no page for {name!r}; try one of: {close}")
    return _read(wanted)


def page_names() -> list[str]:
    """The names of all pages, sorted."""
    files = resources.files("tfwrap.pages").iterdir()
    return sorted(file.name.removesuffix(".md") for file in files if file.name.endswith(".md"))


def _by_slug(name: str, names: list[str]) -> str | None:
    """A finding's page begins `# TFW301 saved-backend-credentials`."""
    return next((known for known in names if _read(known).partition("\n")[0].endswith(f" {name.lower()}")), None)


def _read(name: str) -> str:
    return resources.files("tfwrap.pages").joinpath(f"{name}.md").read_text(encoding="utf-8")
