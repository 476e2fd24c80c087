"""A user's own access keys, as the real botocore is told of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

Client = Callable[..., Any]
DAY_S = 86_400


@pytest.fixture
def key(stand: Stand) -> AccessKey:
    return stand.keys.create(account="333333333333", user=f"berta-{time.monotonic_ns()}")


def code(call: Callable[..., Any], **arguments: object) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def test_the_keys_of_a_user_are_listed_with_status_and_age(stand: Stand, client: Client, key: AccessKey) -> None:
    second = stand.keys.create(account=key.account, user=key.arn.rpartition("/")[2])
    stand.keys.create(account=key.account, user="somebody-else")
    stand.keys.age(key.id, 100 * DAY_S)
    stand.keys.deactivate(second.id)
    listed = client("iam", key).list_access_keys()["AccessKeyMetadata"]
    assert [(each["AccessKeyId"], each["Status"]) for each in listed] == [
        (key.id, "Active"),
        (second.id, "Inactive"),
    ]
    assert abs(time.time() - 100 * DAY_S - listed[0]["CreateDate"].timestamp()) < 60


def test_a_key_goes_through_its_life(stand: Stand, client: Client, key: AccessKey) -> None:
    iam = client("iam", key)
    made = iam.create_access_key()["AccessKey"]
    assert stand.keys.get(made["AccessKeyId"]) is not None
    assert len(made["SecretAccessKey"]) == 40
    assert code(iam.create_access_key) == "LimitExceeded"
    iam.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    assert [each["Status"] for each in iam.list_access_keys()["AccessKeyMetadata"]] == ["Active", "Inactive"]
    iam.delete_access_key(AccessKeyId=made["AccessKeyId"])
    assert stand.keys.get(made["AccessKeyId"]) is None
    assert code(iam.delete_access_key, AccessKeyId=made["AccessKeyId"]) == "NoSuchEntity"


def test_a_user_who_may_not_ask_is_denied(stand: Stand, client: Client, key: AccessKey) -> None:
    stand.keys.forbid(key.arn, "iam:ListAccessKeys")
    assert code(client("iam", key).list_access_keys) == "AccessDenied"


def test_the_keys_of_other_users_are_motos(client: Client, key: AccessKey) -> None:
    assert code(client("iam", key).list_access_keys, UserName="nobody-here") == "NoSuchEntity"
