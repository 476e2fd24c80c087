"""The real binary's version is asked for once, and never in the way."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tfwrap import state
from tfwrap.errors import CannotRun
from tfwrap.process import process
from tfwrap.process.finished import Finished
from tfwrap.terraform import versions

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.process.command import Command


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that remembers; its directory is the test's own."""
    folder = tmp_path / "state"
    folder.mkdir()
    monkeypatch.setattr(state, "directory", lambda *_: str(folder))
    return folder / "versions.json"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The binaries that were asked; each answers with what its file holds."""
    calls: list[str] = []

    def capture(command: Command, *, say: object) -> Finished:
        path, argv, environ = command
        calls.append(path)
        if not argv == ["version"] or environ["TF_CLI_ARGS"]:
            raise AssertionError(argv)
        with open(path, "rb") as file:
            return Finished(0, 0, file.read())

    monkeypatch.setattr(process, "capture", capture)
    return calls


def binary(tmp_path: Path, text: str) -> str:
    """A file that stands for a binary."""
    path = tmp_path / "terraform"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Terraform v1.11.4\non linux_amd64\n", (1, 11)),
        ("Terraform v0.12.29\n\nYour version of Terraform is out of date!\n", (0, 12)),
        ("Terraform v0.15.0-rc2\n", (0, 15)),
        ("OpenTofu v1.9.0\non linux_amd64\n", (1, 9)),
        ("warning first\nTerraform v1.15.5\n", (1, 15)),
        ("Terraform\n", versions.UNKNOWN),
        ("", versions.UNKNOWN),
        ("my Terraform v1.2.3\n", versions.UNKNOWN),
    ],
)
def test_the_version_is_read_from_its_own_words(
    tmp_path: Path, kept: Path, asked: list[str], text: str, version: tuple[int, ...]
) -> None:
    assert versions.detect(binary(tmp_path, text), {}) == version


def test_it_is_asked_once_until_the_file_changes(tmp_path: Path, kept: Path, asked: list[str]) -> None:
    real = binary(tmp_path, "Terraform v1.5.7\n")
    assert [versions.detect(real, {}) for _ in range(3)] == [(1, 5)] * 3
    assert len(asked) == 1
    binary(tmp_path, "Terraform v1.11.4 and longer\n")
    assert versions.detect(real, {}) == (1, 11)
    assert len(asked) == 2


@pytest.mark.parametrize("content", ["", "[]", "null", '{"k": 5}', '{"k": ["a", 1]}', '{"k": [1]}', "\x00"])
def test_a_damaged_memory_is_asked_over(tmp_path: Path, kept: Path, asked: list[str], content: str) -> None:
    real = binary(tmp_path, "Terraform v1.5.7\n")
    key = versions._fingerprint(real)  # the damaged entry is this binary's own
    kept.write_text(content.replace('"k"', json.dumps(key)))
    assert versions.detect(real, {}) == (1, 5)
    assert versions.detect(real, {}) == (1, 5)
    assert len(asked) == 1


def test_where_nothing_can_be_kept_the_answer_still_counts(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(state, "directory", refuse)
    assert versions.detect(binary(tmp_path, "Terraform v1.5.7\n"), {}) == (1, 5)


def test_a_binary_that_cannot_be_asked_is_of_unknown_version(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **_also: object) -> Finished:
        raise CannotRun("no")

    monkeypatch.setattr(process, "capture", refuse)
    assert versions.detect(binary(tmp_path, ""), {}) == versions.UNKNOWN
    assert versions.detect(str(tmp_path / "missing"), {}) == versions.UNKNOWN


def test_only_the_last_binaries_are_remembered(tmp_path: Path, kept: Path, asked: list[str]) -> None:
    for number in range(versions.MOST + 5):
        folder = tmp_path / str(number)
        folder.mkdir()
        versions.detect(binary(folder, "Terraform v1.5.7\n"), {})
    assert len(json.loads(kept.read_text())) == versions.MOST
    assert os.stat(kept).st_mode & 0o777 == 0o600
