"""The S3 backend before the run: what it uses, and what it would use if it were configured anew."""

from __future__ import annotations

from tfwrap.sources import consumers, sources
from tfwrap.terraform import given, saved_backend, versions
from tfwrap.terraform.saved_backend import SavedBackend, without_credentials
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.invocation import Invocation
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.preflight.look import Look
    from tfwrap.sources.sources import Source
    from tfwrap.terraform.block import Block

# Where the rules of the backend change (sources.precedence): a source that is the same for all needs no version.
_TURNS = ((0, 12), (0, 13), (0, 15), (1, 1), (1, 6), (1, 7), (1, 15))
_UNSAVED = "the backend block"


def is_s3(look: Look, saved: object) -> bool:
    """Whether Terraform is going to use a backend of this type."""
    if saved and not _sets_saved_aside(look.invocation):
        return isinstance(saved, SavedBackend) and saved.type == "s3"
    return bool(look.module.backend and look.module.backend.labels[:1] == ("s3",))


def added(known: Facts, look: Look, world: consumers.World, real: str) -> Facts:
    """The facts with the backend as their first consumer."""
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
