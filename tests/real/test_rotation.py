"""The routine of docs/rotation.md, end to end: the installed command, the real Terraform, IAM and STS on the stand."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from testing import story as stories
from testing import world as worlds
from testing.installation import installed
from tfwrap.redaction import encodings

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

DAY_S = 86_400


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform) -> Story:
    """A root module in use with the only key of a user, which `terraform init` has saved and the shared file holds."""
    begun = stories.begin(world, stand, terraform, installed(), f"rotation-{time.monotonic_ns()}")
    old = stand.keys.create(user=begun.bucket, suffix="0011")
    stand.keys.age(old.id, 91.5 * DAY_S)
    begun = begun._replace(old=old, new=old)
    worlds.write_credentials(begun.world, {"default": stories.profile(old)})
    stories.initialise(begun)
    return begun


def iam(stand: Stand, key: AccessKey) -> Any:
    return boto3.Session(key.id, key.secret, region_name="us-east-1").client("iam", endpoint_url=stand.url)


def made(stand: Stand, answer: dict[str, Any]) -> AccessKey:
    """The key that CreateAccessKey has made."""
    key = stand.keys.get(answer["AccessKey"]["AccessKeyId"])
    assert key is not None
    return key


def rows(done: Finished) -> dict[str, str]:
    """The checks and their statuses."""
    return {check["name"]: check["status"] for check in json.loads(done.stdout)["checks"]}


def test_a_key_is_rotated_as_the_page_says(story: Story) -> None:
    stand, old = story.stand, story.old
    with_old = iam(stand, old)
    answer = with_old.create_access_key()
    with_old.close()
    new = made(stand, answer)
    file = story.module / "new-key.json"
    file.write_text(json.dumps(answer, default=str, indent=4))

    first = story.tfwrap("rotate-check", "new-key.json")
    assert (first.status, first.stderr) == (0, b"")
    assert b"that of key AKIA****0011, which backend.s3 uses now" in first.stdout
    assert b"AKIA****0011 is Active, 91 days old (too old), and backend.s3 uses it now" in first.stdout

    worlds.write_credentials(story.world, {"default": stories.profile(new)})
    assert story.tfwrap("rotate-check", "--profile", "default").status == 0
    with_new = iam(stand, new)
    with_new.update_access_key(AccessKeyId=old.id, Status="Inactive")

    bare = story.bare("plan", "-input=false")
    assert bare.status != 0
    assert b"InvalidClientTokenId" in bare.stderr + bare.stdout
    assert story.terraform("plan", "-input=false", env={"TFWRAP_AUTO": "reconfigure"}).status == 0
    assert story.bare("plan", "-input=false").status == 0

    after = worlds.run(
        story.world,
        [story.installation.tfwrap, "rotate-check", "default", "--format", "json"],
        {"TFWRAP_ACCOUNT": stories.ACCOUNT},
        story.module,
    )
    assert (after.status, rows(after)["account"]) == (0, "ok")
    (other,) = json.loads(after.stdout)["other_keys"]
    assert (other["access_key_id"], other["status"], other["used_by"]) == ("AKIA****0011", "Inactive", None)

    with_new.delete_access_key(AccessKeyId=old.id)
    with_new.close()
    assert story.bare("plan", "-input=false").status == 0
    said = first.stdout + first.stderr + after.stdout + after.stderr
    for form in (*encodings.forms(old.secret), *encodings.forms(new.secret)):
        assert len(form) < 12 or form.encode() not in said


def test_a_key_that_aws_does_not_know_yet_is_waited_for_on_the_clock(story: Story) -> None:
    """The real wait: IAM knows the key at once, STS some seconds later."""
    stand = story.stand
    new = stand.keys.create(user=story.bucket, suffix="0012")
    stand.keys.deactivate(new.id)
    file = story.module / "new.env"
    file.write_text(f"AWS_ACCESS_KEY_ID={new.id}\nAWS_SECRET_ACCESS_KEY={new.secret}\n")
    later = threading.Timer(6, lambda: stand.keys.activate(new.id))
    # Without the key in use nobody can tell that IAM lists it as inactive, which is how the stand plays "not yet".
    stand.keys.forbid(story.old.arn, "iam:ListAccessKeys")
    later.start()
    done = story.tfwrap("rotate-check", "new.env")
    later.join()
    assert done.status == 0, done
    assert done.stderr.startswith(b"tfwrap: waiting until AWS knows the new key AKIA****0012 (")
