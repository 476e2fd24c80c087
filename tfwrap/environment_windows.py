"""The environment on Windows, where a name is the same in any case of letters, but not to Terraform.

Python's os.environ has all names in capitals. Terraform takes `TF_VAR_region` from the list of all variables, so that
the variable `region` would be lost; the names that the child gets are those that we were given.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# What follows is a name of the user's, or of a subcommand, and is looked up as written.
_LITERAL = ("TF_VAR_", "TF_CLI_ARGS_", "TF_TOKEN_")


def as_looked_up(given: Mapping[str, str]) -> dict[str, str]:
    """The environment under the names that programs ask for: in capitals, but for what Terraform takes literally."""
    return {name if name.startswith(_LITERAL) else name.upper(): value for name, value in given.items()}


def as_given(environ: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """An environment of `as_looked_up`, or what a patch made of it, under the names that we were given."""
    names = {name if name.startswith(_LITERAL) else name.upper(): name for name in given}
    return {names.get(name, name): value for name, value in environ.items()}
