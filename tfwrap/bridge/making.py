"""The credentials of the profiles that are bridged: made before Terraform starts, and what the facts are with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.aws import accesskey
from tfwrap.bridge import makers
from tfwrap.bridge.session import Renewing
from tfwrap.identity import identity
from tfwrap.identity.question import OK
from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv
from tfwrap.recovery.refresh.outcome import NotRefreshed
from tfwrap.sources import asked
from tfwrap.sources.source import NONE, STATIC, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.preflight.bridgeable import Bridgeable
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.recovery.refresh.outcome import Credentials
    from tfwrap.recovery.refresh.terminal import Terminal
    from tfwrap.sources.consumers import Consumer


class Served(NamedTuple):
    """A profile of some config file (its absolute path), and the credentials that are handed out for it."""

    profile: str
    config: str
    renewing: Renewing
    is_lasting: bool


def made(known: Facts, terminal: Terminal) -> tuple[tuple[Served, ...], Facts]:
    """Make the credentials of every profile that can be bridged; an MFA code is asked for here.

    The facts that come back have them as their consumers' sources, and say why others were not made. Raises
    Interrupted and KeyboardInterrupt where the user gives up at a question.
    """
    environ = childenv.apply(known.environ, known.changes)
    served: dict[tuple[str, str], Served | str] = {}
    for each in known.bridgeable:
        if not each.why_not and _key(each) not in served:
            served[_key(each)] = _served(each, environ, known.intent.account, terminal)
    told = tuple(_told(each, served) for each in known.bridgeable)
    facts = _with_sources(known._replace(bridgeable=told), served)
    return tuple(one for one in served.values() if isinstance(one, Served)), facts


def declined(known: Facts, why: str) -> Facts:
    """The facts where nothing may be made."""
    told = tuple(each._replace(why_not=each.why_not or why) for each in known.bridgeable)
    return known._replace(bridgeable=told)


def _key(needed: Bridgeable) -> tuple[str, str]:
    return needed.profile, needed.places.config[0]


def _served(needed: Bridgeable, environ: Mapping[str, str], pinned: str, terminal: Terminal) -> Served | str:
    """The profile with its first credentials, or in words why there are none."""

    def allow(new: Credentials, first: Credentials) -> None:
        _same_account(new, first)
        _confirm(new, needed.consumer, pinned)

    try:
        maker = makers.maker(needed, environ, terminal)
        return Served(*_key(needed), Renewing(maker.make, allow, terminal.now), maker.is_lasting)
    except NotRefreshed as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or ''} {(error.strerror or '?').lower()}".strip()


# What is renewed


def _same_account(new: Credentials, first: Credentials) -> None:
    """A credential process or a login may have turned to another account meanwhile: never another identity."""
    was, now = accesskey.account(first.access_key), accesskey.account(new.access_key)
    if was and now and was != now:
        raise NotRefreshed(f"the new credentials are of account {now}, and those before were of account {was}")


def _confirm(new: Credentials, consumer: Consumer, pinned: str) -> None:
    """Under a pin STS says of every new session whose it is. (Of the first one the verdict asks.)"""
    if not pinned:
        return
    answer = identity.ask(new.as_source("the bridge"), consumer.endpoint)
    if answer.status != OK:
        raise NotRefreshed(f"account {pinned} is pinned, and STS did not confirm it: {answer.describe()}")
    if answer.account != pinned:
        raise NotRefreshed(f"the new credentials are of account {answer.account}, and account {pinned} is pinned")


# What is known now


def _told(needed: Bridgeable, served: Mapping[tuple[str, str], Served | str]) -> Bridgeable:
    found = served.get(_key(needed))
    return needed._replace(why_not=needed.why_not or found) if isinstance(found, str) else needed


def _with_sources(known: Facts, served: Mapping[tuple[str, str], Served | str]) -> Facts:
    """The consumers with what they get over the bridge; the backend's two sources follow its consumer."""
    sources: dict[str, Source] = {}
    for each in known.bridgeable:
        found = served.get(_key(each))
        if isinstance(found, Served) and not each.why_not:
            sources[each.consumer.name] = _source(found, each)
    consumers = tuple(each._replace(source=sources.get(each.name, each.source)) for each in known.consumers)
    backend = next((each.source for each in consumers if each.is_backend and each.name in sources), None)
    if backend is None:
        return known._replace(consumers=consumers)
    fresh = known.fresh_source
    is_same = fresh is not None and fresh.kind == NONE and fresh.profile in ("", backend.profile)
    return known._replace(consumers=consumers, backend_source=backend, fresh_source=backend if is_same else fresh)


def _source(served: Served, needed: Bridgeable) -> Source:
    """The session as it is now; when it ends counts only where there will be no other."""
    place = f"made by tfwrap for {needed.files.config_path}"
    roles = asked.block_roles(needed.consumer.arguments)
    found = served.renewing.first.as_source(place, served.profile)
    return found._replace(how=STATIC, roles=roles, expires=0 if served.is_lasting else found.expires)
