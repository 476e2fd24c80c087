"""The approval of project files: a `.tfwrap.toml` comes with a clone, and may not decide anything unseen.

An approval is a file of mode 0600 in the state directory, named by the SHA-256 of the file's path and content and
holding the path: any change of either, and it is not approved (the scheme of direnv's `allow`).
"""

from __future__ import annotations

import hashlib
import os

from tfwrap import state
from tfwrap.errors import BadInput
from tfwrap.settings import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def entry(environ: Mapping[str, str], path: str, content: bytes) -> str:
    """The file that is there where a content at a path is approved; empty where there is no state directory."""
    base = files.state_directory(environ)
    digest = hashlib.sha256(os.fsencode(path) + b"\0" + content).hexdigest()
    return os.path.join(base, "trust", digest) if base else ""


def is_approved(environ: Mapping[str, str], path: str, content: bytes) -> bool:
    """Whether the user has approved that content at that path. The path is one without symbolic links to folders."""
    there = entry(environ, path, content)
    return bool(there) and os.path.isfile(there)


def approve(environ: Mapping[str, str], path: str, content: bytes) -> None:
    """Approve a content at a path. Raises OSError, and BadInput where there is no place to keep it."""
    there = entry(environ, path, content)
    if not there:
        raise BadInput("HOME is not set: there is no place to keep an approval")
    for folder in (files.state_directory(environ), os.path.dirname(there)):
        os.makedirs(folder, mode=0o700, exist_ok=True)  # the mode counts for the last directory only
    state.write(there, os.fsencode(path) + b"\n")


def revoke(environ: Mapping[str, str], path: str) -> int:
    """Take back the approval of every content at a path; how many there were. Raises OSError."""
    folder = os.path.join(files.state_directory(environ), "trust")
    approved = [name for name in _names(folder) if _is_for(os.path.join(folder, name), path)]
    for name in approved:
        state.remove(os.path.join(folder, name))
    return len(approved)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _is_for(there: str, path: str) -> bool:
    with open(there, "rb") as file:
        return file.read() == os.fsencode(path) + b"\n"
