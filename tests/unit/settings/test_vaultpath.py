from __future__ import annotations

import pytest

from tfwrap.settings import vaultpath
from tfwrap.settings.vaultpath import CREDS, KV, STS

PATHS = [
    ("aws/creds/deploy", ("aws", CREDS, "deploy")),
    ("aws/sts/deploy", ("aws", STS, "deploy")),
    ("team/a/aws/creds/deploy", ("team/a/aws", CREDS, "deploy")),
    ("secret/data/prod", ("secret", KV, "prod")),
    ("kv/data/aws/prod", ("kv", KV, "aws/prod")),
    ("team/kv/data/aws/creds/prod", ("team/kv", KV, "aws/creds/prod")),
    ("data/data/data", ("data", KV, "data")),
    ("data/creds/deploy", ("data", CREDS, "deploy")),
]

NONE = [
    ("", "nothing"),
    ("aws/creds", "no role"),
    ("aws/creds/", "an empty role"),
    ("/aws/creds/deploy", "a slash in front"),
    ("aws//creds/deploy", "an empty word"),
    ("creds/deploy", "no mount"),
    ("data/prod", "no mount of KV"),
    ("secret/data", "no path in KV"),
    ("secret/prod/keys", "KV version 1"),
    ("aws/roles/deploy", "another endpoint of the AWS engine"),
    ("aws/creds/../../sys/seal", "a way out"),
    ("aws/creds/a?ttl=1", "a query"),
    ("aws/creds/a\n", "an end of line"),
]


@pytest.mark.parametrize(("text", "parts"), PATHS)
def test_a_path_says_mount_kind_and_name(text: str, parts: tuple[str, str, str]) -> None:
    found = vaultpath.parse(text)
    assert found == parts
    assert str(found) == text


@pytest.mark.parametrize("text", [pytest.param(text, id=why) for text, why in NONE])
def test_what_is_no_path_of_an_engine_that_gives_credentials_is_none(text: str) -> None:
    assert vaultpath.parse(text) is None
