"""What install.ps1 leaves to Python, as far as it needs no Windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.windows.test_launcher import made_by_pip
from tfwrap.errors import TfwrapError
from tfwrap.windows import launcher, setup

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scripts(tmp_path: Path) -> str:
    path = tmp_path / "venv" / "Scripts"
    path.mkdir(parents=True)
    (path / "tfwrap.exe").write_bytes(made_by_pip())
    return str(path)


def write(tmp_path: Path, scripts: str) -> None:
    setup.write_shims(str(tmp_path), scripts, r"C:\python.exe", r"C:\packages")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_shims_are_written_and_removed_and_nothing_else(tmp_path: Path, scripts: str) -> None:
    write(tmp_path, scripts)
    write(tmp_path, scripts)
    assert names(tmp_path / "shims") == ["terraform.exe", "tfwrap.exe", "tofu.exe"]
    assert launcher.is_one(str(tmp_path / "shims" / "terraform.exe"))
    (tmp_path / "shims" / "mine.txt").touch()
    setup.remove_shims(str(tmp_path))
    assert names(tmp_path / "shims") == ["mine.txt"]


def test_an_empty_directory_goes_too(tmp_path: Path, scripts: str) -> None:
    write(tmp_path, scripts)
    setup.remove_shims(str(tmp_path))
    assert names(tmp_path) == ["venv"]
    setup.remove_shims(str(tmp_path))


def test_a_terraform_that_is_not_ours_is_neither_overwritten_nor_removed(tmp_path: Path, scripts: str) -> None:
    real = tmp_path / "shims" / "terraform.exe"
    real.parent.mkdir()
    real.write_bytes(b"MZ real")
    with pytest.raises(TfwrapError, match="was not made by tfwrap's installer"):
        write(tmp_path, scripts)
    setup.remove_shims(str(tmp_path))
    assert real.read_bytes() == b"MZ real"


@pytest.mark.parametrize("name", ["terraform.exe", "tofu.exe", "terraform.ps1", "terraform.cmd", "tofu.bat"])
def test_a_program_on_the_machines_path_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert list(setup.in_the_way([str(tmp_path / "absent"), str(tmp_path)])) == [str(tmp_path / name)]


@pytest.mark.parametrize("name", ["terraform", "terraform.txt", "terraform-docs.exe", "packer.exe", "tfwrap.exe"])
def test_other_programs_are_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert list(setup.in_the_way([str(tmp_path)])) == []


def test_our_own_shims_on_the_machines_path_are_not(tmp_path: Path, scripts: str) -> None:
    write(tmp_path, scripts)
    assert list(setup.in_the_way([str(tmp_path / "shims")])) == []


def test_the_next_steps_of_a_workflow_get_the_shims(tmp_path: Path) -> None:
    paths = tmp_path / "paths"
    paths.write_text("C:\\before\n")
    assert setup.announce_to_actions("C:\\shims", {"GITHUB_PATH": str(paths)})
    assert paths.read_text() == "C:\\before\nC:\\shims\n"
    assert not setup.announce_to_actions("C:\\shims", {})
