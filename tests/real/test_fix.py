"""`tfwrap fix` and `tfwrap refresh` do on demand what a failed run offers."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from testing import story as stories
from testing import world as worlds
from testing.installation import installed
from tests.real.causes.situations import inactive, web_token_over

if TYPE_CHECKING:
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tests.real.causes.place import Place
    from tfwrap.stand.server import Stand


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform) -> Story:
    """A run that has failed over a saved key that AWS has forgotten."""
    begun = stories.begin(world, stand, terraform, installed(), f"fix-{time.monotonic_ns()}")
    stories.initialise(begun)
    stories.rotate(begun)
    failed = begun.terraform("plan", "-input=false")
    assert failed.status == 1
    assert b"InvalidClientTokenId: the backend used the key" in failed.stderr, failed
    return begun


def saved_key(story: Story) -> object:
    return json.loads(story.saved_file.read_text())["backend"]["config"].get("access_key")


def test_a_dry_run_shows_the_remedy_and_does_nothing(story: Story) -> None:
    done = story.tfwrap("fix", "--dry-run")
    assert done.status == 0, done
    assert b"init -reconfigure" in done.stderr
    assert saved_key(story) == story.old.id


def test_without_anybody_to_ask_nothing_is_done_unless_it_is_told_to(story: Story) -> None:
    done = story.tfwrap("fix")
    assert (done.status, saved_key(story)) == (1, story.old.id)
    assert b"nobody can be asked here: give --yes" in done.stderr
    done = story.tfwrap("fix", "--yes")
    assert done.status == 0, done
    assert saved_key(story) is None
    again = story.terraform("plan", "-input=false")
    assert (again.status, again.stderr) == (0, b"")
    record = json.loads(story.tfwrap("explain", "--format", "json").stdout)
    assert record["actions"] == [
        "ran init -reconfigure: the state's address is the same, and no credential is saved any more"
    ]


def test_what_the_gate_objects_to_is_not_fixed(story: Story) -> None:
    (story.module / "terraform.tfstate").write_text('{"version": 4}')
    before = story.saved_file.read_bytes()
    done = story.tfwrap("fix", "--yes")
    assert done.status == 1
    assert b"is not empty; init -reconfigure would offer to migrate it" in done.stderr
    assert story.saved_file.read_bytes() == before


def test_where_nothing_has_failed_there_is_nothing_to_fix(world: World) -> None:
    done = worlds.run(world, [installed().tfwrap, "fix"])
    assert done.status == 1
    assert b"there is nothing to fix" in done.stderr


def test_a_profiles_credentials_are_made_new_and_confirmed(world: World, stand: Stand) -> None:
    base = stand.keys.create(account=stories.ACCOUNT, suffix="0002")
    stand.keys.add_role(stories.ACCOUNT, "lab")
    role = {"role_arn": f"arn:aws:iam::{stories.ACCOUNT}:role/lab", "source_profile": "base", "region": "us-east-1"}
    worlds.write_credentials(world, {"base": stories.profile(base)})
    worlds.write_config(world, {"profile lab": role})
    env: worlds.Patch = {"AWS_ENDPOINT_URL_STS": stand.url, "AWS_EC2_METADATA_DISABLED": "true"}
    tfwrap = installed().tfwrap
    stand.forget()
    told = worlds.run(world, [tfwrap, "refresh", "lab", "--dry-run"], env)
    assert told.status == 0, told
    assert stand.requests == []
    assert b"would do: " in told.stderr
    done = worlds.run(world, [tfwrap, "refresh", "lab"], env)
    assert done.status == 0, done
    assert stories.ACCOUNT.encode() in done.stderr
    assert base.secret.encode() not in done.stderr
    pinned = worlds.run(world, [tfwrap, "refresh", "lab"], {**env, "TFWRAP_ACCOUNT": "222222222222"})
    assert pinned.status == 1
    assert b"account 222222222222 is pinned" in pinned.stderr


@pytest.mark.parametrize(("profile", "says"), [("nowhere", b'no profile "nowhere"'), ("base", b"written down")])
def test_what_cannot_be_made_new_is_said(world: World, stand: Stand, profile: str, says: bytes) -> None:
    worlds.write_credentials(world, {"base": stories.profile(stand.keys.create(suffix="0002"))})
    done = worlds.run(world, [installed().tfwrap, "refresh", profile], {"AWS_ENDPOINT_URL_STS": stand.url})
    assert done.status == 1
    assert says in done.stderr


def test_it_names_the_cause_that_the_failed_run_named_and_promises_no_second_run(failing: Place) -> None:
    env = web_token_over(failing)
    assert failing.guarded("init", "-input=false", env=env).status == 1
    world = failing.world._replace(environ={**failing.world.environ, **failing.stand.environment(), **env})
    done = worlds.run(world, [installed().tfwrap, "fix", "--dry-run"], {"TFWRAP_TERRAFORM": failing.terraform.path})
    assert failing.record()["cause"]["title"].encode() in done.stderr, done
    assert b"remedy: refreshing (read the web identity token" in done.stderr
    assert b"running again" not in done.stderr


def test_nobody_is_sent_to_a_refresh_that_could_do_nothing(failing: Place) -> None:
    """Nothing makes a key new that is written down, unless a setting says what does."""
    env = inactive(failing)
    assert failing.guarded("init", "-input=false", env=env).status == 1
    record = failing.record()
    assert record["cause"]["slug"] == "unknown-access-key"
    commands = [remedy["command"] for remedy in record["remedies"]]
    assert ["aws", "configure", "--profile", "default"] in commands
    assert not [command for command in commands if command[:2] == ["tfwrap", "refresh"]]


def test_where_a_setting_says_what_makes_the_key_new_the_refresh_is_named(failing: Place) -> None:
    env = inactive(failing)
    settings = failing.world.home / ".config" / "tfwrap" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[refresh.default]\ncommand = ["true"]\n')
    assert failing.guarded("init", "-input=false", env=env).status == 1
    commands = [remedy["command"] for remedy in failing.record()["remedies"]]
    assert ["tfwrap", "refresh", "default"] in commands
