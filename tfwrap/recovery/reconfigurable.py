"""When `init -reconfigure` may go before the retry: the gate's conditions, and those of its own."""

from __future__ import annotations

import os

from tfwrap.aws import accesskey
from tfwrap.diagnosis.diagnosis import STALE_SAVED_BACKEND
from tfwrap.failure import failure
from tfwrap.identity import identity
from tfwrap.recovery import address
from tfwrap.recovery.condition import Condition
from tfwrap.recovery.gate import RETRY
from tfwrap.sources import sources
from tfwrap.terraform.saved_backend import CREDENTIALS, SavedBackend, token_of_a_role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.recovery.condition import Request
    from tfwrap.terraform.block import Block


def _cause(request: Request) -> str:
    curable = request.diagnosis.cause == STALE_SAVED_BACKEND
    return "" if curable else f"init -reconfigure does not cure {request.diagnosis.cause}"


def _backend_scope(request: Request) -> str:
    if request.case.failure.scope in failure.OF_THE_BACKEND:
        return ""
    return "the failure did not come from the backend's configuration"


def _module_elsewhere(request: Request) -> str:
    """`terraform plan DIR`, before 0.15: `init` would need the directory as well."""
    typed = request.invocation
    if typed.directory == typed.working_directory:
        return ""
    return f"the root module was given as an argument ({typed.directory}): run init there yourself"


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
