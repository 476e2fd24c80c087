"""A read-only command run once more with Terraform's trace, for `tfwrap --explain --trace`: with the user's consent.

Never `apply`: `plan -lock=false -refresh=false`, or `init -backend=false` where nothing was initialised. The trace goes
to a file of mode 0600 in a directory of its own, which is removed whatever happens; only what tracelog reads of it is
shown.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time

from tfwrap import childpatch, invocation, which
from tfwrap.explain import tracelog
from tfwrap.failure import failure
from tfwrap.lean import NamedTuple
from tfwrap.preflight import preflight
from tfwrap.settings import layers as settings_layers
from tfwrap.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.explain.tracelog import Request
    from tfwrap.output import Output

VERSION = 1
LIMIT_S = 180
_PLAN = ("plan", "-lock=false", "-refresh=false", "-input=false")
_INIT = ("init", "-backend=false", "-input=false")
# What would change the command, or the trace.
_ELSEWHERE = ("TF_CLI_ARGS", "TF_LOG", "TF_REATTACH_PROVIDERS")


class Plan(NamedTuple):
    """What is going to be run: the real binary, its arguments, where, and in which environment."""

    real: str
    words: tuple[str, ...]
    program: str
    directory: str
    environ: Mapping[str, str]

    @property
    def shown(self) -> str:
        """The command as a person types it."""
        return shlex.join((self.program, *self.words))


class Told(NamedTuple):
    """What the trace tells: the command, its exit status (None where it did not end in time), and the requests."""

    command: str
    status: int | None
    code: str
    requests: tuple[Request, ...]


def prepare(program: str, environ: Mapping[str, str], directory: str) -> Plan:
    """The read-only command that fits this directory. Raises CannotRun and NotFound without a real binary."""
    typed = invocation.read(program, _PLAN, environ, directory)
    if not os.path.isdir(typed.data_dir):
        typed = invocation.read(program, _INIT, environ, directory)
    real = which.find(program, environ, None)
    applied = settings_layers.read(settings.read(environ), environ, typed.directory, typed.working_directory)
    facts = preflight.facts(typed, environ, real.path, applied.layers)._replace(now=time.time())
    guard = childpatch.of_every_child(which.GUARD, real.guard, real.path, environ)
    child = childpatch.apply(environ, (*guard, *facts.changes))
    kept = {name: value for name, value in child.items() if not name.startswith(_ELSEWHERE)}
    return Plan(real.path, typed.argv, program, typed.working_directory, kept)


def run(plan: Plan) -> Told:
    """Run it and read its trace. The trace is gone afterwards, an interrupt or a SIGTERM included."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        with tempfile.TemporaryDirectory(prefix="tfwrap-trace-") as folder:
            return _traced(plan, folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, frame: object) -> None:
    del frame
    raise SystemExit(128 + number)


def _traced(plan: Plan, folder: str) -> Told:
    path = os.path.join(folder, "trace")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # Terraform keeps the mode of what is there
    environ = {**plan.environ, "TF_LOG": "trace", "TF_LOG_PATH": path, "TF_INPUT": "0"}
    status: int | None
    try:
        done = subprocess.run(
            [plan.real, *plan.words],
            cwd=plan.directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LIMIT_S,
            check=False,
        )
        status, text = done.returncode, done.stderr
    except subprocess.TimeoutExpired as late:
        status, text = None, late.stderr or b""
    found = failure.recognise(text) if status else None
    with open(path, encoding="utf-8", errors="replace") as log:
        requests = tuple(tracelog.requests(log))
    return Told(plan.shown, status, found.code if found else "", requests)


def lines(told: Told, output: Output) -> Iterator[str]:
    """What the trace tells, as text: each request once, and how often."""
    yield output.paint(told.command, "bold") + f"  {_ended(told)}"
    counted: dict[str, int] = {}
    for request in told.requests:
        counted[request.describe()] = counted.get(request.describe(), 0) + 1
    for line, times in counted.items():
        yield f"  {line}" + (f" ({times} times)" if times > 1 else "")
    if not counted:
        yield "  the trace tells of no request to AWS"


def _ended(told: Told) -> str:
    if told.status is None:
        return f"was ended after {LIMIT_S} s"
    return f"exit status {told.status}" + (f", {told.code}" if told.code else "")


def document(told: Told) -> dict[str, object]:
    """The same as JSON."""
    requests = [request._asdict() for request in told.requests]
    return {
        "version": VERSION,
        "command": shlex.split(told.command),
        "exit_status": told.status,
        "code": told.code,
        "requests": requests,
    }
