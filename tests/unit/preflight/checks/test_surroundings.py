"""TFW501, TFW502 and TFW504 to TFW506: what CI jobs, containers and instances lack, in planted file systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    DISABLED,
    KEY,
    NOTHING,
    TEMPORARY,
    WEB_IDENTITY,
    consumer,
    facts,
    in_environment,
    of_profile,
)
from tfwrap.preflight.checks import surroundings
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING
from tfwrap.preflight.checks.surroundings import Machine
from tfwrap.sources import sources
from tfwrap.sources.sources import Source
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.sources.consumers import Consumer

NOBODY = consumer(NOTHING)
GONE = consumer(Source(sources.NONE, "AWS_PROFILE", profile="x", detail=sources.NO_PROFILE))
BY_KEYS = consumer(in_environment())
GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true"}
HOSTED = {**GITHUB, "RUNNER_ENVIRONMENT": "github-hosted"}
DOCKER = ".dockerenv"
PODMAN = "run/.containerenv"
SECRET = "run/secrets/aws_credentials"
VENDOR = "sys/devices/virtual/dmi/id/sys_vendor"
NOT_EC2 = {"AWS_EC2_METADATA_DISABLED": "true"}


def found(root: Path, environ: dict[str, str], who: Consumer | None, names: list[str], home: str = "") -> list[Any]:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("Amazon EC2\n" if name == VENDOR else "x")
    given = {"HOME": str(root / "home"), **environ}
    return list(surroundings.check(facts(given, *([who] if who else [])), Machine(str(root))))


# environment, consumer, files; severity, words
FIRES: dict[str, list[Any]] = {
    "TFW501": [
        pytest.param({"CI": "true"}, BY_KEYS, [], INFO, "the long-term key AKIA****T001", id="a key"),
        pytest.param(GITHUB, consumer(of_profile("lab", KEY)), [], INFO, "~/.aws/credentials", id="a profile's"),
        pytest.param({"GITLAB_CI": "true"}, BY_KEYS, [], INFO, "CI job", id="GitLab"),
    ],
    "TFW502": [
        pytest.param(HOSTED, NOBODY, [], ERROR, "GitHub gave this job no OIDC token", id="GitHub's runner"),
        pytest.param({**GITHUB, "AWS_ROLE_ARN": "arn"}, NOBODY, [], WARNING, "no OIDC token", id="one's own"),
    ],
    "TFW504": [
        pytest.param({}, NOBODY, [DOCKER], WARNING, "home/.aws is not there", id="Docker"),
        pytest.param({}, consumer(DISABLED), [PODMAN], WARNING, "in this container", id="Podman"),
        pytest.param({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, NOBODY, [], WARNING, "container", id="Kubernetes"),
        pytest.param({"AWS_PROFILE": "x"}, GONE, [DOCKER], WARNING, "container", id="a profile that is not there"),
        pytest.param(NOT_EC2, NOBODY, [DOCKER, VENDOR], WARNING, "container", id="on EC2 without the service"),
    ],
    "TFW505": [
        pytest.param({}, NOBODY, [DOCKER, VENDOR], INFO, "hop limit", id="Docker on EC2"),
        pytest.param({"KUBERNETES_SERVICE_HOST": "h"}, NOBODY, [VENDOR], INFO, "hop limit", id="a pod on EC2"),
    ],
    "TFW506": [
        pytest.param({}, NOBODY, [DOCKER, SECRET], WARNING, "read by nobody", id="in a container"),
        pytest.param({"CI": "1"}, NOBODY, [SECRET], WARNING, "/run/secrets/aws_credentials", id="in CI"),
    ],
}
SILENT: list[Any] = [
    pytest.param({}, NOBODY, [], id="no container"),
    pytest.param({}, None, [DOCKER, SECRET, VENDOR], id="nobody uses AWS"),
    pytest.param({}, BY_KEYS, [DOCKER, SECRET, VENDOR], id="keys in a container"),
    pytest.param({"AWS_ACCESS_KEY_ID": KEY}, NOBODY, [DOCKER], id="half a pair of keys"),
    pytest.param(
        {"AWS_SECRET_ACCESS_KEY": "x", "AWS_PROFILE": "x"}, GONE, [DOCKER], id="keys beside a mistyped profile"
    ),
    pytest.param({}, consumer(WEB_IDENTITY), [DOCKER], id="a web identity in a container"),
    pytest.param({}, consumer(of_profile("lab", how=sources.SSO)), [DOCKER], id="SSO in a container"),
    pytest.param({}, consumer(Source(sources.CONTAINER)), [DOCKER, VENDOR], id="a task's role"),
    pytest.param({}, consumer(Source(sources.UNDECIDED)), [DOCKER], id="credentials that nobody knows"),
    pytest.param({}, NOBODY, [DOCKER, "home/.aws/config"], id="a mounted config file"),
    pytest.param({}, NOBODY, [VENDOR], id="an instance that is no container"),
    pytest.param({"CI": "true"}, NOBODY, [DOCKER], id="a container of CI"),
    pytest.param({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://h"}, NOBODY, [DOCKER], id="a named metadata service"),
    pytest.param({"CI": "false"}, BY_KEYS, [], id="CI is false"),
    pytest.param({"CI": ""}, BY_KEYS, [], id="CI is empty"),
    pytest.param({"CI": "true"}, consumer(in_environment(TEMPORARY)), [], id="a session in CI"),
    pytest.param({**HOSTED, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}, NOBODY, [], id="the permission is there"),
    pytest.param(GITHUB, NOBODY, [], id="a runner of one's own may have a role"),
    pytest.param({**HOSTED, "AWS_ROLE_ARN": "a"}, consumer(in_environment(TEMPORARY)), [], id="a step did it before"),
    pytest.param({"AWS_SHARED_CREDENTIALS_FILE": f"/{SECRET}"}, NOBODY, [DOCKER, SECRET], id="the secret is used"),
    pytest.param(
        {}, consumer(Source(sources.NONE, profile="half", detail="half a key pair")), [DOCKER], id="another's finding"
    ),
]
CASES = [pytest.param(name, *case.values, id=f"{name} {case.id}") for name, cases in FIRES.items() for case in cases]


@pytest.mark.parametrize(("identifier", "environ", "who", "names", "severity", "words"), CASES)
def test_it_fires_and_nothing_else_does(
    identifier: str, environ: dict[str, str], who: Consumer, names: list[str], severity: str, words: str, tmp_path: Path
) -> None:
    (one,) = found(tmp_path, environ, who, names)
    assert (one.id, one.severity) == (identifier, severity)
    assert words in one.title
    assert one.fix
    assert KEY not in repr(one)


@pytest.mark.parametrize(("environ", "who", "names"), SILENT)
def test_where_all_is_well_nothing_is_said(
    environ: dict[str, str], who: Consumer | None, names: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, environ, who, names) == []


@pytest.mark.parametrize("text", ["Amazon EC2\n", "4.11.amazon\n"])
def test_an_instance_is_told_by_its_vendor_or_its_bios(text: str, tmp_path: Path) -> None:
    name = "sys_vendor" if text.startswith("A") else "bios_version"
    (tmp_path / VENDOR).parent.mkdir(parents=True)
    (tmp_path / VENDOR).with_name(name).write_text(text)
    assert Machine(str(tmp_path)).is_ec2
    (tmp_path / VENDOR).with_name(name).write_text("Xen\n")
    assert not Machine(str(tmp_path)).is_ec2


def test_credentials_that_live_where_the_run_is_carried_out_are_not_missed_here(tmp_path: Path) -> None:
    (tmp_path / DOCKER).write_text("")
    cloud = Configuration(cloud=Block((), {"organization": "o"}, "main.tf:1"))
    known = facts({**HOSTED, "HOME": str(tmp_path)}, NOBODY, configuration=cloud)
    assert list(surroundings.check(known, Machine(str(tmp_path)))) == []


def test_there_are_more_cases_of_silence_than_of_any_finding() -> None:
    assert all(len(cases) <= len(SILENT) for cases in FIRES.values())


def test_the_memory_is_told_what_was_looked_for(tmp_path: Path) -> None:
    told = surroundings.paths(facts({"HOME": "/h"}), Machine(str(tmp_path)))
    assert {str(tmp_path / name) for name in (DOCKER, PODMAN, SECRET, VENDOR)} <= set(told)
    assert "/h/.aws/credentials" in told
