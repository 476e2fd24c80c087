"""A block of a Terraform configuration, the same whether it was written in HCL or in JSON."""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Block(NamedTuple):
    """A block: its labels, its arguments (plain values, nested objects or UNKNOWN) and where it stands.

    `expressions` are the same arguments with what can be evaluated later: References and Templates instead of
    UNKNOWN. A nested block that is repeated is a list there; among `arguments` the first one counts.
    """

    labels: tuple[str, ...]
    arguments: dict[str, object]
    location: str
    expressions: Mapping[str, object] = {}

    def text(self, name: str) -> str:
        """An argument that is a literal string; empty for anything else."""
        value = self.arguments.get(name)
        return value if isinstance(value, str) else ""
