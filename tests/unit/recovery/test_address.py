# Rows of tables are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery import cases
from tfwrap import invocation
from tfwrap.recovery import address
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

WHO = {"access_key": "k", "secret_key": "s", "token": "t", "profile": "p", "shared_credentials_files": ["f"]}
BASE: dict[str, object] = {"bucket": "states", "key": "net/terraform.tfstate"}
URL = "http://127.0.0.1:9"

# What Terraform saves for what the block says: each pair was seen with 0.12.29, 1.0.3, 1.11.4 or 1.15.5.
AGREE = [
    ("the same text", "region", "us-east-1", "us-east-1"),
    ("a number", "max_retries", 5, 5),
    ("a number in quotation marks", "max_retries", "5", 5),
    ("a switch", "encrypt", True, True),
    ("a switch in quotation marks", "encrypt", "true", True),
    ("a switch that is off", "skip_region_validation", False, False),
    ("a number where text belongs", "key", 1234, "1234"),
    ("a set in another order", "allowed_account_ids", ["222222222222", "111111111111"], ["111111111111", "222222222222"]),
    ("a set with the same twice", "allowed_account_ids", ["1", "1"], ["1"]),
    ("an object, saved with a null for all that was not set", "endpoints", {"s3": URL}, {"s3": URL, "sts": None, "iam": None}),
    ("an object with a null of its own", "endpoints", {"s3": URL, "sts": None}, {"s3": URL}),
    ("an object with a number in it", "assume_role", {"role_arn": "r", "duration": 5}, {"role_arn": "r", "duration": "5"}),
    ("a null", "kms_key_id", None, None),
    ("an empty text, which stands for none", "kms_key_id", "", None),
    ("an empty list", "allowed_account_ids", [], None),
    ("an empty object", "endpoints", {}, None),
    ("who asks: a key", "access_key", "other", "k"),
    ("who asks: a profile", "profile", "other", "p"),
    ("who asks: files", "shared_config_files", ["a"], ["b"]),
]  # fmt: skip
DISAGREE = [
    ("another text", "bucket", "states-2", "states"),
    ("another number", "max_retries", 5, 6),
    ("a number and a switch", "max_retries", 1, True),
    ("another switch", "encrypt", False, True),
    ("a switch that was not saved", "encrypt", True, None),
    ("text that only begins alike", "key", "net", "net/terraform.tfstate"),
    ("text in another case", "key", "NET/terraform.tfstate", "net/terraform.tfstate"),
    ("a blank more", "key", "k ", "k"),
    ("an expression", "key", UNKNOWN, "net/terraform.tfstate"),
    ("an expression for which nothing was saved", "kms_key_id", UNKNOWN, None),
    ("an expression in an object", "endpoints", {"s3": UNKNOWN}, {"s3": URL}),
    ("an expression in a list", "allowed_account_ids", [UNKNOWN], ["unknown"]),
    ("a null over a saved value", "kms_key_id", None, "k"),
    ("an empty text over a saved value", "workspace_key_prefix", "", "envs"),
    ("a member more", "endpoints", {"s3": URL, "sts": URL}, {"s3": URL}),
    ("a member less", "endpoints", {"s3": URL}, {"s3": URL, "sts": URL}),
    ("another member", "endpoints", {"s3": URL}, {"s3": f"{URL}9"}),
    ("an object and a text", "endpoints", URL, {"s3": URL}),
    ("another set", "allowed_account_ids", ["1"], ["2"]),
    ("a set less", "allowed_account_ids", ["1"], ["1", "2"]),
    ("another role", "assume_role", {"role_arn": "r"}, {"role_arn": "s"}),
    ("the words of a null", "kms_key_id", "None", None),
]  # fmt: skip


def differ(tmp_path: Path, name: str, declared: object, kept: object) -> list[str]:
    config = {**BASE, name: kept}
    held = cases.saved(tmp_path, {key: value for key, value in config.items() if value is not None})
    return address.disagreements(held, cases.block(**{name: declared}).arguments)


@pytest.mark.parametrize(("name", "declared", "kept"), [pytest.param(*row[1:], id=row[0]) for row in AGREE])
def test_a_block_agrees_with_what_terraform_saves_for_it(
    tmp_path: Path, name: str, declared: object, kept: object
) -> None:
    assert differ(tmp_path, name, declared, kept) == []


@pytest.mark.parametrize(("name", "declared", "kept"), [pytest.param(*row[1:], id=row[0]) for row in DISAGREE])
def test_a_block_that_says_something_else_disagrees(tmp_path: Path, name: str, declared: object, kept: object) -> None:
    assert differ(tmp_path, name, declared, kept) == [name]


def test_what_the_block_does_not_hold_is_no_disagreement(tmp_path: Path) -> None:
    assert address.disagreements(cases.saved(tmp_path, {**BASE, "encrypt": True}), cases.block().arguments) == []


