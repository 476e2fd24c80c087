"""A real Terraform asks STS where its profile says, and tfwrap says so beforehand."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds
from tfwrap.aws import config as awsconfig
from tfwrap.sources import precedence, profile_endpoint

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

OWN = "[profile lab]\nendpoint_url = {url}\n"
SERVICES = "[profile lab]\nservices = s\n[services s]\nsts =\n  endpoint_url = {url}\ns3 =\n  endpoint_url = {url}\n"
IGNORED = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}


@pytest.mark.parametrize(
    ("config", "more", "arrives"),
    [
        pytest.param(OWN, {}, True, id="its own"),
        pytest.param(SERVICES, {}, True, id="its services'"),
        pytest.param(OWN, IGNORED, False, id="ignored"),
    ],
)
def test_the_endpoint_of_a_profile_is_asked(
    config: str, more: dict[str, str], arrives: bool, world: World, stand: Stand, terraform: Terraform
) -> None:
    key, bucket = stand.keys.create(), f"profile-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    (world.home / ".aws").mkdir()
    (world.home / ".aws" / "config").write_text(config.format(url=stand.url))
    pair = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, "AWS_PROFILE": "lab"}
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true"}
    block = (
        f'bucket = "{bucket}"\n    key = "k"\n    region = "us-east-1"\n    use_path_style = true\n    max_retries = 0'
    )
    (world.cwd / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n    {block}\n  }}\n}}\n')
    stand.forget()
    done = worlds.run(world, [terraform.path, "init", "-input=false"], {**pair, **nowhere, **more})
    assert (done.status == 0, bool(stand.requests)) == (arrives, arrives)
    environ = {**world.environ, **pair, **more}
    read, rules = awsconfig.reader(environ), precedence.of_backend((1, 11))
    assert profile_endpoint.url({}, environ, read, rules) == (stand.url if arrives else "")
