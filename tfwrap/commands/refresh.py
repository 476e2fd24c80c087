"""Make the credentials of a profile new, from where it has them, and have AWS confirm them.

Exit status 0 when AWS accepts the new ones, 1 when nothing could be made new or they are not to be used.
"""

from __future__ import annotations

import os
import time

from tfwrap import invocation as invocations
from tfwrap import output
from tfwrap.aws import config as awsconfig
from tfwrap.aws import endpoint
from tfwrap.identity import identity, question
from tfwrap.preflight import asking, preflight
from tfwrap.process import process
from tfwrap.recovery import refresh
from tfwrap.settings import layers as settings_layers
from tfwrap.settings import settings
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.recovery.refresh import Need, Refresher, Result
    from tfwrap.settings.settings import Settings

NOT_DONE = 1
_NEWEST = (99,)


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `tfwrap refresh`."""
    parser.add_argument("profile", nargs="?", help="the profile; without it, the one that is meant here")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def run(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Refresh; returns the exit status. Raises Interrupted."""
    out = output.make(environ)
    here = os.getcwd()
    typed = invocations.read("terraform", ["plan"], environ, here)
    applied = settings_layers.read(settings.read(environ), environ, typed.directory, here)
    facts = preflight.facts(typed, environ, "", applied.layers)._replace(now=time.time())
    name = arguments.profile or facts.intent.profile or environ.get("AWS_DEFAULT_PROFILE") or "default"
    need = _need(name, environ, here, applied)
    if arguments.profile and need.profile is None and not need.settings:
        out.say(f'there is no profile "{name}" in {need.files.config_path} or {need.files.credentials_path}')
        return NOT_DONE
    refresher = refresh.choose(need)
    if refresher is None:
        out.say(f'nothing makes the credentials of profile "{name}" new: they are written down, or come from elsewhere')
        return NOT_DONE
    if arguments.dry_run:
        out.say(f"would do: {refresher.describe()}")
        return 0
    process.listen()
    return _refreshed(need, refresher, facts, refresh.Console(out, output.may_ask(environ, ()), environ))


def _need(name: str, environ: Mapping[str, str], here: str, applied: Settings) -> Need:
    """What has to be refreshed, as a provider with this profile as its argument has it."""
    read = awsconfig.reader(environ, here)
    source = sources.provider({"profile": name}, environ, read, _NEWEST)
    files = awsconfig.read(environ, here)
    profile = files.profiles.get(name)
    where = endpoint.of({"region": profile.get("region") if profile else ""}, environ)
    values = {key: value for layer in reversed(applied.layers) for key, value in layer.items()}
    return refresh.Need(source, name, files, environ, where, refresh.configured(values).get(name, {}))


def _refreshed(need: Need, refresher: Refresher, facts: Facts, console: refresh.Console) -> int:
    before = identity.ask(need.source, need.where) if need.source.has_keys else question.NOT_ASKED
    result = refresh.run(refresher, console)
    console.say(result.message)
    if not result.done:
        return NOT_DONE
    verdict = refresh.confirm(result, need, before, facts.intent.account, _again(need, result))
    if not refresh.accept(verdict, console):
        return NOT_DONE
    console.say(verdict.message)
    return 0


def _again(need: Need, result: Result) -> sources.Source | None:
    """The profile's source as it is now, with the keys that it makes."""
    if result.credentials:
        return None
    read = awsconfig.reader(need.environ, os.getcwd())
    source = sources.provider({"profile": need.name}, need.environ, read, _NEWEST)
    return asking.made(source, need.name, need.where, need.environ)
