"""The runs that bench/signals.py sends its signals into: what is started, how far it must be, and who counts.

Mostly a recorder plays Terraform and notes each signal that it gets. While the backend is configured it is the real
Terraform that waits for an STS which does not answer, and strace notes the signals.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from testing import recorder, terraforms, world
from testing import story as stories
from testing.installation import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from testing.story import Story
    from tfwrap.stand.server import Stand

RUNS_S = 0.5
# On a busy machine it takes a while until the moment is noticed and the signal sent: it must not be over by then.
UNTIL_TOLD = "wait_for_signal(10, 0.3)"
# How long STS keeps the real Terraform waiting: long enough for a signal in the middle of it.
HANGS_S = 1.0
DEADLINE_S = 30

# A first plan that fails with the saved key, an init that lets go of it, and a second plan.
RETRIED = """
noted = [json.loads(line) for line in open(RECORD)]
plans = sum(line.get("argv", [""])[0] == "plan" for line in noted)
if sys.argv[1] == "init":
    open({saved!r}, "w").write({without_key!r})
    {until_told}
elif plans == 1:
    err({error!r})
    sys.exit(1)
else:
    {until_told}
"""
ERROR = (
    "\nError: validating provider credentials: retrieving caller identity from STS: operation error STS: "
    "GetCallerIdentity, https response error StatusCode: 403, api error InvalidClientTokenId: The security token "
    "included in the request is invalid.\n\n"
)
SAVED = (
    '{{"version": 3, "serial": 1, "lineage": "x", "terraform_version": "1.11.4", "backend": {{"type": "s3", '
    '"config": {{"bucket": "b", "key": "k", "region": "us-east-1"{keys}}}, "hash": 1}}}}'
)
BLOCK = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n    region = "us-east-1"\n  }\n}\n'
# Python drops a signal now and then while it starts: the recorder starts with all blocked, and lets them in once it
# listens. Before that sh and env have done nothing about signals, and die by them as Terraform would.
BEGIN = '#!/bin/sh\nexec /usr/bin/env --block-signal {python} -IS {recorder} "$@"\n'
LISTEN = "signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())\n"
TRACED = '#!/bin/bash\nexec {strace} -DDD -q -f --seccomp-bpf -e trace=none -o {log} {real} "$@"\n'
# Not what Go's runtime sends to its own threads, nor a second time to itself in order to die of it.
_DELIVERED = re.compile(r"--- SIG(\w+) \{si_signo=\w+, si_code=(?:SI_USER|SI_KERNEL)\b")


class Scene(NamedTuple):
    """One run: its environment and directory, how to wait for the moment, and which signals arrived in the end.

    `has_run` says whether the real binary was started at all.
    """

    environ: dict[str, str]
    directory: Path
    wait: Callable[[], None]
    arrived: Callable[[], list[str]]
    has_run: Callable[[], bool]


def about_the_launch(folder: Path, stand: Stand) -> Scene:
    """Any time from the start of the shim until the recorder runs, which on a busy machine can take two seconds."""
    del stand
    # On an idle machine a run may have ended by then: the recorder must not have.
    return _recorded(folder, lambda _: _sleep_between(0, random.choice((0.05, 0.3, 2))), "wait(4)")  # noqa: S311


def while_it_runs(folder: Path, stand: Stand) -> Scene:
    """Once the recorder says that it runs."""
    del stand
    return _recorded(folder, lambda record: _until(lambda: _calls(record, "plan") == 1), UNTIL_TOLD)


def about_its_end(folder: Path, stand: Stand) -> Scene:
    """When the recorder is about to end, or has just ended."""
    del stand

    def wait(record: Path) -> None:
        _until(lambda: _calls(record, "plan") == 1)
        _sleep_between(RUNS_S - 0.05, RUNS_S + 0.05)

    return _recorded(folder, wait, f"wait({RUNS_S})")


def during_init(folder: Path, stand: Stand) -> Scene:
    """While `init -reconfigure` runs, after a first run has failed."""
    return _retried(folder, stand, lambda record: _until(lambda: _calls(record, "init") == 1))


def during_the_second_run(folder: Path, stand: Stand) -> Scene:
    """In the command's second run, after `init -reconfigure`."""
    return _retried(folder, stand, lambda record: _until(lambda: _calls(record, "plan") == 2))


