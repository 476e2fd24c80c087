"""Where test material is kept between runs: outside the checkout, built once, shared by all test workers."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

README = "Test material of tfwrap. It may be deleted at any time; the tests fetch it again.\n"


def directory() -> Path:
    """The cache: $TFWRAP_TEST_CACHE, else `tfwrap-tests` in the user's XDG cache directory."""
    own = os.environ.get("TFWRAP_TEST_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(own) if own else Path(base, "tfwrap-tests")
    path.mkdir(parents=True, exist_ok=True)
    readme = path / "README"
    if not readme.exists():
        readme.write_text(README)
    return path.resolve()


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """The directory `name` in the cache; `build` fills it, in a temporary place, when it is not there yet.

    Another process that wants the same directory waits for the first. Whatever `build` raises comes through,
    and nothing half-built stays behind.
    """
    target = directory() / name
    if target.is_dir():
        return target
    with locked(target.with_name(f".{name}.lock")):
        if not target.is_dir():
            _build(target, build)
    return target


def _build(target: Path, build: Callable[[Path], None]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        build(draft)
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; another process that wants it waits."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def replace_file(path: Path, text: str) -> None:
    """Make `path` hold `text`, never half of it, whoever else writes the same at the same time."""
    if path.is_file() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    os.replace(draft, path)


def replace_link(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target`, in one step."""
    if path.is_symlink() and path.readlink() == target:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."), "link")
    draft.symlink_to(target)
    draft.replace(path)
    draft.parent.rmdir()
