"""The gate: when a retry is allowed, and `init -reconfigure` before it. Every condition is named, and all must hold."""

from __future__ import annotations

import os

from tfwrap.aws import accesskey
from tfwrap.diagnosis.diagnosis import STALE_SAVED_BACKEND
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.lean import NamedTuple
from tfwrap.recovery import address
from tfwrap.sources import sources
from tfwrap.terraform.saved_backend import CREDENTIALS, SavedBackend, token_of_a_role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tfwrap.diagnosis.diagnosis import Case, Diagnosis
    from tfwrap.invocation import Invocation
    from tfwrap.terraform.configuration import Block


# The commands that make, change and destroy nothing, whatever happens. All others are in doubt.
_CHANGES_NOTHING = frozenset(
    (
        *("console", "graph", "init", "output", "plan", "providers", "providers schema", "query", "show"),
        *("state identities", "state list", "state ls", "state pull", "state show", "workspace list"),
    )
)
# Of `-json` (terraform internal/command/views/json/message_types.go).
_EVENTS = (b'"apply_start"', b'"refresh_start"', b'"provision_start"', b'"ephemeral_op_start"')


class Request(NamedTuple):
    """What the gate is asked: may this failed run be put right, and run again?

    `output` is what was seen of Terraform's words; `is_whole` says that it is all of them, on both streams.
    """

    case: Case
    diagnosis: Diagnosis
    environ: Mapping[str, str]
    output: bytes
    is_whole: bool

    @property
    def invocation(self) -> Invocation:
        """The command that failed."""
        return self.case.facts.invocation


class Condition(NamedTuple):
    """What has to hold, in words, and the function that says why it does not (empty where it does)."""

    name: str
    objection: Callable[[Request], str]


class Outcome(NamedTuple):
    """A condition and what was found: `why_not` is empty where it holds."""

    name: str
    why_not: str


def outcomes(conditions: Iterable[Condition], request: Request) -> tuple[Outcome, ...]:
    """Every condition with its answer, in the order of the list."""
    return tuple(Outcome(condition.name, condition.objection(request)) for condition in conditions)


def objections(found: Iterable[Outcome]) -> tuple[str, ...]:
    """Why not: a line for each condition that does not hold; empty where it may go ahead."""
    return tuple(outcome.why_not for outcome in found if outcome.why_not)


def _cause(request: Request) -> str:
    curable = request.diagnosis.cause == STALE_SAVED_BACKEND
    return "" if curable else f"init -reconfigure does not cure {request.diagnosis.cause}"


def _scope(request: Request) -> str:
    scope = request.case.failure.scope
    if scope in (*failure.OF_THE_BACKEND, failure.PROVIDER):
        return ""
    return f"the failure came from a {scope}, not from the configuration of the backend or a provider"


def _backend_scope(request: Request) -> str:
    if request.case.failure.scope in failure.OF_THE_BACKEND:
        return ""
    return "the failure did not come from the backend's configuration"


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
    """Whether Terraform had begun to work on resources. What it then prints is always one of these.

    Where only standard error is at hand, what betrays it is the state that could not be saved afterwards.
    """
    marks = (
        b"Refreshing state...",
        b"Reading...",
        b"Creating...",
        b"Destroying...",
        b"Modifying...",
        b"Still ",
        b"Failed to save state",
        b"Error saving state",
        b"Error saving the state",
        b"Failed to write state",
        b"Failed to persist state",
        b"releasing the state lock",
    )
    return any(mark in output for mark in (*marks, *_EVENTS))


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


def _module_elsewhere(request: Request) -> str:
    """`terraform plan DIR`, before 0.15: `init` would need the directory as well."""
    typed = request.invocation
    if typed.directory == typed.working_directory:
        return ""
    return f"the root module was given as an argument ({typed.directory}): run init there yourself"


def _errored_state(request: Request) -> str:
    path = os.path.join(request.invocation.working_directory, "errored.tfstate")
    return (
        f"{path} exists: an earlier apply could not save its state (terraform state push)"
        if os.path.exists(path)
        else ""
    )


def _local_state(request: Request) -> str:
    """With a local state in the way, -reconfigure asks about copying it, and both answers empty it (tried).

    That goes for the state of a local workspace too (`Error asking for state migration action`, tried).
    """
    directory = request.invocation.working_directory
    paths = [os.path.join(directory, "terraform.tfstate"), *_local_workspaces(directory)]
    full = next((path for path in paths if os.path.isfile(path) and os.path.getsize(path)), "")
    return f"{full} is not empty; init -reconfigure would offer to migrate it" if full else ""


