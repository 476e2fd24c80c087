"""The root module and the modules that it calls, in so far as they are local or `terraform init` has installed them."""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple
from tfwrap.terraform import configuration
from tfwrap.terraform.module_files import LARGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.invocation import Invocation
    from tfwrap.terraform.block import Block
    from tfwrap.terraform.configuration import Configuration

MANIFEST = "modules/modules.json"
# Modules that call each other twice double at every level; real trees stay far below both numbers.
DEEPEST = 20
MOST = 1000


class Module(NamedTuple):
    """A module in the tree: the names of the calls that lead to it, its directory, and the modules that it calls.

    `configuration` is None where the module is not there to be read: its providers are not known then.
    """

    names: tuple[str, ...]
    directory: str
    configuration: Configuration | None
    call: Block | None = None
    children: tuple[Module, ...] = ()


def read(root: Configuration, invocation: Invocation) -> Module:
    """The tree below a root module that has been read already. Never raises for what the files hold."""
    return _Reader(invocation).module((), invocation.directory, root, None)


def manifest_path(invocation: Invocation) -> str:
    """Where init writes down which modules it has installed."""
    return os.path.join(invocation.data_dir, MANIFEST)


def directories(tree: Module) -> list[str]:
    """The directories of every module below the root, each once."""
    below = [name for child in tree.children for name in (child.directory, *directories(child)) if name]
    return list(dict.fromkeys(below))


class _Reader:
    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._installed = _manifest(manifest_path(invocation))
        self._known: dict[str, Configuration] = {}
        self._left = MOST

    def module(self, names: tuple[str, ...], directory: str, found: Configuration, call: Block | None) -> Module:
        calls = found.modules.items() if len(names) < DEEPEST else ()
        children = [self._child((*names, name), directory, block) for name, block in calls if self._may_read()]
        return Module(names, directory, found, call, tuple(children))

    def _may_read(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def _child(self, names: tuple[str, ...], parent: str, call: Block) -> Module:
        directory = self._directory(names, parent, call)
        if not directory or not os.path.isdir(directory):
            return Module(names, directory, None, call)
        if directory not in self._known:
            self._known[directory] = configuration.read(directory, self._invocation.program)
        return self.module(names, directory, self._known[directory], call)

    def _directory(self, names: tuple[str, ...], parent: str, call: Block) -> str:
        source = call.text("source")
        place = self._installed.get(".".join(names), "")
        base, path = (parent, source) if source.startswith(("./", "../")) else (self._working, place)
        return os.path.normpath(os.path.join(base, path)) if path and "\0" not in path else ""

    @property
    def _working(self) -> str:
        return self._invocation.working_directory


def _manifest(path: str) -> dict[str, str]:
    """The directories of installed modules by the names of their calls; relative to where Terraform works."""
    import json

    try:
        if not os.path.isfile(path):
            return {}
        with open(path, "rb", buffering=0) as file:
            document = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = document.get("Modules") if isinstance(document, dict) else None
    known = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    pairs = [(entry.get("Key"), entry.get("Dir")) for entry in known]
    return {key: place for key, place in pairs if isinstance(key, str) and isinstance(place, str)}
