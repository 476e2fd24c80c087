"""One guarded run: the values that its steps hand on."""

from __future__ import annotations

from tfwrap import childpatch, output
from tfwrap.lean import NamedTuple
from tfwrap.which import GUARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.bridge.making import Served
    from tfwrap.childpatch import Change
    from tfwrap.invocation import Invocation
    from tfwrap.output import Output
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.settings.settings import Settings
    from tfwrap.which import Real


class Run(NamedTuple):
    """What was typed, and the world that it was typed in. `started` is a Unix time.

    `look` finds out the facts for these settings: at once when preflight has done so, else, after a remembered
    decision, when asked. `changes` are what Terraform's AWS variables differ in. `served` are the profiles for which
    there is to be a bridge, `lifelines` what keeps it standing while Terraform runs.
    """

    invocation: Invocation
    real: Real
    environ: Mapping[str, str]
    settings: Settings
    output: Output
    look: Callable[[Settings], Facts]
    started: float
    changes: tuple[Change, ...] = ()
    served: tuple[Served, ...] = ()
    lifelines: tuple[int, ...] = ()

    @property
    def facts(self) -> Facts:
        """What can be known before the run."""
        return self.look(self.settings)

    @property
    def child_environment(self) -> dict[str, str]:
        """The environment that Terraform gets."""
        guard = childpatch.of_every_child(GUARD, self.real.guard, self.real.path, self.environ)
        return childpatch.apply(self.environ, (*guard, *self.changes))

    @property
    def may_ask(self) -> bool:
        """Whether a person is there to be asked. In strict mode nothing is ever asked."""
        return not self.settings.strict and output.may_ask(self.environ, self.invocation.options)
