"""The private directory of a bridge: where it lies, who may enter, and what of it stays."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tfwrap.bridge import directory

if TYPE_CHECKING:
    from pathlib import Path

GONE = 1 << 22  # the largest process id of Linux, which is never given away (proc(5), pid_max)


@pytest.fixture
def runtime(short: Path) -> Path:
    short.chmod(0o700)
    return short


def test_it_is_ours_alone_and_goes_with_the_run(runtime: Path) -> None:
    with directory.private({"XDG_RUNTIME_DIR": str(runtime)}) as path:
        assert os.path.dirname(path) == str(runtime)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
        (runtime / path / "file").write_text("x")
    assert list(runtime.iterdir()) == []


def test_it_goes_when_the_run_ends_badly_and_when_somebody_else_took_it_away(runtime: Path) -> None:
    with pytest.raises(KeyError), directory.private({"XDG_RUNTIME_DIR": str(runtime)}):
        raise KeyError
    assert list(runtime.iterdir()) == []
    with directory.private({"XDG_RUNTIME_DIR": str(runtime)}) as path:
        os.rmdir(path)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_runtime_directory_that_others_may_enter_is_none(runtime: Path, mode: int) -> None:
    elsewhere = runtime / "tmp"
    elsewhere.mkdir()
    runtime.chmod(mode)
    with directory.private({"XDG_RUNTIME_DIR": str(runtime), "TMPDIR": str(elsewhere)}) as path:
        assert os.path.dirname(path) == str(elsewhere)


@pytest.mark.parametrize(
    "base",
    [
        pytest.param("", id="not set"),
        pytest.param("relative/path", id="relative"),
        pytest.param("/with a space", id="a blank, which a shell would split"),
        pytest.param("/quo'te", id="a quote"),
        pytest.param("/semi;colon", id="what an AWS file takes for a comment"),
        pytest.param("/hash#", id="the other comment"),
        pytest.param("/new\nline", id="a line break"),
        pytest.param("/dollar$HOME", id="a variable"),
        pytest.param("/pércent", id="not ASCII"),
        pytest.param(f"/{'x' * 80}", id="too long for a socket"),
    ],
)
def test_a_place_that_would_not_do_is_passed_over(base: str, runtime: Path) -> None:
    assert not directory.is_fit(base)
    with directory.private({"XDG_RUNTIME_DIR": base, "TMPDIR": str(runtime)}) as path:
        assert os.path.dirname(path) == str(runtime)


@pytest.mark.parametrize("base", ["/run/user/1000", "/tmp", "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T"])
def test_the_usual_places_do(base: str) -> None:
    assert directory.is_fit(base)


def test_what_a_killed_run_left_is_swept_by_the_next(runtime: Path) -> None:
    left = runtime / f"tfwrap-bridge-{GONE}-abcdefgh"
    left.mkdir()
    (left / "config").write_text("x")
    abandoned = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    abandoned.bind(str(left / "s"))
    abandoned.close()
    with directory.private({"XDG_RUNTIME_DIR": str(runtime)}):
        assert not left.exists()


def test_what_is_not_left_over_is_not_swept(runtime: Path) -> None:
    """In another container the same numbers are other processes: whoever answers is alive."""
    names = [
        f"tfwrap-bridge-{os.getpid()}-abcdefgh",
        f"tfwrap-bridge-{GONE}",
        f"other-bridge-{GONE}-abcdefgh",
        f"tfwrap-bridge-{GONE}-abcdefgh",
    ]
    for name in names:
        (runtime / name).mkdir()
    (runtime / f"tfwrap-bridge-{GONE}-linked").symlink_to(runtime / names[2])
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as answers:
        answers.bind(str(runtime / names[3] / "s"))
        answers.listen(1)
        with directory.private({"XDG_RUNTIME_DIR": str(runtime)}):
            assert {*names, f"tfwrap-bridge-{GONE}-linked"} <= {path.name for path in runtime.iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's directory")
def test_another_users_directory_is_not_swept(runtime: Path) -> None:
    theirs = runtime / f"tfwrap-bridge-{GONE}-abcdefgh"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    with directory.private({"XDG_RUNTIME_DIR": str(runtime)}):
        assert theirs.exists()


def test_two_runs_at_once_have_two(runtime: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(runtime)}
    with directory.private(environ) as one, directory.private(environ) as other:
        assert one != other


def test_the_number_of_a_process_that_is_gone_is_gone() -> None:
    assert subprocess.run([sys.executable, "-c", f"import os; os.kill({GONE}, 0)"], capture_output=True).returncode
