"""The way through without the run: what tfwrap knows of a directory and a command line, and what it would say."""

from __future__ import annotations

import os
import time

from tfwrap import invocation, which
from tfwrap.doctor import key_ages
from tfwrap.lean import NamedTuple
from tfwrap.preflight import asking, findings, preflight, verdict
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.redaction import redaction
from tfwrap.settings import layers as settings_layers
from tfwrap.settings import settings
from tfwrap.terraform import versions
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tfwrap.identity.identity import Answer
    from tfwrap.invocation import Invocation
    from tfwrap.settings.settings import Settings
    from tfwrap.which import Real

CLEAN = 0
FOUND = 1
USAGE = 2
# What stands for "Terraform here" where no command was given: it reads with every consumer's credentials.
_COMMAND = "plan"

# Checks that ask more of AWS than a run may wait for.
EXTRA_CHECKS: tuple[Callable[[Facts, Settings], Iterable[Finding]], ...] = (key_ages.check,)

_GRAVEST_FIRST = (ERROR, WARNING, INFO)


class Question(NamedTuple):
    """What is looked at: the words of a Terraform command line, as they would be typed in a directory."""

    program: str
    chdir: str
    words: tuple[str, ...]
    cwd: str


class Examined(NamedTuple):
    """What was found out. `version` is the real binary's, empty where it will not say."""

    real: Real
    version: str
    facts: Facts
    findings: tuple[Finding, ...]
    settings: Settings

    @property
    def problems(self) -> tuple[str, ...]:
        """What was not understood, a line each: settings, and files of the configuration."""
        return (
            *self.settings.mistakes,
            *filter(None, (self.facts.intent.wanting,)),
            *self.facts.configuration.problems,
        )

    @property
    def counted(self) -> tuple[Finding, ...]:
        """The findings that no setting silences."""
        return tuple(found for found in self.findings if not self.is_ignored(found))

    def is_ignored(self, found: Finding) -> bool:
        """Whether a setting silences a finding. None silences a pin: it is there to protect."""
        return found.id in self.settings.ignored and found.id not in findings.REFUSING

    @property
    def status(self) -> int:
        """CLEAN, or FOUND where a finding is at or above the threshold, or something was not understood."""
        grave = (ERROR,) if self.settings.threshold == ERROR else (ERROR, WARNING)
        return FOUND if self.problems or any(found.severity in grave for found in self.counted) else CLEAN


def read(asked: Question, environ: Mapping[str, str]) -> Invocation:
    """The command line that is looked at; where the words name no command, they are taken for the options of one."""
    named = asked.words if asked.words and asked.words[0] in invocation.NEEDS else (_COMMAND, *asked.words)
    chdir = (f"-chdir={asked.chdir}",) if asked.chdir else ()
    return invocation.read(asked.program, (*chdir, *named), environ, asked.cwd)


def rules(typed: Invocation, environ: Mapping[str, str]) -> Settings:
    """The settings that apply there."""
    return settings_layers.read(settings.read(environ), environ, typed.directory, typed.working_directory)


def examine(typed: Invocation, environ: Mapping[str, str], applied: Settings) -> Examined:
    """Find it all out; of the binary nothing is run but `version`. Raises CannotRun and NotFound without a binary."""
    real = which.find(typed.program, environ, None)
    version = versions.detect(real.path, environ)
    facts = look(typed, environ, real, applied)._replace(version=version)
    facts = asking.answered(facts, applied) if applied.offline else asking.everything(facts)
    secrets = _secrets(facts)
    facts = facts._replace(answers={name: _clean(answer, secrets) for name, answer in facts.answers.items()})
    collected = (*findings.collect(facts), *verdict.not_known(applied, facts), *_extra(facts, applied))
    found = sorted(collected, key=lambda finding: _GRAVEST_FIRST.index(finding.severity))
    shown = "" if version == versions.UNKNOWN else ".".join(map(str, version))
    return Examined(real, shown, facts, tuple(_without(finding, secrets) for finding in found), applied)


def look(typed: Invocation, environ: Mapping[str, str], real: Real, applied: Settings) -> Facts:
    """The facts that are known offline."""
    return preflight.facts(typed, environ, real.path, applied.layers)._replace(now=time.time())


def _extra(facts: Facts, applied: Settings) -> Iterable[Finding]:
    for check in EXTRA_CHECKS:
        try:
            yield from check(facts, applied)
        except Exception as fault:  # noqa: BLE001 - a broken rule is skipped, and said, as in `findings.collect`
            yield failure(f"the check {check.__module__.rpartition('.')[2]}", f"failed ({type(fault).__name__})")


def _secrets(facts: Facts) -> redaction.Redactor:
    """Every secret that was read on the way, those of the blocks included."""
    saved = facts.saved if isinstance(facts.saved, SavedBackend) else None
    known = redaction.make(facts.environ, facts.files, saved, facts.invocation.argv)
    sources = [consumer.source for consumer in facts.consumers]
    own = [held.reveal() for source in sources for held in (source.secret_key, source.token) if held]
    return redaction.Redactor(tuple(sorted({*known.values, *filter(None, own)}, key=len, reverse=True)))


def _clean(answer: Answer, secrets: redaction.Redactor) -> Answer:
    """AWS repeats the signed headers in SignatureDoesNotMatch, the session token with them."""
    return answer._replace(message=secrets.text(answer.message.partition("\n")[0]))


def _without(found: Finding, secrets: redaction.Redactor) -> Finding:
    """A second line of defence: no check writes a secret, and none would come through."""
    return found._replace(
        title=_hidden(found.title, secrets.values),
        evidence=tuple(_hidden(line, secrets.values) for line in found.evidence),
        fix=tuple(_hidden(line, secrets.values) for line in found.fix),
    )


def _hidden(text: str, values: Sequence[str]) -> str:
    for value in values:
        text = text.replace(value, redaction.HIDDEN)
    return text


def cwd() -> str:
    """Where we stand; the root where the directory was removed under us."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def is_directory(asked: Question) -> bool:
    """Whether the directory that is looked at is there."""
    return os.path.isdir(os.path.join(asked.cwd, asked.chdir))


def failure(what: str, why: str) -> Finding:
    """The finding that stands for what could not be looked at."""
    return Finding("TFW900", "check-failed", WARNING, f"{what}: {why}; this was not looked at")
