"""The AWS provider configurations of a run, with the values of their arguments as far as they follow from text alone.

Terraform configures only the providers that something uses (tried with 1.11.4 and provider 5.100.0): a block that no
resource or data source names stays untouched, unless the state still holds a resource of it; a root module
without a default block gets an empty one as soon as something uses it, be it in a module that it calls.
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple
from tfwrap.terraform import configuration, module_files, moduletree, plan_file, variables
from tfwrap.terraform.expression import Deferred, Evaluator, Reference, Scope
from tfwrap.terraform.functions import FUNCTIONS
from tfwrap.terraform.values import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tfwrap.invocation import Invocation
    from tfwrap.terraform.block import Block
    from tfwrap.terraform.configuration import Configuration
    from tfwrap.terraform.moduletree import Module
    from tfwrap.terraform.plan_file import Planned

LOCK_FILE = ".terraform.lock.hcl"
_DEFAULT = ""


class Provider(NamedTuple):
    """One AWS provider configuration, its name as in "module.NAME.provider.aws.ALIAS", and its arguments' values.

    What is null is left out, as Terraform does; `assume_role` is an object, or a list of them in order. `location` is
    empty for the default configuration that no block declares. `is_used` tells whether a resource, a data source
    or a module that could not be read uses it: what is not used is configured only if the state asks for it.
    """

    name: str
    location: str
    arguments: Mapping[str, object]
    is_used: bool = True

    def __repr__(self) -> str:
        return f"Provider({self.name!r}, {self.location!r})"  # the arguments may be keys


def root_scope(module: Configuration, invocation: Invocation, environ: Mapping[str, str]) -> Scope:
    """What names stand for in the root module."""
    held = plan_file.planned(invocation.plan_file) if invocation.plan_file is not None else None
    found = variables.values(module, invocation, environ, held)
    cwd = UNKNOWN if invocation.chdir else invocation.working_directory
    place = os.path.relpath(invocation.directory, invocation.working_directory)
    places = {"module": place, "root": place, "cwd": cwd}
    return Scope(found, module.locals, workspace(invocation, environ, held), places, FUNCTIONS)


def workspace(invocation: Invocation, environ: Mapping[str, str], held: Planned | None = None) -> object:
    """The selected workspace: TF_WORKSPACE, else the file `environment`, else `default`; `held` is a saved plan's.

    UNKNOWN for a plan of another one: which of the two counts then is for Terraform (1.11.4 gives a provider the
    selected one, 1.15.5 refuses; tried).
    """
    if invocation.command == "test":
        return UNKNOWN
    selected = _selected(invocation, environ)
    if invocation.plan_file is None:
        return selected
    return selected if held and held.workspace == selected else UNKNOWN


def _selected(invocation: Invocation, environ: Mapping[str, str]) -> object:
    if environ.get("TF_WORKSPACE"):
        return environ["TF_WORKSPACE"]
    path = _environment_file(invocation)
    if not os.path.isfile(path):
        return UNKNOWN if os.path.exists(path) else "default"
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(4096).decode().strip() or "default"
    except (OSError, ValueError):
        return UNKNOWN


def providers(tree: Module, invocation: Invocation, environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """The AWS provider configurations of the root module, then those of the modules that bring their own."""
    root = tree.configuration
    if root is None:
        return ()
    found = list(_of_module(tree, root_scope(root, invocation, environ), Evaluator(), invocation))
    is_declared = any(not block.text("alias") for block in root.providers)
    if _DEFAULT in _wanted(tree) and not is_declared:
        return (Provider("provider.aws", "", {}), *found)
    return tuple(found)


def paths(tree: Module, invocation: Invocation) -> list[str]:
    """Every file that the evaluation read or looked for, besides the root module's own; directories for their lists."""
    below = [path for directory in moduletree.directories(tree) for path in (directory, *_files(directory, invocation))]
    lock = os.path.join(invocation.working_directory, LOCK_FILE)
    fixed = (moduletree.manifest_path(invocation), _environment_file(invocation), lock)
    return list(dict.fromkeys((*variables.files(invocation), *fixed, *below)))


