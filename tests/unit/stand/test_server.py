from __future__ import annotations

import http.client
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.stand.signing import HOST, identity_call, signed, with_header
from tfwrap.stand.server import Stand, start
from tfwrap.stand.services import MissingExtraError, Services

if TYPE_CHECKING:
    from tfwrap.stand.gate import Gate
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.wire import Call

Client = Callable[..., Any]


@pytest.fixture
def key(stand: Stand) -> AccessKey:
    return stand.keys.create(account="222222222222")


@pytest.fixture
def bucket(stand: Stand, key: AccessKey) -> str:
    name = f"bucket-{time.monotonic_ns()}"
    stand.create_bucket(name, account=key.account)
    return name


def status_of(stand: Stand, call: Call, chunked: bool = False) -> int:
    """The status of the answer to a call that was signed for HOST."""
    connection = http.client.HTTPConnection(stand.url.removeprefix("http://"), timeout=20)
    body: Any = iter([call.body[:3], call.body[3:]]) if chunked else call.body
    headers = dict(call.headers) | {"Host": HOST}
    connection.request(call.method, call.path, body, headers, encode_chunked=chunked)
    with connection.getresponse() as answer:
        status = answer.status
    connection.close()
    return status


@pytest.mark.parametrize(
    "name",
    ["env:/prod/a b.tfstate", "env:/prod/x.tfstate.tflock", "//x", "a//b", "a+b/ü%20/é", "&=?#~'(*)!@$,;"],
)
def test_objects_of_odd_names_are_stored_listed_and_read(
    client: Client, key: AccessKey, bucket: str, name: str
) -> None:
    s3 = client("s3", key)
    s3.put_object(Bucket=bucket, Key=name, Body=b"state")
    assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"state"
    assert s3.head_object(Bucket=bucket, Key=name)["ContentLength"] == 5
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=name[:5])["Contents"]] == [name]
    s3.delete_object(Bucket=bucket, Key=name)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_of_many_writers_of_a_lock_file_one_wins(client: Client, key: AccessKey, bucket: str) -> None:
    s3 = client("s3", key)

    def lock(_: int) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key="x.tflock", Body=b"{}", IfNoneMatch="*")
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lock, range(16))) == 1


def test_other_services_keep_what_an_account_has_in_that_account(stand: Stand, client: Client, key: AccessKey) -> None:
    other = stand.keys.create(account="333333333333")
    client("iam", key).create_user(UserName="made-up")
    assert [user["UserName"] for user in client("iam", key).list_users()["Users"]] == ["made-up"]
    assert client("iam", other).list_users()["Users"] == []


def test_a_lock_table_is_ready_for_terraform(stand: Stand, client: Client, key: AccessKey) -> None:
    name = f"locks-{time.monotonic_ns()}"
    stand.create_lock_table(name, account=key.account)
    table = client("dynamodb", key)
    table.put_item(TableName=name, Item={"LockID": {"S": "x"}})
    assert table.get_item(TableName=name, Key={"LockID": {"S": "x"}})["Item"]


@pytest.mark.slow
def test_ec2_answers_in_the_region_that_is_asked(client: Client, key: AccessKey) -> None:
    zones = client("ec2", key, "eu-west-1").describe_availability_zones()["AvailabilityZones"]
    assert {zone["RegionName"] for zone in zones} == {"eu-west-1"}


