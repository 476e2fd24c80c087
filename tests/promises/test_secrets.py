"""Promise 5: secrets stay secret. A canary is planted, the story is played, and the canary is looked for everywhere."""

from __future__ import annotations

import base64
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from testing import story as stories
from testing import world as worlds
from testing.installation import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testing.processes import Finished
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

# The files that hold the secrets because the user, or Terraform, put them there.
THEIR_PLACES = ("credentials",)


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform) -> Story:
    """The story, before the rotation."""
    begun = stories.begin(world, stand, terraform, installed(), f"secrets-{time.monotonic_ns()}")
    stories.initialise(begun)
    return begun


def forms(secret: str) -> list[bytes]:
    """A secret as it could stand somewhere."""
    return [form.encode() for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())]


def arguments_seen(prefix: str, stop: threading.Event, seen: set[bytes]) -> None:
    """Collect the command lines of all processes that belong to the world, until told to stop."""
    while not stop.is_set():
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue
            if prefix.encode() in line or b"terraform" in line:
                seen.add(line)
        time.sleep(0.002)


@pytest.fixture
def command_lines(story: Story) -> Iterator[set[bytes]]:
    """Every command line that is seen while the test runs."""
    seen: set[bytes] = set()
    stop = threading.Event()
    watcher = threading.Thread(target=arguments_seen, args=(str(story.world.root), stop, seen))
    watcher.start()
    yield seen
    stop.set()
    watcher.join()


def test_no_secret_is_in_any_file_output_or_argument_list_after_the_story(
    story: Story, command_lines: set[bytes]
) -> None:
    secrets = (story.old.secret, story.new.secret)
    stories.rotate(story)
    done: list[Finished] = [
        story.terraform("plan"),
        story.terraform("plan", "-json"),
        story.terraform("plan", env={"TFWRAP_STRICT": "1"}),
        story.terraform("plan", env={"TFWRAP_AUTO": "reconfigure"}),
        story.terraform("plan", f"-var=x={story.old.secret}"),
        story.tfwrap("--explain"),
        story.tfwrap("--explain", "--format", "json", "--verbose"),
        story.tfwrap("--explain", "--all"),
    ]
    typed = b"-var=x="
    for secret in secrets:
        for form in forms(secret):
            assert not [run for run in done if form in run.stdout + run.stderr]
            assert not [line for line in command_lines if form in line and typed not in line]
            holders = [path for path in story.world.root.rglob("*") if path.is_file() and form in path.read_bytes()]
            assert [path.name for path in holders if path.name not in THEIR_PLACES] == []


def test_what_is_kept_can_be_read_by_nobody_else(story: Story) -> None:
    stories.rotate(story)
    story.terraform("plan")
    kept = Path(story.world.environ["XDG_STATE_HOME"]) / "tfwrap"
    assert list(kept.rglob("*.json"))
    for path in (kept, *kept.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_fault_report_holds_no_secret(story: Story) -> None:
    """The shared credentials file is made a directory of nonsense that breaks nothing but is close to a fault."""
    secret = "canary/made+up/secret/value/for/this/test"
    (story.module / "main.tf").write_bytes(b'provider "aws" {\n  secret_key = "' + secret.encode() + b"\xff\n")
    done = worlds.run(story.world, ["terraform", "plan"], {"AWS_SECRET_ACCESS_KEY": secret}, story.module)
    state = Path(story.world.environ["XDG_STATE_HOME"])
    holders = [path for path in state.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert holders == []
    said = b"\n".join(line for line in done.stderr.splitlines() if line.startswith(b"tfwrap"))
    assert secret.encode() not in said
