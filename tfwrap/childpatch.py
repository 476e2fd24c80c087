"""The child's environment: a patch of (name, value or None to unset, why), and what it makes of the parent's.

The parent's environment is never touched. Names and values that are no UTF-8 pass unchanged: `os.environ` keeps their
bytes as surrogates and gives them back so (PEP 383). What is changed in the AWS variables is `childenv`'s.
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The rule of the changes that make Terraform use the profile that is meant.
INTENT = "intended-profile"


class Change(NamedTuple):
    """One variable of the patch; `value` None unsets it. `rule` is the id of the row that made it, if one did."""

    name: str
    value: str | None
    why: str
    rule: str = ""


def of_every_child(guard_name: str, guard: str, real: str, environ: Mapping[str, str]) -> tuple[Change, ...]:
    """What the environment of every child differs in: the recursion guard, and what a version manager needs."""
    return (
        Change(guard_name, guard, "a tfwrap called from inside this run passes straight through"),
        *_version_manager(real, environ),
    )


def _version_manager(path: str, environ: Mapping[str, str]) -> tuple[Change, ...]:
    """tfenv exports TFENV_HELPERS, and a nested dash then loses the functions that it promises: an endless loop."""
    if "TFENV_HELPERS" not in environ or not _is_tfenv(path):
        return ()
    return (Change("TFENV_HELPERS", None, "tfenv loops without end when it finds it and its functions are lost"),)


def _is_tfenv(path: str) -> bool:
    """A script with a `tfenv` beside it, as `shims/shim.bash` has it: the path itself need not say so (Homebrew)."""
    if not (os.path.exists(os.path.join(os.path.dirname(path), "tfenv")) and os.path.isfile(path)):
        return False
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def apply(environ: Mapping[str, str], patch: Iterable[Change]) -> dict[str, str]:
    """The environment that a patch makes of another one."""
    result = dict(environ)
    for change in patch:
        if change.value is None:
            result.pop(change.name, None)
        else:
            result[change.name] = change.value
    return result
