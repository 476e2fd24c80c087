"""A root module as it is read before the run, and the profile and account that are meant in it."""

from __future__ import annotations

from tfwrap import userdirs
from tfwrap.lean import NamedTuple
from tfwrap.settings import intent
from tfwrap.terraform import configuration, evaluation, given, moduletree
from tfwrap.terraform.expression import Evaluator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.invocation import Invocation
    from tfwrap.settings.settings import Values
    from tfwrap.terraform.configuration import Configuration
    from tfwrap.terraform.evaluation import Provider
    from tfwrap.terraform.moduletree import Module


class Look(NamedTuple):
    """What was read of a root module, before anybody's environment is chosen."""

    invocation: Invocation
    module: Configuration
    tree: Module
    providers: tuple[Provider, ...]
    backend: Mapping[str, object]
    workspace: object
    given: given.Found = given.NOTHING


def read(invocation: Invocation, environ: Mapping[str, str], layers: Sequence[Values]) -> Look:
    """What the module, its calls and the settings (`layers`) say here."""
    module = configuration.read(invocation.directory, invocation.program)
    tree = moduletree.read(module, invocation)
    scope = evaluation.root_scope(module, invocation, environ)
    said = module.backend.expressions if module.backend else {}
    backend = {name: Evaluator().value(value, scope) for name, value in said.items()}
    providers = evaluation.providers(tree, invocation, environ)
    present = {name: value for name, value in backend.items() if value is not None}
    return Look(invocation, module, tree, providers, present, scope.workspace, given.read(invocation, environ, layers))


def meant(look: Look, environ: Mapping[str, str], layers: Sequence[Values]) -> intent.Intent:
    """The profile and the account that the settings mean here."""
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
