"""The story of a stale saved key, set up on the stand: a root module that was initialised with keys that are gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from testing import world as worlds

if TYPE_CHECKING:
    from testing.installation import Installation
    from testing.processes import Answer, Finished, Shown
    from testing.terraforms import Terraform
    from testing.world import Patch, World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT = "111111111111"


class Story(NamedTuple):
    """A world with a root module whose backend was initialised with `old`; `new` is in ~/.aws/credentials."""

    world: World
    installation: Installation
    stand: Stand
    bucket: str
    module: Path
    old: AccessKey
    new: AccessKey

    def terraform(self, *words: str, env: Patch | None = None, cwd: Path | None = None) -> Finished:
        """Run the shim on pipes."""
        return worlds.run(self.world, ["terraform", *words], env, cwd or self.module)

    def terraform_on_terminal(self, *words: str, answers: list[Answer], env: Patch | None = None) -> Shown:
        """Run the shim on a terminal, wide enough that nothing is wrapped where a test looks."""
        return worlds.run_on_pty(self.world, ["terraform", *words], answers, (40, 400), env, self.module)

    def bare(self, *words: str, env: Patch | None = None, cwd: Path | None = None) -> Finished:
        """Run the real Terraform itself on pipes."""
        real = self.world.environ["TFWRAP_TERRAFORM"]
        return worlds.run(self.world, [real, *words], env, cwd or self.module)

    def tfwrap(self, *words: str) -> Finished:
        """Run the `tfwrap` command."""
        return worlds.run(self.world, [self.installation.tfwrap, *words], cwd=self.module)

    @property
    def saved_file(self) -> Path:
        """What `terraform init` saved."""
        return self.module / ".terraform" / "terraform.tfstate"


def begin(world: World, stand: Stand, terraform: Terraform, installation: Installation, bucket: str) -> Story:
    """Set the world up: keys, bucket, root module, and both real Terraform and shim within reach."""
    old = stand.keys.create(account=ACCOUNT, user="deployer", suffix="0001")
    new = stand.keys.create(account=ACCOUNT, user="deployer", suffix="0002")
    stand.create_bucket(bucket, account=ACCOUNT)
    module = world.cwd / "réseau de test"
    module.mkdir()
    (module / "main.tf").write_text(configuration(stand, terraform, bucket), encoding="utf-8")
    worlds.write_credentials(world, {"default": profile(new)})
    path = f"{installation.shims}:{Path(terraform.path).parent}:{world.environ['PATH']}"
    environ = {**world.environ, **stand.environment(), "PATH": path, "TFWRAP_TERRAFORM": terraform.path}
    return Story(world._replace(environ=environ), installation, stand, bucket, module, old, new)


def configuration(stand: Stand, terraform: Terraform, bucket: str) -> str:
    """A root module that keeps its state on the stand and manages nothing but outputs."""
    arguments = {
        "bucket": f'"{bucket}"',
        "key": '"net/terraform.tfstate"',
        **stand.backend_arguments(terraform.version),
    }
    lines = "".join(f"    {name} = {value}\n" for name, value in arguments.items())
    return f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n\noutput "network" {{\n  value = "10.0.0.0/16"\n}}\n'


def profile(key: AccessKey) -> dict[str, str]:
    """A key as a profile of the shared credentials file."""
    return {"aws_access_key_id": key.id, "aws_secret_access_key": key.secret}


def initialise(story: Story, *more: str, with_keys: bool = True) -> None:
    """`terraform init` with the old keys given by `-backend-config`, then a first state."""
    keys = (f"-backend-config=access_key={story.old.id}", f"-backend-config=secret_key={story.old.secret}")
    done = story.bare("init", "-input=false", *(keys if with_keys else ()), *more)
    assert done.status == 0, done
    applied = story.bare("apply", "-auto-approve", "-input=false")
    assert applied.status == 0, applied


def rotate(story: Story) -> None:
    """AWS forgets the old key."""
    story.stand.keys.delete(story.old.id)
