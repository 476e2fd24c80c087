"""Promise 5: secrets stay secret. A canary is planted, the story is played, and the canary is looked for everywhere."""

from __future__ import annotations

import json
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testing import story as stories
from testing import world as worlds
from testing.installation import installed
from tfwrap import fault
from tfwrap.output import Output
from tfwrap.redaction import encodings

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
    return [form.encode() for form in encodings.forms(secret) if len(form) >= 12]


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


def canary(kind: str) -> str:
    """A secret of its own for each kind, with letters that every encoding changes."""
    return f"canary/{kind}+made&up<by>tests=0123"


IN_ENVIRONMENT = {
    "AWS_SECURITY_TOKEN": "{}",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "{}",
    "TF_VAR_db_password": "{}",
    "TF_VAR_customer_key": "{}",
    "TF_VAR_private_key": "-----BEGIN PRIVATE KEY-----\n{}\nAnd-a-second-line-of-it\n-----END PRIVATE KEY-----",
    "TF_VAR_json": '{{"admin_password": "{}"}}',
    "TF_TOKEN_app_terraform_io": "{}",
    "TF_ENCRYPTION": 'key_provider "pbkdf2" "k" {{ passphrase = "{}" }}',
    "VAULT_TOKEN": "{}",
    "GITHUB_TOKEN": "{}",
    "GITLAB_TOKEN": "{}",
    "DATADOG_API_KEY": "{}",
    "AZURE_CLIENT_SECRET": "{}",
    "GOOGLE_CREDENTIALS": '{{"private_key": "{}"}}',
    "MYSQL_PWD": "{}",
    "PGPASSWORD": "{}",
    "HTTP_AUTHORIZATION": "Bearer {}",
}
IN_PROFILES = {
    "of-a-key": {"aws_access_key_id": "AKIAMADEUPBYATEST000", "aws_secret_access_key": canary("profile-secret")},
    "of-a-session": {"aws_session_token": canary("profile-token")},
    "swapped": {"aws_access_key_id": canary("profile-swapped"), "aws_secret_access_key": "AKIAMADEUPBYATEST000"},
    "legacy": {"aws_security_token": canary("profile-legacy")},
}
IN_SSO_CACHE = {name: canary(f"sso-{name}") for name in ("accessToken", "refreshToken", "clientSecret")}
IN_SAVED_BACKEND = {"token": canary("saved-token"), "sse_customer_key": canary("saved-customer-key")}
IN_BLOCK = {"secret_key": canary("block-secret"), "token": canary("block-token")}
IN_STDERR = canary("process-output")
CANARIES = [
    *(canary(name) for name in IN_ENVIRONMENT),
    *(value for each in IN_PROFILES.values() for value in each.values() if value.startswith("canary")),
    *IN_SSO_CACHE.values(),
    *IN_SAVED_BACKEND.values(),
    *IN_BLOCK.values(),
    IN_STDERR,
    canary("argument"),
]


def plant(story: Story) -> dict[str, str]:
    """Put a canary into every place that holds secrets; the variables among them are given back."""
    key = stories.profile(story.new)
    worlds.write_credentials(story.world, {"default": key, **IN_PROFILES})
    says = json.dumps({"Version": 1, "SecretAccessKey": IN_STDERR})[:-1]
    script = story.world.bin / "broken-process"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    script.chmod(0o755)
    worlds.write_config(story.world, {"profile chatty": {"credential_process": str(script)}})
    cache = story.world.home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    (cache / "0f.json").write_text(
        json.dumps({"startUrl": "https://x", "expiresAt": "2020-01-01T00:00:00Z", **IN_SSO_CACHE})
    )
    lines = "".join(f"  {name} = {json.dumps(value)}\n" for name, value in IN_BLOCK.items())
    (story.module / "provider.tf").write_text(f'provider "aws" {{\n  alias = "canary"\n{lines}}}\n')
    saved = json.loads(story.saved_file.read_text())
    saved["backend"]["config"].update(IN_SAVED_BACKEND)
    story.saved_file.write_text(json.dumps(saved))
    return {name: form.format(canary(name)) for name, form in IN_ENVIRONMENT.items()}


def kept_by_tfwrap(story: Story) -> list[Path]:
    """Every file that tfwrap writes: state, cache, runtime and what lies beside Terraform's own."""
    roots = [Path(story.world.environ[name]) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")]
    beside = [path for path in story.saved_file.parent.iterdir() if "tfwrap" in path.name]
    return [path for root in (*roots, *beside) for path in (root, *root.rglob("*")) if path.is_file()]


def test_thirty_kinds_of_secret_are_planted() -> None:
    assert len(set(CANARIES)) == len(CANARIES) >= 30


def test_no_canary_is_in_any_file_or_word_of_tfwraps(story: Story) -> None:
    env = plant(story)
    stories.rotate(story)
    done = [
        story.terraform("plan", env={**env}),
        story.terraform("plan", "-json", env={**env}),
        story.terraform("plan", env={**env, "TFWRAP_STRICT": "1"}),
        story.terraform("plan", f"-var=x_token={canary('argument')}", env={**env}),
        story.terraform("init", "-reconfigure", "-input=false", env={**env, "AWS_PROFILE": "chatty"}),
        story.terraform("plan", env={**env, "AWS_PROFILE": "swapped", "TFWRAP_AUTO": "reconfigure"}),
        story.terraform("plan", env={**env, "TFWRAP_LOG": "debug"}),
    ]
    told = [
        story.tfwrap("--explain"),
        story.tfwrap("--explain", "--format", "json", "--verbose"),
        story.tfwrap("doctor"),
    ]
    assert any(b"tfwrap:" in run.stderr for run in done)
    assert list(Path(story.world.environ["XDG_STATE_HOME"]).rglob("*.json"))
    said = [line for run in done for line in run.stderr.splitlines() if b"tfwrap" in line]
    texts = [*said, *(run.stdout + run.stderr for run in told), *(path.read_bytes() for path in kept_by_tfwrap(story))]
    leaked = {secret for secret in CANARIES for form in forms(secret) for text in texts if form in text}
    assert leaked == set()


def test_no_canary_is_in_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    environ = {name: form.format(canary(name)) for name, form in IN_ENVIRONMENT.items()}
    for name, value in environ.items():
        for text in (value, repr(value), json.dumps({"x": value}), f"line 3: {name} = {value!r}"):
            with (tmp_path / "said").open("wb") as said:
                fault.report(raised(text), environ, Output(said.fileno(), colour=False))
            written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
            assert b"ValueError" in written
            assert [form for form in forms(canary(name)) if form in written] == []


def raised(text: str) -> ValueError:
    """An error with this message, and a traceback."""
    try:
        int(text)
    except ValueError as error:
        error.args = (text,)
        return error
    raise AssertionError("canaries are no numbers")
