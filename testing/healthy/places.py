"""Other places than AWS's usual one: emulators, stores that speak like S3, other partitions, runs elsewhere."""

from __future__ import annotations

from typing import Any

from testing.healthy.setup import REGION, STATE, USES, Bench, Row, Setup, module, pair, saved, section

_SKIPS = ("skip_credentials_validation", "skip_requesting_account_id", "skip_metadata_api_check")
_TEST = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_RANDOM = 'resource "random_pet" "name" {}\n'


def _emulated(url: str) -> str:
    skips = "".join(f"  {name} = true\n" for name in _SKIPS)
    services = "".join(f'    {name} = "{url}"\n' for name in ("s3", "sts", "iam", "dynamodb"))
    keys = '  access_key = "test"\n  secret_key = "test"\n'
    return f'provider "aws" {{\n  region = "{REGION}"\n{keys}{skips}  endpoints {{\n{services}  }}\n}}\n'


def localstack(bench: Bench) -> Setup:
    return Setup(module(_emulated(bench.emulator)))


def localstack_by_variable(bench: Bench) -> Setup:
    environ = {**_TEST, "AWS_REGION": REGION, "AWS_ENDPOINT_URL": bench.emulator}
    return Setup(module(**STATE, use_path_style=True), environ)


def localstack_profile(bench: Bench) -> Setup:
    home = {
        ".aws/config": f"[profile localstack]\nregion = {REGION}\nendpoint_url = {bench.emulator}\n",
        ".aws/credentials": "[localstack]\naws_access_key_id = test\naws_secret_access_key = test\n",
    }
    return Setup(module(), {"AWS_PROFILE": "localstack"}, home)


def tflocal(bench: Bench) -> Setup:
    """tflocal writes an override file beside the module, and calls terraform."""
    override = {"localstack_providers_override.tf": _emulated(bench.emulator)}
    return Setup({**module(), **override}, {**_TEST, "AWS_REGION": REGION})


def minio(_: Bench) -> Setup:
    skips = dict.fromkeys((*_SKIPS, "skip_region_validation", "skip_s3_checksum", "use_path_style"), True)
    block: dict[str, Any] = {
        "bucket": "states",
        "key": "k",
        "region": "main",
        "endpoints": {"s3": "http://127.0.0.1:9000"},
        **skips,
    }
    environ = {"AWS_ACCESS_KEY_ID": "minioadmin", "AWS_SECRET_ACCESS_KEY": "minioadmin"}
    return Setup({**module("", _RANDOM, **block)}, environ, is_known=False)


def r2(_: Bench) -> Setup:
    """Cloudflare's keys: 32 and 64 hexadecimal digits, a region that AWS does not have."""
    skips = dict.fromkeys((*_SKIPS, "skip_region_validation", "skip_s3_checksum"), True)
    where = {"s3": "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"}
    block: dict[str, Any] = {"bucket": "states", "key": "k", "region": "auto", "endpoints": where, **skips}
    environ = {"AWS_ACCESS_KEY_ID": "0123456789abcdef" * 2, "AWS_SECRET_ACCESS_KEY": "fedcba9876543210" * 4}
    return Setup(module("", _RANDOM, **block), environ, is_known=False)


def r2_beside_aws(bench: Bench) -> Setup:
    """The state with Cloudflare, by a profile of its own, the resources with AWS."""
    skips = dict.fromkeys((*_SKIPS, "skip_region_validation", "skip_s3_checksum"), True)
    where = {"s3": "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"}
    block: dict[str, Any] = {
        "bucket": "states",
        "key": "k",
        "region": "auto",
        "endpoints": where,
        "profile": "r2",
        **skips,
    }
    keys = f"aws_access_key_id = {'0123456789abcdef' * 2}\naws_secret_access_key = {'fedcba9876543210' * 4}\n"
    home = {".aws/credentials": section("default", bench.keys.create()) + f"[r2]\n{keys}"}
    return Setup(module(**block), home=home, is_known=False)


