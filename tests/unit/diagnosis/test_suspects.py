from __future__ import annotations

import pytest

from tests.unit.preflight.checks import made
from tfwrap.diagnosis import suspects
from tfwrap.failure.failure import BACKEND, CLI, LOCK, PROVIDER, RESOURCE, STATE, Failure

NAMES = ("provider.aws", "provider.aws.west", "module.net.provider.aws", "module.a.module.b.provider.aws.c")
ADDRESS = 'with %sprovider["registry.terraform.io/hashicorp/aws"]%s, on main.tf line 1, in provider "aws":'


def found(scope: str, message: str = "") -> list[str]:
    consumers = (
        made.backend(),
        *(made.consumer(name)._replace(location=f"{n}.tf:{n}") for n, name in enumerate(NAMES)),
    )
    facts = made.facts(consumers=consumers)
    return [consumer.name for consumer in suspects.of(Failure(scope, "ExpiredToken", message), facts)]


@pytest.mark.parametrize("scope", [BACKEND, LOCK, STATE, CLI])
def test_what_is_the_backends_is_the_backends(scope: str) -> None:
    assert found(scope) == ["backend.s3"]


@pytest.mark.parametrize(
    ("module", "alias", "name"),
    [
        ("", "", "provider.aws"),
        ("", ".west", "provider.aws.west"),
        ("module.net.", "", "module.net.provider.aws"),
        ("module.net[0].", "", "module.net.provider.aws"),
        ('module.a["x y"].module.b.', ".c", "module.a.module.b.provider.aws.c"),
    ],
)
def test_the_provider_that_is_named_is_the_one(module: str, alias: str, name: str) -> None:
    assert found(PROVIDER, ADDRESS % (module, alias)) == [name]


def test_before_addresses_the_place_of_the_block_names_it() -> None:
    assert found(PROVIDER, 'Error: no on 1.tf line 1, in provider "aws":') == ["provider.aws.west"]


@pytest.mark.parametrize("message", ["", ADDRESS % ("module.gone.", ""), 'on 9.tf line 9, in provider "aws":'])
def test_where_none_is_named_every_provider_may_be_it(message: str) -> None:
    assert found(PROVIDER, message) == list(NAMES)
    assert found(RESOURCE, "with data.aws_iam_role.r,") == list(NAMES)
