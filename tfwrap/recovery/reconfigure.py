"""`terraform init -reconfigure` without the old credentials: copy, run, compare, and put back unless all is well."""

from __future__ import annotations

import os

from tfwrap import state
from tfwrap.lean import NamedTuple
from tfwrap.process import process
from tfwrap.process.command import Command
from tfwrap.recovery import address, copies, lock
from tfwrap.terraform import saved_backend
from tfwrap.terraform.saved_backend import CREDENTIAL_ARGUMENTS, CREDENTIALS, SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tfwrap.invocation import Invocation
    from tfwrap.terraform.block import Block

# What cannot be an argument, because it is secret or no plain value, goes through a file that is gone afterwards.
# `.json`, so that Terraform reads it as JSON: every value can be quoted there without knowing HCL's corners.
VALUES_FILE = "tfwrap-backend-values.json"


class Plan(NamedTuple):
    """What is going to be run: the arguments of `init`, the values it gets, and the address that must not change.

    `selected` is the workspace of the file `environment`, whatever TF_WORKSPACE says.
    """

    invocation: Invocation
    saved: SavedBackend
    values: Mapping[str, object]
    before: address.Address
    selected: str


class Result(NamedTuple):
    """Whether the backend was reconfigured; `reason` says why not, `output` is what init wrote.

    `was_begun` is false where nothing was touched.
    """

    done: bool
    reason: str = ""
    output: bytes = b""
    signal: int = 0
    was_begun: bool = True


def plan(
    invocation: Invocation,
    saved: SavedBackend,
    block: Block,
    environ: Mapping[str, str],
    given: Mapping[str, object] = {},
) -> Plan:
    """Work out the reconfiguration without touching anything. `given` are the known values of `-backend-config`."""
    workspace = address.workspace(invocation, environ)
    values = address.passed_again(saved, block, given) | _of_identity(given)
    selected = address.selected(address.environment_file(invocation))
    return Plan(invocation, saved, values, address.of(saved, workspace), selected)


def _of_identity(given: Mapping[str, object]) -> dict[str, object]:
    """What is given of who asks, and is no secret: the profile that the user means from now on."""
    allowed = CREDENTIAL_ARGUMENTS.difference(CREDENTIALS)
    return {name: value for name, value in given.items() if name in allowed and _is_text(value)}


def _is_text(value: object) -> bool:
    texts = value if isinstance(value, list) else [value]
    return all(isinstance(text, str) and text for text in texts)


def command(proposed: Plan) -> list[str]:
    """The command for a person to type, with every value that has to be given again; secrets by name only."""
    import json

    by_hand = {
        name: "…" if address.is_secret(name, value) else json.dumps(value)
        for name, value in proposed.values.items()
        if not _fits_an_argument(name, value)
    }
    given = {**_plain(proposed.values), **by_hand}
    values = [f"-backend-config={name}={text}" for name, text in given.items()]
    again = [*_variables(proposed.invocation), *values]
    return [proposed.invocation.program, *_chdir(proposed.invocation), "init", "-reconfigure", *again]


def run(proposed: Plan, real: str, environ: Mapping[str, str], say: Callable[[str], None]) -> Result:
    """Reconfigure. On any failure the saved file and the selected workspace are as they were before.

    `say` gets what a person has to be told meanwhile.
    """
    with lock.alone(proposed.invocation.data_dir) as refusal:
        if refusal:
            return Result(done=False, reason=refusal, was_begun=False)
        if _has_changed(proposed):
            reason = "the saved backend was changed meanwhile; run your command again"
            return Result(done=False, reason=reason, was_begun=False)
        return _run(proposed, real, environ, say)


def _has_changed(proposed: Plan) -> bool:
    """Whether another tfwrap has been at it between our looking and our acting."""
    return saved_backend.read(proposed.invocation.data_dir, proposed.invocation.shown_from) != proposed.saved


def _run(proposed: Plan, real: str, environ: Mapping[str, str], say: Callable[[str], None]) -> Result:
    kept = copies.of(proposed.saved.path, address.environment_file(proposed.invocation))
    result = Result(done=False, reason="it was interrupted")
    try:
        process.undisturbed(lambda: copies.make(kept))
        result = _init(proposed, real, environ, say)
    except OSError as error:
        result = Result(done=False, reason=f"the saved backend could not be copied ({error.strerror})")
    finally:
        process.undisturbed(lambda: copies.discard(kept) if result.done else copies.put_back(kept))
    return result


