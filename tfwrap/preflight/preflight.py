"""Everything that can be known before the run: offline, and then what STS says."""

from __future__ import annotations

import os

from tfwrap.aws import config as awsconfig
from tfwrap.invocation import BACKEND, BOTH, PROVIDERS
from tfwrap.preflight import backend, childenv, look
from tfwrap.preflight.checks.finding import Facts
from tfwrap.sources import consumers, sources
from tfwrap.terraform import evaluation, lockfile, module_files, moduletree, saved_backend, versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.invocation import Invocation
    from tfwrap.preflight.bridgeable import Bridgeable
    from tfwrap.preflight.look import Look
    from tfwrap.settings.intent import Intent
    from tfwrap.settings.settings import Values
    from tfwrap.sources.consumers import Consumer


def facts(invocation: Invocation, environ: Mapping[str, str], real: str, layers: Sequence[Values] = ()) -> Facts:
    """Read the root module, what init saved and the shared AWS files, and work out whose credentials are used.

    `layers` are the settings, which say what profile and account are meant.
    """
    seen = look.read(invocation, environ, layers)
    saved = saved_backend.read(invocation.data_dir, invocation.shown_from)
    meant = look.meant(seen, environ, layers)
    changes = childenv.changes(environ, meant)
    world = _world(childenv.apply(environ, changes), invocation)
    files = awsconfig.read(world.environ, invocation.working_directory)
    known = Facts(invocation, seen.module, saved, files, None, None, environ, changes, intent=meant, given=seen.given)
    if invocation.needs in (BACKEND, BOTH) and backend.is_s3(seen, saved):
        known = backend.added(known, seen, world, real)
    if invocation.needs in (BOTH, PROVIDERS):
        known = known._replace(consumers=(*known.consumers, *_providers(seen, meant, world, real)))
    return _with_bridge(known, world, real)


def paths(known: Facts, real: str) -> list[str]:
    """Every file that the facts rest on, for the memory of the decision."""
    typed = known.invocation
    read = (
        *module_files.paths(typed.directory, typed.data_dir),
        *evaluation.paths(moduletree.read(known.configuration, typed), typed),
        *awsconfig.paths(known.environ, typed.working_directory),
        *(path for consumer in known.consumers for path in _own_files(consumer, known)),
        *known.given.files,
        os.path.join(typed.working_directory, "errored.tfstate"),
        *filter(None, (typed.plan_file,)),
    )
    return list(dict.fromkeys((*read, saved_backend.copy_in(typed.data_dir), real)))


def _own_files(consumer: Consumer, known: Facts) -> list[str]:
    """The shared files that a block names itself."""
    environ = childenv.apply(known.environ, known.changes)
    choose = awsconfig.backend_places if consumer.is_backend else awsconfig.provider_places
    return awsconfig.files_at(choose(consumer.arguments, environ), known.invocation.working_directory)


def rests_on_version(known: Facts) -> bool:
    """Whether the facts would be others for another version of Terraform."""
    return known.version != versions.UNKNOWN


def _world(environ: Mapping[str, str], invocation: Invocation) -> consumers.World:
    return consumers.World(environ, awsconfig.reader(environ, invocation.working_directory))


# The bridge


def _with_bridge(known: Facts, world: consumers.World, real: str) -> Facts:
    """The profiles that Terraform cannot use; most runs have none, and load nothing for it.

    A profile that no version can use still needs the version: each looks for its files elsewhere.
    """
    if all(consumer.source.kind not in (sources.NONE, sources.IMDS) for consumer in known.consumers):
        return known
    found = _bridgeable(known, world)
    if known.version == versions.UNKNOWN and any(each.consumer.is_backend for each in found):
        version = versions.detect(real, world.environ)
        used = (each._replace(rules=version) if each.is_backend else each for each in known.consumers)
        known = known._replace(version=version, consumers=tuple(used))
        found = _bridgeable(known, world)
    return known._replace(bridgeable=found)


def _bridgeable(known: Facts, world: consumers.World) -> tuple[Bridgeable, ...]:
    from tfwrap.preflight import bridgeable

    meant = known.intent.profile if known.intent.is_configured else ""
    return bridgeable.of(known.consumers, world, known.invocation.working_directory, meant)


# The providers


def _providers(seen: Look, meant: Intent, world: consumers.World, real: str) -> list[Consumer]:
    """Those that something uses; under a pin all, for the state may still hold something of the others."""
    version = lockfile.version(seen.invocation, real)
    chosen = [found for found in seen.providers if found.is_used or meant.account]
    return [consumers.of_provider(found, version, world) for found in chosen]
