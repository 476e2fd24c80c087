"""What a reconfiguration that was killed has left behind: finished where init had done its work, else undone.

Whether a workspace is listed, nobody had looked yet, and only `default` is always there: for any other the old saved
backend comes back, and what follows is a reconfiguration with all of its checks, or none.
"""

from __future__ import annotations

import os

from tfwrap import state
from tfwrap.process import process
from tfwrap.recovery import address, copies, lock
from tfwrap.recovery.reconfigure import VALUES_FILE
from tfwrap.terraform import saved_backend
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.invocation import Invocation
    from tfwrap.recovery.copies import Kept

DEFAULT = "default"
FINISHED = "an earlier init -reconfigure was cut short after its work was done; its copies are removed"
UNDONE = "an earlier init -reconfigure was cut short; the saved backend is as it was before it"


def settle(typed: Invocation, environ: Mapping[str, str]) -> str:
    """Tidy up in a data directory; returns what was done, in words, empty where there was nothing to do.

    Raises OSError where it could not be done.
    """
    kept = files(typed)
    if not copies.are_there(kept) and not _scraps(typed, kept):
        return ""
    with lock.alone(typed.data_dir) as refusal:
        return refusal or _settled(typed, kept, address.workspace(typed, environ))


def files(typed: Invocation) -> Kept:
    """The files that a reconfiguration in this data directory copies first."""
    return copies.of(saved_backend.path_in(typed.data_dir), address.environment_file(typed))


def _settled(typed: Invocation, kept: Kept, workspace: str) -> str:
    is_done = workspace == DEFAULT and _is_done(typed, kept)
    was_there = os.path.exists(kept.copies[0])
    process.undisturbed(lambda: copies.discard(kept) if is_done else copies.put_back(kept))
    for scrap in _scraps(typed, kept):
        state.remove(scrap)
    if not was_there:
        return ""
    return FINISHED if is_done else UNDONE


def _scraps(typed: Invocation, kept: Kept) -> list[str]:
    """The file of values, and what was being written when the end came (`state.write`)."""
    values = os.path.join(typed.data_dir, VALUES_FILE)
    unfinished = [found for path in (*kept, *kept.copies, values) for found in _unfinished(path)]
    return [*unfinished, *filter(os.path.lexists, (values,))]


def _unfinished(path: str) -> list[str]:
    folder, name = os.path.split(path)
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    middles = ((other, other.removeprefix(f"{name}.").removesuffix(".new")) for other in names)
    return [
        os.path.join(folder, other) for other, middle in middles if other == f"{name}.{middle}.new" and middle.isdigit()
    ]


def _is_done(typed: Invocation, kept: Kept) -> bool:
    """Whether what is saved now is the same state by the same way, without a credential."""
    before, after = _read(kept.copies[0]), saved_backend.read(typed.data_dir, "")
    if not isinstance(before, SavedBackend) or not isinstance(after, SavedBackend) or after.holds_keys:
        return False
    workspaces = [address.selected(path) for path in (kept.copies[1], kept.environment)]
    return address.of(before, workspaces[0]) == address.of(after, workspaces[1])


def _read(path: str) -> object:
    try:
        with open(path, "rb") as file:
            return saved_backend.parse(path, path, file.read(saved_backend.LARGEST))
    except OSError:
        return None
