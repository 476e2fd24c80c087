"""Where the candidate is to go live: whose account is meant there, which keys are in use, and where STS is asked."""

from __future__ import annotations

from tfwrap.aws import accesskey, endpoint
from tfwrap.aws import config as awsconfig
from tfwrap.identity import identity
from tfwrap.identity.question import OK, question
from tfwrap.lean import NamedTuple
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.aws.endpoint import Endpoint
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.settings.settings import Settings
    from tfwrap.sources.source import Source

_NEWEST = (99,)


class InUse(NamedTuple):
    """A key that is used here now: by whom (`backend.s3`), and where STS is asked about it."""

    user: str
    source: Source
    where: Endpoint


class Situation(NamedTuple):
    """What the candidate is measured by. `pinned` is the account that a setting names, with what set it.

    `where` is where STS is asked about the candidate; `now` a Unix time.
    """

    pinned: str
    pinned_by: str
    in_use: tuple[InUse, ...]
    where: Endpoint
    settings: Settings
    environ: Mapping[str, str]
    now: float


def read(facts: Facts, settings: Settings, environ: Mapping[str, str], region: str = "") -> Situation:
    """The situation of the directory that the facts are about; `region` is the candidate's own, if it has one."""
    in_use = tuple(_in_use(facts, environ))
    own = endpoint.of({"region": region}, environ)
    where = in_use[0].where if in_use and not region else own
    meant = facts.intent
    return Situation(meant.account, meant.account_origin, in_use, where, settings, environ, facts.now)


def _in_use(facts: Facts, environ: Mapping[str, str]) -> Iterator[InUse]:
    """The keys of the backend and the providers here; where there are none, those of a Terraform without a block."""
    found = [InUse(each.name, each.source, each.endpoint) for each in facts.consumers if each.source.access_key]
    if not found:
        source = sources.provider({}, environ, awsconfig.reader(environ), _NEWEST)
        found = [InUse("Terraform", source, endpoint.of({}, environ))] if source.access_key else []
    known: set[str] = set()
    for each in found:
        if each.source.access_key not in known:
            known.add(each.source.access_key)
            yield each


def accounts(situation: Situation, but_for: str) -> dict[str, str]:
    """The accounts that are expected, each with what says so: the pinned one, else those of the other keys in use.

    A key id may name its account itself; where it does not, STS is asked, unless that is switched off.
    """
    if situation.pinned:
        return {situation.pinned: f"as {situation.pinned_by} pins it"}
    found: dict[str, str] = {}
    for each in situation.in_use:
        if each.source.access_key != but_for and (account := _account(each, situation)):
            found.setdefault(
                account, f"that of key {accesskey.mask(each.source.access_key)}, which {each.user} uses now"
            )
    return found


def _account(each: InUse, situation: Situation) -> str:
    named = accesskey.account(each.source.access_key)
    if named or situation.settings.offline or not question(each.source, each.where).has_keys:
        return named or ""
    answer = identity.ask(each.source, each.where)
    return answer.account if answer.status == OK else ""
