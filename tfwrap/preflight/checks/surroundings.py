"""5xx: where Terraform runs: a CI job, a container, an instance."""

from __future__ import annotations

import os

from tfwrap.aws import accesskey, hardware
from tfwrap.aws import config as awsconfig
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks import remote, used
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Facts, Finding
from tfwrap.sources import sources
from tfwrap.sources.credential_sources import KEY_VARIABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.sources.consumers import Consumer

_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TF_BUILD", "CODEBUILD_BUILD_ID", "TEAMCITY_VERSION")
_CONTAINER_FILES = (".dockerenv", "run/.containerenv")
_SECRET = "run/secrets/aws_credentials"  # noqa: S105 - a path
# Who names the address of the instance's metadata has one that is reached: a proxy of the cluster's.
_METADATA = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
_ROLE_VARIABLES = ("AWS_ROLE_ARN", "AWS_ROLE_TO_ASSUME")


class Machine(NamedTuple):
    """The root of the file system, `/` but for tests: what is looked for there says where we are."""

    root: str = "/"

    def path(self, name: str) -> str:
        """A file below the root."""
        return os.path.join(self.root, name)

    def container(self, environ: Mapping[str, str]) -> str:
        """What says that this is a container; empty where nothing does."""
        files = (self.path(name) for name in _CONTAINER_FILES)
        found = next((path for path in files if os.path.exists(path)), "")
        return found or ("KUBERNETES_SERVICE_HOST" if environ.get("KUBERNETES_SERVICE_HOST") else "")

    @property
    def is_ec2(self) -> bool:
        """Whether the machine below is an EC2 instance."""
        return hardware.is_ec2(self.root)


THIS = Machine()


def check(facts: Facts, machine: Machine = THIS) -> Iterator[Finding]:
    """TFW501, TFW502, TFW504, TFW505 and TFW506."""
    environ = used.environment(facts)
    without = [
        found for found in facts.consumers if _has_nothing(found) and not remote.leaves_credentials(facts, found)
    ]
    is_ci = _is_ci(environ)
    if is_ci:
        yield from _static_keys(facts)
    if not without:
        return
    names = ", ".join(consumer.name for consumer in without)
    if is_ci:
        yield from _no_oidc(environ, names)
    else:
        yield from _in_container(facts, environ, machine, names)
    yield from _unused_secret(environ, machine, names)


def paths(facts: Facts, machine: Machine = THIS) -> list[str]:
    """The files that the checks look at."""
    names = (*_CONTAINER_FILES, _SECRET, *hardware.SIGNS_OF_EC2)
    return [*map(machine.path, names), *_shared_files(facts)]


def _shared_files(facts: Facts) -> list[str]:
    return awsconfig.paths(used.environment(facts), facts.invocation.working_directory)


def _has_nothing(consumer: Consumer) -> bool:
    """A profile that was found and is wanting is a finding of another family."""
    source = consumer.source
    is_nothing = source.kind == sources.NONE and (not source.profile or source.detail == sources.NO_PROFILE)
    return source.kind == sources.IMDS or is_nothing


def _is_ci(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name, "").lower() not in ("", "0", "false", "no") for name in _CI)


# TFW501 and TFW502


def _static_keys(facts: Facts) -> Iterator[Finding]:
    keys = [
        consumer.source for consumer in facts.consumers if consumer.source.access_key.startswith(accesskey.LONG_TERM)
    ]
    if not keys:
        return
    title = f"this CI job uses the long-term key {accesskey.mask(keys[0].access_key)} ({keys[0].location})"
    evidence = ("a key that leaks from a job works until somebody deletes it; a role for the job ends with it",)
    fix = ("let the job assume a role by its OIDC token, and delete the key",)
    yield Finding("TFW501", "ci-static-keys", INFO, title, evidence, fix)


def _no_oidc(environ: Mapping[str, str], names: str) -> Iterator[Finding]:
    """A runner of GitHub's own has no other source; one's own runner may have an instance's role."""
    if environ.get("GITHUB_ACTIONS") != "true" or environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        return
    is_hosted = environ.get("RUNNER_ENVIRONMENT") == "github-hosted"
    role = next((name for name in _ROLE_VARIABLES if environ.get(name)), "")
    if not (is_hosted or role):
        return
    title = f"{names} has no credentials, and GitHub gave this job no OIDC token to get any"
    evidence = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set", *([f"{role} is set"] if role else []))
    fix = (
        "permissions: {id-token: write, contents: read}   # in the workflow's job",
        "uses: aws-actions/configure-aws-credentials with role-to-assume, in a step before Terraform",
    )
    severity = ERROR if is_hosted else WARNING
    yield Finding("TFW502", "oidc-not-granted", severity, title, evidence, fix)


# TFW504 and TFW505


def _in_container(facts: Facts, environ: Mapping[str, str], machine: Machine, names: str) -> Iterator[Finding]:
    sign = machine.container(environ)
    if not sign or os.path.exists(machine.path(_SECRET)) or any(map(environ.get, (*KEY_VARIABLES, _METADATA))):
        return  # somebody did give it keys, or an address: what is wrong with them is a finding of another family
    if machine.is_ec2 and environ.get("AWS_EC2_METADATA_DISABLED", "").lower() != "true":
        yield _hop_limit(sign, names)
    elif not any(map(os.path.exists, _shared_files(facts))):
        yield _nothing_mounted(environ, sign, names)


def _hop_limit(sign: str, names: str) -> Finding:
    title = f"{names} asks the EC2 instance for its role from inside a container, which a hop limit of 1 forbids"
    evidence = (f"{sign} says container; the limit itself shows only when the instance is asked",)
    return Finding("TFW505", "imds-hop-limit", INFO, title, evidence, (_MORE_HOPS,))


_MORE_HOPS = (
    "aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2 --http-endpoint enabled"
)


def _nothing_mounted(environ: Mapping[str, str], sign: str, names: str) -> Finding:
    home = awsconfig.home_of(environ)
    title = f"{names} has no credentials: in this container no key is set and {home}/.aws is not there"
    evidence = (f"{sign} says container", f"HOME is {home}: files of another user are not looked at")
    fix = (
        f'docker run -v "$HOME/.aws:{home}/.aws" ...',
        "docker run -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY ...",
    )
    return Finding("TFW504", "container-without-credentials", WARNING, title, evidence, fix)


# TFW506


def _unused_secret(environ: Mapping[str, str], machine: Machine, names: str) -> Iterator[Finding]:
    """SDKs never look into /run/secrets by themselves."""
    path = machine.path(_SECRET)
    if environ.get("AWS_SHARED_CREDENTIALS_FILE") or not os.path.isfile(path):
        return
    title = f"{names} has no credentials, and the Docker secret /{_SECRET} is read by nobody"
    fix = (f"export AWS_SHARED_CREDENTIALS_FILE=/{_SECRET}",)
    yield Finding("TFW506", "docker-secret-unused", WARNING, title, ("AWS_SHARED_CREDENTIALS_FILE is not set",), fix)
