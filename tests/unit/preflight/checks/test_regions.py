"""TFW212: a consumer without a region, and all the places where one may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import NOTHING, consumer, facts, in_environment
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.preflight.checks import regions
from tfwrap.preflight.checks.finding import ERROR
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from tfwrap.sources.consumers import Consumer

BACKEND = consumer()._replace(arguments={})
PROVIDER = consumer(in_environment(), "provider.aws", (5, 100))._replace(arguments={})
OLD_PROVIDER = PROVIDER._replace(rules=(3, 39))
FILES = AwsFiles("", "", {"lab": Profile("lab", {"region": "r"}, {}), "bare": Profile("bare", {}, {})})

FIRES: list[Any] = [
    pytest.param({}, [BACKEND], "no region for backend.s3", id="a backend"),
    pytest.param({"AWS_PROFILE": "lab"}, [BACKEND], "backend.s3", id="a profile's does not count for a backend"),
    pytest.param({"AWS_REGION": ""}, [BACKEND], "backend.s3", id="an empty variable"),
    pytest.param({"AWS_PROFILE": "bare"}, [PROVIDER], "provider.aws", id="a provider"),
    pytest.param({"AWS_PROFILE": "bare"}, [BACKEND, PROVIDER], "backend.s3, provider.aws", id="both"),
    pytest.param({"AWS_PROFILE": "lab"}, [BACKEND, PROVIDER], "for backend.s3:", id="one of the two"),
]
SILENT: list[Any] = [
    pytest.param({}, [], id="nobody"),
    pytest.param({}, [consumer()], id="an argument"),
    pytest.param({}, [consumer()._replace(arguments={"region": UNKNOWN})], id="a region that Terraform works out"),
    pytest.param({"AWS_REGION": "r"}, [BACKEND, PROVIDER], id="a variable"),
    pytest.param({"AWS_DEFAULT_REGION": "r"}, [BACKEND, PROVIDER], id="the other variable"),
    pytest.param({"AWS_PROFILE": "lab"}, [PROVIDER], id="a provider's profile"),
    pytest.param({}, [PROVIDER._replace(arguments={"profile": "lab"})], id="named by its block"),
    pytest.param({}, [PROVIDER._replace(arguments={"profile": UNKNOWN})], id="a profile that nobody knows"),
    pytest.param({"AWS_PROFILE": "gone"}, [PROVIDER], id="a profile that is not there: TFW201"),
    pytest.param({"AWS_PROFILE": "bare"}, [PROVIDER._replace(region="r")], id="a region that is known otherwise"),
    pytest.param({"AWS_PROFILE": "bare"}, [PROVIDER._replace(source=NOTHING)], id="the instance tells its region"),
    pytest.param({}, [OLD_PROVIDER], id="a provider before 4.0 asks for it"),
]


@pytest.mark.parametrize(("environ", "who", "words"), FIRES)
def test_it_fires(environ: dict[str, str], who: list[Consumer], words: str) -> None:
    (found,) = regions.check(facts(environ, *who, files=FILES))
    assert (found.id, found.severity) == ("TFW212", ERROR)
    assert words in found.title


@pytest.mark.parametrize(("environ", "who"), SILENT)
def test_where_all_is_well_nothing_is_said(environ: dict[str, str], who: list[Consumer]) -> None:
    assert list(regions.check(facts(environ, *who, files=FILES))) == []


def test_what_comes_by_backend_config_may_hold_it() -> None:
    assert list(regions.check(facts({}, BACKEND, argv=["init", "-backend-config=region=r"]))) == []
    assert list(regions.check(facts({}, BACKEND, argv=["init"]))) != []
