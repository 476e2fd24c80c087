"""Files that a name means on Windows. What needs its kernel is tried in tests/real/test_windows.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfwrap import which_windows
from tfwrap.errors import CannotRun
from tfwrap.which import MARKER


def names(directory: Path, **environ: str) -> list[str]:
    return [Path(path).name for path in which_windows.files(str(directory), "terraform", environ)]


@pytest.mark.parametrize(
    ("pathext", "expected"),
    [
        pytest.param({}, [".com", ".exe", ".bat", ".cmd"], id="none, as in a bare environment"),
        pytest.param({"PATHEXT": ".COM;.EXE;.BAT;.CMD;.VBS;.JS"}, [".com", ".exe", ".bat", ".cmd"], id="the usual"),
        pytest.param({"PATHEXT": ".CMD;.EXE"}, [".cmd", ".exe"], id="the user's own order"),
        pytest.param({"PATHEXT": ".PY;.PS1"}, [".com", ".exe", ".bat", ".cmd"], id="nothing that can be run"),
    ],
)
def test_the_files_are_those_of_pathext_in_its_order(
    tmp_path: Path, pathext: dict[str, str], expected: list[str]
) -> None:
    assert names(tmp_path, **pathext) == [f"terraform{suffix}" for suffix in expected]


@pytest.mark.parametrize("suffix", [".cmd", ".bat"])
def test_a_batch_file_is_named_and_not_passed_over(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"terraform{suffix}").touch()
    with pytest.raises(CannotRun, match=rf"terraform\{suffix} is a batch file.*set TFWRAP_TERRAFORM to it"):
        names(tmp_path)


def test_a_program_beside_a_batch_file_comes_first(tmp_path: Path) -> None:
    (tmp_path / "terraform.cmd").touch()
    found = which_windows.files(str(tmp_path), "terraform", {})
    assert [Path(next(found)).name, Path(next(found)).name] == ["terraform.com", "terraform.exe"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.exe", ""),
        ("A.EXE", ""),
        ("a.com", ""),
        ("a.cmd", "batch file"),
        ("A.BAT", "batch file"),
        ("a", "no program"),
    ],
)
def test_only_a_program_can_be_run(name: str, reason: str) -> None:
    why = which_windows.why_not_run(name)
    assert reason in why
    assert bool(why) == bool(reason)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b"MZ" + bytes(5000) + MARKER, True, id="a launcher"),
        pytest.param(MARKER, True, id="a short file"),
        pytest.param(b"MZ" + bytes(5000), False, id="another program"),
        pytest.param(b"MZ" + MARKER + bytes(5000), False, id="a program that has the words in it"),
        pytest.param(b"", False, id="an empty file"),
    ],
)
def test_the_marker_stands_at_the_end(tmp_path: Path, content: bytes, found: bool) -> None:
    path = tmp_path / "terraform.exe"
    path.write_bytes(content)
    with open(path, "rb", buffering=0) as file:
        assert (MARKER in which_windows.marked_part(file)) is found
