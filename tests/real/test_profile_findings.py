"""Profiles and regions that tfwrap says stop Terraform do stop the real one, and those it is silent about do not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from testing.marks import on_terraforms
from testing.terraforms import PATH
from testing.world import World, run
from tfwrap import invocation
from tfwrap.aws import config as awsconfig
from tfwrap.aws.endpoint import Endpoint
from tfwrap.preflight.checks import makers, profiles, regions
from tfwrap.preflight.checks.finding import Facts
from tfwrap.sources import sources
from tfwrap.sources.consumers import BACKEND, Consumer
from tfwrap.terraform.configuration import Configuration

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from tfwrap.stand.server import Stand

USER = "AKIAMADEUPBYATEST001"
PAIR = f"aws_access_key_id={USER}\naws_secret_access_key=madeUp\n"
ROLE = "role_arn=arn:aws:iam::111111111111:role/r\n"
MFA = "mfa_serial=arn:aws:iam::111111111111:mfa/x\n"
BASE = f"[profile base]\n{PAIR}"
LAB = "[profile lab]\n"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAMADEUPBYATEST002", "AWS_SECRET_ACCESS_KEY": "madeUp"}

# the config file, the environment; what tfwrap says, what Terraform stops with
STOPS: list[Any] = [
    pytest.param("", {}, "TFW201", "profile", id="not there"),
    pytest.param(f"{LAB}{ROLE}source_profile=gone\n", {}, "TFW208", "source profile gone|of profile gone", id="gone"),
    pytest.param(f"{LAB}{ROLE}source_profile=gone\n", KEYS, "TFW208", "profile gone", id="beside good keys"),
    pytest.param(f"{LAB}{ROLE}source_profile=lab\n", {}, "TFW208", "profile lab", id="itself"),
    pytest.param(f"{LAB}source_profile=base\n{BASE}", {}, "TFW208", "requires role_arn", id="no role"),
    pytest.param(
        f"{LAB}{ROLE}source_profile=base\ncredential_source=Environment\n{BASE}", {}, "TFW208", "only one", id="two"
    ),
    pytest.param(f"{LAB}{ROLE}credential_source=Moon\n", {}, "TFW208", "values must be", id="an odd source"),
    pytest.param(f"{LAB}{ROLE}source_profile=base\n{MFA}{BASE}", {}, "TFW209", "MFA enabled", id="MFA"),
    pytest.param(f"{LAB}credential_process=/nonexistent/x\n", {}, "TFW210", "rocess ?[Pp]rovider", id="no program"),
]
# the key that arrives; nothing is said
WORKS: list[Any] = [
    pytest.param(f"{LAB}{PAIR}", {}, USER, id="static keys"),
    pytest.param(f"{LAB}{ROLE}source_profile=base\n{BASE}", {}, USER, id="a role"),
    pytest.param(f"{LAB}{ROLE}source_profile=lab\n{PAIR}", {}, USER, id="its own source"),
    pytest.param(f"{LAB}{ROLE}{PAIR}", {}, USER, id="a role with keys beside it"),
    pytest.param(f"{LAB}{MFA}{PAIR}", {}, USER, id="MFA without a role"),
    pytest.param(f"{LAB}{ROLE}source_profile=base\n{MFA}{BASE}", KEYS, KEYS["AWS_ACCESS_KEY_ID"], id="MFA behind keys"),
    pytest.param(f"{LAB}credential_process=/gone/x\n", KEYS, KEYS["AWS_ACCESS_KEY_ID"], id="a process behind keys"),
    pytest.param(
        f"{LAB}{ROLE}source_profile=mid\n{PAIR}[profile mid]\n{ROLE}source_profile=lab\n", {}, USER, id="a way back"
    ),
]


def init(
    world: World, terraform: Terraform, stand: Stand, config: str, environ: dict[str, str], *without: str
) -> tuple[list[str], str]:
    """The key ids that reach the stand, and what Terraform writes to stderr, as one line."""
    (world.home / ".aws").mkdir()
    (world.home / ".aws" / "config").write_text(config)
    given = {"bucket": '"made-up"', "key": '"k"'} | stand.backend_arguments(terraform.version)
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items() if name not in without)
    (world.cwd / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n')
    stand.forget()
    patch = {**stand.environment(), **dict.fromkeys(without, None), "AWS_PROFILE": "lab", **environ}
    done = run(world, [terraform.path, "init", "-input=false", "-no-color"], env=patch)
    keys = [request.access_key_id for request in stand.requests if request.access_key_id]
    return list(dict.fromkeys(keys)), " ".join(re.sub("[│╷╵]", "", done.stderr.decode()).split())


def said(world: World, terraform: Terraform, environ: dict[str, str], **arguments: object) -> set[str]:
    """The ids of what tfwrap says about a backend in this world."""
    version = tuple(int(part) for part in terraform.version.split(".")[:2])
    every = {**world.environ, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "lab", **environ}
    read = awsconfig.reader(every, str(world.cwd))
    source = sources.backend(arguments, every, read, version)
    endpoint = Endpoint("us-east-1", "")
    who = Consumer(BACKEND, "main.tf:2", arguments, source, version, "", endpoint)
    typed = invocation.read("terraform", ["init"], every, str(world.cwd))
    files = awsconfig.read(every, str(world.cwd))
    facts = Facts(typed, Configuration(), None, files, source, source, environ=every, consumers=(who,))
    return {found.id for check in (profiles.check, makers.check, regions.check) for found in check(facts)}


@on_terraforms(PATH, "1.0.3", "1.15.5")
@pytest.mark.parametrize(("config", "environ", "identifier", "words"), STOPS)
def test_what_is_said_to_stop_terraform_stops_it(
    config: str,
    environ: dict[str, str],
    identifier: str,
    words: str,
    world: World,
    terraform: Terraform,
    stand: Stand,
) -> None:
    keys, error = init(world, terraform, stand, config, environ)
    assert keys == []
    assert re.search(f"{words}|no valid credential sources", error, re.IGNORECASE)
    assert said(world, terraform, environ, region="us-east-1") == {identifier}


@on_terraforms(PATH, "1.0.3", "1.15.5")
@pytest.mark.parametrize(("config", "environ", "key"), WORKS)
def test_what_nothing_is_said_about_gets_a_request_out(
    config: str, environ: dict[str, str], key: str, world: World, terraform: Terraform, stand: Stand
) -> None:
    keys, _ = init(world, terraform, stand, config, environ)
    assert keys == [key]
    assert said(world, terraform, environ, region="us-east-1") == set()


@on_terraforms(PATH, "1.0.3", "1.15.5")
def test_the_region_of_a_profile_does_not_count_for_the_backend(
    world: World, terraform: Terraform, stand: Stand
) -> None:
    keys, error = init(world, terraform, stand, f"{LAB}{PAIR}region=us-east-1\n", {}, "region", "AWS_REGION")
    assert keys == []
    assert re.search('Missing region value|"region": required field is not set', error)
    assert said(world, terraform, {}) == {"TFW212"}


@on_terraforms(PATH, "1.0.3", "1.15.5")
@pytest.mark.parametrize("variable", regions.VARIABLES)
def test_either_variable_is_a_region_for_the_backend(
    variable: str, world: World, terraform: Terraform, stand: Stand
) -> None:
    environ = {variable: "us-east-1"}
    keys, _ = init(world, terraform, stand, f"{LAB}{PAIR}", environ, "region", *({"AWS_REGION"} - {variable}))
    assert keys == [USER]
    assert said(world, terraform, environ) == set()


@on_terraforms(PATH, "1.15.5")
def test_of_two_regions_the_first_counts(world: World, terraform: Terraform, stand: Stand) -> None:
    """Before 1.6 a request to STS is signed for us-east-1 whatever the region is, so that nothing shows there."""
    environ = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-central-1"}
    init(world, terraform, stand, f"{LAB}{PAIR}", environ, "region")
    assert {request.region for request in stand.requests if request.service == "sts"} == {"eu-west-1"}