def _local_workspaces(directory: str) -> list[str]:
    folder = os.path.join(directory, "terraform.tfstate.d")
    try:
        return [os.path.join(folder, name, "terraform.tfstate") for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def _block(request: Request) -> str:
    configuration = request.case.facts.configuration
    saved = request.case.facts.saved
    if configuration.problems:
        return f"the configuration could not be read for certain ({configuration.problems[0]})"
    if configuration.backend is None or not isinstance(saved, SavedBackend):
        return "the configuration has no backend block any more"
    if configuration.backend.labels[:1] != (saved.type,):
        return f"the backend block says {configuration.backend.labels[:1]}, the saved one is {saved.type}"
    return ""


def _keys_in_block(request: Request) -> str:
    block = request.case.facts.configuration.backend
    arguments = block.arguments if block else {}
    held = [*(name for name in CREDENTIALS if name in arguments), *filter(None, (token_of_a_role(arguments),))]
    return f"{block.location} holds {held[0]}; init would save it again: remove it there" if block and held else ""


def _keys_given(request: Request) -> str:
    """A key in a file of `-backend-config` values, or a stale profile there, would be saved with the next `init`."""
    facts = request.case.facts
    saved = facts.saved if isinstance(facts.saved, SavedBackend) else None
    stale = saved.text("profile") if saved and not saved.holds_keys else ""
    for each in facts.given.values:
        key = each.name if each.name in CREDENTIALS and each.value not in (None, "") else ""
        key = key or token_of_a_role({each.name: each.value})
        if key or (each.name == "profile" and each.value == stale):
            return f"{each.location} holds {key or each.name}; init would save it again: remove it there"
    return ""


def _saved_token(request: Request) -> str:
    """Passed again it would be saved again; without it the role's arguments are not whole, and init fails (tried)."""
    saved = request.case.facts.saved
    held = token_of_a_role(saved.config) if isinstance(saved, SavedBackend) else ""
    again = "run init -reconfigure yourself, with web_identity_token_file in its place"
    return f"the saved backend holds {held}: {again}" if held else ""


def _given_readable(request: Request) -> str:
    problems = request.case.facts.given.problems
    return f"{problems[0]}: whether it names a key or another state is not known" if problems else ""


def _same_address(request: Request) -> str:
    facts = request.case.facts
    block, given = facts.configuration.backend, facts.given
    if block is None or not isinstance(facts.saved, SavedBackend):
        return ""
    declared = {**_evaluated(block, request), **given.arguments}
    names = address.disagreements(facts.saved, declared)
    if not names:
        return ""
    where = given.location(names[0]) or "the backend block"
    return f"{where} and the saved backend differ in {', '.join(names)}: that could be another state"


def _evaluated(block: Block, request: Request) -> dict[str, object]:
    """The block's arguments. Only OpenTofu lets them name variables and locals (tofu 1.8, "early evaluation")."""
    if request.invocation.program != "tofu":
        return block.arguments
    from tfwrap.terraform import evaluation
    from tfwrap.terraform.expression import Evaluator

    scope = evaluation.root_scope(request.case.facts.configuration, request.invocation, request.environ)
    return {name: Evaluator().value(value, scope) for name, value in (block.expressions or block.arguments).items()}


def _cli_arguments(request: Request) -> str:
    for name in ("TF_CLI_ARGS", "TF_CLI_ARGS_init"):
        text = request.environ.get(name, "")
        word = next((word for word in ("migrate-state", "force-copy", "backend=") if word in text), "")
        if word:
            return f"{name} holds -{word.rstrip('=')}, which would change what init does"
    return ""


def _own_init(request: Request) -> str:
    """What the user's own `init` was told to move is not repeated behind a reconfiguration."""
    if request.invocation.command != "init":
        return ""
    told = [name for name in ("migrate-state", "force-copy") if request.invocation.values(name)]
    return f"your init has -{told[0]} of its own: give it -reconfigure instead" if told else ""


def _fresh_credentials(request: Request) -> str:
    fresh = request.case.facts.fresh_source
    if fresh is None or fresh.kind == sources.NONE:
        return "there are no other credentials that the backend could use"
    if request.case.fresh.status != identity.OK:
        return f"{fresh.describe()}: {request.case.fresh.describe()}"
    return ""


def _same_account(request: Request) -> str:
    """A saved key that names its account must not make way for one of another account: that is another identity."""
    saved = request.case.facts.saved
    old = accesskey.account(saved.access_key) if isinstance(saved, SavedBackend) else None
    new = request.case.fresh.account
    return (
        f"the saved key is of account {old}, the other credentials are of account {new}"
        if old and new and old != new
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

RECONFIGURE = (
    Condition("a stale saved key is the cause", _cause),
    Condition("the backend could not be configured", _backend_scope),
    *RETRY,
    Condition("the root module is where Terraform works", _module_elsewhere),
    Condition("no local state is in the way", _local_state),
    Condition("the backend block is there and can be read", _block),
    Condition("no credential stands in the backend block", _keys_in_block),
    Condition("no credential comes by -backend-config", _keys_given),
    Condition("no token is saved inside a role", _saved_token),
    Condition("every file of -backend-config values can be read", _given_readable),
    Condition("saved and declared values agree", _same_address),
    Condition("no other option changes what init does", _cli_arguments),
    Condition("your own init moves no state", _own_init),
    Condition("other credentials are there, and AWS accepts them", _fresh_credentials),
    Condition("they are of the same account", _same_account),
)
