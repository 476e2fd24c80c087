"""Roles of machines, containers and jobs."""

from __future__ import annotations

from testing.healthy.setup import PROD, REGION, STATE, Bench, Row, Setup, module, pair, role, token

_REGIONS = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
_GITHUB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_WORKSPACE": "/home/runner/work/infra/infra",
    "RUNNER_ENVIRONMENT": "github-hosted",
    "TF_IN_AUTOMATION": "true",
    "TF_INPUT": "0",
}


def github(bench: Bench) -> Setup:
    """What aws-actions/configure-aws-credentials leaves, the permission for an id token still there."""
    key = bench.keys.create_session(role="deploy", session_name="GitHubActions", lifetime_s=3600)
    asked = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "made-up", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://made.up/"}
    return Setup(module(**STATE), {**_GITHUB, **asked, **pair(key), **_REGIONS})


def github_role_in_the_block(bench: Bench) -> Setup:
    """The job's own role for the state, and another one for each account."""
    key = bench.keys.create_session(role="deploy", session_name="GitHubActions", lifetime_s=3600)
    arn = role(bench, "deploy", PROD)
    provider = f'provider "aws" {{\n  region = "{REGION}"\n  assume_role {{\n    role_arn = "{arn}"\n  }}\n}}\n'
    return Setup(module(provider, **STATE), {**_GITHUB, **pair(key), **_REGIONS})


def gitlab(bench: Bench) -> Setup:
    """`id_tokens`, written into a file, and a role."""
    told = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": "/builds/infra", "AWS_REGION": REGION}
    web = {"AWS_ROLE_ARN": role(bench, "ci"), "AWS_WEB_IDENTITY_TOKEN_FILE": token(bench)}
    return Setup(module(**STATE), {**told, **web, "AWS_ROLE_SESSION_NAME": "job-1"})


def web_identity_in_the_blocks(bench: Bench) -> Setup:
    arn, path = role(bench, "ci"), token(bench)
    inner = f'role_arn = "{arn}"\n    web_identity_token_file = "{path}"'
    provider = f'provider "aws" {{\n  region = "{REGION}"\n  assume_role_with_web_identity {{\n    {inner}\n  }}\n}}\n'
    web = {"role_arn": arn, "web_identity_token_file": path}
    return Setup(module(provider, **STATE, assume_role_with_web_identity=web), {"CI": "true", "GITLAB_CI": "true"})


def irsa(bench: Bench) -> Setup:
    """A pod of EKS with a service account's role, Atlantis for one."""
    told = {
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_ROLE_ARN": role(bench, "atlantis"),
        "AWS_WEB_IDENTITY_TOKEN_FILE": token(bench),
        "KUBERNETES_SERVICE_HOST": "10.100.0.1",
        "TF_IN_AUTOMATION": "true",
        "ATLANTIS_TERRAFORM_VERSION": "1.11.4",
        "WORKSPACE": "default",
    }
    return Setup(module(**STATE), {**told, **_REGIONS})


def pod_identity(bench: Bench) -> Setup:
    told = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{bench.instance}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token(bench, aud=["pods.eks.amazonaws.com"]),
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "KUBERNETES_SERVICE_HOST": "10.100.0.1",
    }
    return Setup(module(**STATE), {**told, **_REGIONS})


def codebuild(_: Bench) -> Setup:
    """The address that hands out credentials is the same for all, and none is here: strict mode is not tried."""
    told = {
        "CODEBUILD_BUILD_ID": "infra:1",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/made-up",
        "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
    }
    return Setup(module(**STATE), {**told, **_REGIONS}, is_confirmed=False)


def instance(bench: Bench) -> Setup:
    return Setup(module(**STATE), {"AWS_EC2_METADATA_SERVICE_ENDPOINT": bench.instance})


def instance_with_an_empty_home(bench: Bench) -> Setup:
    """A runner of one's own: the CLI has written a region, and nothing else."""
    environ = {**_GITHUB, "RUNNER_ENVIRONMENT": "self-hosted", "AWS_EC2_METADATA_SERVICE_ENDPOINT": bench.instance}
    return Setup(module(**STATE), environ, {".aws/config": f"[default]\nregion = {REGION}\n"})


def profile_of_the_instance(bench: Bench) -> Setup:
    arn = role(bench, "prod", PROD)
    config = f"[profile prod]\nrole_arn = {arn}\ncredential_source = Ec2InstanceMetadata\nregion = {REGION}\n"
    environ = {"AWS_PROFILE": "prod", "AWS_EC2_METADATA_SERVICE_ENDPOINT": bench.instance}
    return Setup(module(**STATE), environ, {".aws/config": config})


ROWS: tuple[Row, ...] = (
    ("a GitHub job with OIDC", github),
    ("a GitHub job whose provider assumes another role", github_role_in_the_block),
    ("a GitLab job with a token file", gitlab),
    ("web identity in both blocks", web_identity_in_the_blocks),
    ("a pod with a service account's role", irsa),
    ("a pod with EKS Pod Identity", pod_identity),
    ("CodeBuild", codebuild),
    ("an instance with a role", instance),
    ("a self-hosted runner with an instance's role", instance_with_an_empty_home),
    ("a profile whose source is the instance", profile_of_the_instance),
)
