"""What the tests with the real Terraform share."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.real.causes.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand


@pytest.fixture
def failing(world: World, stand: Stand, terraform: Terraform) -> Iterator[Place]:
    """A place with a bucket, and nothing written yet. Afterwards the stand allows everything again."""
    (world.home / ".aws").mkdir()
    bucket = f"causes-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    stand.forget()
    yield Place(world, stand, terraform, stand.keys.create(), bucket)
    stand.clock.shift(0)
    stand.disabled_regions.clear()
    stand.denials.clear()
