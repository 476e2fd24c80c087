"""Promise 3: never a second apply. A provider that fails when the apply has begun, on the real Terraform."""

from __future__ import annotations

import shlex
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from testing import story as stories
from testing import terraforms
from testing import vault as vaults
from testing import world as worlds
from testing.installation import installed
from tfwrap import launch

if TYPE_CHECKING:
    from testing.story import Story
    from testing.terraforms import Terraform
    from testing.world import Patch, World
    from tfwrap.stand.server import Stand

PROVIDER = "5.100.0"
# The provider's configuration waits for a resource of Terraform's own, and that one waits until the key is gone.
MODULE = """
resource "terraform_data" "first" {{
  provisioner "local-exec" {{
    command = "echo made >> {root}/made; while [ ! -e {root}/gone ]; do sleep 0.1; done"
  }}
}}
provider "aws" {{
{settings}  default_tags {{
    tags = {{ first = terraform_data.first.id }}
  }}
}}
data "aws_caller_identity" "me" {{}}
output "who" {{
  value = data.aws_caller_identity.me.account_id
}}
"""


@pytest.fixture
def story(world: World, stand: Stand, terraform: Terraform) -> Story:
    """A state of the default profile's, and a provider that uses the profile prod."""
    try:
        cli_config = terraforms.cli_config(PROVIDER)
    except terraforms.Unavailable as reason:
        pytest.skip(str(reason))
    begun = stories.begin(world, stand, terraform, installed(), f"second-{time.monotonic_ns()}")
    begun.world.environ["TF_CLI_CONFIG_FILE"] = str(cli_config)
    worlds.write_credentials(world, {"default": stories.profile(begun.new), "prod": stories.profile(begun.old)})
    main = begun.module / "main.tf"
    main.write_text(main.read_text().replace('backend "s3" {', 'backend "s3" {\n    profile = "default"'))
    begun.world.environ["AWS_PROFILE"] = "prod"
    settings = stand.provider_settings(PROVIDER)
    (begun.module / "first.tf").write_text(MODULE.format(root=world.root, settings=settings))
    done = begun.bare("init", "-input=false")
    assert done.status == 0, done
    return begun


def key_goes_when_the_apply_has_begun(story: Story) -> threading.Thread:
    """The provider's key is deleted as soon as the first resource is being made."""
    made, gone = story.world.root / "made", story.world.root / "gone"

    def work() -> None:
        deadline = time.monotonic() + 50
        while not made.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        story.stand.keys.delete(story.old.id)
        gone.touch()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def apply(story: Story, *options: str, shell: str = "") -> tuple[worlds.Finished, vaults.Vault]:
    """An apply that may refresh from Vault unasked; `shell` redirects its streams."""
    settings = story.world.home / ".config" / "tfwrap" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('[refresh.prod]\nvault = "aws/creds/deploy"\n')
    argv = [sys.executable, "-I", launch.__file__, "terraform", "apply", "-auto-approve", "-no-color", *options]
    if shell:
        argv = ["/bin/sh", "-c", f"{shlex.join(argv)} {shell}"]
    with vaults.start(story.stand.keys) as vault:
        vault.tokens["made-up-token"] = ("aws/",)
        env: Patch = {"VAULT_ADDR": vault.url, "VAULT_TOKEN": "made-up-token", "TFWRAP_AUTO": "all"}
        done = worlds.run(story.world, argv, env, story.module)
    return done, vault


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "shell"),
    [
        pytest.param((), "", id="standard output unseen"),
        pytest.param((), "2>&1", id="both streams seen"),
        pytest.param(("-json",), "", id="as events"),
        pytest.param((), ">/dev/null", id="standard output thrown away"),
    ],
)
def test_an_apply_that_had_begun_is_not_made_again(story: Story, options: tuple[str, ...], shell: str) -> None:
    thread = key_goes_when_the_apply_has_begun(story)
    done, vault = apply(story, *options, shell=shell)
    thread.join()
    said = done.stderr if shell != "2>&1" else done.stdout
    assert b"InvalidClientTokenId" in said + done.stdout, done
    assert done.status == 1, done
    assert (story.world.root / "made").read_text() == "made\n"
    assert vault.made == []
    assert b"running again" not in said


@pytest.mark.slow
def test_an_apply_that_was_seen_not_to_begin_is_made_once(story: Story) -> None:
    story.stand.keys.delete(story.old.id)
    (story.world.root / "gone").touch()
    done, vault = apply(story, shell="2>&1")
    assert done.status == 0, done
    assert done.stdout.count(b"Apply complete! Resources: 1 added") == 1
    assert len(vault.made) == 1
    assert (story.world.root / "made").read_text() == "made\n"


@pytest.mark.slow
def test_an_apply_that_was_not_seen_is_left_to_the_user(story: Story) -> None:
    story.stand.keys.delete(story.old.id)
    (story.world.root / "gone").touch()
    done, vault = apply(story)
    assert done.status == 1, done
    assert b"not done for you: something may have been changed: not all that Terraform wrote" in done.stderr
    assert (vault.made, (story.world.root / "made").exists()) == ([], False)
