"""The key that a credential process gives now, asked about: nobody has the one that it gave Terraform any more.

The process is run as Terraform has just run it, without a terminal, and ended when its time is up.
"""

from __future__ import annotations

from tfwrap.diagnosis import probes
from tfwrap.diagnosis.causes import keys
from tfwrap.identity import identity
from tfwrap.preflight.checks import used
from tfwrap.recovery.refresh import process, programs
from tfwrap.recovery.refresh.need import Need
from tfwrap.recovery.refresh.outcome import NotRefreshed
from tfwrap.recovery.refresh.terminal import OVERHEARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.diagnosis.case import Case
    from tfwrap.recovery.refresh.outcome import Credentials
    from tfwrap.recovery.refresh.terminal import Terminal
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.source import Source

# Terraform has waited for it a moment ago, and a minute at most (programs.PROCESS_LIMIT_S); nobody waits so long twice.
LIMIT_S = 15.0


def asked_about(case: Case, terminal: Terminal) -> Case:
    """The case with the key that the process gives now, and STS's answers to it; as it was where it gives none."""
    source, consumer = case.source, case.consumer
    if source is None or consumer is None or not _is_wanted(case, source, consumer):
        return case
    need = Need(source, source.profile, case.facts.files, used.environment(case.facts), consumer.endpoint)
    made = _made(need, terminal)
    if made is None:
        return case
    source = source._replace(
        access_key=made.access_key, secret_key=made.secret_key, token=made.token, expires=made.expires
    )
    answer = identity.ask(source, consumer.endpoint)
    further = probes.further(source, answer, consumer.endpoint, identity.ask)
    return case._replace(source=source, used=answer, probes=further)


def _is_wanted(case: Case, source: Source, consumer: Consumer) -> bool:
    """Whether AWS did not know a process's key. Which file a block of its own files means is left to Terraform."""
    is_told = case.code in keys.NOT_KNOWN and keys.is_of_a_process(source) and not source.has_keys
    return is_told and consumer.asks_sts and not used.names_own_files(consumer)


def _made(need: Need, terminal: Terminal) -> Credentials | None:
    """What the process prints; None where it fails, takes too long, or prints no credentials that are good by now."""
    if not process.Process.applies(need):
        return None
    try:
        ran = terminal.run_command(process.command(need), need.environ, LIMIT_S, OVERHEARD)
        return programs.parse(ran.output, "its output", terminal.now()) if ran.status == 0 else None
    except (NotRefreshed, OSError):
        return None
