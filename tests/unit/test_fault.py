from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from tfwrap import fault, state
from tfwrap.output import Output

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "made/up/by+the/tests/canary"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the report goes in this test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "tfwrap" / "faults" / "last.md"


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """What tfwrap says in this test."""
    return tmp_path / "said"


def report(error: BaseException, said: Path, environ: dict[str, str] | None = None) -> list[str]:
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        fault.report(error, environ or {}, Output(descriptor, colour=False))
    finally:
        os.close(descriptor)
    return said.read_text().splitlines()


def raised(error: Exception) -> Exception:
    """An error with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_fault_is_one_line_that_says_where_the_traceback_lies(kept: Path, said: Path) -> None:
    lines = report(raised(ValueError("oh")), said)
    assert lines == [f"tfwrap: tfwrap itself failed (ValueError); details: {kept}"]
    content = kept.read_text()
    assert "ValueError: oh" in content
    assert "in raised" in content
    assert content.startswith("# tfwrap fault report\n\nPython 3.")


def test_the_report_is_for_the_user_alone(kept: Path, said: Path) -> None:
    report(ValueError("oh"), said)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept.parent, kept)] == [0o700, 0o600]


@pytest.mark.parametrize(
    "text", [SECRET, f"token={SECRET}", f"Authorization: Bearer {SECRET}", f"http://u:{SECRET}@h/"]
)
def test_neither_line_nor_report_shows_a_secret(kept: Path, said: Path, text: str) -> None:
    lines = report(raised(KeyError(text)), said, {"AWS_SECRET_ACCESS_KEY": SECRET})
    assert SECRET not in kept.read_text() + "".join(lines)


class Unprintable(Exception):
    """An error whose words cannot be had."""

    def __str__(self) -> str:
        raise ValueError("no words")


AWKWARD: list[tuple[str, BaseException]] = [
    ("no text", ValueError("half a \udcff character")),
    ("unprintable", Unprintable()),
    ("an exit", SystemExit(3)),
    ("a nest of causes", ExceptionGroup("several", [ValueError("a"), OSError(2, "b", "/c")])),
    ("nested without end", RecursionError("maximum recursion depth exceeded")),
]


@pytest.mark.parametrize("error", [pytest.param(row[1], id=row[0]) for row in AWKWARD])
def test_any_error_can_be_reported(kept: Path, said: Path, error: BaseException) -> None:
    (line,) = report(error, said)
    assert type(error).__name__ in line
    assert type(error).__name__ in kept.read_text()


def test_where_nothing_can_be_kept_the_line_is_still_said(said: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    assert report(ValueError("oh"), said) == ["tfwrap: tfwrap itself failed (ValueError)"]


def test_a_full_disk_costs_only_the_report(said: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: str, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state, "write", full)
    assert report(ValueError("oh"), said) == ["tfwrap: tfwrap itself failed (ValueError)"]


def test_a_closed_standard_error_is_no_second_fault(kept: Path) -> None:
    fault.report(ValueError("oh"), {}, Output(-1, colour=False))
    assert kept.exists()


def test_the_last_report_replaces_the_one_before(kept: Path, said: Path) -> None:
    report(ValueError("first"), said)
    report(ValueError("second"), said)
    assert "first" not in kept.read_text()
    assert len(list(kept.parent.iterdir())) == 1
