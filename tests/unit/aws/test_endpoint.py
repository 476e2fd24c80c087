"""Where STS is asked. tests/real/test_identity.py sees the real Terraform ask there."""

from __future__ import annotations

import pytest

from tfwrap.aws import endpoint
from tfwrap.aws.endpoint import Endpoint
from tfwrap.aws.proxies import Proxy
from tfwrap.origin import Secret

NEW, OLD, ALL, ARGUMENT = "http://new", "http://old", "http://all", "http://argument"
ENDPOINTS = [
    ("nothing said", {}, {}, Endpoint("us-east-1")),
    ("the backend's region", {"region": "eu-west-1"}, {"AWS_REGION": "us-west-2"}, Endpoint("eu-west-1")),
    ("its region for STS", {"region": "eu-west-1", "sts_region": "us-east-2"}, {}, Endpoint("us-east-2")),
    ("the environment's region", {}, {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "x"}, Endpoint("us-west-2")),
    ("its other name", {}, {"AWS_DEFAULT_REGION": "us-west-2"}, Endpoint("us-west-2")),
    ("an empty name is none", {}, {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, Endpoint("us-west-2")),
    ("an argument", {"endpoints": {"sts": ARGUMENT}}, {"AWS_ENDPOINT_URL_STS": NEW}, Endpoint("us-east-1", ARGUMENT)),
    ("an old argument", {"sts_endpoint": ARGUMENT}, {"AWS_ENDPOINT_URL_STS": NEW}, Endpoint("us-east-1", ARGUMENT)),
    ("another service's argument", {"endpoints": {"s3": OLD}}, {"AWS_ENDPOINT_URL": ALL}, Endpoint("us-east-1", ALL)),
    ("its own variable", {}, {"AWS_ENDPOINT_URL_STS": NEW, "AWS_ENDPOINT_URL": ALL}, Endpoint("us-east-1", NEW)),
    ("its old variable", {}, {"AWS_STS_ENDPOINT": OLD, "AWS_ENDPOINT_URL": ALL}, Endpoint("us-east-1", OLD)),
    ("a proxy", {"region": "eu-west-1"}, {"HTTPS_PROXY": "http://p"}, Endpoint("eu-west-1", "", Proxy("HTTPS_PROXY", Secret("http://p")))),
    ("a proxy for others", {}, {"HTTPS_PROXY": "http://p", "NO_PROXY": ".amazonaws.com"}, Endpoint("us-east-1")),
    ("a proxy argument", {"https_proxy": "q"}, {"HTTPS_PROXY": "p"}, Endpoint("us-east-1", "", Proxy("https_proxy", Secret("http://q")))),
    ("certificates", {}, {"AWS_CA_BUNDLE": "/a", "SSL_CERT_FILE": "/b"}, Endpoint("us-east-1", "", None, "/a")),
    ("certificates of Go's", {}, {"SSL_CERT_FILE": "/b"}, Endpoint("us-east-1", "", None, "/b")),
    ("its own", {"custom_ca_bundle": "/c"}, {"AWS_CA_BUNDLE": "/a"}, Endpoint("us-east-1", ca_bundle="/c")),
    ("values of the wrong type", {"endpoints": "x", "region": 7, "sts_endpoint": []}, {}, Endpoint("us-east-1")),
]  # fmt: skip


@pytest.mark.parametrize(("config", "environ", "found"), [pytest.param(*row[1:], id=row[0]) for row in ENDPOINTS])
def test_sts_is_asked_where_terraform_asks_it(
    config: dict[str, object], environ: dict[str, str], found: Endpoint
) -> None:
    assert endpoint.of(config, environ) == found
