from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.stand.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def key(gate: Gate) -> AccessKey:
    return gate.keys.create(suffix="0001")


@pytest.fixture
def client(stand: Stand) -> Iterator[Any]:
    """`client("s3", key)`: a boto3 client of the stand, closed at the end of the test."""
    import boto3
    from botocore.config import Config

    made: list[Any] = []

    def make(service: str, key: AccessKey, region: str = "us-east-1") -> Any:
        session: Any = boto3.Session(key.id, key.secret, key.token, region)
        config = Config(retries={"max_attempts": 0}, read_timeout=20, connect_timeout=5)
        made.append(session.client(service, endpoint_url=stand.url, config=config))
        return made[-1]

    yield make
    for each in made:
        each.close()
