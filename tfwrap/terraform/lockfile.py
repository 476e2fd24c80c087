"""The version of the AWS provider that `terraform init` chose: by the lock file, else by what it installed."""

from __future__ import annotations

import os

from tfwrap.terraform.module_files import LARGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tfwrap.invocation import Invocation

NAME = ".terraform.lock.hcl"
OFFICIAL = ("registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws")
_PROGRAM = "terraform-provider-aws_v"


def version(invocation: Invocation, real: str = "") -> tuple[int, ...]:
    """The AWS provider's version, as (5, 100, 0); () where it is not known, or several are installed. Never raises.

    Terraform 0.14 and newer have a lock file. Before, 0.13 wrote `selections.json`, and 0.12 kept programs by name
    below `.terraform/plugins`, or found them beside its own program, `real` (seen with 0.12.29).
    """
    return _locked(path_in(invocation)) or _selected(invocation.data_dir) or _installed(invocation.data_dir, real)


def path_in(invocation: Invocation) -> str:
    """Where the lock file is: in the directory in which Terraform works."""
    return os.path.join(invocation.working_directory, NAME)


def numbers(text: object) -> tuple[int, ...]:
    """A version as numbers, without what stands behind `-` or `+`; () for anything else."""
    parts = text.partition("+")[0].partition("-")[0].split(".") if isinstance(text, str) else []
    is_one = all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)
    return tuple(int(part) for part in parts) if is_one else ()


def _locked(path: str) -> tuple[int, ...]:
    from tfwrap.terraform import hcl

    content = _content(path)
    try:
        blocks = [item[1] for item in hcl.blocks(path, content) if not isinstance(item, str)] if content else []
    except RecursionError:
        return ()
    return _of_aws([("".join(block.labels), block.arguments.get("version")) for block in blocks])


def _selected(data_dir: str) -> tuple[int, ...]:
    import json

    try:
        document = json.loads(_content(os.path.join(data_dir, "plugins", "selections.json")) or b"{}")
    except (ValueError, RecursionError):
        return ()
    pairs = document.items() if isinstance(document, dict) else ()
    return _of_aws([(name, said.get("version")) for name, said in pairs if isinstance(said, dict)])


def _of_aws(found: list[tuple[str, object]]) -> tuple[int, ...]:
    """The version of the official provider, else of one that a mirror or a fork calls `aws` too."""
    known = {name.lower(): said for name, said in found if name.lower().rpartition("/")[2] == "aws"}
    official = [known[name] for name in OFFICIAL if name in known]
    return numbers(next(iter([*official, *known.values()]), ""))


def _installed(data_dir: str, real: str) -> tuple[int, ...]:
    """What is named in the trees of installed providers: HOST/NAMESPACE/aws/VERSION, or programs named by version."""
    trees = [os.path.join(data_dir, name) for name in ("providers", "plugins")]
    in_trees = [text for tree in trees for text in _below(tree, ("*", "*", "aws", "*"))]
    platforms = [os.path.join(data_dir, "plugins", name) for name in _names(os.path.join(data_dir, "plugins"))]
    if not in_trees and real and any(os.path.isfile(os.path.join(place, "lock.json")) for place in platforms):
        platforms += [os.path.dirname(real), os.path.dirname(os.path.realpath(real))]
    programs = [name for place in platforms for name in _names(place) if name.startswith(_PROGRAM)]
    versions = {numbers(text) for text in (*in_trees, *map(_named, programs))} - {()}
    return versions.pop() if len(versions) == 1 else ()


def _named(program: str) -> str:
    return program.removeprefix(_PROGRAM).removesuffix(".exe").partition("_")[0]


def _below(place: str, steps: Iterable[str]) -> list[str]:
    """The last names on every way down a tree along these steps."""
    places = [place]
    for step in steps:
        names = [(above, name) for above in places for name in _names(above)]
        places = [os.path.join(above, name) for above, name in names if step in ("*", name)]
    return [os.path.basename(found) for found in places]


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))[:100]
    except (OSError, ValueError):
        return []


def _content(path: str) -> bytes:
    """The bytes of a regular file that is not too large; nothing for anything else."""
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb", buffering=0) as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError):
        return b""
    return content if len(content) <= LARGEST else b""
