"""The stand: an AWS of one's own on loopback, for the tests and for `tfwrap demo`."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfwrap.stand import services
from tfwrap.stand.gate import Gate
from tfwrap.stand.listener import Listener
from tfwrap.stand.wire import Call, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.journal import Request
    from tfwrap.stand.keys import KeyStore

ACCOUNT = "111111111111"
REGION = "us-east-1"


class Stand:
    """moto behind a gate that checks keys, signatures and clocks as AWS does, which moto by itself does not.

    MissingExtraError where moto is not installed, OSError where the port cannot be had. The memory of the
    services belongs to the process: it is emptied when the last stand of the process stops.
    """

    def __init__(self, port: int = 0) -> None:
        services.require()
        self._gate = Gate()
        self._listener = Listener(self._gate, port)
        self.url = f"http://127.0.0.1:{self._listener.server_port}"

    @property
    def keys(self) -> KeyStore:
        """The keys that the gate knows."""
        return self._gate.keys

    @property
    def clock(self) -> Clock:
        """The clock by which signatures are dated and sessions end."""
        return self._gate.clock

    @property
    def disabled_regions(self) -> set[str]:
        """The regions that are not enabled for the accounts; add to it, remove from it."""
        return self._gate.disabled_regions

    @property
    def denials(self) -> dict[tuple[str, str], str]:
        """The actions that no policy allows, `("s3", "HeadObject")`, and the code that the service answers then."""
        return self._gate.denials

    @property
    def requests(self) -> list[Request]:
        """What has arrived since the start or the last `forget`, a copy."""
        return self._gate.journal.requests()

    @property
    def faults(self) -> list[str]:
        """Tracebacks of what broke inside the stand: a test that sees odd answers looks here first."""
        return self._gate.faults

    def forget(self) -> None:
        """Empty `requests`."""
        self._gate.journal.forget()

    def wait_for(self, service: str, timeout_s: float = 10.0) -> Request:
        """The first request to this service as soon as it arrives, answered or not; else TimeoutError."""
        return self._gate.journal.wait_for(service, timeout_s)

    def hang(self, service: str, seconds: float) -> None:
        """Answer calls to `sts`, `s3`, ... that much later (two minutes at most); 0 undoes it."""
        self._gate.hang(service, seconds)

    def environment(self) -> dict[str, str]:
        """The variables that send Terraform 1.6 and newer, the AWS provider and boto3 to the stand.

        Older Terraforms read other names for the same (AWS_STS_ENDPOINT, ...), but those make newer ones print
        warnings, in an order that changes from run to run; so `backend_arguments` has what the older ones need.
        """
        endpoints = {f"AWS_ENDPOINT_URL_{service}": self.url for service in ("S3", "STS", "IAM", "DYNAMODB")}
        own = {"AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": REGION}
        return own | endpoints

    def backend_arguments(self, version: str) -> dict[str, str]:
        """What an S3 backend block of this Terraform must say to reach the stand: names and HCL values.

        Every version must be told to leave the bucket's name out of the host's, and those before 1.6 get the
        endpoints here (tried with 0.12.29, 0.15.0-rc2, 1.0.3, 1.11.4 and 1.15.5).
        """
        major, minor = (int(part) for part in version.split(".")[:2])
        if (major, minor) >= (1, 6):
            return {"region": f'"{REGION}"', "use_path_style": "true"}
        names = ("endpoint", "sts_endpoint", "iam_endpoint", "dynamodb_endpoint")
        return {"region": f'"{REGION}"', "force_path_style": "true"} | dict.fromkeys(names, f'"{self.url}"')

    def provider_settings(self, version: str) -> str:
        """The lines inside `provider "aws" {}` that this version of the provider needs to reach the stand.

        Before 4.0 it has no AWS_ENDPOINT_URL and asks EC2 for the account's platforms at every start (tried with
        2.70.0, 3.39.0 and 5.100.0).
        """
        if int(version.split(".", maxsplit=1)[0]) >= 4:
            return f'region = "{REGION}"\ns3_use_path_style = true\n'
        services = ("sts", "iam", "s3", "ec2", "dynamodb")
        endpoints = "".join(f'  {service} = "{self.url}"\n' for service in services)
        return (
            f'region = "{REGION}"\ns3_force_path_style = true\nskip_get_ec2_platforms = true\n'
            f"endpoints {{\n{endpoints}}}\n"
        )

    def create_bucket(self, name: str, account: str = ACCOUNT) -> None:
        """A versioned bucket in us-east-1, as Terraform's documentation wants one for state."""
        self._call(Call("PUT", f"/{name}", "", (), b""), "s3", account)
        status = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        self._call(Call("PUT", f"/{name}", "versioning", (), status), "s3", account)

    def create_lock_table(self, name: str, account: str = ACCOUNT) -> None:
        """A DynamoDB table for `dynamodb_table`, the only lock of Terraform before 1.10."""
        body = (
            f'{{"TableName": "{name}", "KeySchema": [{{"AttributeName": "LockID", "KeyType": "HASH"}}], '
            '"AttributeDefinitions": [{"AttributeName": "LockID", "AttributeType": "S"}], '
            '"BillingMode": "PAY_PER_REQUEST"}'
        )
        headers = (
            ("X-Amz-Target", "DynamoDB_20120810.CreateTable"),
            ("Content-Type", "application/x-amz-json-1.0"),
        )
        self._call(Call("POST", "/", "", headers, body.encode()), "dynamodb", account)

    def stop(self) -> None:
        """End every thread; the services forget everything if no other stand of this process is open."""
        self._gate.open_all()
        self._listener.end()
        if not any(thread.name == "stand" for thread in threading.enumerate()):
            self._gate.services.forget()

    def _call(self, call: Call, service: str, account: str) -> None:
        # Straight to the services, past the gate: moto reads service and region from the scope alone.
        scope = f"AWS4-HMAC-SHA256 Credential=stand/20260101/{REGION}/{service}/aws4_request, Signature=none"
        headers = (("Host", "127.0.0.1"), ("Authorization", scope), *call.headers)
        answer = self._gate.services.answer(call._replace(headers=headers), account)
        if answer.status >= 400:
            raise RuntimeError(f"{call.method} {call.path}: {answer.status} {answer.code}")


@contextmanager
def start(port: int = 0) -> Iterator[Stand]:
    """A stand for the length of a `with`; `port` 0 is any free one."""
    stand = Stand(port)
    try:
        yield stand
    finally:
        stand.stop()
