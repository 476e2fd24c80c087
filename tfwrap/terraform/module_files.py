"""The configuration files of a module, and whether they can mean AWS at all. A guarded command loads this first."""

from __future__ import annotations

import errno
import os

SUFFIXES = (".tf", ".tf.json")
TOFU_SUFFIXES = (".tofu", ".tofu.json")
# A file this large is generated; what names the backend is written by hand. Parsing takes about a second per MB.
LARGEST = 1 << 20


def mentions_aws(directory: str, data_dir: str) -> bool:
    """Whether anything that Terraform reads here could mean AWS: the text of the module, the saved backend, the lock.

    A quick look at bytes, wrong only on the safe side: a module that never says "aws" nor "s3" uses neither.
    """
    return any(_has_word(path) for path in paths(directory, data_dir)[1:])


def paths(directory: str, data_dir: str) -> list[str]:
    """What `mentions_aws` and `configuration.read` look at, the directory first: a file more or less changes it."""
    fixed = (os.path.join(directory, ".terraform.lock.hcl"), os.path.join(data_dir, "terraform.tfstate"))
    return [directory, *(os.path.join(directory, name) for name in _names(directory)), *fixed]


def of(directory: str, program: str = "terraform") -> list[str]:
    """The configuration files of a module, by name. OpenTofu reads `.tofu` too, instead of a `.tf` of the same name."""
    names = _names(directory)
    if program == "tofu":
        hidden = {f"{_stem(name)}.tf" for name in names if name.endswith(".tofu")}
        hidden |= {f"{_stem(name)}.tf.json" for name in names if name.endswith(".tofu.json")}
        chosen = [name for name in names if name not in hidden]
    else:
        chosen = [name for name in names if name.endswith(SUFFIXES)]
    candidates = (os.path.join(directory, name) for name in chosen)
    return [path for path in candidates if not os.path.isdir(path)]


def _names(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [name for name in names if name.endswith((*SUFFIXES, *TOFU_SUFFIXES)) and not name.startswith(".")]


def is_override(path: str) -> bool:
    """Whether Terraform merges this file into the others, last."""
    stem = _stem(os.path.basename(path))
    return stem == "override" or stem.endswith("_override")


def _stem(name: str) -> str:
    return next(name.removesuffix(end) for end in (*TOFU_SUFFIXES, *SUFFIXES) if name.endswith(end))


def content(path: str) -> bytes:
    """The bytes of a regular file: to open a named pipe is to wait for its writer."""
    if not os.path.isfile(path) and os.path.exists(path):
        raise OSError(errno.EINVAL, "is not a regular file")
    with open(path, "rb", buffering=0) as file:
        return file.read(LARGEST + 1)


def _has_word(path: str) -> bool:
    try:
        text = content(path).lower()
    except OSError:
        return False
    return len(text) > LARGEST or b"aws" in text or b"s3" in text
