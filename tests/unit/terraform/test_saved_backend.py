"""`.terraform/terraform.tfstate`: what is understood, and that nothing in its place breaks or delays a command."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.terraform import saved_backend
from tfwrap.terraform.saved_backend import SavedBackend, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: dict[str, object] = {
    "bucket": "made-up",
    "key": "a/b",
    "region": "us-east-1",
    "access_key": "AKIAMADEUPBYATEST001",
    "secret_key": "madeUp/by+a/test",
    "token": None,
    "profile": "",
    "assume_role": [],
    "endpoints": {},
    "use_lockfile": False,
    "max_retries": 0,
}
DOCUMENT = {"version": 3, "terraform_version": "1.11.4", "backend": {"type": "s3", "config": CONFIG, "hash": 1}}


def parsed(document: object) -> SavedBackend | Unreadable | None:
    return saved_backend.parse("/w/.terraform/terraform.tfstate", "here", json.dumps(document).encode())


def reason(found: object) -> str:
    assert isinstance(found, Unreadable)
    return found.reason


def understood(found: object) -> SavedBackend:
    assert isinstance(found, SavedBackend)
    return found


def with_config(**config: object) -> SavedBackend:
    return understood(parsed({**DOCUMENT, "backend": {"type": "s3", "config": config}}))


def test_every_argument_that_has_a_value_is_kept() -> None:
    found = understood(parsed(DOCUMENT))
    assert (found.type, found.terraform_version, found.place) == ("s3", "1.11.4", "here")
    assert set(found.config) == {"bucket", "key", "region", "access_key", "secret_key", "use_lockfile", "max_retries"}
    assert found.access_key == "AKIAMADEUPBYATEST001"
    secret = found.secret("secret_key")
    assert secret is not None
    assert (secret.reveal(), str(secret)) == ("madeUp/by+a/test", "****")
    assert found.secret("token") is None


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({**DOCUMENT, "serial": 1, "lineage": "x", "modules": [{}]}, id="0.12 to 0.15 add members"),
        pytest.param({**DOCUMENT, "state_store": None, "made_up": [1]}, id="a newer one may add members"),
        pytest.param({**DOCUMENT, "terraform_version": None}, id="no version of Terraform"),
        pytest.param({**DOCUMENT, "version": 3.0}, id="a number is a number"),
    ],
)
def test_other_members_do_not_disturb(document: dict[str, object]) -> None:
    assert understood(parsed(document)).access_key == "AKIAMADEUPBYATEST001"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"version": 3}, id="no backend"),
        pytest.param({"version": 3, "backend": None}, id="a backend of null"),
        pytest.param({"version": 3, "backend": {}}, id="an empty backend"),
    ],
)
def test_nothing_saved_is_nothing(document: dict[str, object]) -> None:
    assert parsed(document) is None


@pytest.mark.parametrize(
    ("config", "holds"),
    [
        pytest.param({"access_key": "AKIAMADEUPBYATEST001"}, True, id="half a pair"),
        pytest.param({"secret_key": "madeUp"}, True, id="the other half"),
        pytest.param({"token": "madeUp"}, True, id="a token"),
        pytest.param({"assume_role_with_web_identity": {"web_identity_token": "madeUp"}}, True, id="a token of a role"),
        pytest.param({"profile": "lab"}, False, id="a profile"),
        pytest.param({"bucket": "b"}, False, id="only an address"),
        pytest.param({"access_key": "", "profile": ""}, False, id="empty strings are nothing to Terraform"),
        pytest.param({"access_key": None}, False, id="null"),
        pytest.param({"access_key": 5, "profile": ["x"]}, False, id="no strings"),
        pytest.param({}, False, id="nothing"),
    ],
)
def test_it_holds_keys_where_one_is_saved_in_it(config: dict[str, object], holds: bool) -> None:
    assert with_config(**config).holds_keys is holds


@pytest.mark.parametrize("config", [None, [], "text", 5])
def test_a_config_of_another_kind_is_empty(config: object) -> None:
    assert understood(parsed({**DOCUMENT, "backend": {"type": "s3", "config": config}})).config == {}


BROKEN: list[Any] = [
    pytest.param(b"", "not the JSON", id="empty, as a crash leaves it"),
    pytest.param(json.dumps(DOCUMENT).encode()[:-20], "truncated", id="truncated"),
    pytest.param(b"resource {}", "not the JSON", id="no JSON"),
    pytest.param(b"\x00" * 100, "not the JSON", id="nulls"),
    pytest.param(b"\xff\xfe\xff", "not the JSON", id="no text"),
    pytest.param(b"[" * 100_000, "not the JSON", id="nested without end"),
    pytest.param(b'{"version": ' + b"9" * 5000 + b"}", "not the JSON", id="a number without end"),
    pytest.param(b"[1]", "not the JSON object", id="a list"),
    pytest.param(b"null", "not the JSON object", id="null"),
    pytest.param(b"{}", "no version number", id="no version"),
    pytest.param(b'{"version": 4}', "has version 4, tfwrap knows 3", id="a state, not a saved backend"),
    pytest.param(b'{"version": 2}', "has version 2, tfwrap knows 3", id="an older one"),
    pytest.param(b'{"version": "madeUp/secret"}', "has no version number", id="a version that is text is not repeated"),
    pytest.param(b'{"version": 3, "backend": "s3"}', "without a type", id="a backend that is text"),
    pytest.param(b'{"version": 3, "backend": {"config": {}}}', "without a type", id="a backend without a type"),
    pytest.param(b'{"version": 3, "backend": {"type": 5}}', "without a type", id="a type that is no text"),
]


@pytest.mark.parametrize(("content", "words"), BROKEN)
def test_a_broken_file_is_one_line_that_says_why(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").write_bytes(content)
    said = reason(saved_backend.read(str(tmp_path), ""))
    assert words in said
    assert "\n" not in said
    assert "madeUp" not in said


def test_a_data_directory_without_the_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for data_dir in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        assert saved_backend.read(str(data_dir), "") is None


def test_a_link_that_leads_nowhere_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").symlink_to(tmp_path / "nowhere")
    assert saved_backend.read(str(tmp_path), "") is None


def test_a_link_in_a_circle_is_said(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").symlink_to(tmp_path / "terraform.tfstate")
    assert "symbolic links" in reason(saved_backend.read(str(tmp_path), ""))


def test_a_directory_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").mkdir()
    assert reason(saved_backend.read(str(tmp_path), "")) == "is not a regular file"


def test_a_named_pipe_in_its_place_is_said_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "terraform.tfstate")
    assert reason(saved_backend.read(str(tmp_path), "")) == "is not a regular file"


def test_a_socket_in_its_place_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have a hundred bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("terraform.tfstate")
    assert reason(saved_backend.read(str(tmp_path), "")) == "is not a regular file"


def test_a_device_that_never_ends_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").symlink_to("/dev/zero")
    assert reason(saved_backend.read(str(tmp_path), "")) == "is not a regular file"


def test_a_hundred_megabytes_are_said_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "terraform.tfstate").open("wb") as file:
        file.truncate(100 << 20)
    assert reason(saved_backend.read(str(tmp_path), "")).startswith("has 104,857,600 bytes")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").write_bytes(b"{}")
    (tmp_path / "terraform.tfstate").chmod(0)
    assert reason(saved_backend.read(str(tmp_path), "")) == "permission denied"


def test_its_place_is_written_from_where_terraform_works(tmp_path: Path) -> None:
    data_dir = tmp_path / ".terraform"
    data_dir.mkdir()
    (data_dir / "terraform.tfstate").write_text(json.dumps(DOCUMENT))
    assert understood(saved_backend.read(str(data_dir), str(tmp_path))).place == ".terraform/terraform.tfstate"
    assert understood(saved_backend.read(str(data_dir), "")).place == f"{data_dir}/terraform.tfstate"


LEFT = [
    ("terraform.tfstate.tfwrap-backup", True),
    ("environment.tfwrap-backup", True),
    ("terraform.tfstate.tfwrap-backup.4711.new", True),
    ("terraform.tfstate", False),
    ("terraform.tfstate.backup", False),
    ("tfwrap.lock", False),
]


@pytest.mark.parametrize(("name", "is_left"), LEFT)
def test_a_copy_that_a_killed_reconfiguration_left_is_seen_whole_or_begun(
    tmp_path: Path, name: str, is_left: bool
) -> None:
    assert not saved_backend.copies_are_left(str(tmp_path / ".terraform"))
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / name).write_text("x")
    assert saved_backend.copies_are_left(str(tmp_path / ".terraform")) is is_left