def test_passed_again_is_all_that_the_block_does_not_hold_but_the_credentials(tmp_path: Path) -> None:
    given = {"region": "us-east-1", "encrypt": True, "max_retries": 0, "endpoints": {"s3": URL, "sts": None}}
    held = cases.saved(tmp_path, {**BASE, **WHO, **given})
    assert address.passed_again(held, cases.block()) == {**given, "endpoints": {"s3": URL}}


def test_what_the_block_holds_is_not_passed_again_whatever_it_says(tmp_path: Path) -> None:
    held = cases.saved(tmp_path, {**BASE, "region": "us-east-1", "encrypt": True})
    assert address.passed_again(held, cases.block(region=UNKNOWN, encrypt=None)) == {}


def test_what_is_known_to_be_given_instead_of_the_blocks_is_passed_again(tmp_path: Path) -> None:
    held = cases.saved(tmp_path, {**BASE, **WHO, "region": "us-east-1"})
    passed = address.passed_again(held, cases.block(region="eu-west-1"), ("region", "access_key", "encrypt"))
    assert passed == {"region": "us-east-1"}


def test_types_are_kept_in_what_is_passed_again(tmp_path: Path) -> None:
    held = cases.saved(tmp_path, {"max_retries": 5, "encrypt": False, "allowed_account_ids": ["1"]})
    passed = address.passed_again(held, cases.block())
    assert [(name, type(value)) for name, value in passed.items()] == [
        ("max_retries", int), ("encrypt", bool), ("allowed_account_ids", list),
    ]  # fmt: skip


ANOTHER = [
    ("another bucket", {"bucket": "b"}),
    ("another key", {"key": "b"}),
    ("another region", {"region": "eu-west-1"}),
    ("another endpoint", {"endpoints": {"s3": URL}}),
    ("an old endpoint", {"endpoint": URL}),
    ("another prefix", {"workspace_key_prefix": "envs"}),
    ("another role", {"assume_role": {"role_arn": "r"}}),
    ("an old role", {"role_arn": "r"}),
    ("another lock", {"dynamodb_table": "t"}),
    ("no more encryption", {"encrypt": False}),
]


def test_an_address_is_the_same_whoever_asks(tmp_path: Path) -> None:
    before = address.of(cases.saved(tmp_path, {**BASE, **WHO}), "default")
    assert address.of(cases.saved(tmp_path, dict(BASE)), "default") == before


@pytest.mark.parametrize("change", [pytest.param(row[1], id=row[0]) for row in ANOTHER])
def test_an_address_is_another_one_when_anything_else_differs(tmp_path: Path, change: dict[str, object]) -> None:
    before = address.of(cases.saved(tmp_path, {**BASE, "region": "us-east-1", "encrypt": True}), "default")
    after = {**BASE, "region": "us-east-1", "encrypt": True, **change}
    assert address.of(cases.saved(tmp_path, after), "default") != before


def test_a_type_or_a_workspace_more_is_another_address(tmp_path: Path) -> None:
    held = cases.saved(tmp_path, dict(BASE))
    assert address.of(held, "default") != address.of(held, "prod")
    assert address.of(held, "default") != address.of(held._replace(type="gcs"), "default")


def workspace(tmp_path: Path, content: bytes | None, environ: dict[str, str] | None = None) -> str:
    typed = invocation.read("terraform", ["plan"], {}, str(tmp_path))
    (tmp_path / ".terraform").mkdir()
    if content is not None:
        (tmp_path / ".terraform" / "environment").write_bytes(content)
    return address.workspace(typed, environ or {})


@pytest.mark.parametrize(
    ("content", "environ", "name"),
    [
        pytest.param(None, {}, "default", id="no file"),
        pytest.param(b"", {}, "default", id="an empty file"),
        pytest.param(b"prod", {}, "prod", id="the file"),
        pytest.param(b"prod\n", {}, "prod", id="a line end"),
        pytest.param("größe".encode(), {}, "größe", id="letters outside ASCII"),
        pytest.param(b"\xff\xfe", {}, "default", id="no text"),
        pytest.param(b"prod", {"TF_WORKSPACE": "lab"}, "lab", id="the variable beats the file"),
        pytest.param(b"prod", {"TF_WORKSPACE": ""}, "prod", id="an empty variable is none"),
    ],
)
def test_the_workspace_is_terraforms(tmp_path: Path, content: bytes | None, environ: dict[str, str], name: str) -> None:
    assert workspace(tmp_path, content, environ) == name


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        pytest.param("sse_customer_key", "x", True, id="the key of the bucket's objects"),
        pytest.param("http_proxy", "http://u:p@proxy", True, id="a password in a URL"),
        pytest.param("http_proxy", "http://proxy:3128", False, id="a URL without one"),
        pytest.param("bucket", "a@b", False, id="an at sign"),
        pytest.param("encrypt", True, False, id="a switch"),
        pytest.param("kms_key_id", "k", False, id="the name of a key"),
    ],
)
def test_a_secret_argument_is_known(name: str, value: object, secret: bool) -> None:
    assert address.is_secret(name, value) is secret
