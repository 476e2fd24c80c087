"""A decision is remembered only as long as everything that it rests on is as it was."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import platformdirs
import pytest

from tfwrap import invocation, memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUIET = memory.Decision(memory.QUIET)
SECRET = "made/up+secret+that+must+not+be+found"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a home and a secret."""
    return {"HOME": str(tmp_path / "home"), "AWS_SECRET_ACCESS_KEY": SECRET, "PATH": "/usr/bin", "EDITOR": "vi"}


@pytest.fixture
def watched(tmp_path: Path) -> list[str]:
    """A file, a file that is not there, and their directory; all old enough to be trusted."""
    module = tmp_path / "module"
    module.mkdir()
    there = module / "main.tf"
    there.write_text("backend")
    for path in (there, module):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return [str(module), str(there), str(module / "missing.tf")]


def question(environ: dict[str, str], *argv: str, cwd: str = "/work") -> memory.Question:
    """The question that `terraform ARGV` poses."""
    asked = memory.question(invocation.read("terraform", argv or ("plan",), environ, cwd), "/bin/terraform", environ)
    assert asked
    return asked


def remembered(environ: dict[str, str], watched: list[str], monkeypatch: pytest.MonkeyPatch) -> memory.Question:
    """A question whose answer has just been kept; the files' times of change cannot be set, so the clock is."""
    asked = question(environ)
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: 9_999_999_999.0)
        memory.remember(asked, QUIET, watched)
    return asked


def test_the_same_question_gets_the_same_answer(
    environ: dict[str, str], watched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = remembered(environ, watched, monkeypatch)
    assert memory.recall(asked) == QUIET
    assert question(environ) == asked


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file has other content": lambda folder: (folder / "main.tf").write_text("bucket!"),
    "a file was touched": lambda folder: os.utime(folder / "main.tf"),
    "a file was replaced by its like": lambda folder: _replace(folder / "main.tf"),
    "a file is gone": lambda folder: (folder / "main.tf").unlink(),
    "a missing file is there": lambda folder: (folder / "missing.tf").write_text(""),
    "another file is there": lambda folder: (folder / "new.tf").write_text(""),
    "its mode is another": lambda folder: (folder / "main.tf").chmod(0o600),
}


def _replace(path: Path) -> None:
    """The same bytes and the same times in another file, as an unpacked archive has them."""
    seen = path.stat()
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_of_what_was_read_is_noticed(
    what: str, environ: dict[str, str], watched: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = remembered(environ, watched, monkeypatch)
    CHANGES[what](tmp_path / "module")
    assert not memory.recall(asked)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_SECRET_ACCESS_KEY", "another"),
        ("AWS_PROFILE", "lab"),
        ("TF_DATA_DIR", "x"),
        ("TFWRAP_STRICT", "1"),
        ("HOME", "/home/other"),
        ("PATH", "/bin"),
        ("CI", "true"),
    ],
)
def test_a_variable_that_counts_makes_it_another_question(environ: dict[str, str], name: str, value: str) -> None:
    assert question({**environ, name: value}) != question(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [("EDITOR", "emacs"), ("SHLVL", "3"), ("PS1", "$ "), ("LANG", "C"), ("PWD", "/tmp"), ("COLUMNS", "80"), ("A", "b")],
)
def test_a_variable_that_does_not_count_leaves_it_the_same(environ: dict[str, str], name: str, value: str) -> None:
    assert question({**environ, name: value}) == question(environ)


def test_another_command_line_or_directory_is_another_question(environ: dict[str, str]) -> None:
    asked = [question(environ, "plan"), question(environ, "plan", "-json"), question(environ, "plan", cwd="/other")]
    assert len({one.path for one in asked}) == 3


def test_two_words_are_not_one_word_that_looks_like_them(environ: dict[str, str]) -> None:
    assert question(environ, "plan", "-var", "a=b") != question(environ, "plan", "-var a=b")


def test_what_has_just_changed_is_not_trusted(environ: dict[str, str], tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.tf"
    fresh.write_text("backend")
    asked = question(environ)
    memory.remember(asked, QUIET, [str(fresh)])
    assert not memory.recall(asked)


def test_nothing_of_the_environment_is_kept(
    environ: dict[str, str], watched: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = remembered(environ, watched, monkeypatch)
    with open(asked.path, "rb") as file:
        assert SECRET.encode() not in file.read()
    modes = {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert modes == {"0o600"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"quiet",
        b"quiet\1",
        b"quiet\1soon",
        b"\xff\xfe\0",
        b"quiet\1inf\0nonsense",
        b"no-aws\1inf\0- /etc/hosts",
        b"quiet\x011.5\1=AWS_PROFILE=lab",
    ],
)
def test_a_damaged_memory_is_no_memory(environ: dict[str, str], content: bytes) -> None:
    asked = question(environ)
    os.makedirs(os.path.dirname(asked.path))
    with open(asked.path, "wb") as file:
        file.write(content)
    assert not memory.recall(asked)


PATCHES = (
    (("AWS_ACCESS_KEY_ID", None), ("AWS_PROFILE", "lab")),
    (("AWS_PROFILE", "a=b \xfc\udcff"),),
    (("AWS_PROFILE", ""),),
)


@pytest.mark.parametrize("patch", PATCHES)
def test_what_the_child_gets_otherwise_is_kept_with_the_decision(
    patch: tuple[tuple[str, str | None], ...], environ: dict[str, str]
) -> None:
    decided = memory.Decision(memory.QUIET, patch)
    memory.remember(question(environ), decided, [])
    assert memory.recall(question(environ)) == decided


@pytest.mark.parametrize(("seconds", "holds"), [(60, True), (0, False), (-60, False)])
def test_a_decision_ends_when_its_time_is_over(environ: dict[str, str], seconds: float, holds: bool) -> None:
    memory.remember(question(environ), QUIET, [], until=time.time() + seconds)
    assert bool(memory.recall(question(environ))) is holds


def test_a_memory_that_cannot_be_written_leaves_nothing_behind(environ: dict[str, str]) -> None:
    asked = question(environ)
    os.makedirs(asked.path)  # where the file belongs
    memory.remember(asked, QUIET, [])
    assert os.listdir(os.path.dirname(asked.path)) == [os.path.basename(asked.path)]


def test_without_a_place_nothing_is_asked_and_nothing_breaks(environ: dict[str, str]) -> None:
    del environ["HOME"]
    assert memory.question(invocation.read("terraform", ["plan"], environ, "/"), "/bin/terraform", environ) is None


def test_a_full_memory_is_emptied(environ: dict[str, str], watched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 3)
    for _ in range(5):
        environ["AWS_PROFILE"] = environ.get("AWS_PROFILE", "") + "x"
        remembered(environ, watched, monkeypatch)
    assert len(os.listdir(os.path.dirname(question(environ).path))) <= 3


@pytest.mark.parametrize("extra", [{}, {"XDG_CACHE_HOME": "/var/tmp/caches"}])
def test_the_place_is_the_one_that_platformdirs_names(tmp_path: Path, extra: dict[str, str]) -> None:
    environ = {"HOME": str(tmp_path), **extra}
    code = "import platformdirs; print(platformdirs.user_cache_dir('tfwrap', appauthor=False))"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert memory.directory(environ) == os.path.join(done.stdout.strip(), "decisions")
    assert platformdirs.__version__
