"""Who asks STS about what before a run: every key at hand; in strict mode, or under a pin, also what has to be made."""

from __future__ import annotations

from tfwrap.identity import cache as identity_cache
from tfwrap.identity.question import UNCHECKED, Answer
from tfwrap.preflight import childenv
from tfwrap.resolving import resolving
from tfwrap.sources import sources
from tfwrap.sources.consumers import Consumer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.settings.settings import Settings
    from tfwrap.sources.source import Source

    Ask = Callable[[Iterable[Consumer], float], dict[str, Answer]]

# To make a session can take a process of the user's and several requests.
LIMIT_S = 15.0
_OFFLINE = Answer(UNCHECKED, message="tfwrap is set to be offline")
_SKIPS = Answer(UNCHECKED, message="it skips the validation of its credentials")
_NONE = Answer(UNCHECKED, message="there are no credentials that are known beforehand")


def answered(known: Facts, settings: Settings) -> Facts:
    """The facts with STS's answers about the consumers' credentials, some of them remembered. Never raises."""
    if settings.offline:
        return known._replace(answers=dict.fromkeys((found.name for found in known.consumers), _OFFLINE))
    if settings.strict or known.intent.account:
        return _with_answers(known, _made(known), identity_cache.ask_all)
    return _with_answers(known, {found.name: found for found in known.consumers}, identity_cache.ask_all)


def everything(known: Facts) -> Facts:
    """The same, for whoever wants to know it all, as it is now: `tfwrap doctor`."""
    return _with_answers(known, _made(known), identity_cache.ask_anew)


def _with_answers(known: Facts, asked: Mapping[str, Consumer | Answer], ask: Ask) -> Facts:
    ready = [found for found in asked.values() if not isinstance(found, Answer) and found.asks_sts]
    told = ask([found for found in ready if found.source.has_keys], known.now)
    rest = {name: _why_not(found) for name, found in asked.items() if name not in told}
    return known._replace(answers={**rest, **told})


def _why_not(found: Consumer | Answer) -> Answer:
    if isinstance(found, Answer):
        return found
    if found.asks_sts and found.source.kind == sources.UNDECIDED:
        return Answer(UNCHECKED, message=f"{found.source.detail} ({found.source.location})")
    return _NONE if found.asks_sts else _SKIPS


def _made(known: Facts) -> dict[str, Consumer | Answer]:
    """Every consumer with the keys that it ends up with, or why these cannot be made."""
    environ = childenv.apply(known.environ, known.changes)
    return {found.name: _resolved(found, environ) for found in known.consumers}


def _resolved(consumer: Consumer, environ: Mapping[str, str]) -> Consumer | Answer:
    if not consumer.asks_sts or consumer.source.kind in (sources.NONE, sources.UNDECIDED):
        return consumer
    if not resolving.is_needed(consumer):
        return consumer
    made = resolving.resolve(consumer, environ, LIMIT_S)
    return made if isinstance(made, Answer) else consumer._replace(source=made)


def made(source: Source, name: str, where: Endpoint, environ: Mapping[str, str]) -> Source | None:
    """A profile's source with the keys that it makes, where these can be made without a person."""
    consumer = Consumer(name, "", {"profile": name}, source, (99,), where.region, where)
    found = _resolved(consumer, environ)
    return None if isinstance(found, Answer) else found.source
