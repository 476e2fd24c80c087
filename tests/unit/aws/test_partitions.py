"""Regions, partitions and ARNs, against what botocore and the stand know of them."""

from __future__ import annotations

import botocore.session
import pytest

from tfwrap.aws import partitions
from tfwrap.stand import regions


def known() -> list[tuple[str, str]]:
    session = botocore.session.Session()
    names = session.get_available_partitions()
    return [(region, name) for name in names for region in session.get_available_regions("ec2", name)]


@pytest.mark.parametrize(("region", "partition"), known())
def test_every_region_of_botocore_s_has_its_partition(region: str, partition: str) -> None:
    assert partitions.of_region(region) == partition == regions.partition(region)


@pytest.mark.parametrize("region", ["", "nowhere", "us", "xx-east-1"])
def test_a_name_of_no_region_has_none(region: str) -> None:
    assert partitions.of_region(region) == ""


@pytest.mark.parametrize(
    ("arn", "partition", "account"),
    [
        ("arn:aws:iam::111111111111:role/x", "aws", "111111111111"),
        ("arn:aws-cn:iam::222222222222:role/path/x", "aws-cn", "222222222222"),
        ("arn:aws:s3:::bucket", "aws", ""),
        ("arn:aws:iam::${account}:role/x", "aws", ""),
        ("role/x", "", ""),
        ("", "", ""),
    ],
)
def test_an_arn_names_partition_and_account(arn: str, partition: str, account: str) -> None:
    assert (partitions.of_arn(arn), partitions.account_of_arn(arn)) == (partition, account)


def test_elsewhere_begins_at_home() -> None:
    assert partitions.elsewhere("me-south-1") == ("us-east-1", "cn-north-1", "us-gov-west-1")
    assert partitions.elsewhere("us-east-1") == ("cn-north-1", "us-gov-west-1")
    assert partitions.elsewhere("cn-northwest-1") == ("cn-north-1", "us-east-1", "us-gov-west-1")
    assert partitions.elsewhere("nowhere") == ("us-east-1", "cn-north-1", "us-gov-west-1")


def test_the_regions_to_be_enabled_are_regions() -> None:
    assert {partitions.of_region(region) for region in partitions.OPT_IN} == {partitions.AWS}
