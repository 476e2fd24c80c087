"""The shared AWS files before the real Terraform: the key id that arrives is the one that tfwrap reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from testing.marks import on_terraforms
from testing.terraforms import PATH
from testing.world import World, run
from tfwrap.aws import config as awsconfig
from tfwrap.sources import sources

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from tfwrap.stand.server import Stand

KEY = "AKIAMADEUPBYATEST001"
OTHER = "AKIAMADEUPBYATEST002"
NEW = (1, 99)
D = "[default]\n"


def pair(key: str = KEY, mark: str = " = ", indent: str = "", end: str = "\n") -> str:
    lines = (f"aws_access_key_id{mark}{key}", f"aws_secret_access_key{mark}madeUp/by+a/test")
    return "".join(f"{indent}{line}{end}" for line in lines)


def one(key: str, secret: str = "s") -> str:
    return f"{D}aws_access_key_id = {key}\naws_secret_access_key = {secret}\n"


def arrived(world: World, terraform: Terraform, stand: Stand, **environ: str) -> list[str]:
    """The key ids that reach the stand when Terraform configures an S3 backend."""
    given = {"bucket": '"made-up"', "key": '"k"'} | stand.backend_arguments(terraform.version)
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items())
    (world.cwd / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n')
    stand.forget()
    run(world, [terraform.path, "init", "-input=false"], env={**stand.environment(), **environ})
    return list(dict.fromkeys(request.access_key_id for request in stand.requests))


def read(world: World, **environ: str) -> list[str]:
    """What tfwrap says the backend will use."""
    world_environ = {**world.environ, **environ}
    files = awsconfig.read(world_environ, str(world.cwd))
    key = sources.ambient(world_environ, files, "", NEW).access_key
    return [key] if key else []


def write(world: World, credentials: str | bytes | None, config: str | bytes | None) -> None:
    (world.home / ".aws").mkdir()
    for name, text in (("credentials", credentials), ("config", config)):
        if text is not None:
            (world.home / ".aws" / name).write_bytes(text if isinstance(text, bytes) else text.encode())


FILES: list[Any] = [
    pytest.param(one(f'"{KEY}"', '"s"'), None, [KEY], id="double quotes"),
    pytest.param(one(f"'{KEY}'", "'s'"), None, [KEY], id="single quotes"),
    pytest.param(one(f"{KEY} # c", "s ; c"), None, [KEY], id="a comment behind a value"),
    pytest.param(one(f"{KEY}#c", "s"), None, [f"{KEY}#c"], id="a comment without a space before it"),
    pytest.param(D + pair(indent="  "), None, [KEY], id="indented keys"),
    pytest.param(
        D + f'  aws_access_key_id = "{KEY}" # c\n' + "  aws_secret_access_key = s\n", None, [f'"{KEY}"'], id="all three"
    ),
    pytest.param("  [ default ] # c\n" + pair(), None, [KEY], id="an indented section"),
    pytest.param("[default] x\n" + pair(), None, [], id="something behind a section"),
    pytest.param(D + pair(OTHER) + "[x]\n" + pair(OTHER) + D + pair(), None, [KEY], id="a section twice"),
    pytest.param(D + pair(mark=": "), None, [KEY], id="a colon"),
    pytest.param("\ufeff" + one(KEY), None, [], id="a byte order mark"),
    pytest.param(one(KEY).encode("utf-16"), None, [], id="UTF-16"),
    pytest.param(D + pair(end="\r\n"), None, [KEY], id="carriage returns"),
    pytest.param((D + pair()).replace("\n", "\r"), None, [], id="carriage returns alone"),
    pytest.param(D + pair(mark=" =\u00a0", end="\u00a0\n"), None, [KEY], id="no-break spaces"),
    pytest.param(
        D + pair() + f"x = a\u2028aws_access_key_id = {OTHER}\n", None, [KEY], id="a line separator is no line end"
    ),
    pytest.param(D + pair().replace("aws_", "AWS_"), None, [KEY], id="upper-case key names"),
    pytest.param(D + "s3 =\n" + pair(indent="  "), None, [], id="nested below another setting"),
    pytest.param("[a]\ns3 =\n" + D + pair(indent="  "), None, [KEY], id="nothing is nested in a new section"),
    pytest.param(pair(), None, [], id="no section"),
    pytest.param(D + f"aws_access_key_id = {KEY}\n", one(OTHER), [], id="half a pair over a pair"),
    pytest.param(one(KEY), D + f"aws_access_key_id = {OTHER}\n", [KEY], id="a pair over half a pair"),
    pytest.param(
        None, D + pair() + "[profile default]\n" + pair(OTHER), [OTHER], id="[profile default] beats [default]"
    ),
    pytest.param(None, "[profile default]\nregion = r\n" + D + pair(), [], id="even without keys of its own"),
]
PROFILES: list[Any] = [
    pytest.param("[profile lab]\n" + pair(), None, "lab", [], id="[profile x] in credentials"),
    pytest.param("[profile lab]\n" + pair(), None, "profile lab", [], id="even by its whole name"),
    pytest.param(None, "[lab]\n" + pair(), "lab", [], id="[x] in config"),
    pytest.param(None, "[profile\tlab]\n" + pair(), "lab", [KEY], id="a tab"),
    pytest.param(None, '[profile "lab"]\n' + pair(), "lab", [], id="quotes around a name"),
    pytest.param(None, "[profile my lab]\n" + pair(), "my lab", [KEY], id="two words"),
    pytest.param("[Lab]\n" + pair(), None, "lab", [], id="another case"),
]


@on_terraforms(PATH)
@pytest.mark.parametrize(("credentials", "config", "keys"), FILES)
def test_an_odd_file_is_read_as_terraform_reads_it(
    credentials: str | bytes | None,
    config: str | None,
    keys: list[str],
    world: World,
    terraform: Terraform,
    stand: Stand,
) -> None:
    write(world, credentials, config)
    assert arrived(world, terraform, stand) == keys
    assert read(world) == keys


@on_terraforms(PATH)
@pytest.mark.parametrize(("credentials", "config", "name", "keys"), PROFILES)
def test_a_profile_has_the_name_that_terraform_gives_it(
    credentials: str | None,
    config: str | None,
    name: str,
    keys: list[str],
    world: World,
    terraform: Terraform,
    stand: Stand,
) -> None:
    write(world, credentials, config)
    assert arrived(world, terraform, stand, AWS_PROFILE=name) == keys
    assert read(world, AWS_PROFILE=name) == keys


def read_by_older(world: World, terraform: Terraform, stand: Stand, **environ: str) -> list[str]:
    """What tfwrap says that a Terraform of the first SDK will use, as its bytes arrive in a header."""
    around = {**world.environ, **stand.environment(), **environ}
    version = tuple(int(part) for part in terraform.version.split(".")[:2])
    key = sources.backend({}, around, awsconfig.reader(around, str(world.cwd)), version).access_key
    return [key.encode().decode("latin-1")] if key else []


@on_terraforms("0.12.29", "1.0.3")
@pytest.mark.parametrize(("credentials", "config", "keys"), FILES)
def test_an_odd_file_is_read_as_an_older_terraform_reads_it(
    credentials: str | bytes | None,
    config: str | None,
    keys: list[str],
    world: World,
    terraform: Terraform,
    stand: Stand,
) -> None:
    write(world, credentials, config)
    assert arrived(world, terraform, stand) == read_by_older(world, terraform, stand)


@on_terraforms("0.12.29", "1.0.3")
@pytest.mark.parametrize(("credentials", "config", "name", "keys"), PROFILES)
def test_a_profile_has_the_name_that_an_older_terraform_gives_it(
    credentials: str | None,
    config: str | None,
    name: str,
    keys: list[str],
    world: World,
    terraform: Terraform,
    stand: Stand,
) -> None:
    write(world, credentials, config)
    said = read_by_older(world, terraform, stand, AWS_PROFILE=name)
    assert arrived(world, terraform, stand, AWS_PROFILE=name) == said


@on_terraforms(PATH)
@pytest.mark.parametrize(
    ("environ", "keys"),
    [
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "~/one"}, [KEY], id="the home sign"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "${HOME}/one"}, [KEY], id="a variable"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "../home/one"}, [KEY], id="relative"),
        pytest.param({"AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}, [], id="not there"),
        pytest.param({"AWS_SHARED_CONFIG_FILE": "~/two"}, [OTHER], id="the backend's own variable"),
        pytest.param({"AWS_CONFIG_FILE": "~/two"}, [], id="the SDK's variable knows no home sign"),
        pytest.param({"AWS_CONFIG_FILE": "../home/one", "AWS_SHARED_CONFIG_FILE": "~/two"}, [OTHER], id="both"),
    ],
)
def test_the_files_are_where_terraform_looks(
    environ: dict[str, str], keys: list[str], world: World, terraform: Terraform, stand: Stand
) -> None:
    (world.home / "one").write_text(one(KEY))
    (world.home / "two").write_text(one(OTHER))
    assert arrived(world, terraform, stand, **environ) == keys
    assert read(world, **environ) == keys
