"""The layers as one: which value counts, which are set aside, and whether that is worth a note."""

from __future__ import annotations

from tfwrap.lean import NamedTuple
from tfwrap.settings.settings import ERROR, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfwrap.settings.settings import Key, Value, Values

_CHOICES = ("account", "backend_config", "paths", "profile", "refresh")


class Aside(NamedTuple):
    """A setting that is there and does not count, and why."""

    key: Key
    value: Value
    why: str


class Effective(NamedTuple):
    """Every setting that counts, those set aside, what is wrong, what is worth a note, and the files it rests on.

    `layers` are the values of each layer that count, the strongest layer first: a profile of the project's comes
    before every one of the user's, also where the user's stands in a table for the workspace.
    """

    values: Values
    aside: tuple[Aside, ...] = ()
    mistakes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    layers: tuple[Values, ...] = ()


class Project(NamedTuple):
    """The project's file: `full` is what it says, `counted` what counts of it."""

    full: Values
    counted: Values
    mistakes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    shown: str = ""
    rests_on: tuple[str, ...] = ()


def merge(variables: Values, project: Project, user: Values, site: Values) -> Effective:
    """The layers as one, without what the site forbids and what nobody approved; notes where that changes a run."""
    below = (user, project.counted, variables)
    allowed = [_allowed(layer, site) for layer in below]
    values = _stacked(site, *allowed)
    unforbidden = _stacked(site, *below)
    approved = _stacked(site, allowed[0], _allowed(project.full, site), allowed[2])
    notes = []
    if _effect(approved) != _effect(values):
        notes.append(f"{project.shown} is not approved: only its account counts (read it, then: tfwrap trust)")
    if _effect(unforbidden) != _effect(values):
        notes.append(_forbidden_note(below, site))
    aside = (*_unapproved(project), *_forbidden((user, project.full, variables), site))
    return Effective(values, aside, (), tuple(notes), layers=(*reversed(allowed), site))


def _stacked(*layers: Values) -> dict[Key, Value]:
    """The layers as one: each over those before it."""
    return {key: value for layer in layers for key, value in layer.items()}


def _allowed(layer: Values, site: Values) -> Values:
    return {key: value for key, value in layer.items() if not _is_forbidden(key, value, site)}


def _is_forbidden(key: Key, value: Value, site: Values) -> bool:
    """Whether the site's `forbid` sets a value aside. `strict` may still be made stricter: it is there to protect."""
    if key[0] not in _forbid(site):
        return False
    return key != ("strict",) or _strictness(value.value) <= _strictness(_of(site, "strict"))


def _forbid(site: Values) -> Sequence[str]:
    names = _of(site, "forbid")
    return names if isinstance(names, list) else []


def _of(values: Values, name: str) -> object:
    return values[(name,)].value if (name,) in values else None


def _strictness(value: object) -> int:
    return 2 if value in (True, WARNING) else 1 if value == ERROR else 0


def _effect(values: Values) -> tuple[object, ...]:
    """What of the settings changes a run."""
    chosen = [(key, value.value) for key, value in values.items() if key[-1] in _CHOICES or key[0] in _CHOICES]
    return (
        _strictness(_of(values, "strict")),
        _of(values, "auto") or "off",
        bool(_of(values, "offline")),
        ignored(values),
        sorted(chosen, key=repr),
    )


def ignored(values: Values) -> tuple[str, ...]:
    """The ids of the findings that are dropped."""
    return tuple(sorted(key[1] for key in values if key[0] == "ignore"))


def _unapproved(project: Project) -> list[Aside]:
    why = "the file is not approved: tfwrap trust"
    return [Aside(key, value, why) for key, value in project.full.items() if key not in project.counted]


def _forbidden(layers: Sequence[Values], site: Values) -> list[Aside]:
    forbidden = [pair for layer in layers for pair in layer.items() if _is_forbidden(*pair, site)]
    return [Aside(key, value, f"{site[('forbid',)].origin} forbids it") for key, value in forbidden]


def _forbidden_note(layers: Sequence[Values], site: Values) -> str:
    names = dict.fromkeys(f"{aside.key[0]} ({aside.value.origin})" for aside in _forbidden(layers, site))
    return f"the site policy ({site[('forbid',)].origin}) sets aside: {', '.join(names)}"