def _init(proposed: Plan, real: str, environ: Mapping[str, str], say: Callable[[str], None]) -> Result:
    path = os.path.join(proposed.invocation.data_dir, VALUES_FILE)
    rest = {name: value for name, value in proposed.values.items() if not _fits_an_argument(name, value)}
    try:
        if rest:
            state.write(path, _as_json(rest))
        arguments = _arguments(proposed, path if rest else "")
        finished = process.capture(Command(real, arguments, _without_workspace(environ)), say=say)
    except OSError as error:
        return Result(done=False, reason=f"init could not be started ({error.strerror})")
    finally:
        state.remove(path)
    if finished.status or finished.interrupted:
        reason = f"init -reconfigure failed with exit status {finished.status}"
        reason = "init -reconfigure was interrupted" if finished.interrupted else reason
        return Result(False, reason, finished.tail, finished.signal or finished.interrupted)
    reason = _difference(proposed, environ) or _unlisted(proposed, real, environ, say)
    # What init wrote then says that all is well: not a thing to show below the reason why it was undone.
    return Result(done=not reason, reason=reason, output=b"" if reason else finished.tail)


def _arguments(proposed: Plan, values_file: str) -> list[str]:
    values = [f"{name}={text}" for name, text in _plain(proposed.values).items()]
    files = [values_file] if values_file else []
    colour = ["-no-color"] if proposed.invocation.has("no-color") else []
    again = (f"-backend-config={value}" for value in (*values, *files))
    options = ["-reconfigure", "-input=false", *colour, *_variables(proposed.invocation), *again]
    return [*_chdir(proposed.invocation), "init", *options]


def _variables(invocation: Invocation) -> list[str]:
    """OpenTofu's backend block may name variables, whose values its `init` takes as `plan` does."""
    if invocation.program != "tofu":
        return []
    names = ("var", "var-file")
    return [option for option in invocation.options if option.lstrip("-").partition("=")[0] in names]


def _plain(values: Mapping[str, object]) -> dict[str, str]:
    """The values that `-backend-config=NAME=TEXT` can carry; Terraform takes the text as it is (no template)."""
    fitting = {name: value for name, value in values.items() if _fits_an_argument(name, value)}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in fitting.items()}


def _fits_an_argument(name: str, value: object) -> bool:
    return isinstance(value, str | int) and not address.is_secret(name, value)


def _chdir(invocation: Invocation) -> list[str]:
    return [f"-chdir={invocation.chdir}"] if invocation.chdir else []


def _as_json(values: Mapping[str, object]) -> bytes:
    import json

    # As they are: unlike in a `.tf.json` file, `${` is no template here (tried with 0.12.29, 1.0.3, 1.11.4, 1.15.5).
    return json.dumps(dict(values)).encode()


def _difference(proposed: Plan, environ: Mapping[str, str]) -> str:
    """What is not as it has to be after init; empty when all is well."""
    after = saved_backend.read(proposed.invocation.data_dir, "")
    if not isinstance(after, SavedBackend):
        return "init saved no backend that tfwrap can read"
    if after.holds_keys:
        return "init saved credentials again"
    now = address.of(after, address.workspace(proposed.invocation, environ))
    selected = address.selected(address.environment_file(proposed.invocation))
    if (now, selected) != (proposed.before, proposed.selected):
        return "the state's address or the selected workspace would not be the same"
    return ""


def _unlisted(proposed: Plan, real: str, environ: Mapping[str, str], say: Callable[[str], None]) -> str:
    """Whether the workspace is there, in words where it is not: a command would make an empty state for it (tried)."""
    workspace = proposed.before.workspace
    if workspace == "default":
        return ""
    words = [*_chdir(proposed.invocation), "workspace", "list", "-no-color"]
    finished = process.capture(Command(real, words, environ), say=say)
    if finished.status or finished.interrupted:
        return "the workspaces could not be listed afterwards"
    listed = [line.strip() for line in finished.tail.decode("utf-8", "replace").splitlines()]
    return "" if f"* {workspace}" in listed else f"the workspace {workspace} is not there"


def _without_workspace(environ: Mapping[str, str]) -> dict[str, str]:
    """With TF_WORKSPACE, `init` makes an empty state for one that is gone (docs/decisions.md)."""
    return {name: value for name, value in environ.items() if name != "TF_WORKSPACE"}
