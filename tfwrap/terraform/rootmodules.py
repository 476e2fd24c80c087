"""The root modules below a directory: where somebody would type `terraform plan`.

A quick look at the text, which needs no file to parse: a directory with a backend, a cloud or a provider block, except
one with provider blocks only that another module calls by its path.
"""

from __future__ import annotations

import os
import re

from tfwrap.lean import NamedTuple
from tfwrap.terraform import module_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"^[ \t]*(?:#|//)[^\n]*|/\*.*?\*/", re.MULTILINE | re.DOTALL)
# In HCL `backend "s3" {`, in JSON `"backend": {`; likewise for the other two.
_STATE = re.compile(r'\bbackend[ \t]+"[^"\n]*"[ \t]*\{|\bcloud[ \t]*\{|"(?:backend|cloud)"\s*:\s*[\[{]')
_PROVIDER = re.compile(r'\bprovider[ \t]+"[^"\n]*"[ \t]*\{|"provider"\s*:\s*[\[{]')
_CALL = re.compile(r'\bsource"?[ \t]*[=:][ \t]*"(\.\.?/[^"\n$]*)"')


class Module(NamedTuple):
    """What a directory's text says: a place for the state, a provider, and the local modules that it calls."""

    has_state: bool
    has_provider: bool
    calls: tuple[str, ...]


def below(directory: str, program: str = "terraform") -> list[str]:
    """The root modules in a directory and below it, sorted. Hidden directories, `.terraform` first, are passed over."""
    modules = {folder: _read(folder, program) for folder in _folders(directory)}
    called = {os.path.normpath(os.path.join(folder, call)) for folder, each in modules.items() for call in each.calls}
    return [
        folder
        for folder, each in sorted(modules.items())
        if each.has_state or (each.has_provider and os.path.normpath(folder) not in called)
    ]


def _folders(directory: str) -> Iterator[str]:
    for folder, inner, _ in os.walk(directory):
        inner[:] = [name for name in inner if not name.startswith(".")]
        yield folder


def _read(folder: str, program: str) -> Module:
    text = "\n".join(_COMMENT.sub("", _text(path)) for path in module_files.of(folder, program))
    return Module(bool(_STATE.search(text)), bool(_PROVIDER.search(text)), tuple(_CALL.findall(text)))


def _text(path: str) -> str:
    """The beginning of a regular file; what cannot be read says nothing."""
    if not os.path.isfile(path):  # to open a named pipe is to wait for its writer
        return ""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(module_files.LARGEST)
    except OSError:
        return ""
