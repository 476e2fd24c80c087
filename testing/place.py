"""A root module whose saved key is going to be rotated, on the stand, and everything that says where its state is."""

from __future__ import annotations

import json
import sys
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config

from testing import world as worlds
from tfwrap import launch

if TYPE_CHECKING:
    from pathlib import Path

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import Patch, World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

AUTO = {"TFWRAP_AUTO": "reconfigure"}
WHO = ("access_key", "secret_key", "token", "profile")
RETRIED = b"reconfiguring the backend and running again"


class Snapshot(NamedTuple):
    """Everything that says where the state is and what it is: files byte for byte, every version in the bucket."""

    saved: bytes | None
    environment: bytes | None
    local: dict[str, bytes]
    objects: dict[str, tuple[int, bytes]]


class Place(NamedTuple):
    """A root module whose backend was initialised with `old`; `new` is in ~/.aws/credentials."""

    world: World
    stand: Stand
    terraform: Terraform
    bucket: str
    module: Path
    old: AccessKey
    new: AccessKey

    @property
    def data_dir(self) -> Path:
        return self.module / ".terraform"

    def write(self, output: str = "10.0.0.0/16", **arguments: str) -> None:
        """Write the root module; `arguments` are HCL for the backend block, an empty one leaves it out."""
        block = {"bucket": f'"{self.bucket}"', "key": '"net/terraform.tfstate"'}
        block |= self.stand.backend_arguments(self.terraform.version) | arguments
        lines = "".join(f"    {name} = {value}\n" for name, value in block.items() if value)
        text = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n\noutput "network" {{\n  value = "{output}"\n}}\n'
        (self.module / "main.tf").write_text(text, encoding="utf-8")

    def bare(self, *words: str, env: Patch | None = None, cwd: Path | None = None) -> Finished:
        """The real Terraform by itself."""
        return worlds.run(self.world, [self.terraform.path, *words], env, cwd or self.module)

    def must(self, *words: str, env: Patch | None = None) -> None:
        """The real Terraform by itself, with success."""
        done = self.bare(*words, env=env)
        assert done.status == 0, done

    def guarded(self, *words: str, env: Patch | None = None, cwd: Path | None = None) -> Finished:
        """Terraform through tfwrap, which may reconfigure without asking."""
        argv = [sys.executable, "-I", launch.__file__, "terraform", *words]
        return worlds.run(self.world, argv, {**AUTO, **(env or {})}, cwd or self.module)

    def keys(self, key: AccessKey | None = None) -> list[str]:
        """The arguments of an `init` that gives a key."""
        given = key or self.old
        return [f"-backend-config=access_key={given.id}", f"-backend-config=secret_key={given.secret}"]

    def initialise(self, *more: str, env: Patch | None = None) -> None:
        """Init with the old key, and a first state."""
        self.must("init", "-input=false", *self.keys(), *more, env=env)
        self.must("apply", "-auto-approve", env=env)

    def client(self) -> Any:
        """A client of the stand's S3 that no test takes the key from."""
        key = self.stand.keys.create(user="auditor")
        session: Any = boto3.Session(key.id, key.secret, region_name="us-east-1")
        config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
        return session.client("s3", endpoint_url=self.stand.url, config=config)

    def objects(self) -> dict[str, tuple[int, bytes]]:
        """Each object of the bucket but the locks: how many versions it has, and the bytes of the last."""
        client = self.client()
        try:
            listed = client.list_object_versions(Bucket=self.bucket).get("Versions", [])
            names = [version["Key"] for version in listed if not version["Key"].endswith(".tflock")]
            there = {version["Key"] for version in listed if version["IsLatest"]}.intersection(names)
            bodies = {name: client.get_object(Bucket=self.bucket, Key=name)["Body"].read() for name in there}
        finally:
            client.close()
        return {name: (names.count(name), bodies.get(name, b"")) for name in sorted(set(names))}

    def snapshot(self, data_dir: Path | None = None) -> Snapshot:
        """Where the state is and what it is, now."""
        folder = data_dir or self.data_dir
        files = [path for path in sorted(self.module.rglob("*.tfstate*")) if folder not in path.parents]
        local = {str(path.relative_to(self.module)): path.read_bytes() for path in files if path.is_file()}
        return Snapshot(read(folder / "terraform.tfstate"), read(folder / "environment"), local, self.objects())

    def saved(self, data_dir: Path | None = None) -> dict[str, Any]:
        """The saved backend."""
        content = ((data_dir or self.data_dir) / "terraform.tfstate").read_bytes()
        found: dict[str, Any] = json.loads(content)["backend"]
        return found


def read(path: Path) -> bytes | None:
    """A file's bytes, None where there is none."""
    return path.read_bytes() if path.exists() else None


def made(world: World, stand: Stand, terraform: Terraform, module: str = "net") -> Place:
    """The root module, in a folder of that name; nothing is initialised yet."""
    old = stand.keys.create(suffix="0001")
    new = stand.keys.create(suffix="0002")
    bucket = f"states-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    folder = world.cwd / module
    folder.mkdir()
    profile = {"aws_access_key_id": new.id, "aws_secret_access_key": new.secret}
    worlds.write_credentials(world, {"default": profile})
    environ = {**world.environ, **stand.environment(), "TFWRAP_TERRAFORM": terraform.path}
    place = Place(world._replace(environ=environ), stand, terraform, bucket, folder, old, new)
    place.write()
    return place


def reconfigured(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The saved backend is the same but for the credentials, and those are gone."""
    assert after["type"] == before["type"]
    assert after["hash"] == before["hash"]
    assert {name: value for name, value in after["config"].items() if name not in WHO} == {
        name: value for name, value in before["config"].items() if name not in WHO
    }
    assert not [name for name in WHO if after["config"].get(name)]
