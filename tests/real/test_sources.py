"""Which of several credentials a real Terraform uses, by the key id that arrives, is what tfwrap says beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from testing.marks import on_terraforms
from testing.terraforms import PATH
from testing.world import World, run
from tfwrap.aws import config as awsconfig
from tfwrap.sources import sources
from tfwrap.terraform import saved_backend
from tfwrap.terraform.saved_backend import SavedBackend

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from tfwrap.stand.server import Stand

SAVED = "AKIAMADEUPBYATEST000"
BY_DEFAULT = "AKIAMADEUPBYATEST001"
LAB = "AKIAMADEUPBYATEST002"
IN_ENVIRONMENT = "AKIAMADEUPBYATEST003"
KEYS = {"AWS_ACCESS_KEY_ID": IN_ENVIRONMENT, "AWS_SECRET_ACCESS_KEY": "madeUp"}
PAIR = {"access_key": SAVED, "secret_key": "madeUp"}
CREDENTIALS = (
    f"[default]\naws_access_key_id={BY_DEFAULT}\naws_secret_access_key=madeUp\n"
    f"[lab]\naws_access_key_id={LAB}\naws_secret_access_key=madeUp\n"
    f"[half]\naws_access_key_id={LAB}\n[nothing]\nregion=us-east-1\n"
)


def arrived(
    world: World, terraform: Terraform, stand: Stand, config: dict[str, str], environ: dict[str, str]
) -> list[str]:
    """The key ids that reach the stand when Terraform configures a backend with these arguments."""
    given = {"bucket": '"made-up"', "key": '"k"'} | stand.backend_arguments(terraform.version)
    given |= {name: f'"{value}"' for name, value in config.items()}
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items())
    (world.cwd / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n')
    stand.forget()
    run(world, [terraform.path, "init", "-input=false"], env={**stand.environment(), **environ})
    return [key for key in dict.fromkeys(request.access_key_id for request in stand.requests) if key]


def said(world: World, terraform: Terraform, config: dict[str, str], environ: dict[str, str]) -> list[str]:
    """The key id that tfwrap says the backend uses with this configuration saved."""
    version = tuple(int(part) for part in terraform.version.split(".")[:2])
    all_of_it = {**world.environ, **environ}
    files = awsconfig.read(all_of_it, str(world.cwd))
    saved = SavedBackend(saved_backend.path_in("/w"), "saved", "s3", config, terraform.version)
    key = sources.saved(saved, all_of_it, files, version).access_key
    return [key] if key else []


WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token", "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/ci"}
# configuration, environment, the key since 1.6, the key before
CASES: list[Any] = [
    pytest.param({}, {}, BY_DEFAULT, BY_DEFAULT, id="the default profile"),
    pytest.param({}, KEYS, IN_ENVIRONMENT, IN_ENVIRONMENT, id="keys of the environment"),
    pytest.param(
        {}, {"AWS_ACCESS_KEY": IN_ENVIRONMENT, "AWS_SECRET_KEY": "s"}, IN_ENVIRONMENT, IN_ENVIRONMENT, id="old names"
    ),
    pytest.param({}, {"AWS_ACCESS_KEY_ID": IN_ENVIRONMENT}, BY_DEFAULT, BY_DEFAULT, id="half a pair"),
    pytest.param({}, KEYS | {"AWS_SECRET_ACCESS_KEY": ""}, BY_DEFAULT, BY_DEFAULT, id="an empty half"),
    pytest.param({}, {"AWS_PROFILE": "lab"}, LAB, LAB, id="AWS_PROFILE"),
    pytest.param({}, {"AWS_PROFILE": ""}, BY_DEFAULT, BY_DEFAULT, id="an empty AWS_PROFILE"),
    pytest.param({}, {"AWS_PROFILE": "nowhere"}, "", "", id="AWS_PROFILE is not there"),
    pytest.param({}, KEYS | {"AWS_PROFILE": "nowhere"}, "", IN_ENVIRONMENT, id="with keys"),
    pytest.param({}, KEYS | {"AWS_PROFILE": "half"}, "", IN_ENVIRONMENT, id="or holds half a pair"),
    pytest.param({}, {"AWS_DEFAULT_PROFILE": "lab"}, LAB, BY_DEFAULT, id="AWS_DEFAULT_PROFILE"),
    pytest.param({}, {"AWS_DEFAULT_PROFILE": "nowhere"}, "", BY_DEFAULT, id="is not there"),
    pytest.param({}, {"AWS_DEFAULT_PROFILE": "nothing"}, "", BY_DEFAULT, id="holds nothing"),
    pytest.param({}, {"AWS_DEFAULT_PROFILE": "half", "AWS_PROFILE": "lab"}, LAB, LAB, id="both"),
    pytest.param({}, WEB, "", BY_DEFAULT, id="web identity"),
    pytest.param({}, WEB | KEYS, IN_ENVIRONMENT, IN_ENVIRONMENT, id="web identity and keys"),
    pytest.param({}, WEB | {"AWS_ROLE_ARN": ""}, "", BY_DEFAULT, id="a token without a role"),
    pytest.param({"profile": "lab"}, {}, LAB, LAB, id="a profile argument"),
    pytest.param({"profile": "lab"}, KEYS, LAB, IN_ENVIRONMENT, id="a profile argument and keys"),
    pytest.param({"profile": "lab"}, WEB, LAB, LAB, id="a profile argument and web identity"),
    pytest.param({"profile": "lab"}, {"AWS_PROFILE": "default"}, LAB, LAB, id="a profile argument and AWS_PROFILE"),
    pytest.param({"profile": "nowhere"}, KEYS, "", IN_ENVIRONMENT, id="a profile argument that is not there"),
    pytest.param({"profile": ""}, KEYS, IN_ENVIRONMENT, IN_ENVIRONMENT, id="an empty profile argument"),
    pytest.param(PAIR, KEYS | {"AWS_PROFILE": "lab"}, SAVED, SAVED, id="a saved pair"),
    pytest.param({"access_key": "", "secret_key": ""}, KEYS, IN_ENVIRONMENT, IN_ENVIRONMENT, id="an empty saved pair"),
    pytest.param({"access_key": SAVED}, KEYS, "", IN_ENVIRONMENT, id="half a saved pair"),
    pytest.param({"token": "madeUp"}, KEYS, "", IN_ENVIRONMENT, id="a saved token alone"),
]


@on_terraforms(PATH, "1.0.3")
@pytest.mark.parametrize(("config", "environ", "new", "old"), CASES)
def test_the_key_that_arrives_is_the_one_that_was_said(
    config: dict[str, str],
    environ: dict[str, str],
    new: str,
    old: str,
    world: World,
    terraform: Terraform,
    stand: Stand,
) -> None:
    (world.home / ".aws").mkdir()
    (world.home / ".aws" / "credentials").write_text(CREDENTIALS)
    key = old if terraform.version == "1.0.3" else new
    expected = [key] if key else []
    assert arrived(world, terraform, stand, config, environ) == expected
    assert said(world, terraform, config, environ) == expected
