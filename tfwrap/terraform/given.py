"""What the user gives to `terraform init` by `-backend-config`, where that is known, and where each value stands.

It is known from the settings (`backend_config`), from TF_CLI_ARGS_init and TF_CLI_ARGS, and from the command itself
where that is an `init`: in this order, of which the last one counts. Terraform puts the values over those of the
backend block, a file's and single ones alike (terraform internal/command/init.go, backendConfigOverrideBody).
"""

from __future__ import annotations

import os

from tfwrap import invocation
from tfwrap.lean import NamedTuple
from tfwrap.terraform import variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tfwrap.invocation import Invocation
    from tfwrap.settings.settings import Values

OPTION = "backend-config"
_VARIABLES = ("TF_CLI_ARGS_init", "TF_CLI_ARGS")
_SETTING = ("backend_config",)


class Given(NamedTuple):
    """One value: `location` is the file and its line, or the option, the variable or the setting that holds it."""

    name: str
    value: object
    location: str

    def __repr__(self) -> str:
        return f"Given({self.name!r}, {self.location!r})"  # the value may be a key


class Found(NamedTuple):
    """Every value in the order in which Terraform takes them, what could not be read, and the files that were."""

    values: tuple[Given, ...] = ()
    problems: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments that these values come to: the last one of a name counts."""
        return {each.name: each.value for each in self.values}

    def location(self, name: str) -> str:
        """Where the value of a name that counts stands."""
        return next((each.location for each in reversed(self.values) if each.name == name), "")


NOTHING = Found()


class _Said(NamedTuple):
    """What one `-backend-config` says, a pair or the path of a file, and what says it."""

    text: str
    origin: str


def read(typed: Invocation, environ: Mapping[str, str], layers: Sequence[Values] = ()) -> Found:
    """Everything that is known to be given to an `init` here. Never raises; what cannot be read is a problem."""
    told = (*_of_settings(layers), *_of_variables(environ), *_of_command(typed))
    return _found(told, typed)


def of_init(typed: Invocation, environ: Mapping[str, str]) -> Found:
    """What this very command gives to Terraform: nothing where it is no `init`. Settings are not Terraform's."""
    if typed.command != "init":
        return NOTHING
    return _found((*_of_variables(environ), *_of_command(typed)), typed)


def _of_settings(layers: Sequence[Values]) -> Iterator[_Said]:
    value = next((layer[_SETTING] for layer in layers if _SETTING in layer), None)
    if value and isinstance(value.value, list):
        yield from (_Said(str(text), value.origin) for text in value.value)


def _of_variables(environ: Mapping[str, str]) -> Iterator[_Said]:
    for name in _VARIABLES:
        read_alone = invocation.read("", ("init",), {name: environ.get(name, "")}, "")
        yield from (_Said(text, name) for text in read_alone.values(OPTION))


def _of_command(typed: Invocation) -> Iterator[_Said]:
    if typed.command == "init":
        alone = invocation.read(typed.program, typed.argv, {}, "")
        yield from (_Said(text, f"your -{OPTION}") for text in alone.values(OPTION))


def _found(told: Iterable[_Said], typed: Invocation) -> Found:
    found = NOTHING
    for said in told:
        more = _pair(said) if "=" in said.text else _file(said, typed)
        found = Found(found.values + more.values, found.problems + more.problems, found.files + more.files)
    return found


def _pair(said: _Said) -> Found:
    """`NAME=TEXT`: the text as it is, or an expression where the argument is a list or an object."""
    name, _, text = said.text.partition("=")
    value: object = text
    if text.lstrip().startswith(("{", "[")):
        value = variables.literal(text)
    return Found((Given(name.strip(), value, said.origin),))


def _file(said: _Said, typed: Invocation) -> Found:
    """A file of values, relative to the directory where Terraform works. An empty path gives nothing."""
    if not said.text:
        return NOTHING
    path = os.path.join(typed.working_directory, said.text)
    try:
        content = variables.content(path)
    except (OSError, ValueError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else str(error)
        return Found((), (f"{said.text} ({said.origin}) cannot be read: {why.lower()}",), (path,))
    values = variables.understood(path, content)
    if values is None:
        syntax = "a JSON object" if path.endswith(".json") else "HCL"
        return Found((), (f"{said.text} ({said.origin}) does not parse as {syntax}",), (path,))
    lines = _lines(path, content)
    places = {name: f"{said.text}:{lines[name]}" if name in lines else said.text for name in values}
    return Found(tuple(Given(name, value, places[name]) for name, value in values.items()), (), (path,))


def _lines(path: str, content: bytes) -> dict[str, int]:
    """The line in which each name first stands."""
    import re

    form = rb'"([^"]+)"\s*:' if path.endswith(".json") else rb'^\s*"?([\w-]+)"?\s*='
    found: dict[str, int] = {}
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        for name in re.findall(form, line):
            found.setdefault(name.decode("utf-8", "replace"), number)
    return found