def test_a_service_that_is_not_there_is_told_so_quietly(
    client: Client, key: AccessKey, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client("chime", key).list_accounts()
    assert capfd.readouterr() == ("", "")


def test_a_body_in_chunks_arrives_whole(stand: Stand, client: Client, key: AccessKey, bucket: str) -> None:
    call = signed(key, "s3", f"/{bucket}/key", "PUT", b"in chunks")
    assert status_of(stand, with_header(call, "Transfer-Encoding", "chunked"), chunked=True) == 200
    assert client("s3", key).get_object(Bucket=bucket, Key="key")["Body"].read() == b"in chunks"


def test_an_aws_chunked_body_is_stored_without_its_chunks(
    stand: Stand, client: Client, key: AccessKey, bucket: str
) -> None:
    call = signed(
        key,
        "s3",
        f"/{bucket}/key",
        "PUT",
        b"5\r\nstate\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
        headers={"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "5"},
        context={"checksum": {"request_algorithm": {"in": "trailer"}}},
    )
    assert status_of(stand, call) == 200
    assert client("s3", key).get_object(Bucket=bucket, Key="key")["Body"].read() == b"state"


def test_what_arrived_is_written_down(stand: Stand, client: Client, key: AccessKey, bucket: str) -> None:
    stand.forget()
    client("sts", key, "eu-west-1").get_caller_identity()
    client("s3", key).list_objects_v2(Bucket=bucket)
    with pytest.raises(ClientError):
        client("s3", key).get_object(Bucket=bucket, Key="missing")
    first, second, third = stand.requests
    assert (first.service, first.action, first.region, first.status) == ("sts", "GetCallerIdentity", "eu-west-1", 200)
    assert first.access_key_id == key.id
    assert (second.action, second.path, second.code) == ("ListObjectsV2", f"/{bucket}", "")
    assert (third.action, third.status, third.code) == ("GetObject", 404, "NoSuchKey")
    stand.forget()
    assert stand.requests == []


def test_a_hanging_service_answers_late_and_the_others_at_once(
    stand: Stand, client: Client, key: AccessKey, bucket: str
) -> None:
    sts, s3 = client("sts", key), client("s3", key)
    stand.forget()
    stand.hang("sts", 60)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(sts.get_caller_identity)
        assert stand.wait_for("sts").status == 0
        s3.list_objects_v2(Bucket=bucket)
        assert not late.done()
        stand.hang("sts", 0)
        assert late.result(10)["Account"] == "222222222222"


def test_waiting_for_what_does_not_come_ends(stand: Stand) -> None:
    stand.forget()
    with pytest.raises(TimeoutError, match="no request to sts"):
        stand.wait_for("sts", 0.01)


def test_a_stopped_stand_leaves_no_thread_and_no_port() -> None:
    before = set(threading.enumerate())
    with start() as stand:
        host = stand.url.removeprefix("http://")
        idle = http.client.HTTPConnection(host, timeout=5)
        idle.connect()
        busy = http.client.HTTPConnection(host, timeout=5)
        call = identity_call(stand.keys.create())
        stand.hang("sts", 60)
        busy.request(call.method, call.path, call.body, dict(call.headers))
        stand.wait_for("sts")
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(host, timeout=5).connect()
    idle.close()
    busy.close()


def test_a_stand_that_closes_leaves_the_others_what_they_hold(client: Client, key: AccessKey, bucket: str) -> None:
    with start() as other:
        other.create_bucket("short-lived")
    assert client("s3", key).get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_forgotten_services_hold_nothing() -> None:
    script = (
        "from tfwrap.stand.server import start\n"
        "for _ in range(2):\n"
        "    with start() as stand: stand.create_bucket('bucket', account='111111111111')\n"
        "    with start() as stand: stand.create_bucket('bucket', account='222222222222')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_bucket_of_somebody_else_cannot_be_created(stand: Stand, bucket: str) -> None:
    with pytest.raises(RuntimeError, match="BucketAlreadyExists"):
        stand.create_bucket(bucket, account="444444444444")


def test_a_missing_moto_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"needs moto: pip install 'tfwrap-shim\[demo\]'"), start():
        pass


def test_opening_a_stand_imports_no_moto() -> None:
    script = (
        "import sys\n"
        "from tfwrap.stand.server import start\n"
        "with start(): pass\n"
        "sys.exit(any(name.split('.')[0] in {'moto', 'flask', 'boto3'} for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0


def test_what_breaks_in_moto_is_an_answer_and_a_fault(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise NotImplementedError("made up")

    monkeypatch.setattr(Services, "answer", broken)
    answer = gate.answer(signed(gate.keys.create(), "s3", "/bucket", "GET"))
    assert (answer.status, answer.code) == (500, "InternalFailure")
    assert "made up" in gate.faults[0]


def test_the_environment_leads_every_endpoint_to_the_stand(stand: Stand) -> None:
    endpoints = {name: value for name, value in stand.environment().items() if "ENDPOINT" in name}
    assert set(endpoints.values()) == {stand.url}
    assert {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS"} <= set(endpoints)


@pytest.mark.parametrize("version", ["0.12.29", "0.15.0-rc2", "1.0.3", "1.5.7"])
def test_before_1_6_the_backend_block_holds_the_endpoints(stand: Stand, version: str) -> None:
    arguments = stand.backend_arguments(version)
    assert arguments["sts_endpoint"] == f'"{stand.url}"'
    assert arguments["force_path_style"] == "true"


@pytest.mark.parametrize("version", ["1.6.0", "1.11.4", "1.15.5", "2.0.0"])
def test_from_1_6_on_the_environment_suffices(stand: Stand, version: str) -> None:
    assert stand.backend_arguments(version) == {"region": '"us-east-1"', "use_path_style": "true"}


def test_the_provider_before_4_gets_its_endpoints(stand: Stand) -> None:
    assert f'sts = "{stand.url}"' in stand.provider_settings("3.39.0")
    assert stand.url not in stand.provider_settings("5.100.0")


def test_the_command_prints_a_shells_lines_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "tfwrap.stand"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(10)]
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert lines[0].startswith("# AWS stand-in at http://127.0.0.1:")
    assert any(line.startswith("export AWS_ACCESS_KEY_ID=AKIA") for line in [*lines, *out.splitlines()])
    assert (running.returncode, err) == (0, "")


def test_the_command_tells_a_taken_port(stand: Stand) -> None:
    port = stand.url.rpartition(":")[2]
    command = [sys.executable, "-m", "tfwrap.stand", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 125
    assert done.stderr.startswith("tfwrap: ")
    assert len(done.stderr.splitlines()) == 1
