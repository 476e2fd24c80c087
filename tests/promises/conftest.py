"""A guarded run of a recorder: the real binary's part is played by a program that notes what happens to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from testing import recorder
from testing import world as worlds
from testing.installation import installed

if TYPE_CHECKING:
    from testing.world import World


class Played(NamedTuple):
    """A world in which the shim guards the recorder, and where it writes its record."""

    world: World
    shim: Path
    record: Path

    def environ(self, **more: str) -> dict[str, str]:
        """The environment for a call."""
        return {**self.world.environ, **more}


@pytest.fixture
def played(world: World) -> Played:
    """A directory that uses AWS, and the recorder as the terraform behind the installed shim."""
    python = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    real = recorder.write(world.bin / "terraform", python)
    (world.cwd / "main.tf").write_text('terraform {\n  backend "s3" {\n    region = "us-east-1"\n  }\n}\n')
    record = world.root / "record"
    installation = installed()
    path = f"{installation.shims}:{world.environ['PATH']}"
    # Credentials about which there is nothing to say, and nobody to ask beforehand.
    container = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/made-up"}
    environ = {**world.environ, **container, "RECORDER_FILE": str(record), "PATH": path, "TFWRAP_TERRAFORM": str(real)}
    return Played(world._replace(environ=environ), installation.terraform, record)


__all__ = ["Played", "played", "worlds"]
