"""A root module on the stand in which the real Terraform fails through tfwrap, and the record of that."""

from __future__ import annotations

import json
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from testing import providers
from testing import world as worlds
from tfwrap import launch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

OTHER_ACCOUNT, REGION = "222222222222", "us-east-1"
ROLE = "arn:aws:iam::111111111111:role/nobody-trusts-me"
GONE = "AKIAMADEUPBYATEST000"
SECRET = "canary/by+the/tests/0123456789abcdefghij"
PROVIDER_VERSION = "5.100.0"
REQUIRED = 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
READ_ROLE = 'data "aws_iam_role" "r" {\n  name = "r"\n}\n'
WAITS = """resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "touch started; n=0; while [ ! -e go ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n+1)); done"
  }
}
"""


class Place(NamedTuple):
    """A root module on the stand, keys that the stand knows, and the Terraform that fails there."""

    world: World
    stand: Stand
    terraform: Terraform
    good: AccessKey
    bucket: str

    def write(self, **arguments: str) -> None:
        """The root module: a backend on the stand, with these arguments (HCL values) besides."""
        held = {"bucket": f'"{self.bucket}"', "key": '"k"', **self.stand.backend_arguments(self.terraform.version)}
        lines = "".join(f"    {name} = {value}\n" for name, value in {**held, **arguments}.items())
        text = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "x" {{\n  value = 1\n}}\n'
        (self.world.cwd / "main.tf").write_text(text)

    def write_provider(self, lines: str = "", reads: str = READ_ROLE, alias: str = "") -> None:
        """An AWS provider on the stand beside what `write` wrote. Raises Unavailable without the provider."""
        named = f'  alias = "{alias}"\n' if alias else ""
        settings = self.stand.provider_settings(PROVIDER_VERSION) if "region" not in lines else ""
        text = f'{REQUIRED}provider "aws" {{\n{named}{settings}{lines}}}\n{reads}'
        (self.world.cwd / "more.tf").write_text(text)

    def initialise(self, *words: str, env: Mapping[str, str]) -> None:
        """`terraform init`, without tfwrap; it has to succeed."""
        done = self.bare("init", "-input=false", *words, env=env)
        assert done.status == 0, done

    def bare(self, *words: str, env: Mapping[str, str]) -> Finished:
        """The real Terraform by itself."""
        return worlds.run(self.world, [self.terraform.path, *words], self._env(env))

    def guarded(self, *words: str, env: Mapping[str, str]) -> Finished:
        """Terraform through tfwrap."""
        return worlds.run(self.world, [sys.executable, "-I", launch.__file__, "terraform", *words], self._env(env))

    def _env(self, env: Mapping[str, str]) -> worlds.Patch:
        environ = {**self.stand.environment(), "AWS_MAX_ATTEMPTS": "2", "TFWRAP_TERRAFORM": self.terraform.path}
        if (self.world.cwd / "more.tf").exists():
            environ["TF_CLI_CONFIG_FILE"] = providers.cli_config(PROVIDER_VERSION)
        return {**environ, **env}

    def explained(self, *words: str) -> str:
        """What `tfwrap explain` prints in the same directory."""
        command = [sys.executable, "-I", "-m", "tfwrap", "explain", *words]
        done = worlds.run(self.world, command, {"TFWRAP_OFFLINE": "1"})
        assert done.status == 0, done
        return done.stdout.decode()

    def record(self) -> dict[str, Any]:
        """The one incident that was kept."""
        (path,) = (self.world.home / ".local" / "state" / "tfwrap" / "incidents").glob("*.json")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        document: dict[str, Any] = json.loads(path.read_bytes())
        return document

    def kept(self) -> bytes:
        """Everything that tfwrap has written, of this user and in this directory."""
        roots = [self.world.home / ".local" / "state", self.world.home / ".cache", self.world.cwd / ".terraform"]
        files = [path for root in roots for path in root.rglob("*") if path.is_file()]
        return b"\n".join(path.read_bytes() for path in files if "tfwrap" in str(path.relative_to(self.world.root)))

    def profile(self, name: str, key_id: str, secret: str, token: str = "") -> None:
        """The one profile with keys of ~/.aws/credentials."""
        values = {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
        worlds.write_credentials(self.world, {name: {**values, **({"aws_session_token": token} if token else {})}})

    def end_in_mid_apply(self, key: AccessKey) -> None:
        """End this session as soon as an apply of WAITS is under way."""

        def end() -> None:
            deadline = time.monotonic() + 60
            while not (self.world.cwd / "started").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            self.stand.keys.expire(key.id)
            (self.world.cwd / "go").touch()

        threading.Thread(target=end, daemon=True).start()

    def put(self, name: str, content: str) -> None:
        """An object in the bucket."""
        import boto3

        client = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=self.stand.url,
            aws_access_key_id=self.good.id,
            aws_secret_access_key=self.good.secret,
        )
        client.put_object(Bucket=self.bucket, Key=name, Body=content.encode())
        client.close()

    def empty_state(self) -> str:
        """A file with a state in which there is nothing yet."""
        path = self.world.root / "empty.tfstate"
        lineage = "00000000-0000-0000-0000-000000000001"
        path.write_text(json.dumps({"version": 4, "serial": 1, "lineage": lineage, "outputs": {}, "resources": []}))
        return str(path)

    def know_later(self, key: AccessKey, refusals: int = 1) -> None:
        """Let the stand know this key only when it has refused it so often, as AWS does with one that was just made."""
        self.stand.keys.deactivate(key.id)

        def activate() -> None:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                asked = [one for one in self.stand.requests if one.access_key_id == key.id and one.region == REGION]
                if [one.status for one in asked].count(403) >= refusals:
                    break
                time.sleep(0.005)
            self.stand.keys.activate(key.id)

        threading.Thread(target=activate, daemon=True).start()


def pair(key: AccessKey) -> dict[str, str]:
    """A key in the environment."""
    token = {"AWS_SESSION_TOKEN": key.token} if key.token else {}
    return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, **token}


def block(key_id: str, secret: str, token: str = "") -> dict[str, str]:
    """A key as arguments of the backend's block."""
    values = {"access_key": f'"{key_id}"', "secret_key": f'"{secret}"'}
    return {**values, **({"token": f'"{token}"'} if token else {})}
