from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tfwrap.stand.keys import AccessKey

if TYPE_CHECKING:
    from tfwrap.stand.server import Stand

Client = Callable[..., Any]


@pytest.fixture
def key(stand: Stand) -> AccessKey:
    return stand.keys.create(account="222222222222", user="anna")


@pytest.fixture
def sts(client: Client, key: AccessKey) -> Any:
    return client("sts", key)


def code(call: Callable[..., Any], **arguments: object) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def session(credentials: dict[str, Any]) -> AccessKey:
    key_id, secret, token = (credentials[n] for n in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    return AccessKey(key_id, secret, token, "", "", "", "aws", True, None)


def token(expires_at: float) -> str:
    claims = json.dumps({"sub": "repo:made-up", "exp": expires_at}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"


def test_a_user_is_told_who_it_is(sts: Any) -> None:
    answer = sts.get_caller_identity()
    assert answer["Account"] == "222222222222"
    assert answer["Arn"] == "arn:aws:iam::222222222222:user/anna"
    assert answer["UserId"].startswith("AIDA")


def test_a_session_is_told_its_role(stand: Stand, client: Client) -> None:
    made = stand.keys.create_session(account="222222222222", role="ci")
    assert client("sts", made).get_caller_identity()["Arn"].endswith(":assumed-role/ci/stand")


def test_the_account_of_a_key_is_told_also_of_a_deleted_one(stand: Stand, sts: Any) -> None:
    other = stand.keys.create(account="333333333333")
    stand.keys.delete(other.id)
    assert sts.get_access_key_info(AccessKeyId=other.id)["Account"] == "333333333333"
    assert code(sts.get_access_key_info, AccessKeyId="AKIA" + "A" * 16) == "ValidationError"


def test_a_known_role_can_be_assumed_and_its_session_is_accepted(stand: Stand, sts: Any, client: Client) -> None:
    role = stand.keys.add_role("333333333333", "admin")
    made = sts.assume_role(RoleArn=role.arn, RoleSessionName="anna", DurationSeconds=900)["Credentials"]
    identity = client("sts", session(made)).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::333333333333:assumed-role/admin/anna"
    stand.keys.expire(made["AccessKeyId"])
    assert code(client("sts", session(made)).get_caller_identity) == "ExpiredToken"


def test_an_unknown_role_is_denied(sts: Any) -> None:
    arn = "arn:aws:iam::333333333333:role/unknown"
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="anna") == "AccessDenied"


def test_an_external_id_is_asked_for(stand: Stand, sts: Any) -> None:
    arn = stand.keys.add_role("333333333333", "partner", external_id="made-up").arn
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="anna") == "AccessDenied"
    assert code(sts.assume_role, RoleArn=arn, RoleSessionName="anna", ExternalId="other") == "AccessDenied"
    assert sts.assume_role(RoleArn=arn, RoleSessionName="anna", ExternalId="made-up")["Credentials"]


def test_mfa_is_asked_for_and_checked(stand: Stand, sts: Any) -> None:
    serial = "arn:aws:iam::222222222222:mfa/anna"
    stand.keys.add_mfa_device(serial, "123456")
    arn = stand.keys.add_role("333333333333", "guarded", needs_mfa=True).arn
    asked = {"RoleArn": arn, "RoleSessionName": "anna"}
    assert code(sts.assume_role, **asked) == "AccessDenied"
    assert code(sts.assume_role, **asked, SerialNumber=serial, TokenCode="000000") == "AccessDenied"
    assert sts.assume_role(**asked, SerialNumber=serial, TokenCode="123456")["Credentials"]


def test_a_session_of_a_role_lasts_twelve_hours_at_most(stand: Stand, sts: Any) -> None:
    arn = stand.keys.add_role("333333333333", "admin").arn
    asked = {"RoleArn": arn, "RoleSessionName": "anna", "DurationSeconds": 43201}
    assert code(sts.assume_role, **asked) == "ValidationError"


def test_a_users_own_session_keeps_its_identity(sts: Any, client: Client) -> None:
    made = session(sts.get_session_token(DurationSeconds=900)["Credentials"])
    assert client("sts", made).get_caller_identity()["Arn"] == "arn:aws:iam::222222222222:user/anna"
    assert code(client("sts", made).get_session_token) == "AccessDenied"


def test_a_web_identity_gets_a_session_without_any_key(stand: Stand, sts: Any, client: Client) -> None:
    arn = stand.keys.add_role("333333333333", "pipeline").arn
    asked = {"RoleArn": arn, "RoleSessionName": "job"}
    made = sts.assume_role_with_web_identity(**asked, WebIdentityToken=token(stand.clock.now() + 60))
    assert made["SubjectFromWebIdentityToken"] == "repo:made-up"
    assert client("sts", session(made["Credentials"])).get_caller_identity()["Arn"].endswith("/pipeline/job")


def test_a_web_identity_is_refused_for_its_own_reasons(stand: Stand, sts: Any) -> None:
    asked = {"RoleArn": stand.keys.add_role("333333333333", "pipeline").arn, "RoleSessionName": "job"}
    call = sts.assume_role_with_web_identity
    assert code(call, **asked, WebIdentityToken=token(100)) == "ExpiredTokenException"
    assert code(call, **asked, WebIdentityToken="no token") == "InvalidIdentityToken"
    stranger = asked | {"RoleArn": "arn:aws:iam::333333333333:role/unknown"}
    assert code(call, **stranger, WebIdentityToken=token(stand.clock.now() + 60)) == "AccessDenied"
