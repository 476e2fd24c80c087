"""Findings as the annotations of a CI system, and as JSON a line.

GitHub's runner reads workflow commands from a step's standard error as from its standard output, where a line begins
with one (actions/runner ScriptHandler.cs gives both to the same reader; ActionCommand.cs, TryParseV2): no prefix
before them. GitLab takes a Code Quality report as one JSON array (docs.gitlab.com, "Implement a custom tool").
"""

from __future__ import annotations

import json
import os
import re

from tfwrap import output
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING
from tfwrap.quoting import command_data, command_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tfwrap.preflight.checks.finding import Finding

_GITHUB = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_GITLAB = {ERROR: "critical", WARNING: "major", INFO: "info"}
# A place in a file as evidence names it: `main.tf:3`, `(.tfwrap.toml:1)`; with spaces, where it is absolute or quoted.
_PLACE = re.compile(
    r"""(?x) (?:^|(?<=[\s("'])) ( /[^"':]*? | (?<=")[^":]+? | [^\s("':]+? )
        (\.(?:tf|tofu|json|tfvars|hcl|toml|tfstate)) :(\d+)"""
)
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
_HERE = "."


class Site(NamedTuple):
    """The repository's root, and the directory that relative places in evidence start from; both absolute or empty."""

    root: str = ""
    directory: str = ""

    @property
    def shown(self) -> str:
        """The directory as it is seen from the root."""
        return os.path.relpath(self.directory, self.root) if self.root and self.directory else self.directory or _HERE


class Place(NamedTuple):
    """A file, relative to the repository's root, and a line of it; empty where there is none."""

    file: str = ""
    line: int = 1


def site(environ: Mapping[str, str], directory: str) -> Site:
    """Where a directory lies: as the CI system says, else in the nearest directory above with a `.git`."""
    named = next((environ[name] for name in _ROOTS if os.path.isabs(environ.get(name, ""))), "")
    return Site(named or _repository(directory), directory)


def _repository(directory: str) -> str:
    above = directory
    while not os.path.exists(os.path.join(above, ".git")):
        if above == os.path.dirname(above):
            return directory
        above = os.path.dirname(above)
    return above


def lines(findings: Sequence[Finding], form: str, where: Site | None = None) -> list[str]:
    """The findings in a format (`json`, `github`, `gitlab`), lines without an end. GitLab's is always one."""
    return _FORMS[form](findings, where or Site())


def _json(findings: Sequence[Finding], where: Site) -> list[str]:
    del where
    return [json.dumps({"version": 1, **found._asdict()}) for found in findings]


def workflow_commands(findings: Sequence[Finding], where: Site) -> list[str]:
    """The findings as workflow commands of GitHub's."""
    return [_workflow_command(found, place(found, where), where.shown) for found in findings]


def _workflow_command(found: Finding, at: Place, directory: str) -> str:
    properties = {"title": f"{found.id} {found.slug}"}
    if at.file:
        properties = {"file": at.file, "line": str(at.line), **properties}
    told = ",".join(f"{name}={command_property(output.harmless(value))}" for name, value in properties.items())
    where = [f"in {directory}"] if not at.file and directory != _HERE else []
    message = "\n".join(map(output.harmless, (*_message(found), *where)))
    return f"::{_GITHUB[found.severity]} {told}::{command_data(message)}"


def _message(found: Finding) -> Iterator[str]:
    yield found.title
    yield from found.evidence
    yield from (f"fix: {line}" for line in found.fix)


def _gitlab(findings: Sequence[Finding], where: Site) -> list[str]:
    return [json.dumps(code_quality(findings, where))]


def code_quality(findings: Sequence[Finding], where: Site) -> list[dict[str, object]]:
    """The findings as entries of GitLab's Code Quality report."""
    return [_issue(found, where, findings[:before]) for before, found in enumerate(findings)]


def _issue(found: Finding, where: Site, before: Sequence[Finding]) -> dict[str, object]:
    """GitLab wants a file and a line for everything; what is wrong with the environment is in the directory itself."""
    named = place(found, where)
    at = named if named.file else Place(where.shown)
    return {
        "description": f"{found.id}: {found.title}",
        "check_name": f"{found.id} {found.slug}",
        "fingerprint": _fingerprint(found, at, sum(other == found for other in before)),
        "severity": _GITLAB[found.severity],
        "location": {"path": at.file, "lines": {"begin": at.line}},
    }


def _fingerprint(found: Finding, at: Place, same: int) -> str:
    """Without the line, so that a finding stays the same one when lines are added above it."""
    from hashlib import sha256

    text = "\0".join((found.id, found.title, at.file, str(same)))
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def place(found: Finding, where: Site) -> Place:
    """The first place that a finding's evidence or title names."""
    for text in (*found.evidence, found.title):
        if named := _PLACE.search(text):
            return Place(_relative(named[1] + named[2], where), int(named[3]))
    return Place()


def _relative(path: str, where: Site) -> str:
    absolute = os.path.normpath(os.path.join(where.directory, path))
    root = where.root.rstrip(os.sep) + os.sep
    return absolute.removeprefix(root) if where.root and absolute.startswith(root) else absolute


_FORMS = {"json": _json, "github": workflow_commands, "gitlab": _gitlab}
