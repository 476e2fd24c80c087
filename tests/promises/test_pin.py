"""Promise 2, the pin: another account than the pinned one is refused in every mode, before anything is launched."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from testing import world as worlds
from tfwrap import launch

if TYPE_CHECKING:
    from pathlib import Path

    from testing.processes import Finished
    from testing.world import World
    from tfwrap.stand.server import Stand

OURS, OTHER = "111111111111", "222222222222"
# Its id encodes its account.
OF_OTHER = "AKIATHPL2AOHFADET003"
MODULE = 'provider "aws" {\n  region = "us-east-1"\n}\ndata "aws_caller_identity" "x" {\n}\n'
RUNS = '#!/bin/sh\n[ "$1" = version ] && echo "Terraform v1.11.4" || echo "$*" >>{calls}\n'


class Pinned(NamedTuple):
    """A module whose provider has the environment's keys, and a real binary that notes that it was run."""

    world: World
    stand: Stand
    calls: Path

    def run(self, *words: str, **environ: str) -> Finished:
        """The command, through tfwrap."""
        program = [sys.executable, "-I", launch.__file__, "terraform"]
        return worlds.run(self.world, [*program, *(words or ("plan",))], {**self.stand.environment(), **environ})

    def keys(self, account: str) -> dict[str, str]:
        """A key pair of an account, whose id does not tell it."""
        key = self.stand.keys.create_old(account)
        return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}

    @property
    def was_launched(self) -> bool:
        """Whether the real binary was run for the command."""
        return self.calls.exists()


@pytest.fixture
def pinned(world: World, stand: Stand) -> Pinned:
    calls, real = world.root / "calls", world.bin / "terraform"
    real.write_text(RUNS.format(calls=calls))
    real.chmod(0o755)
    (world.cwd / "main.tf").write_text(MODULE)
    environ = {**world.environ, "TFWRAP_TERRAFORM": str(real), "AWS_EC2_METADATA_DISABLED": "true"}
    return Pinned(world._replace(environ=environ), stand, calls)


MODES = {
    "by default": {},
    "in strict mode": {"TFWRAP_STRICT": "1"},
    "where everything may be done unasked": {"TFWRAP_AUTO": "all"},
    "in a pipeline": {"CI": "true", "TF_IN_AUTOMATION": "1"},
}


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_another_account_is_refused_by_what_sts_says(pinned: Pinned, mode: dict[str, str]) -> None:
    pinned.stand.forget()
    done = pinned.run(**pinned.keys(OTHER), TFWRAP_ACCOUNT=OURS, **mode)
    assert (done.status, done.stdout, pinned.was_launched) == (120, b"", False)
    assert f"provider.aws works in account {OTHER}, and TFWRAP_ACCOUNT pins {OURS}".encode() in done.stderr
    assert f"tfwrap: account {OURS} is pinned".encode() in done.stderr
    assert len(pinned.stand.requests) == 1


WORDS = [
    ["plan"],
    ["apply", "-auto-approve"],
    ["destroy"],
    ["refresh"],
    ["import", "a.b", "c"],
    ["test"],
    ["-no-color", "plan"],
]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_it_is_refused_whatever_the_command_and_also_offline_where_the_key_id_tells(
    pinned: Pinned, words: list[str]
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": OF_OTHER, "AWS_SECRET_ACCESS_KEY": "madeUp/by+the/tests/0123456789abcdefghij"}
    pinned.stand.forget()
    done = pinned.run(*words, **keys, TFWRAP_ACCOUNT=OURS, TFWRAP_OFFLINE="1")
    assert (done.status, pinned.was_launched, pinned.stand.requests) == (120, False, [])


BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n    region = "us-east-1"\n  }\n}\n'
WITH_STATE = [["init"], ["state", "list"], ["output"], ["workspace", "list"], ["force-unlock", "x"], ["show"]]


@pytest.mark.parametrize("words", WITH_STATE, ids=" ".join)
def test_it_counts_for_the_backend_too(pinned: Pinned, words: list[str]) -> None:
    (pinned.world.cwd / "main.tf").write_text(BACKEND)
    done = pinned.run(*words, **pinned.keys(OTHER), TFWRAP_ACCOUNT=OURS)
    assert (done.status, pinned.was_launched) == (120, False)
    assert f"backend.s3 works in account {OTHER}".encode() in done.stderr


