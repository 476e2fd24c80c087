"""The settings that apply: TFWRAP_* over the project's file over the user's over the site's, each with its origin."""

from __future__ import annotations

import os

from tfwrap import userdirs
from tfwrap.errors import BadInput
from tfwrap.lean import NamedTuple
from tfwrap.origin import place
from tfwrap.settings import files, merge
from tfwrap.settings.merge import Effective, Project
from tfwrap.settings.settings import DEFAULT, ERROR, KEY_AGE_DAYS, WARNING, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.settings.files import Places
    from tfwrap.settings.schema import Layer
    from tfwrap.settings.settings import Settings, Values

_VARIABLES = ("account", "auto", "offline", "profile", "strict")


def read(own: Settings, environ: Mapping[str, str], directory: str, working_directory: str) -> Settings:
    """The settings of the variables (`own`) with the files below them. Never raises."""
    places = files.places(environ, directory, working_directory)
    if not environ.get("TFWRAP_CONFIG") and not places.any_there():
        return own._replace(rests_on=places.all, layers=(_variables(own, environ),))
    return _settled(own, effective(own, environ, places, working_directory))


def effective(own: Settings, environ: Mapping[str, str], places: Places, working_directory: str) -> Effective:
    """Every setting with its origin, as it follows from the variables and the files. Never raises."""
    from tfwrap.settings.schema import SITE, USER

    show = _Shown(userdirs.home(environ), working_directory)
    site = _layer(places.site, SITE, show)
    user = _layer(places.user, USER, show)
    if environ.get("TFWRAP_CONFIG") and not files.is_there(places.user):
        user = user._replace(mistakes=(f"TFWRAP_CONFIG names {environ['TFWRAP_CONFIG']}, which is not there",))
    project = _project(places.projects, environ, show)
    merged = merge.merge(_variables(own, environ), project, user.values, site.values)
    mistakes = (*project.mistakes, *user.mistakes, *site.mistakes)
    return merged._replace(
        mistakes=mistakes, notes=(*project.notes, *merged.notes), rests_on=(*places.all, *project.rests_on)
    )


def _settled(own: Settings, found: Effective) -> Settings:
    strict, strict_origin = found.values.get(("strict",), (own.strict, own.strict_origin))
    auto, auto_origin = found.values.get(("auto",), ("off", DEFAULT))
    offline = found.values.get(("offline",), (False, DEFAULT))[0]
    days = found.values.get(("key_age_days",), (KEY_AGE_DAYS, DEFAULT))[0]
    return own._replace(
        strict=strict is not False,
        threshold=ERROR if strict == ERROR else WARNING,
        strict_origin=strict_origin,
        auto=str(auto),
        auto_origin=auto_origin,
        offline=offline is True,
        ignored=merge.ignored(found.values),
        mistakes=(*own.mistakes, *found.mistakes),
        notes=found.notes,
        rests_on=found.rests_on,
        layers=found.layers,
        key_age_days=days if isinstance(days, int) else KEY_AGE_DAYS,
    )


class _Shown(NamedTuple):
    home: str
    directory: str

    def path(self, path: str) -> str:
        return place(path, home=self.home, directory=self.directory)


def _layer(path: str, kind: str, show: _Shown) -> Layer:
    from tfwrap.settings.schema import Layer, parse

    if not path or not files.is_there(path):
        return Layer({})
    try:
        return parse(files.read(path).data, show.path(path), kind)
    except (OSError, BadInput) as error:
        return Layer({}, (_cannot_read(show.path(path), error),))


def _cannot_read(shown: str, error: Exception) -> str:
    why = f"cannot be read: {(error.strerror or str(error)).lower()}" if isinstance(error, OSError) else str(error)
    return f"{shown} {why} (it is left out)"


def _project(paths: Sequence[str], environ: Mapping[str, str], show: _Shown) -> Project:
    """The nearest file that counts. Another user's is passed over: in /tmp anybody may have laid one."""
    notes: list[str] = []
    rests_on: list[str] = []
    for path in filter(files.is_there, paths):
        try:
            content = files.read(path)
        except (OSError, BadInput) as error:
            return Project({}, {}, (_cannot_read(show.path(path), error),), tuple(notes))
        from tfwrap.settings import trust

        rests_on.append(trust.entry(environ, path, content.data))
        is_approved = trust.is_approved(environ, path, content.data)
        if is_approved or _is_ours(content.owner):
            found = _counted(content.data, show.path(path), is_approved=is_approved)
            return found._replace(notes=tuple(notes), rests_on=tuple(filter(None, rests_on)))
        notes.append(f"{show.path(path)} belongs to another user: passed over until `tfwrap trust` approves it")
    return Project({}, {}, (), tuple(notes), "", tuple(filter(None, rests_on)))


def _is_ours(owner: int) -> bool:
    return not hasattr(os, "getuid") or owner in (0, os.getuid())


def _counted(data: bytes, shown: str, *, is_approved: bool) -> Project:
    from tfwrap.settings.schema import PROJECT, is_account_pin, parse

    layer = parse(data, shown, PROJECT)
    counted = {key: value for key, value in layer.values.items() if is_approved or is_account_pin(key)}
    return Project(layer.values, counted, layer.mistakes, (), shown)


def _variables(own: Settings, environ: Mapping[str, str]) -> Values:
    read: dict[str, object] = {"strict": own.strict, "auto": own.auto, "offline": own.offline}
    names = {name: f"TFWRAP_{name.upper()}" for name in _VARIABLES}
    return {
        (name,): Value(read.get(name, environ[variable]), variable)
        for name, variable in names.items()
        if environ.get(variable)
    }
