"""The version of the real binary: asked once, then remembered by the file's path, size and time of change."""

from __future__ import annotations

import json
import os
import re

from tfwrap import state
from tfwrap.errors import Interrupted, TfwrapError
from tfwrap.process import process
from tfwrap.process.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# What is assumed of a binary that will not say: the rules have been the same since 1.7.
UNKNOWN = (1, 99)
MOST = 20
_FIRST_LINE = re.compile(rb"^(?:Terraform|OpenTofu) v(\d+)\.(\d+)", re.MULTILINE)


def detect(real: str, environ: Mapping[str, str]) -> tuple[int, ...]:
    """Major and minor version of the real binary; UNKNOWN where it cannot be found out. Never raises."""
    try:
        key = _fingerprint(real)
        known = _load().get(key) or _ask(real, environ)
    except (OSError, TfwrapError):
        return UNKNOWN
    if known != UNKNOWN and not may_differ(real):
        _keep(key, known)
    return known


def may_differ(real: str) -> bool:
    """Whether the version depends on more than the file: a version manager's script looks at where it is called."""
    try:
        with open(real, "rb", buffering=0) as file:
            return file.read(2) == b"#!"
    except OSError:
        return True


def _ask(real: str, environ: Mapping[str, str]) -> tuple[int, ...]:
    lean = {**environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": ""}
    finished = process.capture(Command(real, ["version"], lean), say=lambda _: None)
    if finished.signal or finished.interrupted:
        raise Interrupted(finished.signal or finished.interrupted)
    found = _FIRST_LINE.search(finished.tail)
    return (int(found[1]), int(found[2])) if found else UNKNOWN


def _fingerprint(real: str) -> str:
    seen = os.stat(real)
    return f"{os.path.realpath(real)}:{seen.st_size}:{seen.st_mtime_ns}"


def _cache_path() -> str:
    return os.path.join(state.directory(), "versions.json")


def _keep(key: str, version: tuple[int, ...]) -> None:
    """Remember the versions of the binaries that are used; where that is not possible, they are asked again."""
    known = _load()
    if known.get(key) == version:
        return
    known[key] = version
    newest = dict(list(known.items())[-MOST:])
    try:
        state.write(_cache_path(), json.dumps(newest).encode())
    except OSError:
        return


def _load() -> dict[str, tuple[int, ...]]:
    try:
        with open(_cache_path(), "rb") as file:
            content = json.loads(file.read(1 << 16))
    except (OSError, ValueError):
        return {}
    entries = content.items() if isinstance(content, dict) else ()
    return {key: tuple(value) for key, value in entries if _is_version(value)}


def _is_version(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, int) for part in value)