def china(bench: Bench) -> Setup:
    region = "cn-north-1"
    provider = f'provider "aws" {{\n  region = "{region}"\n}}\n'
    return Setup(module(provider, **{**STATE, "region": region}), pair(bench.keys.create(partition="aws-cn")))


def government(bench: Bench) -> Setup:
    region = "us-gov-west-1"
    key = bench.keys.create(partition="aws-us-gov")
    home = {".aws/credentials": section("gov", key), ".aws/config": f"[profile gov]\nregion = {region}\n"}
    return Setup(module('provider "aws" {}\n', **{**STATE, "region": region}), {"AWS_PROFILE": "gov"}, home)


def hcp(_: Bench) -> Setup:
    """The run is carried out there, and so are the credentials."""
    inner = 'organization = "made-up"\n    workspaces {\n      name = "network"\n    }'
    block = f"terraform {{\n  cloud {{\n    {inner}\n  }}\n}}\n"
    kept = saved("cloud", organization="made-up", hostname="app.terraform.io")
    files = {**module(), "cloud.tf": block, ".terraform/terraform.tfstate": kept}
    return Setup(files, {"TF_TOKEN_app_terraform_io": "made-up"}, is_known=False)


def remote(_: Bench) -> Setup:
    block = (
        'terraform {\n  backend "remote" {\n    hostname = "made-up.scalr.io"\n    organization = "env-1"\n'
        '    workspaces {\n      name = "network"\n    }\n  }\n}\n'
    )
    kept = saved("remote", organization="env-1", hostname="made-up.scalr.io")
    token = '{"credentials": {"made-up.scalr.io": {"token": "made-up"}}}'
    files = {**module(), "backend.tf": block, ".terraform/terraform.tfstate": kept}
    return Setup(files, home={".terraform.d/credentials.tfrc.json": token}, is_known=False)


def no_aws(_: Bench) -> Setup:
    return Setup({"main.tf": _RANDOM + 'output "name" {\n  value = random_pet.name.id\n}\n'})


def azure(_: Bench) -> Setup:
    block = (
        'terraform {\n  backend "azurerm" {\n    container_name = "states"\n    key = "k"\n  }\n}\n'
        'provider "azurerm" {\n  features {}\n}\n'
    )
    return Setup({"main.tf": block, ".terraform/terraform.tfstate": saved("azurerm", container_name="states")})


def aws_only_by_name(_: Bench) -> Setup:
    """A module of Google's that speaks of AWS."""
    block = 'provider "google" {\n  project = "made-up"\n}\n# moved here from aws, where it was in s3\n'
    return Setup({"main.tf": block + 'variable "aws_account" {\n  default = ""\n}\n'})


def private_endpoint(bench: Bench) -> Setup:
    """An interface endpoint of the VPC's is AWS as well."""
    where = {"AWS_ENDPOINT_URL_S3": "https://bucket.vpce-0123456789abcdef0-abcdefgh.s3.us-east-1.vpce.amazonaws.com"}
    return Setup(module(**STATE), {**pair(bench.keys.create()), **where, "AWS_REGION": REGION})


def helper_commands(_: Bench) -> Setup:
    """What needs no credentials is not bothered about them."""
    return Setup({"main.tf": USES}, {"AWS_PROFILE": "nowhere"}, words=("validate",))


ROWS: tuple[Row, ...] = (
    ("LocalStack, in the provider block", localstack),
    ("LocalStack, by AWS_ENDPOINT_URL", localstack_by_variable),
    ("LocalStack, by a profile", localstack_profile),
    ("tflocal", tflocal),
    ("a state in MinIO", minio),
    ("a state in R2", r2),
    ("a state in R2, resources in AWS", r2_beside_aws),
    ("China", china),
    ("GovCloud", government),
    ("a cloud block", hcp),
    ("the remote backend, for Scalr", remote),
    ("no AWS at all", no_aws),
    ("Azure", azure),
    ("AWS in a comment only", aws_only_by_name),
    ("an endpoint of the VPC's", private_endpoint),
    ("validate, beside a profile that is not there", helper_commands),
)
