"""Which partition a region belongs to, and where a partition keeps its IAM."""

from __future__ import annotations

import re

# The regionRegex of each partition in botocore's partitions.json.
_PARTITIONS = (
    ("aws-cn", re.compile(r"cn-\w+-\d+")),
    ("aws-us-gov", re.compile(r"us-gov-\w+-\d+")),
    ("aws-iso", re.compile(r"us-iso-\w+-\d+")),
    ("aws-iso-b", re.compile(r"us-isob-\w+-\d+")),
    ("aws-iso-e", re.compile(r"eu-isoe-\w+-\d+")),
    ("aws-iso-f", re.compile(r"us-isof-\w+-\d+")),
    ("aws-eusc", re.compile(r"eusc-(de)-\w+-\d+")),
    ("aws", re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+")),
)

# IAM has one home in a partition, and accepts only calls that are signed for it.
_HOME_OF_IAM = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def partition(region: str) -> str | None:
    """The partition (`aws`, `aws-cn`, ...) that a region of this name lies in, None for no such name."""
    return next((name for name, pattern in _PARTITIONS if pattern.fullmatch(region)), None)


def is_valid_for(service: str, region: str) -> bool:
    """Whether a credential scope for this service may name this region."""
    name = partition(region)
    if name is None:
        return False
    return service != "iam" or _HOME_OF_IAM.get(name, region) == region
