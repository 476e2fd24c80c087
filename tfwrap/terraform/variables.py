"""The values of the root module's variables, by Terraform's precedence (each step tried with 0.12.29 and 1.11.4).

Lowest first: the default, TF_VAR_name, terraform.tfvars, terraform.tfvars.json, *.auto.tfvars and *.auto.tfvars.json
by name, then `-var` and `-var-file` in the order of the command line. A source that cannot be read may set anything:
behind it every variable is UNKNOWN until a later one sets it.
"""

from __future__ import annotations

import os

from tfwrap.terraform.expression import Evaluator, Reference, Scope
from tfwrap.terraform.module_files import LARGEST
from tfwrap.terraform.values import CONVERSIONS, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.invocation import Invocation
    from tfwrap.terraform.block import Block
    from tfwrap.terraform.configuration import Configuration
    from tfwrap.terraform.plan_file import Planned

PREFIX = "TF_VAR_"
_AUTO = (".auto.tfvars", ".auto.tfvars.json")
_NAMED = ("terraform.tfvars", "terraform.tfvars.json")
# A file here gives its content once, and then Terraform would find it empty.
_PIPES = ("/dev/", "/proc/")


def values(
    module: Configuration, invocation: Invocation, environ: Mapping[str, str], held: Planned | None = None
) -> dict[str, object]:
    """The value of every variable that the root module declares; UNKNOWN where it does not follow from text alone.

    `held` is what a saved plan fixes, where there is one that could be read.
    """
    if not module.variables:
        return {}
    if invocation.plan_file is not None:
        return _planned(module, held)
    if invocation.command == "test":  # its files say
        return dict.fromkeys(module.variables, UNKNOWN)
    found: dict[str, object] = {}
    for given in _sources(module, invocation, environ):
        found = found | given if given is not None else dict.fromkeys(module.variables, UNKNOWN)
    return {name: value(block, found) for name, block in module.variables.items()}


def _planned(module: Configuration, held: Planned | None) -> dict[str, object]:
    """`apply` of a saved plan takes the values from there, and hears of no others but ephemeral ones."""
    if held is None:
        return dict.fromkeys(module.variables, UNKNOWN)
    return {name: value(block, held.variables) for name, block in module.variables.items()}


def files(invocation: Invocation) -> list[str]:
    """The files of values that Terraform reads, or would read were they there; its directory first."""
    here = invocation.working_directory
    named = [said for name, said in _options(invocation) if name == "var-file"]
    return [here, *(os.path.join(here, name) for name in (*_NAMED, *_automatic(here), *named))]


def _sources(
    module: Configuration, invocation: Invocation, environ: Mapping[str, str]
) -> Iterator[dict[str, object] | None]:
    here = invocation.working_directory
    texts = {name: environ[PREFIX + name] for name in module.variables if PREFIX + name in environ}
    yield {name: _parsed(module.variables[name], text) for name, text in texts.items()}
    for name in (*_NAMED, *_automatic(here)):
        yield _file(os.path.join(here, name), {})
    for option, said in _options(invocation):
        yield _option(module, said) if option == "var" else _file(os.path.join(here, said), None)


def _option(module: Configuration, said: str) -> dict[str, object]:
    name, _, text = said.partition("=")
    block = module.variables.get(name.strip())
    return {name.strip(): _parsed(block, text)} if block else {}


def _options(invocation: Invocation) -> list[tuple[str, str]]:
    pairs = (text.lstrip("-").partition("=") for text in invocation.options)
    return [(name, said) for name, _, said in pairs if name in ("var", "var-file")]


def _automatic(directory: str) -> list[str]:
    """Hidden ones count too, `.auto.tfvars` itself among them (tried)."""
    try:
        return sorted(name for name in os.listdir(directory) if name.endswith(_AUTO))
    except OSError:
        return []


def _file(path: str, absent: dict[str, object] | None) -> dict[str, object] | None:
    """The values of a file, `absent` where there is none; None where it cannot be read or understood."""
    try:
        found = content(path)
    except (FileNotFoundError, NotADirectoryError):
        return absent
    except (OSError, ValueError):
        return None
    return understood(path, found)


def content(path: str) -> bytes:
    """The bytes of a regular file: to open a named pipe is to take what Terraform is meant to read.

    Raises OSError, and ValueError for what is no regular file or too large.
    """
    if path.startswith(_PIPES) or (not os.path.isfile(path) and os.path.lexists(path)):
        raise ValueError("is not a regular file")
    with open(path, "rb", buffering=0) as file:
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise ValueError("is larger than tfwrap reads")
    return found


def understood(path: str, content: bytes) -> dict[str, object] | None:
    """The values of a file that holds nothing else, in HCL or, by its name, in JSON; None where it does not parse."""
    from tfwrap.terraform import hcl, hcljson

    try:
        if path.endswith(".json"):
            document = hcljson.document_of(content)
            return dict(document) if isinstance(document, hcljson.Object) else None
        found = hcl.attributes(content)
    except RecursionError:
        return None
    evaluator, nothing = Evaluator(), Scope({}, {})
    return None if found is None else {name: evaluator.value(value, nothing) for name, value in found.items()}


def _parsed(block: Block, text: str) -> object:
    """A text from outside: the string itself for a variable of a primitive type or none, else an expression."""
    if "type" not in block.expressions or _type(block) in CONVERSIONS:
        return text
    return literal(text)


def literal(text: str) -> object:
    """The value of an expression on a command line; UNKNOWN where it does not follow from the text alone."""
    from tfwrap.terraform import hcl

    try:
        return Evaluator().value(hcl.value(text), Scope({}, {}))
    except RecursionError:
        return UNKNOWN


def _type(block: Block) -> str:
    """The type's name where it is a single word."""
    said = block.expressions.get("type")
    word = ".".join(str(part) for part in said.path) if isinstance(said, Reference) else said
    return word if isinstance(word, str) else ""


def value(block: Block, given: Mapping[str, object]) -> object:
    """What a variable has after conversion to its type; UNKNOWN where nothing gives it a value.

    A null stands for the default where the variable allows no nulls.
    """
    if block.arguments.get("ephemeral") not in (None, False):
        return UNKNOWN
    fallback = block.arguments.get("default", UNKNOWN)
    found = given.get("".join(block.labels), fallback)
    if found is None:
        return None if block.arguments.get("nullable", True) is True else fallback
    convert = CONVERSIONS.get(_type(block))
    return convert(found) if convert and found is not UNKNOWN else found