def while_it_configures_its_backend(folder: Path, stand: Stand) -> Scene:
    """When the real Terraform has asked STS, and hears no interrupt until it gets its answer."""
    begun = _story(folder, stand)
    log = folder / "strace"
    script = folder / "traced"
    real = begun.world.environ["TFWRAP_TERRAFORM"]
    script.write_text(TRACED.format(strace=shutil.which("strace"), log=log, real=real))
    script.chmod(0o755)
    stand.hang("sts", HANGS_S)
    stand.forget()
    # Offline, so that the one who asks STS is Terraform.
    environ = {**begun.world.environ, "TFWRAP_TERRAFORM": str(script), "TFWRAP_OFFLINE": "1"}
    return Scene(environ, begun.module, lambda: _asked(stand), lambda: _traced(log), log.exists)


def _recorded(folder: Path, wait: Callable[[Path], None], do: str) -> Scene:
    place = world.make(folder)
    environ, record = _played(place, do)
    (place.cwd / "main.tf").write_text(BLOCK)
    # Credentials about which there is nothing to say.
    environ = {**environ, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/made-up"}
    return _scene(environ, place.cwd, record, lambda: wait(record))


def _retried(folder: Path, stand: Stand, wait: Callable[[Path], None]) -> Scene:
    place = world.make(folder)
    old, new = stand.keys.create(), stand.keys.create()
    stand.keys.delete(old.id)
    world.write_credentials(place, {"default": stories.profile(new)})
    (place.cwd / "main.tf").write_text(BLOCK)
    saved = place.cwd / ".terraform" / "terraform.tfstate"
    saved.parent.mkdir()
    saved.write_text(SAVED.format(keys=f', "access_key": "{old.id}", "secret_key": "{old.secret}"'))
    without_key = SAVED.format(keys="")
    do = RETRIED.format(saved=str(saved), without_key=without_key, error=ERROR, until_told=UNTIL_TOLD)
    environ, record = _played(place, do)
    environ = {**environ, **stand.environment(), "TFWRAP_AUTO": "reconfigure"}
    return _scene(environ, place.cwd, record, lambda: wait(record))


def _played(place: world.World, do: str) -> tuple[dict[str, str], Path]:
    """The environment in which a recorder is the real binary, and where it writes."""
    python = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    program = recorder.write(place.bin / "recorder", python)
    real = place.bin / "terraform"
    real.write_text(BEGIN.format(python=python, recorder=program))
    real.chmod(0o755)
    record = place.root / "record"
    own = {"RECORDER_FILE": str(record), "RECORDER_DO": LISTEN + do, "TFWRAP_TERRAFORM": str(real)}
    return {**place.environ, **own}, record


def _scene(environ: dict[str, str], directory: Path, record: Path, wait: Callable[[], None]) -> Scene:
    return Scene(environ, directory, wait, lambda: _names(record), lambda: _calls(record, "plan") > 0)


def _names(record: Path) -> list[str]:
    return [name.removeprefix("SIG") for name in recorder.signals(record)]


def _calls(record: Path, command: str) -> int:
    return sum(line.get("argv", [""])[:1] == [command] for line in recorder.records(record))


def _story(folder: Path, stand: Stand) -> Story:
    stand.hang("sts", 0)
    place = world.make(folder)
    begun = stories.begin(place, stand, terraforms.terraform(terraforms.PATH), installed(), f"signals-{folder.name}")
    done = begun.bare("init", "-input=false")
    if done.status:
        raise RuntimeError(f"terraform init failed: {done}")
    return begun


def _asked(stand: Stand) -> None:
    stand.wait_for("sts", DEADLINE_S)


def _traced(log: Path) -> list[str]:
    """The signals that the traced Terraform got, once its tracer has written that it ended."""
    _until(lambda: bool(re.search(r"\+\+\+ (?:exited|killed)", log.read_text())))
    time.sleep(0.05)
    return [found[1] for found in _DELIVERED.finditer(log.read_text())]


def _sleep_between(earliest_s: float, latest_s: float) -> None:
    time.sleep(random.uniform(earliest_s, latest_s))  # noqa: S311 - spread, not secrecy


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the run did not get that far")
        time.sleep(0.005)
