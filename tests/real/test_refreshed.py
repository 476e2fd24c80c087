"""A failed run whose credentials are made new, and which then runs again: the shim, the real Terraform, the stand."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from testing import sso as identity_center
from testing import story as stories
from testing import vault as vaults
from testing import world as worlds
from testing.installation import installed
from testing.marks import on_terraforms
from testing.sso import START_URL
from testing.terraforms import PATH
from tests.unit.recovery.refreshing import printed
from tfwrap import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testing.processes import Finished
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT = stories.ACCOUNT
SSO = {
    "sso-session corp": {"sso_start_url": START_URL, "sso_region": "us-east-1"},
    "profile prod": {"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": "Deploy"},
}


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform) -> Story:
    """A root module whose state was made with the keys of the default profile."""
    begun = stories.begin(world, stand, terraform, installed(), f"refreshed-{time.monotonic_ns()}")
    stories.initialise(begun, with_keys=False)
    return begun


@pytest.fixture
def centre(stand: Stand) -> Iterator[identity_center.Sso]:
    with identity_center.start(stand.keys, stand.clock) as started:
        started.roles.add((ACCOUNT, "Deploy"))
        yield started


def uses_profile(story: Story, name: str) -> None:
    """From now on the backend block names the profile, and init has saved it."""
    text = (story.module / "main.tf").read_text()
    (story.module / "main.tf").write_text(text.replace('backend "s3" {', f'backend "s3" {{\n    profile = "{name}"'))
    assert story.bare("init", "-reconfigure", "-input=false").status == 0


def saved_with(story: Story, name: str) -> None:
    """`uses_profile` with good keys, which are gone afterwards."""
    worlds.write_credentials(story.world, {name: stories.profile(story.new)})
    uses_profile(story, name)
    (story.world.home / ".aws" / "credentials").unlink()


def record(story: Story) -> dict[str, Any]:
    """What was kept of the run."""
    found: dict[str, Any] = json.loads(story.tfwrap("--explain", "--format", "json").stdout)
    return found


@pytest.mark.parametrize("in_block", [True, False], ids=["profile in the block", "AWS_PROFILE"])
@on_terraforms(PATH, "1.15.5")
def test_a_login_to_sso_cures_a_profile(story: Story, centre: identity_center.Sso, in_block: bool) -> None:
    story.world.environ.update(centre.environment())
    if in_block:
        saved_with(story, "prod")
    else:
        story.world.environ["AWS_PROFILE"] = "prod"
    worlds.write_credentials(story.world, {})
    worlds.write_config(story.world, SSO)
    before = story.saved_file.read_bytes()
    done = story.terraform_on_terminal("plan", answers=[("[q] quit", "r\n")])
    assert done.status == 0, done.text
    assert "no changes" in done.text.lower()
    assert story.saved_file.read_bytes() == before


STALE_AT_FIRST = """#!/bin/sh
echo >>{used}
if [ "$(wc -l <{used})" -gt {times} ]; then cat {good}; else cat {stale}; fi
"""


def process_that_recovers(story: Story, stale: AccessKey, times: int) -> str:
    """A credential_process that gives a key that is no good so many times, and a good session from then on."""
    root = story.world.root
    for name, key in (("stale", stale), ("good", story.stand.keys.create_session(account=ACCOUNT))):
        (root / name).write_text(printed(key))
    script = root / "gives"
    script.write_text(STALE_AT_FIRST.format(used=root / "used", good=root / "good", stale=root / "stale", times=times))
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("in_block", [True, False], ids=["profile in the block", "AWS_PROFILE"])
@on_terraforms(PATH, "1.15.5")
def test_a_process_is_run_again_and_its_account_asked_about(story: Story, in_block: bool) -> None:
    if in_block:
        saved_with(story, "prod")
    else:
        story.world.environ["AWS_PROFILE"] = "prod"
    worlds.write_credentials(story.world, {})
    over = story.stand.keys.create_session(account=ACCOUNT)
    story.stand.keys.expire(over.id)
    process = process_that_recovers(story, over, times=1)
    worlds.write_config(story.world, {"profile prod": {"credential_process": process}})
    before = story.saved_file.read_bytes()
    answers: list[tuple[str, str | bytes]] = [("[q] quit", "r\n"), (f"Use account {ACCOUNT}?", "y\n")]
    done = story.terraform_on_terminal("plan", answers=answers)
    assert done.status == 0, done.text
    assert story.saved_file.read_bytes() == before
    kept = record(story)
    assert kept["actions"][-1] == "ran the command again, once: exit status 0"
    assert json.loads((story.world.root / "good").read_text())["SecretAccessKey"] not in json.dumps(kept)


def gone_at_first(story: Story, times: int) -> None:
    """AWS_PROFILE names a profile whose process gives a key that AWS does not know any more, so many times."""
    gone = story.stand.keys.create(account=ACCOUNT)
    story.stand.keys.delete(gone.id)
    story.world.environ["AWS_PROFILE"] = "prod"
    worlds.write_credentials(story.world, {})
    process = process_that_recovers(story, gone, times)
    worlds.write_config(story.world, {"profile prod": {"credential_process": process}})


@on_terraforms(PATH)
def test_a_process_that_gave_a_key_that_is_gone_is_run_again(story: Story) -> None:
    """Terraform is given it, and the diagnosis; whoever presses r has put right by then where it comes from."""
    gone_at_first(story, times=2)
    done = story.terraform_on_terminal("plan", answers=[("[q] quit", "r\n")])
    assert done.status == 0, done.text
    kept = record(story)
    assert kept["cause"]["slug"] == "unknown-access-key"
    assert kept["remedies"][0]["kind"] == "refresh"
    assert kept["remedies"][0]["allowed"]
    assert kept["actions"][-1] == "ran the command again, once: exit status 0"


@on_terraforms(PATH)
def test_a_process_that_gives_the_same_key_again_changes_nothing(story: Story) -> None:
    gone_at_first(story, times=99)
    before = story.saved_file.read_bytes()
    done = story.terraform("plan", env={"TFWRAP_AUTO": "refresh"})
    assert done.status == 1
    assert story.saved_file.read_bytes() == before
    kept = record(story)
    assert kept["cause"]["slug"] == "unknown-access-key"
    assert "InvalidClientTokenId" in kept["actions"][-1]
    assert len((story.world.root / "used").read_text().splitlines()) == 3


@on_terraforms(PATH)
def test_offline_a_process_is_not_run_again(story: Story) -> None:
    gone_at_first(story, times=99)
    done = story.terraform("plan", env={"TFWRAP_OFFLINE": "1"})
    assert done.status == 1
    assert record(story)["cause"]["slug"] == "new-key-not-propagated"
    assert len((story.world.root / "used").read_text().splitlines()) == 1


def with_vault(story: Story, vault: vaults.Vault, env: worlds.Patch) -> Finished:
    """A plan of a profile whose key AWS does not know, while the settings say that Vault has another."""
    worlds.write_credentials(story.world, {"prod": stories.profile(story.old)})
    story.stand.keys.delete(story.old.id)
    settings = story.world.home / ".config" / "tfwrap" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('[refresh.prod]\nvault = "aws/creds/deploy"\n')
    vault.tokens["made-up-token"] = ("aws/",)
    given: worlds.Patch = {"VAULT_ADDR": vault.url, "VAULT_TOKEN": "made-up-token", "AWS_PROFILE": "prod"}
    # The installed tfwrap has no hvac; this one has.
    argv = [sys.executable, "-I", launch.__file__, "terraform", "plan", "-no-color"]
    return worlds.run(story.world, argv, {**given, "TFWRAP_AUTO": "all", **env}, story.module)


def test_a_new_key_of_vaults_is_handed_to_terraform_alone(story: Story, stand: Stand) -> None:
    with vaults.start(stand.keys) as vault:
        done = with_vault(story, vault, {})
        assert done.status == 0, done
        (made,) = vault.made
    kept = [path for path in story.world.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if made.secret.encode() in path.read_bytes()]
    assert made.secret.encode() not in done.stderr + done.stdout
    assert done.stderr.count(b"and running again (set by TFWRAP_AUTO)") == 1
    actions = record(story)["actions"]
    assert actions[0] == "unasked (set by TFWRAP_AUTO): refreshing (read aws/creds/deploy from Vault) and running again"
    assert actions[-1] == "ran the command again, once: exit status 0"


def test_a_code_is_asked_for_and_the_session_handed_over(story: Story, stand: Stand) -> None:
    """Where the bridge cannot stand: the profile is in the credentials file, which goes before the config file."""
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/{story.new.id}"
    stand.keys.add_mfa_device(serial, "123456")
    role = stand.keys.add_role(ACCOUNT, "guarded", needs_mfa=True).arn
    profile = {"role_arn": role, "source_profile": "base", "mfa_serial": serial}
    worlds.write_credentials(story.world, {"base": stories.profile(story.new), "prod": profile})
    question = f"tfwrap: code of MFA device {serial}:"
    answers: list[tuple[str, str | bytes]] = [("[q] quit", "r\n"), (question, "123456\n")]
    done = story.terraform_on_terminal("plan", answers=answers, env={"AWS_PROFILE": "prod"})
    assert done.status == 0, done.text
    assert "123456" not in done.text


DECLINED = [
    ("another account", {"account": "222222222222"}, {}, "before it was account"),
    ("another account than the pinned one", {"account": "222222222222"}, {"TFWRAP_ACCOUNT": ACCOUNT}, "is pinned"),
    ("no leave", {}, {"TFWRAP_AUTO": "reconfigure"}, "fix: "),
]


@pytest.mark.parametrize(("of", "env", "says"), [pytest.param(*row[1:], id=row[0]) for row in DECLINED])
def test_new_keys_of_another_account_are_not_used(
    story: Story, stand: Stand, of: dict[str, str], env: dict[str, str | None], says: str
) -> None:
    before = story.saved_file.read_bytes()
    with vaults.start(stand.keys) as vault:
        vault.account = of.get("account", ACCOUNT)
        done = with_vault(story, vault, env)
        bare = story.bare("plan", "-no-color", env={"AWS_PROFILE": "prod"})
    assert (done.status, done.stdout) == (bare.status, bare.stdout) == (1, b"")
    assert says in done.stderr.decode()
    assert story.saved_file.read_bytes() == before


def test_a_command_of_ones_own_waits_for_a_person(story: Story, stand: Stand) -> None:
    worlds.write_credentials(story.world, {"prod": stories.profile(story.old)})
    stand.keys.delete(story.old.id)
    new = story.world.root / "new-credentials"
    new.write_text(f"[prod]\naws_access_key_id = {story.new.id}\naws_secret_access_key = {story.new.secret}\n")
    settings = story.world.home / ".config" / "tfwrap" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    words = ["/bin/cp", str(new), str(story.world.home / ".aws" / "credentials")]
    settings.write_text(f"[refresh.prod]\ncommand = {json.dumps(words)}\n")
    alone = story.terraform("plan", env={"AWS_PROFILE": "prod", "TFWRAP_AUTO": "all"})
    assert alone.status == 1
    assert b"not done for you: it needs a person at a terminal" in alone.stderr
    done = story.terraform_on_terminal("plan", answers=[("[q] quit", "r\n")], env={"AWS_PROFILE": "prod"})
    assert done.status == 0, done.text
