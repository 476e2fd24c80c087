"""The longest run of a directory is remembered, where it was long."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tfwrap import state
from tfwrap.preflight import durations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(state, "directory", lambda: str(tmp_path))
    return tmp_path


def test_the_longest_run_of_a_directory_counts() -> None:
    for seconds in (1000.0, 5000.0, 2000.0):
        durations.note("/net", seconds)
    durations.note("/other", 3000.0)
    assert (durations.longest("/net"), durations.longest("/other")) == (5000.0, 3000.0)


def test_short_runs_are_not_even_written_down(folder: Path) -> None:
    durations.note("/net", durations.SHORT_S)
    assert os.listdir(folder) == []
    assert durations.longest("/net") == durations.SHORT_S


def test_only_so_many_directories_are_kept_the_last_ones() -> None:
    for number in range(durations.MOST + 5):
        durations.note(f"/{number}", 1000.0)
    assert durations.longest("/0") == durations.SHORT_S
    assert durations.longest(f"/{durations.MOST + 4}") == 1000.0


@pytest.mark.parametrize("content", ["", "[1]", '{"/net": "long"}', "{" * 5000, "\x00"])
def test_a_damaged_file_is_none(folder: Path, content: str) -> None:
    (folder / "durations.json").write_text(content)
    assert durations.longest("/net") == durations.SHORT_S
    durations.note("/net", 2000.0)
    assert durations.longest("/net") == 2000.0


def test_a_state_directory_that_cannot_be_made_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> str:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(state, "directory", fails)
    durations.note("/net", 2000.0)
    assert durations.longest("/net") == durations.SHORT_S
