"""A lock that is held where an apply of this directory broke off before: most likely that apply's own.

Terraform could not name its lock when it broke off with credentials that were over; the next command's error does.
"""

from __future__ import annotations

import os
import platform

from tfwrap.diagnosis.causes.slugs import STATE_LEFT_BEHIND
from tfwrap.explain import incidents
from tfwrap.failure import failure
from tfwrap.preflight.checks.errored_state import FILE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.failure.failure import Failure
    from tfwrap.invocation import Invocation


def lock(typed: Invocation, output: bytes) -> Failure | None:
    """The lock that kept Terraform out, where it is the one that was left behind; None for a colleague's."""
    held = failure.held_lock(output)
    if held is None or held.facts.get("lock_who", "").partition("@")[2] != platform.node():
        return None
    return held if _has_broken_off(typed) else None


def _has_broken_off(typed: Invocation) -> bool:
    """Whether there is the state that an apply could not save, or the last failure here was such an apply's."""
    if os.path.isfile(os.path.join(typed.working_directory, FILE_NAME)):
        return True
    last = incidents.last(typed.directory)
    return last is not None and last.workdir == typed.directory and last.cause == STATE_LEFT_BEHIND
