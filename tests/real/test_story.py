"""The story that tfwrap exists for, on real Terraforms, through the installed shim."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from testing import story as stories
from testing.installation import installed
from testing.marks import on_terraforms

if TYPE_CHECKING:
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

each_version = on_terraforms("0.12.29", "1.0.3", "path", "1.15.5")
SUCCESS = "no changes"


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform, request: pytest.FixtureRequest) -> Story:
    """A root module whose saved key has just been deleted, while the profile's key works."""
    bucket = f"states-{abs(hash(request.node.name)) % 10**9}"
    begun = stories.begin(world, stand, terraform, installed(), bucket)
    stories.initialise(begun)
    stories.rotate(begun)
    return begun


@each_version
def test_preflight_names_both_keys_and_the_failure_names_the_cause(story: Story) -> None:
    bare = story.bare("plan", "-no-color")
    done = story.terraform("plan", "-no-color")
    said = [line for line in done.stderr.decode().splitlines() if line.startswith("tfwrap: ")]
    assert done.status == bare.status == 1
    assert done.stdout == bare.stdout
    assert "TFW302 stale-saved-backend" in said[0]
    assert "AKIA****0001" in said[0]
    assert "AKIA****0002" in said[0]
    assert "fix: terraform init -reconfigure" in said[1]
    assert any("InvalidClientTokenId" in line and "saved in .terraform/terraform.tfstate" in line for line in said)
    assert any("STS accepts it (account 111111111111" in line for line in said)
    assert any("tfwrap --explain" in line for line in said)


@each_version
def test_without_a_terminal_and_without_leave_nothing_is_changed(story: Story) -> None:
    before = story.saved_file.read_bytes()
    assert story.terraform("plan").status == 1
    assert story.saved_file.read_bytes() == before


@each_version
def test_with_leave_the_backend_is_reconfigured_and_the_command_runs_again(story: Story) -> None:
    done = story.terraform("plan", "-no-color", env={"TFWRAP_AUTO": "reconfigure"})
    assert done.status == 0, done
    assert SUCCESS in done.stdout.decode().lower()
    saved = json.loads(story.saved_file.read_bytes())["backend"]["config"]
    assert saved["bucket"] == story.bucket
    assert not saved["access_key"]
    assert not saved["secret_key"]
    assert not list(story.saved_file.parent.glob("*tfwrap*"))


@each_version
def test_afterwards_nothing_more_is_said(story: Story) -> None:
    story.terraform("plan", env={"TFWRAP_AUTO": "reconfigure"})
    done, bare = story.terraform("plan"), story.bare("plan")
    assert done == bare
    assert done.status == 0


@each_version
def test_on_a_terminal_a_person_is_asked_and_their_answer_counts(story: Story) -> None:
    answers: list[tuple[str, str | bytes]] = [("[q] quit", "e\n"), ("retry, [q] quit", "r\n")]
    done = story.terraform_on_terminal("plan", answers=answers)
    assert done.status == 0, done.text
    assert SUCCESS in done.text.lower()
    assert done.text.count("Run terraform init -reconfigure, then your command again?") == 2


@on_terraforms("path")
def test_on_a_terminal_quit_leaves_everything_as_it_is(story: Story) -> None:
    before = story.saved_file.read_bytes()
    done = story.terraform_on_terminal("plan", answers=[("[q] quit", "q\n")])
    assert done.status == 1
    assert story.saved_file.read_bytes() == before


@each_version
def test_strict_mode_refuses_before_terraform_starts(story: Story) -> None:
    story.stand.forget()
    done = story.terraform("plan", env={"TFWRAP_STRICT": "1"})
    assert done.status == 120
    assert done.stdout == b""
    assert b"TFW301" in done.stderr
    assert b"fix: " in done.stderr
    assert story.stand.requests == []


@on_terraforms("path", "0.12.29")
def test_the_story_is_told_later_from_the_record(story: Story) -> None:
    story.terraform("plan", env={"TFWRAP_AUTO": "reconfigure"})
    story.stand.forget()
    told = story.tfwrap("--explain")
    text = told.stdout.decode()
    assert told.status == 0
    for part in ("terraform plan", "exit status 1", "stale-saved-backend", "AKIA****0001", "AKIA****0002"):
        assert part in text
    assert "STS answers InvalidClientTokenId" in text
    assert "ran init -reconfigure" in text
    assert "ran the command again, once: exit status 0" in text
    assert story.stand.requests == []
    document = json.loads(story.tfwrap("--explain", "--format", "json").stdout)
    assert document["version"] == 1
    assert document["cause"]["slug"] == "stale-saved-backend"
    assert document["incident"]["exit_status"] == 1


@on_terraforms("path")
def test_values_that_came_by_backend_config_are_given_again(story: Story) -> None:
    more = ("-backend-config=encrypt=true", "-backend-config=workspace_key_prefix=réseaux $${x}")
    stories.initialise(story, "-reconfigure", *more, with_keys=False)
    broken = json.loads(story.saved_file.read_bytes())
    broken["backend"]["config"] |= {"access_key": story.old.id, "secret_key": story.old.secret}
    story.saved_file.write_text(json.dumps(broken))
    done = story.terraform("plan", env={"TFWRAP_AUTO": "reconfigure"})
    assert done.status == 0, done
    saved = json.loads(story.saved_file.read_bytes())["backend"]["config"]
    assert saved["encrypt"] is True
    assert saved["workspace_key_prefix"] == "réseaux $${x}"
    assert not saved["access_key"]


@on_terraforms("path")
def test_the_users_own_reconfiguration_is_left_in_peace(story: Story) -> None:
    done = story.terraform("init", "-reconfigure", env={"TFWRAP_STRICT": "1"})
    assert done.status == 0, done
    assert b"tfwrap" not in done.stderr
