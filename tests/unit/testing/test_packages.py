"""testing.packages takes the pinned file or gives a reason, and never runs what it downloads."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from testing import packages
from testing.packages import Package, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: made-up-thing\nVersion: 1.0\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def test_a_source_distribution_is_unpacked_without_running_its_setup(index: Path, tmp_path: Path) -> None:
    trap = tmp_path / "setup-was-run"
    setup = f"open({str(trap)!r}, 'w'); from setuptools import setup; setup(name='made-up-thing', version='1.0')"
    archive = _sdist(index, {"setup.py": setup, "PKG-INFO": METADATA, "data": "payload"})
    packages.unpack(Package("made-up-thing", "1.0", _sha256(archive)), _new(tmp_path / "out"))
    assert (tmp_path / "out/made-up-thing-1.0/data").read_text() == "payload"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["made-up-thing-1.0"]
    assert not trap.exists()


def test_a_wheel_is_unpacked(index: Path, tmp_path: Path) -> None:
    wheel = _wheel(index)
    packages.unpack(Package("made-up-thing", "1.0", _sha256(wheel)), _new(tmp_path / "out"))
    assert (tmp_path / "out/thing/data").read_text() == "payload"


def test_another_file_of_the_same_version_is_refused(index: Path, tmp_path: Path) -> None:
    _wheel(index)
    with pytest.raises(Unavailable, match=r"made-up-thing 1\.0: "):
        packages.unpack(Package("made-up-thing", "1.0", "0" * 64), _new(tmp_path / "out"))
    assert not list((tmp_path / "out").iterdir())


def test_a_package_that_nobody_has_is_a_reason_to_skip(index: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"no-such-thing 1\.0: ERROR: No matching distribution"):
        packages.unpack(Package("no-such-thing", "1.0", "0" * 64), _new(tmp_path / "out"))


def test_a_python_without_pip_is_a_reason_to_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'python: No module named pip'; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(Unavailable, match="No module named pip"):
        packages.unpack(Package("made-up-thing", "1.0", "0" * 64), _new(tmp_path / "out"))


@pytest.mark.parametrize("here", [("Darwin", "arm64"), ("Linux", "aarch64"), ("Windows", "AMD64")])
def test_other_platforms_are_a_reason_to_skip(here: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: here[0])
    monkeypatch.setattr("platform.machine", lambda: here[1])
    with pytest.raises(Unavailable, match=f"this is {here[0]} on {here[1]}"):
        packages.require_platform()


def _sdist(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "made-up-thing-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"made-up-thing-1.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def _wheel(folder: Path) -> Path:
    path = folder / "made_up_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thing/data", "payload")
        archive.writestr("made_up_thing-1.0.dist-info/METADATA", METADATA)
        archive.writestr("made_up_thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("made_up_thing-1.0.dist-info/RECORD", "")
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder
