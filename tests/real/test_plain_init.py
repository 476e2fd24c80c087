"""What a plain `init` does about a saved key that AWS has forgotten, on the real Terraforms: nothing.

So `init -reconfigure` is the remedy, and no gentler one is tried first.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds
from testing.marks import each_terraform

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand


def write_module(world: World, stand: Stand, terraform: Terraform, bucket: str, **more: str) -> None:
    quoted = {"bucket": f'"{bucket}"', "key": '"k"', **stand.backend_arguments(terraform.version)}
    quoted |= {name: f'"{value}"' for name, value in more.items()}
    lines = "".join(f"    {name} = {value}\n" for name, value in quoted.items())
    (world.cwd / "main.tf").write_text(
        f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "x" {{\n  value = 1\n}}\n'
    )


def init(world: World, stand: Stand, terraform: Terraform, *words: str, **environ: str) -> int:
    done = worlds.run(world, [terraform.path, "init", "-input=false", *words], {**stand.environment(), **environ})
    return done.status


@each_terraform
@pytest.mark.parametrize("came_by", ["the block", "-backend-config"])
@pytest.mark.parametrize("mode", ["plain", "the same arguments", "-reconfigure"])
def test_only_a_reconfiguration_lets_go_of_a_saved_key(
    world: World, stand: Stand, terraform: Terraform, came_by: str, mode: str
) -> None:
    old, new = stand.keys.create(suffix="0001"), stand.keys.create(suffix="0002")
    keys = {"access_key": old.id, "secret_key": old.secret}
    words = [] if came_by == "the block" else [f"-backend-config={name}={value}" for name, value in keys.items()]
    bucket = f"b-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    write_module(world, stand, terraform, bucket, **(keys if came_by == "the block" else {}))
    assert init(world, stand, terraform, *words) == 0
    stand.keys.delete(old.id)
    if mode != "the same arguments":
        write_module(world, stand, terraform, bucket)
        words = ["-reconfigure"] if mode == "-reconfigure" else []
    environ = {"AWS_ACCESS_KEY_ID": new.id, "AWS_SECRET_ACCESS_KEY": new.secret}
    status = init(world, stand, terraform, *words, **environ)
    saved = json.loads((world.cwd / ".terraform" / "terraform.tfstate").read_text())["backend"]["config"]
    cured = mode == "-reconfigure"
    assert (status, saved.get("access_key")) == ((0, None) if cured else (1, old.id))
