"""Where a profile sends requests to STS; each row was tried with Terraform 1.11.4 and the AWS provider 5.100.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.aws import config as awsconfig
from tfwrap.aws import endpoint
from tfwrap.sources import precedence, profile_endpoint

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:4566"
OWN = f"[profile lab]\nendpoint_url = {URL}\n"
SERVICES = (
    "[profile lab]\nservices = local\n"
    f"[services local]\ns3 =\n  endpoint_url = http://s3\nsts =\n  endpoint_url = {URL}\n"
)
LAB = {"AWS_PROFILE": "lab"}

# config, credentials, environment, arguments
NAMED: list[Any] = [
    pytest.param(OWN, "", LAB, {}, id="the profile's own"),
    pytest.param(OWN, "", {}, {"profile": "lab"}, id="of a profile argument"),
    pytest.param(OWN, "", {"AWS_DEFAULT_PROFILE": "lab"}, {}, id="of AWS_DEFAULT_PROFILE"),
    pytest.param(OWN.replace("profile lab", "default"), "", {}, {}, id="of the default profile"),
    pytest.param("", OWN.replace("profile ", ""), LAB, {}, id="in the credentials file"),
    pytest.param(SERVICES, "", LAB, {}, id="of its services"),
    pytest.param(SERVICES.replace("[services", "endpoint_url = http://x\n[services"), "", LAB, {}, id="of both"),
]
NOT_NAMED: list[Any] = [
    pytest.param("", "", LAB, {}, id="no such profile"),
    pytest.param(OWN, "", {}, {}, id="another profile's"),
    pytest.param(OWN, "", LAB, {"profile": "other"}, id="another one in the block"),
    pytest.param(OWN, "", {**LAB, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, {}, id="ignored by a variable"),
    pytest.param(OWN + "ignore_configured_endpoint_urls = true\n", "", LAB, {}, id="ignored by the profile"),
    pytest.param(SERVICES.replace("sts =", "iam ="), "", LAB, {}, id="of other services"),
    pytest.param(SERVICES.replace("[services local", "[services away"), "", LAB, {}, id="services that are not there"),
    pytest.param("[profile lab]\nregion = us-east-1\n", "", LAB, {}, id="a profile without any"),
]


def url(home: Path, config: str, credentials: str, environ: dict[str, str], arguments: dict[str, object]) -> str:
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    given = {"HOME": str(home), **environ}
    return profile_endpoint.url(arguments, given, awsconfig.reader(given), precedence.of_backend((1, 11)))


@pytest.mark.parametrize(("config", "credentials", "environ", "arguments"), NAMED)
def test_a_profile_names_where_sts_is_asked(
    config: str, credentials: str, environ: dict[str, str], arguments: dict[str, object], tmp_path: Path
) -> None:
    assert url(tmp_path, config, credentials, environ, arguments) == URL


@pytest.mark.parametrize(("config", "credentials", "environ", "arguments"), NOT_NAMED)
def test_else_it_is_aws_that_is_asked(
    config: str, credentials: str, environ: dict[str, str], arguments: dict[str, object], tmp_path: Path
) -> None:
    assert url(tmp_path, config, credentials, environ, arguments) == ""


def test_the_first_sdk_knows_no_such_thing(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(OWN)
    environ = {"HOME": str(tmp_path), **LAB}
    assert profile_endpoint.url({}, environ, awsconfig.reader(environ), precedence.of_backend((1, 5))) == ""


def test_a_block_and_every_variable_go_before_the_profile() -> None:
    assert endpoint.of({}, {}, URL).url == URL
    assert endpoint.of({"endpoints": {"sts": "http://b"}}, {}, URL).url == "http://b"
    assert endpoint.of({}, {"AWS_ENDPOINT_URL": "http://v"}, URL).url == "http://v"