def write(pinned: Pinned, name: str, text: str) -> None:
    path = pinned.world.cwd / name if name.startswith(".tfwrap") else pinned.world.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


SETTINGS = [
    pytest.param({".tfwrap.toml": f'account = "{OURS}"\n'}, id="a project file that nobody approved"),
    pytest.param({".tfwrap.toml": f'[workspace.default]\naccount = "{OURS}"\n'}, id="its table for the workspace"),
    pytest.param({".config/tfwrap/config.toml": f'account = "{OURS}"\n'}, id="the user's file"),
    pytest.param(
        {
            ".tfwrap.toml": f'account = "{OURS}"\n',
            ".config/tfwrap/config.toml": '[ignore]\nTFW404 = "we know better"\n',
        },
        id="although its id is ignored",
    ),
]


@pytest.mark.parametrize("files", SETTINGS)
def test_wherever_it_is_pinned(pinned: Pinned, files: dict[str, str]) -> None:
    for name, text in files.items():
        write(pinned, name, text)
    done = pinned.run(**pinned.keys(OTHER))
    assert (done.status, pinned.was_launched) == (120, False)
    assert b"is pinned" in done.stderr


def test_a_command_that_was_good_before_is_refused_with_other_keys(pinned: Pinned) -> None:
    """What was decided before, and is remembered, belongs to those keys."""
    good, bad = pinned.keys(OURS), pinned.keys(OTHER)
    assert [pinned.run(**good, TFWRAP_ACCOUNT=OURS).status for _ in range(2)] == [0, 0]
    assert pinned.run(**bad, TFWRAP_ACCOUNT=OURS).status == 120
    assert pinned.run(**good, TFWRAP_ACCOUNT=OTHER).status == 120


def test_the_pinned_account_passes_in_silence(pinned: Pinned) -> None:
    done = pinned.run(**pinned.keys(OURS), TFWRAP_ACCOUNT=OURS)
    assert (done.status, done.stderr, pinned.was_launched) == (0, b"", True)


def test_what_uses_no_credentials_passes(pinned: Pinned) -> None:
    done = pinned.run("validate", **pinned.keys(OTHER), TFWRAP_ACCOUNT=OURS)
    assert (done.status, done.stderr, pinned.was_launched) == (0, b"", True)


UNKNOWN = {
    "offline, and the key id does not tell": {"TFWRAP_OFFLINE": "1"},
    "only Terraform can evaluate who it will be": {"TFWRAP_OFFLINE": ""},
}


@pytest.mark.parametrize("more", UNKNOWN.values(), ids=UNKNOWN)
def test_where_nobody_knows_the_account_the_run_goes_on_and_says_so(pinned: Pinned, more: dict[str, str]) -> None:
    if not more["TFWRAP_OFFLINE"]:
        chosen = MODULE.replace("us-east-1", 'us-east-1"\n  profile = yamldecode(file("x.yaml")).profile\n  # "')
        (pinned.world.cwd / "main.tf").write_text(chosen)
    done = pinned.run(**pinned.keys(OTHER), TFWRAP_ACCOUNT=OURS, **more)
    assert (done.status, pinned.was_launched) == (0, True)
    assert b"TFW410 pin-unchecked: which account provider.aws works in is not known" in done.stderr
    pinned.calls.unlink()
    refused = pinned.run(**pinned.keys(OTHER), TFWRAP_ACCOUNT=OURS, TFWRAP_STRICT="1", **more)
    assert (refused.status, pinned.was_launched) == (120, False)


def test_doctor_says_what_the_run_would(pinned: Pinned) -> None:
    """The same findings, before anybody runs anything."""
    program = [sys.executable, "-I", "-m", "tfwrap", "doctor"]
    environ = {**pinned.stand.environment(), **pinned.keys(OTHER), "TFWRAP_ACCOUNT": OURS}
    other, unknown = (worlds.run(pinned.world, program, {**environ, **more}) for more in ({}, {"TFWRAP_OFFLINE": "1"}))
    assert (other.status, b"error TFW404 account-mismatch" in other.stdout) == (1, True)
    assert (unknown.status, b"warning TFW410 pin-unchecked" in unknown.stdout) == (1, True)
