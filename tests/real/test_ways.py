"""`init -reconfigure` after a rotation, for every way in which the backend's values can arrive, on four Terraforms.

OpenTofu alone lets a backend block name variables; there is no tofu to run here, so that way is tried on what tfwrap
makes of the block (tests/unit/recovery/test_gate.py, `test_variables_in_the_block_are_opentofus`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from testing import place as places
from testing import world as worlds
from testing.marks import on_terraforms
from testing.place import RETRIED, Place
from testing.terraforms import PATH
from tests.unit.recovery.refreshing import jwt

if TYPE_CHECKING:
    from collections.abc import Callable

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

ACCOUNT = "111111111111"
PREFIX = "umgebungen/größe ${x}"


class Way(NamedTuple):
    """How a module is initialised with the old key; `env` and `words` are those of every command, `data` its folder.

    `then` changes what applies after the rotation; `since` is the first Terraform that knows the way.
    """

    initialise: Callable[[Place], None]
    env: dict[str, str | None] = {}  # noqa: RUF012 - a NamedTuple's default, never changed
    words: tuple[str, ...] = ()
    data: str = ".terraform"
    then: Callable[[Place], dict[str, str | None]] = lambda _: {}
    since: tuple[int, ...] = (0, 12)


def arguments(place: Place) -> dict[str, str]:
    """Everything that a backend block would say, as HCL."""
    block = {"bucket": f'"{place.bucket}"', "key": '"net/terraform.tfstate"'}
    return block | place.stand.backend_arguments(place.terraform.version)


def without(place: Place, *names: str) -> dict[str, str]:
    """What takes these out of the block; without names all of them."""
    return dict.fromkeys(names or arguments(place), "")


def options(values: dict[str, str]) -> list[str]:
    """As `-backend-config=NAME=TEXT`."""
    plain = {name: value.removeprefix('"').removesuffix('"') for name, value in values.items()}
    return [f"-backend-config={name}={value}" for name, value in plain.items()]


def file(place: Place, values: dict[str, str], *, with_keys: bool = True) -> str:
    """A file of values, and the name that `-backend-config` gets."""
    keys = {"access_key": f'"{place.old.id}"', "secret_key": f'"{place.old.secret}"'} if with_keys else {}
    folder = place.module / "env"
    folder.mkdir(exist_ok=True)
    lines = (f"{name} = {value}\n" for name, value in {**values, **keys}.items())
    (folder / "prod.s3.tfbackend").write_text("".join(lines))
    return "-backend-config=env/prod.s3.tfbackend"


def first_state(place: Place, *init: str, env: dict[str, str | None] | None = None) -> None:
    """Init as told, and a state."""
    place.must("init", "-input=false", *init, env=env)
    place.must("apply", "-auto-approve", env=env)


def in_the_block(place: Place) -> None:
    place.initialise()


def by_arguments(place: Place) -> None:
    place.write(**without(place))
    first_state(place, *options(arguments(place)), *place.keys())


def by_a_file(place: Place) -> None:
    place.write(**without(place))
    first_state(place, file(place, arguments(place)))


def by_both(place: Place) -> None:
    place.write(**without(place))
    given = file(place, {**arguments(place), "key": '"overridden"'})
    first_state(place, given, "-backend-config=key=net/terraform.tfstate", "-backend-config=max_retries=3")


def in_part(place: Place) -> None:
    place.write(bucket="", region="")
    values = {name: value for name, value in arguments(place).items() if name in ("bucket", "region")}
    first_state(place, *options(values), *place.keys())


def in_a_workspace(place: Place) -> None:
    place.initialise()
    place.must("workspace", "new", "prod")
    place.write(output="10.9.0.0/16")
    place.must("apply", "-auto-approve")


def with_a_prefix(place: Place) -> None:
    place.initialise(f"-backend-config=workspace_key_prefix={PREFIX}")
    place.must("workspace", "new", "prod")
    place.write(output="10.9.0.0/16")
    place.must("apply", "-auto-approve")


def in_a_directory_of_its_own(place: Place) -> None:
    place.initialise("-backend-config=max_retries=3", env={"TF_DATA_DIR": "dätä dir/x"})


def by_a_known_file(place: Place) -> None:
    """The settings name the file; it has lost its key since, and holds what the saved backend holds."""
    by_a_file(place)
    file(place, arguments(place), with_keys=False)
    (place.world.home / ".config" / "tfwrap").mkdir(parents=True)
    setting = 'backend_config = ["env/prod.s3.tfbackend"]\n'
    (place.world.home / ".config" / "tfwrap" / "config.toml").write_text(setting)


def from_a_web_identity(place: Place) -> dict[str, str | None]:
    """What applies from now on: the OIDC role of a CI job."""
    (place.world.home / ".aws" / "credentials").unlink()
    role = place.stand.keys.add_role(ACCOUNT, "pipeline").arn
    token = place.world.root / "token"
    token.write_text(jwt(time.time() + 3600))
    return {"AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_SESSION_NAME": "job"}


def from_a_role(place: Place) -> dict[str, str | None]:
    """What applies from now on: a role that a profile assumes."""
    key = {"aws_access_key_id": place.new.id, "aws_secret_access_key": place.new.secret}
    worlds.write_credentials(place.world, {"base": key})
    role = place.stand.keys.add_role(ACCOUNT, "deploy").arn
    worlds.write_config(place.world, {"profile prod": {"role_arn": role, "source_profile": "base"}})
    return {"AWS_PROFILE": "prod", "AWS_SDK_LOAD_CONFIG": "1"}


WAYS = {
    "in the block": Way(in_the_block),
    "by arguments": Way(by_arguments),
    "by a file": Way(by_a_file),
    "by a file and by arguments over it": Way(by_both),
    "in the block in part": Way(in_part),
    "in a workspace": Way(in_a_workspace),
    "with a prefix of the workspaces": Way(with_a_prefix),
    "in a data directory of its own": Way(
        in_a_directory_of_its_own, env={"TF_DATA_DIR": "dätä dir/x"}, data="dätä dir/x"
    ),
    "with -chdir": Way(in_part, words=("-chdir=net",), since=(0, 14)),
    "by a file that the settings name": Way(by_a_known_file),
    # 0.12.29 finds no credentials in either: init fails, and everything is put back (below).
    "to an OIDC role": Way(in_the_block, then=from_a_web_identity, since=(1, 0)),
    "to a role of a profile": Way(in_the_block, then=from_a_role, since=(1, 0)),
}


@pytest.mark.slow
@on_terraforms("0.12.29", "1.0.3", PATH, "1.15.5")
@pytest.mark.parametrize("way", [pytest.param(way, id=name) for name, way in WAYS.items()])
def test_after_a_rotation_the_state_is_the_same_by_the_new_key(
    world: World, stand: Stand, terraform: Terraform, way: Way
) -> None:
    if tuple(int(part) for part in terraform.version.split(".")[:2]) < way.since:
        pytest.skip(f"Terraform {terraform.version} does not know this way")
    place = places.made(world, stand, terraform)
    way.initialise(place)
    stand.keys.delete(place.old.id)
    env = {**way.env, **way.then(place)}
    folder = place.module / way.data
    saved, objects = place.saved(folder), place.objects()
    workspace = places.read(folder / "environment")
    cwd = place.module.parent if way.words else None
    done = place.guarded(*way.words, "plan", "-detailed-exitcode", "-no-color", env=env, cwd=cwd)
    assert (done.status, RETRIED in done.stderr) == (0, True), done
    places.reconfigured(saved, place.saved(folder))
    assert places.read(folder / "environment") == workspace
    assert place.objects() == objects
    assert not list(folder.glob("*tfwrap*"))


@pytest.mark.slow
@on_terraforms("0.12.29")
@pytest.mark.parametrize("then", [from_a_web_identity, from_a_role])
def test_what_terraform_itself_cannot_use_puts_everything_back(
    world: World, stand: Stand, terraform: Terraform, then: Callable[[Place], dict[str, str | None]]
) -> None:
    place = places.made(world, stand, terraform)
    place.initialise()
    stand.keys.delete(place.old.id)
    env = then(place)
    before = place.snapshot()
    done = place.guarded("plan", "-no-color", env=env)
    assert done.status == 1, done
    assert b"tried init -reconfigure and put everything back" in done.stderr
    assert place.snapshot() == before
