"""Regions: the partition that each belongs to, and those that an account has to switch on."""

from __future__ import annotations

AWS = "aws"

# Beginnings of region names, the longest first (botocore data/partitions.json, regionRegex).
_PREFIXES = (
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
    ("cn-", "aws-cn"),
    *((f"{area}-", AWS) for area in ("us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx")),
)

# Where STS of a partition answers that can be reached from the internet; the first is that of the global endpoint.
HOME = {AWS: "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

# Regions since 2019-03-20 (AWS General Reference, "Enable or disable AWS Regions in your account").
OPT_IN = frozenset(
    (
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    )
)


def of_region(region: str) -> str:
    """The partition (`aws`, `aws-cn`, …) of a region's name; empty for a name of no partition that is known."""
    return next((partition for prefix, partition in _PREFIXES if region.startswith(prefix)), "")


def of_arn(arn: str) -> str:
    """The partition that an ARN names; empty for what is no ARN."""
    parts = arn.split(":")
    return parts[1] if len(parts) > 5 and parts[0] == "arn" else ""


def account_of_arn(arn: str) -> str:
    """The account that an ARN names; empty where it names none."""
    parts = arn.split(":")
    account = parts[4] if len(parts) > 5 and parts[0] == "arn" else ""
    return account if len(account) == 12 and account.isdecimal() else ""


def elsewhere(region: str) -> tuple[str, ...]:
    """Where else a key that a region does not know may be known: the home of its partition, then the other homes."""
    own = HOME.get(of_region(region), "")
    regions = (own, *(home for home in HOME.values() if home != own))
    return tuple(other for other in regions if other and other != region)
