"""Everything that can be known before the run: offline, and then what STS says."""

from __future__ import annotations

import os

from tfwrap import userdirs
from tfwrap.aws import config as awsconfig
from tfwrap.invocation import BACKEND, BOTH, PROVIDERS
from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv
from tfwrap.preflight.checks.finding import Facts
from tfwrap.settings import intent
from tfwrap.sources import consumers, sources
from tfwrap.terraform import configuration, evaluation, given, lockfile, moduletree, saved_backend, versions
from tfwrap.terraform.configuration import UNKNOWN
from tfwrap.terraform.expression import Evaluator
from tfwrap.terraform.saved_backend import SavedBackend, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.invocation import Invocation
    from tfwrap.preflight.bridgeable import Bridgeable
    from tfwrap.settings.settings import Values
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.sources import Source
    from tfwrap.terraform.block import Block
    from tfwrap.terraform.configuration import Configuration
    from tfwrap.terraform.evaluation import Provider
    from tfwrap.terraform.moduletree import Module

# Where the rules of the backend change (sources.precedence): a source that is the same for all needs no version.
_TURNS = ((0, 12), (0, 13), (0, 15), (1, 1), (1, 6), (1, 7), (1, 15))
_UNSAVED = "the backend block"


class Look(NamedTuple):
    """What was read of a root module, before anybody's environment is chosen."""

    invocation: Invocation
    module: Configuration
    tree: Module
    providers: tuple[Provider, ...]
    backend: Mapping[str, object]
    workspace: object
    given: given.Found = given.NOTHING


def facts(invocation: Invocation, environ: Mapping[str, str], real: str, layers: Sequence[Values] = ()) -> Facts:
    """Read the root module, what init saved and the shared AWS files, and work out whose credentials are used.

    `layers` are the settings, which say what profile and account are meant.
    """
    look = _look(invocation, environ)._replace(given=given.read(invocation, environ, layers))
    saved = saved_backend.read(invocation.data_dir, invocation.shown_from)
    meant = _intent(look, environ, layers)
    changes = childenv.changes(environ, meant)
    world = _world(childenv.apply(environ, changes), invocation)
    files = awsconfig.read(world.environ, invocation.working_directory)
    known = Facts(invocation, look.module, saved, files, None, None, environ, changes, intent=meant)._replace(
        given=look.given
    )
    if invocation.needs in (BACKEND, BOTH) and _backend_is_s3(look, saved):
        known = _with_backend(known, look, world, real)
    if invocation.needs in (BOTH, PROVIDERS):
        known = known._replace(consumers=(*known.consumers, *_providers(look, meant, world, real)))
    return _with_bridge(known, world, real)


