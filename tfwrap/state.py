"""What tfwrap keeps on disk: in the user's state directory, written whole or not at all, never a secret."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_A_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has none; O_EXCL alone opens no link either

_PATIENCE, _PAUSE_S = 20, 0.05


def directory(*parts: str) -> str:
    """A directory below the user's state directory (platformdirs), made with mode 0700. Raises OSError."""
    import platformdirs

    path = platformdirs.user_state_dir("tfwrap", appauthor=False)
    os.makedirs(path, mode=0o700, exist_ok=True)
    for part in parts:
        path = os.path.join(path, part)
        os.makedirs(path, mode=0o700, exist_ok=True)  # the mode counts for the last directory only
    return path


def write(path: str, content: bytes) -> None:
    """Write a file of mode 0600 so that a reader, or a crash, sees the old content or the new. Raises OSError."""
    temporary = f"{path}.{os.getpid()}.new"
    remove(temporary)  # a crash may have left one of a process that had our number
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOT_A_LINK, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace(temporary, path)
    except BaseException:  # an interrupt as well: what is half written may hold a secret
        remove(temporary)
        raise


if sys.platform == "win32":

    def replace(source: str, target: str) -> None:
        """Give a file another one's name. Whoever reads that one (a virus scanner) is waited for. Raises OSError."""
        import time

        for _ in range(_PATIENCE):
            try:
                os.replace(source, target)
            except PermissionError:
                time.sleep(_PAUSE_S)
            else:
                return
        os.replace(source, target)

else:

    def replace(source: str, target: str) -> None:
        """Give a file another one's name. Raises OSError."""
        os.replace(source, target)


def remove(path: str) -> None:
    """Remove a file that may be gone already. Raises OSError for anything else."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def newest_first(path: str, suffix: str) -> Iterator[str]:
    """The files of a directory with that suffix, by name, last first: names begin with the time."""
    try:
        names = sorted(os.listdir(path), reverse=True)
    except OSError:
        return
    yield from (os.path.join(path, name) for name in names if name.endswith(suffix))