def _files(directory: str, invocation: Invocation) -> list[str]:
    return module_files.of(directory, invocation.program)


def _environment_file(invocation: Invocation) -> str:
    return os.path.join(invocation.data_dir, "environment")


def _of_module(tree: Module, scope: Scope, evaluator: Evaluator, invocation: Invocation) -> Iterator[Provider]:
    if tree.configuration is None:
        return
    wanted = _wanted(tree)
    for block in _own(tree):
        alias = block.text("alias")
        name = ".".join((*(f"module.{name}" for name in tree.names), "provider.aws", *([alias] if alias else ())))
        yield Provider(name, block.location, _arguments(block, scope, evaluator), alias in wanted)
    for child in (child for child in tree.children if child.configuration is not None):
        yield from _of_module(child, _child_scope(child, scope, invocation), evaluator, invocation)


def _child_scope(child: Module, scope: Scope, invocation: Invocation) -> Scope:
    """A module's variables are the arguments of its call, in the scope of the module that calls it."""
    declared = child.configuration.variables if child.configuration else {}
    said = child.call.expressions if child.call else {}
    given = {
        name: Deferred(said[name], scope, _finish(block)) if name in said else variables.value(block, {})
        for name, block in declared.items()
    }
    place = os.path.relpath(child.directory, invocation.working_directory)
    names = child.configuration.locals if child.configuration else {}
    return Scope(given, names, scope.workspace, {**scope.paths, "module": place}, scope.functions)


def _finish(block: Block) -> Callable[[object], object]:
    """Makes a variable's value of what the call of its module says."""
    return lambda value: variables.value(block, {"".join(block.labels): value})


def _arguments(block: Block, scope: Scope, evaluator: Evaluator) -> dict[str, object]:
    said = {name: value for name, value in block.expressions.items() if name != "alias"}
    values = {name: _single(name, evaluator.value(value, scope)) for name, value in said.items()}
    return {name: _cleaned(value) for name, value in values.items() if value is not None}


def _single(name: str, value: object) -> object:
    """One nested block in JSON's brackets is that block, and several of `endpoints` are one."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return value
    if name == "endpoints":
        return {key: inner for item in value for key, inner in item.items()}
    return value[0] if len(value) == 1 else value


def _cleaned(value: object) -> object:
    try:
        return _without_nulls(value)
    except RecursionError:
        return UNKNOWN


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _own(tree: Module) -> list[Block]:
    """The provider blocks that are configurations: not those that only stand for one which the call hands over."""
    handed = _handed(tree.call)
    blocks = tree.configuration.providers if tree.configuration else ()
    return [block for block in blocks if block.text("alias") not in handed]


def _handed(call: Block | None) -> dict[str, str]:
    """The aliases of AWS providers that a call hands over, and what they are called where it stands."""
    said = call.expressions.get("providers") if call else None
    pairs = said.items() if isinstance(said, dict) else ()
    return {configuration.provider_reference(name)[1]: _alias_of(value) for name, value in pairs}


def _alias_of(value: object) -> str:
    text = ".".join(str(part) for part in value.path) if isinstance(value, Reference) else value
    return configuration.provider_reference(text)[1] if isinstance(text, str) else ""


def _wanted(tree: Module) -> set[str]:
    """The aliases (empty: the default) that are used in a module, or by those below it that have none of their own."""
    if tree.configuration is None:
        return set()
    wanted: set[str] = {configuration.provider_of(user)[1] for user in tree.configuration.users}
    for child in tree.children:
        handed = _handed(child.call)
        own = {block.text("alias") for block in _own(child)}
        missing = set(handed) if child.configuration is None else _wanted(child) - own
        wanted |= {handed.get(alias, _DEFAULT) for alias in missing if alias in handed or alias == _DEFAULT}
    return wanted
