"""The gate: when a failed command may be run again. Every condition is named, and all must hold."""

from __future__ import annotations

import os

from tfwrap.failure import failure
from tfwrap.recovery.condition import Condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.recovery.condition import Request

# The commands that make, change and destroy nothing, whatever happens. All others are in doubt.
_CHANGES_NOTHING = frozenset(
    (
        *("console", "graph", "init", "output", "plan", "providers", "providers schema", "query", "show"),
        *("state identities", "state list", "state ls", "state pull", "state show", "workspace list"),
    )
)
_BEGUN = (b"Refreshing state...", b"Reading...", b"Creating...", b"Destroying...", b"Modifying...", b"Still ")
# Where only standard error is at hand, what betrays it is the state that could not be saved afterwards.
_UNSAVED = (
    *(b"Failed to save state", b"Error saving state", b"Error saving the state"),
    *(b"Failed to write state", b"Failed to persist state", b"releasing the state lock"),
)
# Of `-json` (terraform internal/command/views/json/message_types.go).
_EVENTS = (b'"apply_start"', b'"refresh_start"', b'"provision_start"', b'"ephemeral_op_start"')


def _scope(request: Request) -> str:
    scope = request.case.failure.scope
    if scope in (*failure.OF_THE_BACKEND, failure.PROVIDER):
        return ""
    return f"the failure came from a {scope}, not from the configuration of the backend or a provider"


def _nothing_started(request: Request) -> str:
    """A backend is configured before anything else; a provider may be in the middle of an apply (tried)."""
    if _operation_started(request.output):
        return "something may have been read or changed"
    is_first = request.case.failure.scope in failure.OF_THE_BACKEND
    if is_first or request.is_whole or request.invocation.command in _CHANGES_NOTHING:
        return ""
    return "something may have been changed: not all that Terraform wrote could be seen (standard output is elsewhere)"


def _no_lock(request: Request) -> str:
    """A lock that is held, by whoever: Terraform's own words about it, wrapped or not."""
    text = b" ".join(request.output.split())
    marks = (b"acquiring the state lock", b"releasing the state lock")
    return "the state's lock is held (terraform force-unlock)" if any(mark in text for mark in marks) else ""


def _operation_started(output: bytes) -> bool:
    """Whether Terraform had begun to work on resources. What it then prints is always one of these."""
    return any(mark in output for mark in (*_BEGUN, *_UNSAVED, *_EVENTS))


def _plan_file(request: Request) -> str:
    if request.invocation.plan_file is None:
        return ""
    return "a plan file was given; it carries the old key with it: make a new plan"


def _one_time_inputs(request: Request) -> str:
    """What the first run has read and a second would not find again: `-var-file=<(…)`, a state on stdin."""
    typed = request.invocation
    paths = [os.path.join(typed.working_directory, path) for path in typed.values("var-file")]
    gone = next((path for path in paths if os.path.exists(path) and not os.path.isfile(path)), "")
    if gone or "-" in typed.positional:
        return f"{gone or 'stdin'} can be read only once: run the command again yourself"
    return ""


def _errored_state(request: Request) -> str:
    path = os.path.join(request.invocation.working_directory, "errored.tfstate")
    return (
        f"{path} exists: an earlier apply could not save its state (terraform state push)"
        if os.path.exists(path)
        else ""
    )


def _own_remedy(request: Request) -> str:
    return f"tfwrap has no remedy of its own for {request.diagnosis.cause}"


RETRY = (
    Condition("nothing had started", _nothing_started),
    Condition("the backend or a provider could not be configured", _scope),
    Condition("no plan file was given", _plan_file),
    Condition("everything that was read can be read again", _one_time_inputs),
    Condition("no lock is left", _no_lock),
    Condition("no state waits to be pushed", _errored_state),
)

BY_HAND = (Condition("tfwrap can cure the cause itself", _own_remedy), *RETRY)
