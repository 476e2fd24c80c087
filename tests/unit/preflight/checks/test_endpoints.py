"""TFW116: where requests go that do not go to AWS, and with whose credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    KEY,
    NOTHING,
    TEMPORARY,
    WEB_IDENTITY,
    consumer,
    facts,
    in_environment,
    of_profile,
)
from tfwrap.preflight.checks import endpoints
from tfwrap.preflight.checks.finding import INFO, WARNING
from tfwrap.sources import sources

if TYPE_CHECKING:
    from tfwrap.sources.consumers import Consumer

REAL = consumer(in_environment())
REMOTE = {"AWS_ENDPOINT_URL": "https://minio.example:9000"}
LOCAL = {"AWS_ENDPOINT_URL": "http://localhost:4566"}
FIRES: list[Any] = [
    pytest.param(REMOTE, REAL, WARNING, id="a real key"),
    pytest.param(REMOTE, consumer(in_environment(TEMPORARY)), WARNING, id="a real session"),
    pytest.param({"AWS_STS_ENDPOINT": "https://x.example"}, REAL, WARNING, id="the old name"),
    pytest.param({"TF_AWS_STS_ENDPOINT": "https://x.example"}, REAL, WARNING, id="the provider's"),
    pytest.param(REMOTE, consumer(of_profile("r", how=sources.ROLE)), WARNING, id="a role"),
    pytest.param(REMOTE, consumer(WEB_IDENTITY), WARNING, id="a web identity"),
    pytest.param({"AWS_ENDPOINT_URL": "https://x.amazonaws.com.example"}, REAL, WARNING, id="a host named like AWS's"),
    pytest.param({"AWS_ENDPOINT_URL": "https://localhost.example"}, REAL, WARNING, id="a host named like this one"),
    pytest.param(LOCAL, REAL, INFO, id="an emulator here with a real key"),
    pytest.param({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000"}, REAL, INFO, id="an address of this machine"),
    pytest.param({"AWS_ENDPOINT_URL_S3": "http://[::1]:9000"}, REAL, INFO, id="the newer kind"),
    pytest.param(REMOTE, consumer(in_environment("test")), INFO, id="a word for a key"),
    pytest.param(REMOTE, consumer(in_environment("AKIAMADEUP00" + "EXAMPLE")), INFO, id="an example for a key"),
    pytest.param(REMOTE, None, INFO, id="nobody uses anything"),
]
SILENT: list[Any] = [
    pytest.param({}, REAL, id="no endpoint"),
    pytest.param({"AWS_ENDPOINT_URL": ""}, REAL, id="an empty one"),
    pytest.param({"AWS_ENDPOINT_URL": "https://sts.eu-west-1.amazonaws.com"}, REAL, id="AWS's own"),
    pytest.param({"AWS_ENDPOINT_URL_STS": "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com"}, REAL, id="a private one"),
    pytest.param({"AWS_ENDPOINT_URL": "https://sts.cn-north-1.amazonaws.com.cn/"}, REAL, id="China's"),
    pytest.param({"AWS_ENDPOINT_URL_S3": "https://s3.eu-west-1.api.aws"}, REAL, id="dual stack"),
    pytest.param({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1"}, REAL, id="the metadata service"),
    pytest.param({"MY_ENDPOINT": "http://x"}, REAL, id="somebody else's variable"),
    pytest.param({"AWS_ENDPOINTS": "http://x"}, REAL, id="a name that nobody reads"),
    pytest.param({"AWS_ENDPOINT_URL": "https://S3.AMAZONAWS.COM"}, REAL, id="in capitals"),
    pytest.param({"AWS_REGION": "eu-west-1"}, REAL, id="a region"),
    pytest.param({"HTTPS_PROXY": "http://proxy.example"}, REAL, id="a proxy"),
    pytest.param({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1"}, REAL, id="where credentials come from"),
    pytest.param({}, consumer(NOTHING), id="nothing at all"),
]


@pytest.mark.parametrize(("environ", "who", "severity"), FIRES)
def test_it_fires(environ: dict[str, str], who: Consumer | None, severity: str) -> None:
    (found,) = endpoints.check(facts(environ, *([who] if who else [])))
    assert (found.id, found.severity) == ("TFW116", severity)
    assert next(iter(environ)) in found.title + found.evidence[0]
    assert KEY not in repr(found)


@pytest.mark.parametrize(("environ", "who"), SILENT)
def test_where_all_is_well_nothing_is_said(environ: dict[str, str], who: Consumer) -> None:
    assert list(endpoints.check(facts(environ, who))) == []


def test_a_password_in_a_url_is_not_shown() -> None:
    (found,) = endpoints.check(facts({"AWS_ENDPOINT_URL": "https://me:canary@x.example/canary?canary"}, REAL))
    assert "canary" not in repr(found)
    assert "x.example" in found.evidence[0]
