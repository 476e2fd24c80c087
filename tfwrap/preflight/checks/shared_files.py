"""2xx: the shared AWS files themselves: sections under a wrong name, syntax, permissions."""

from __future__ import annotations

import os
import sys

from tfwrap.aws import config as awsconfig
from tfwrap.aws import inifile
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks import oddities, used
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.preflight.checks.used import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tfwrap.preflight.checks.oddities import Oddity

# Secrets that an orchestrator mounts are readable by all inside the container, and cannot be changed there.
_MOUNTED = ("/run/secrets/", "/var/run/secrets/")
# Sections of the config file that are no profiles.
_NO_PROFILES = ("default", "plugins", "preview")


class Shared(NamedTuple):
    """One of the two files: its path, and as messages show it."""

    path: str
    place: str
    is_config: bool

    def text(self) -> str | None:
        """What the file holds; None where there is none, or it cannot be read (other words say so)."""
        try:
            if not os.path.isfile(self.path):
                return None
            with open(self.path, "rb", buffering=0) as file:
                return oddities.decoded(file.read(awsconfig.LARGEST))
        except OSError:
            return None


def check(facts: Facts) -> Iterator[Finding]:
    """TFW203, TFW204 and TFW205, where a profile is loaded at all."""
    if not used.uses(facts):
        return
    yield from _misnamed(facts)
    for shared in files(facts):
        yield from _permissions(facts, shared)
        text = shared.text()
        if text is not None:
            yield from _odd(facts, shared, oddities.find(text, is_config=shared.is_config))


def files(facts: Facts) -> tuple[Shared, Shared]:
    """The config file and the credentials file."""
    config, credentials = awsconfig.paths(used.environment(facts), facts.invocation.working_directory)
    return (
        Shared(config, facts.files.config_path or config, is_config=True),
        Shared(credentials, facts.files.credentials_path or credentials, is_config=False),
    )


def paths(facts: Facts) -> list[str]:
    """The files that the checks look at."""
    return [shared.path for shared in files(facts)]


# TFW203


def is_misnamed(facts: Facts, name: str) -> bool:
    """Whether a profile stands in one of the files under the prefix that belongs into the other."""
    return any(name in _misnamed_in(shared) for shared in files(facts))


def _misnamed(facts: Facts) -> Iterator[Finding]:
    for shared in files(facts):
        wrong = _misnamed_in(shared)
        for use in used.uses(facts):
            if use.profile in wrong:
                yield _wrong_prefix(facts, use, shared)


def _misnamed_in(shared: Shared) -> set[str]:
    """`[profile NAME]` in the credentials file, `[NAME]` in the config file: nobody reads either (tried)."""
    text = shared.text()
    sections = inifile.parse(text) if text is not None else {}
    if shared.is_config:
        return {name for name in sections if " " not in name and name not in _NO_PROFILES}
    return {name.removeprefix("profile ") for name in sections if name.startswith("profile ")}


def _wrong_prefix(facts: Facts, use: used.Use, shared: Shared) -> Finding:
    is_there = use.profile in facts.files.profiles
    written, right = (f"[{use.profile}]", f"[profile {use.profile}]")
    if not shared.is_config:
        written, right = right, written
    consequence = "what stands there does not count" if is_there else "Terraform does not find the profile"
    title = f"{shared.place} has {used.printable(written)}, which has to be {used.printable(right)}: {consequence}"
    severity = WARNING if is_there or not (use.is_strict or use.is_source) else ERROR
    evidence = (f"profile {quoted(use.profile)} (set by {use.origin}), for {use.who}",)
    fix = (f"write {used.printable(right)} instead of {used.printable(written)} in {shared.place}",)
    return Finding("TFW203", "wrong-section-prefix", severity, title, evidence, fix)


# TFW204


def _odd(facts: Facts, shared: Shared, found: Sequence[Oddity]) -> Iterator[Finding]:
    """One finding for each kind of oddity: a warning where Terraform loses something of a profile of this run."""
    names = {use.profile for use in used.uses(facts)}
    for words in dict.fromkeys(oddity.words for oddity in found):
        same = [oddity for oddity in found if oddity.words == words]
        lost = [oddity for oddity in same if oddity.loses_terraform and (oddity.profile in names or not oddity.profile)]
        lines = ", ".join(str(oddity.line) for oddity in (lost or same)[:5])
        title = f"{shared.place}, line {lines}: {words}"
        severity = WARNING if lost else INFO
        yield Finding("TFW204", "syntax-read-differently", severity, title, (), (same[0].fix,))


# TFW205


def _permissions(facts: Facts, shared: Shared) -> Iterator[Finding]:
    """Only where the file holds a secret key and is one's own, so that it can be changed. POSIX only."""
    holds = any(
        profile.locations.get("aws_secret_access_key") == shared.place for profile in facts.files.profiles.values()
    )
    mode = _open_mode(shared.path) if holds else 0
    if not mode:
        return
    who = "others" if mode & 0o007 else "the group"
    verb = "read and change" if mode & 0o022 else "read"
    title = f"{shared.place} holds secret keys and {who} may {verb} it (mode {mode:04o})"
    evidence = ("the AWS CLI makes it with mode 0600",)
    yield Finding("TFW205", "file-permissions", WARNING, title, evidence, (f"chmod 600 {_typed(shared.place)}",))


def _open_mode(path: str) -> int:
    """The mode of a file that others than its owner may use; 0 where they may not, or it is not ours."""
    if sys.platform == "win32" or is_mounted(os.path.realpath(path)):
        return 0
    try:
        seen = os.stat(path)
    except OSError:
        return 0
    mode = seen.st_mode & 0o777
    return mode if mode & 0o077 and seen.st_uid == os.getuid() else 0


def is_mounted(path: str) -> bool:
    """Whether a file lies where its mode cannot be changed: a mounted secret, or a drive of Windows under WSL."""
    is_drive = path.startswith("/mnt/") and path[6:7] == "/"
    return is_drive or path.startswith(_MOUNTED)


def _typed(place: str) -> str:
    """A place as one types it: a quoted `~` would stay one."""
    import shlex

    rest = place.removeprefix(f"~{os.sep}")
    return shlex.quote(place) if rest == place else f"~/{shlex.quote(rest)}"
