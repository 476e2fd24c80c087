"""The version of the real binary: asked once, then remembered by the file's path, size and time of change."""

from __future__ import annotations

import json
import os
import re

from tfwrap import process, state
from tfwrap.errors import TfwrapError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# What is assumed of a binary that will not say: the rules have been the same since 1.7.
UNKNOWN = (1, 99)
_FIRST_LINE = re.compile(rb"^(?:Terraform|OpenTofu) v(\d+)\.(\d+)", re.MULTILINE)


def detect(real: str, environ: Mapping[str, str]) -> tuple[int, ...]:
    """Major and minor version of the real binary; UNKNOWN where it cannot be found out. Never raises."""
    try:
        remembered = _load()
        key = _fingerprint(real)
        if key not in remembered:
            remembered = {key: list(_ask(real, environ))}
            state.write(_cache_path(), json.dumps(remembered).encode())
        return tuple(remembered[key])
    except (OSError, TfwrapError, ValueError):
        return UNKNOWN


def _ask(real: str, environ: Mapping[str, str]) -> tuple[int, ...]:
    finished = process.capture(real, ["version"], {**environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": ""})
    found = _FIRST_LINE.search(finished.tail)
    return (int(found[1]), int(found[2])) if found else UNKNOWN


def _fingerprint(real: str) -> str:
    seen = os.stat(real)
    return f"{os.path.realpath(real)}:{seen.st_size}:{seen.st_mtime_ns}"


def _cache_path() -> str:
    return os.path.join(state.directory(), "versions.json")


def _load() -> dict[str, list[int]]:
    try:
        with open(_cache_path(), "rb") as file:
            content = json.loads(file.read(1 << 16))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