def paths(known: Facts, real: str) -> list[str]:
    """Every file that the facts rest on, for the memory of the decision."""
    typed = known.invocation
    read = (
        *configuration.paths(typed.directory, typed.data_dir),
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


def _look(invocation: Invocation, environ: Mapping[str, str]) -> Look:
    module = configuration.read(invocation.directory, invocation.program)
    tree = moduletree.read(module, invocation)
    scope = evaluation.root_scope(module, invocation, environ)
    said = module.backend.expressions if module.backend else {}
    backend = {name: Evaluator().value(value, scope) for name, value in said.items()}
    providers = evaluation.providers(tree, invocation, environ)
    present = {name: value for name, value in backend.items() if value is not None}
    return Look(invocation, module, tree, providers, present, scope.workspace)


def _world(environ: Mapping[str, str], invocation: Invocation) -> consumers.World:
    return consumers.World(environ, awsconfig.reader(environ, invocation.working_directory))


# What is meant


def _intent(look: Look, environ: Mapping[str, str], layers: Sequence[Values]) -> intent.Intent:
    default = next((found for found in look.providers if found.name == "provider.aws"), None)
    regions = (
        default.arguments.get("region") if default else "",
        look.backend.get("region"),
        *map(environ.get, ("AWS_REGION", "AWS_DEFAULT_REGION")),
    )
    around = intent.Surroundings(
        look.invocation.directory,
        userdirs.home(environ),
        look.workspace if isinstance(look.workspace, str) else "",
        next((text for text in regions if isinstance(text, str) and text), ""),
        tuple(_declared(look, default)),
        environ.get("AWS_PROFILE", ""),
    )
    return intent.resolve(layers, around)


def _declared(look: Look, default: Provider | None) -> list[tuple[str, str]]:
    said = [(default.arguments.get("profile"), default.location)] if default else []
    block = look.module.backend
    said += [(look.backend.get("profile"), block.location)] if block else []
    return [(text, place) for text, place in said if isinstance(text, str) and text]


# The backend


def _backend_is_s3(look: Look, saved: object) -> bool:
    if saved and not _sets_saved_aside(look.invocation):
        return isinstance(saved, SavedBackend) and saved.type == "s3"
    return bool(look.module.backend and look.module.backend.labels[:1] == ("s3",))


def _with_backend(known: Facts, look: Look, world: consumers.World, real: str) -> Facts:
    saved = known.saved if isinstance(known.saved, SavedBackend) else None
    version = _version(saved, look, world, real)
    fresh = _fresh(saved, look, world, version)
    arguments: Mapping[str, object] = _given(saved, look, world.environ)
    used, place = fresh, _place(look.module.backend)
    if saved and not _sets_saved_aside(look.invocation):
        used, arguments, place = _saved(saved, world, version), saved.config, saved.place
    consumer = consumers.of_backend(arguments, used, place, version, world)
    known = known._replace(consumers=(consumer,), version=version)
    return known._replace(backend_source=_at_hand(used), fresh_source=_at_hand(fresh))


def _at_hand(source: Source) -> Source:
    """The instance's role, which this machine may not have, does not count beside credentials that are there."""
    return source._replace(kind=sources.NONE) if source.kind == sources.IMDS else source


def _version(saved: SavedBackend | None, look: Look, world: consumers.World, real: str) -> tuple[int, ...]:
    """Terraform's version where it matters: to ask a binary for it takes 60 ms, once."""
    answers = {_who(_fresh(saved, look, world, version)) for version in _TURNS}
    if saved:
        answers |= {("saved", *_who(_saved(saved, world, version))) for version in _TURNS}
    is_same = len(answers) == (2 if saved else 1)
    return versions.UNKNOWN if is_same else versions.detect(real, world.environ)


def _who(source: Source) -> tuple[object, ...]:
    """Whose credentials a source stands for, however it is called."""
    held = (source.secret_key, source.token)
    made_by = "" if source.has_keys else source.profile
    return (source.kind, source.access_key, *held, made_by, source.roles)


def _saved(saved: SavedBackend, world: consumers.World, version: tuple[int, ...]) -> Source:
    is_kept = any(saved.text(name) for name in saved_backend.CREDENTIALS)
    kind = sources.SAVED_BACKEND if is_kept else sources.BLOCK
    return sources.backend(saved.config, world.environ, world.read, version, saved.place, kind)


def _fresh(saved: SavedBackend | None, look: Look, world: consumers.World, version: tuple[int, ...]) -> Source:
    place = _place(look.module.backend)
    return sources.backend(_given(saved, look, world.environ), world.environ, world.read, version, place)


def _given(saved: SavedBackend | None, look: Look, environ: Mapping[str, str]) -> dict[str, object]:
    """The arguments of a backend that is configured anew: what was saved and is no credential, and what is declared.

    What only tfwrap was told, by a setting, counts where tfwrap would reconfigure: that is, where something is saved.
    """
    kept = without_credentials(saved.config) if saved else {}
    is_ours = saved is not None and not _sets_saved_aside(look.invocation)
    found = look.given if is_ours else given.of_init(look.invocation, environ)
    # What could not be read may say anything of who asks.
    unread = dict.fromkeys(saved_backend.IDENTITY, UNKNOWN) if found.problems else {}
    return {**kept, **look.backend, **unread, **_used(found, look.invocation)}


def _used(found: given.Found, invocation: Invocation) -> dict[str, object]:
    """The values given by `-backend-config` that count: keys only where this very command gives them to Terraform."""
    if invocation.command == "init":
        return found.arguments
    return {name: value for name, value in found.arguments.items() if name not in saved_backend.CREDENTIALS}


def _place(block: Block | None) -> str:
    return block.location if block else _UNSAVED


def _sets_saved_aside(invocation: Invocation) -> bool:
    """`init -reconfigure` is the one command that does not use what an earlier init saved."""
    return invocation.command == "init" and invocation.has("reconfigure")


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


def _providers(look: Look, meant: intent.Intent, world: consumers.World, real: str) -> list[Consumer]:
    """Those that something uses; under a pin all, for the state may still hold something of the others."""
    version = lockfile.version(look.invocation, real)
    chosen = [found for found in look.providers if found.is_used or meant.account]
    return [consumers.of_provider(found, version, world) for found in chosen]
