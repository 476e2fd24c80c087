"""What arrived, what had to arrive if tfwrap is right, and both together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tfwrap import invocation
from tfwrap.preflight import preflight
from tfwrap.sources import sources

if TYPE_CHECKING:
    from testing.differential.bench import Bench
    from testing.differential.combinations import Combination
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.sources.sources import Source
    from tfwrap.stand.journal import Request

NOTHING = "nothing"
AWS = "AWS itself"

OLDEST, FIRST, SECOND = "aws-sdk-go-base 0.4", "first SDK", "second SDK"
"""Whose code chooses the credentials."""


class Outcome(NamedTuple):
    """The key that signed the first request ("" for an unsigned one, NOTHING where none came), and the roles."""

    key: str
    roles: tuple[str, ...] = ()


class Trial(NamedTuple):
    """A combination as it went: what arrived, what had to arrive by what tfwrap said, and that itself."""

    set: Combination
    arrived: Outcome
    expected: Outcome
    said: Source


def predicted(terraform: Terraform, world: World, words: list[str], environ: dict[str, str]) -> dict[str, Source]:
    """What `tfwrap doctor` says in this directory before the run: the source of each consumer, by its name."""
    typed = invocation.read("terraform", words, environ, str(world.cwd))
    return {found.name: found.source for found in preflight.facts(typed, environ, terraform.path).consumers}


def arrived(bench: Bench, requests: list[Request]) -> Outcome:
    """What the journal says: the first signature, then the sessions that signed, by the roles that they are of."""
    if not requests:
        return Outcome(AWS if any("sts" in place for place in bench.beside.asked) else NOTHING)
    if all(request.action.startswith("AssumeRole") for request in requests) and requests[-1].status == 200:
        # The first SDK loads the profile once more when the role is assumed already, and may give up at it.
        return Outcome(NOTHING)
    signers = list(dict.fromkeys(request.access_key_id for request in requests))
    sessions = [bench.stand.keys.get(key) for key in signers if key and key not in bench.names]
    roles = tuple(session.arn.split("/")[1] for session in sessions if session)
    return Outcome(bench.names.get(signers[0], signers[0]), roles)


def expected(bench: Bench, said: Source, set_: Combination, era: str) -> Outcome:
    """What must arrive if tfwrap is right: the kinds that need no question to anybody name their key themselves."""
    roles = tuple(arn.rpartition("/")[2] for arn in said.roles)
    if not said.is_found:
        return Outcome(NOTHING)
    if sources.WEB_IDENTITY in (said.kind, said.via):
        return _expected_of_web_identity(roles, set_, era)
    if era == OLDEST and roles:
        return Outcome(AWS)  # nothing in 0.12 sends AssumeRole anywhere else
    key = bench.names.get(said.access_key, said.access_key) or _made(said, era)
    return Outcome(key, roles if key in bench.keys else ())


def _expected_of_web_identity(roles: tuple[str, ...], set_: Combination, era: str) -> Outcome:
    if set_.web == "no-token":
        return Outcome(NOTHING)
    return Outcome(AWS) if era == OLDEST else Outcome("", roles)


def _made(said: Source, era: str) -> str:
    """The key that something else makes: only the second SDK asks our SSO portal, and only with a token."""
    made = {sources.PROCESS: "process", sources.CONTAINER: "container"}
    if said.expires and era == SECOND:
        made |= {sources.SSO_SESSION: "sso", sources.SSO: "sso"}
    return made.get(said.via, NOTHING)
