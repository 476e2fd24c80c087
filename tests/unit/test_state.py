"""What is kept on disk is written whole or not at all, and for its owner alone."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from tfwrap import state

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "kept.json")


@pytest.mark.parametrize("content", [b"", b"x", b"\x00\xff" * 100_000])
def test_what_was_written_is_there_for_the_owner_alone(path: str, content: bytes, tmp_path: Path) -> None:
    state.write(path, content)
    assert (tmp_path / "kept.json").read_bytes() == content
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(tmp_path) == ["kept.json"]


def test_an_older_file_is_replaced_together_with_its_mode(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b"older and longer")
    os.chmod(path, 0o644)
    state.write(path, b"new")
    with open(path, "rb") as file:
        assert file.read() == b"new"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_link_is_replaced_and_not_followed(path: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"untouched")
    os.symlink(tmp_path / "elsewhere", path)
    state.write(path, b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"untouched"
    assert not os.path.islink(path)


def test_a_failure_in_the_middle_leaves_the_old_content_and_nothing_beside_it(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.write(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        state.write(path, b"new")
    assert (tmp_path / "kept.json").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["kept.json"]


@pytest.mark.parametrize("where", ["absent/kept", "file/kept"])
def test_a_directory_that_cannot_be_written_is_an_os_error(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="kept"):
        state.write(str(tmp_path / where), b"x")


def test_removing_what_is_gone_is_no_error(path: str, tmp_path: Path) -> None:
    state.write(path, b"x")
    state.remove(path)
    state.remove(path)
    assert os.listdir(tmp_path) == []
    with pytest.raises(OSError, match=r"."):
        state.remove(str(tmp_path))


def test_the_newest_file_comes_first(tmp_path: Path) -> None:
    for name in (
        "20260101T000000Z-1.json",
        "20260102T000000Z-1.json",
        "20251231T235959Z-9.json",
        "README",
        "x.json.new",
    ):
        (tmp_path / name).write_bytes(b"")
    found = [os.path.basename(path) for path in state.newest_first(str(tmp_path), ".json")]
    assert found == ["20260102T000000Z-1.json", "20260101T000000Z-1.json", "20251231T235959Z-9.json"]


@pytest.mark.parametrize("name", ["absent", "file"])
def test_where_there_is_no_directory_there_are_no_files(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert list(state.newest_first(str(tmp_path / name), ".json")) == []


def test_the_directory_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    made = state.directory("incidents")
    assert made == state.directory("incidents")
    assert made.startswith(str(tmp_path))
    assert stat.S_IMODE(os.stat(made).st_mode) == 0o700
