"""Whatever lies around: one clear line at most, Terraform runs as if tfwrap were not there, nothing is changed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testing import recorder
from testing import world as worlds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.promises.conftest import Played


def saved(played: Played) -> Path:
    """Where the saved backend is; its directory is made."""
    folder = played.world.cwd / ".terraform"
    folder.mkdir()
    return folder / "terraform.tfstate"


def sparse(path: Path) -> None:
    """A file of 100 MB."""
    with path.open("wb") as file:
        file.truncate(100 << 20)


SAVED: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: path.write_text('{"version": 3, "backend": {"type": "s3", "config": {"acc'),
    "empty": lambda path: path.write_text(""),
    "not JSON": lambda path: path.write_text("hello"),
    "a list": lambda path: path.write_text("[]"),
    "another version": lambda path: path.write_text('{"version": 9, "backend": {"type": "s3"}}'),
    "no type": lambda path: path.write_text('{"version": 3, "backend": {"config": {"aws": 1}}}'),
    "100 MB": sparse,
    "a directory": Path.mkdir,
    "a pipe that nobody writes to": os.mkfifo,
    "nested without end": lambda path: path.write_text("[" * 200_000),
}
HCL = {
    "does not parse": 'terraform {\n  backend "s3" {\n    bucket = = "x"\n',
    "binary": "\x00\x01\x02 aws \xff s3",
    "endless nesting": 'provider "aws" ' + "{" * 5_000,
    "a string without end": 'provider "aws" {\n  region = "eu-',
}


def lines_of_tfwrap(stderr: bytes) -> list[bytes]:
    """What tfwrap said."""
    return [line for line in stderr.splitlines() if line.startswith(b"tfwrap: ") and b"fix:" not in line]


def runs_all_the_same(played: Played, env: dict[str, str | None] | None = None, *, says: int = 1) -> bytes:
    """Assert that the real binary ran, that its status came through and that tfwrap said little."""
    do = {"RECORDER_DO": "out('ran'); sys.exit(5)"}
    started = time.monotonic()
    done = worlds.run(played.world, [played.shim, "plan"], {**do, **(env or {})}, timeout=30)
    assert time.monotonic() - started < 15
    assert done.status == 5
    assert done.stdout == b"ran"
    assert len(lines_of_tfwrap(done.stderr)) <= says, done.stderr
    assert b"Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("kind", SAVED)
def test_a_saved_backend_that_cannot_be_read_is_one_line(played: Played, kind: str) -> None:
    path = saved(played)
    SAVED[kind](path)
    before = path.stat()
    assert b"TFW303" in runs_all_the_same(played)
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns, before.st_mode) == (after.st_size, after.st_mtime_ns, after.st_mode)


@pytest.mark.parametrize("kind", HCL)
def test_configuration_that_does_not_parse_is_terraforms_to_report(played: Played, kind: str) -> None:
    (played.world.cwd / "main.tf").write_text(HCL[kind], encoding="latin-1")
    runs_all_the_same(played)


def test_without_a_home_it_runs(played: Played) -> None:
    runs_all_the_same(played, {"HOME": None, "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None})


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/full", "/dev/null"])
def test_a_state_directory_that_cannot_be_written_costs_only_the_explanation(played: Played, place: str) -> None:
    error = "Error: validating: api error InvalidClientTokenId: The security token included in the request is invalid."
    do = f"err('''\\n{error}\\n\\n'''); sys.exit(1)"
    done = worlds.run(played.world, [played.shim, "plan"], {"RECORDER_DO": do, "XDG_STATE_HOME": place})
    assert done.status == 1
    assert error.encode() in done.stderr
    assert b"could not be kept" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        pytest.param("TFWRAP_AUTO", "always", "TFWRAP_AUTO is 'always': use one of off,", id="unknown choice"),
        pytest.param("TFWRAP_STRCT", "1", "did you mean TFWRAP_STRICT?", id="misspelt variable"),
        pytest.param("TFWRAP_OFFLINE", "maybe", "TFWRAP_OFFLINE is 'maybe': use 1 or 0", id="no switch"),
    ],
)
def test_a_mistake_in_a_setting_is_said_and_costs_nothing(played: Played, name: str, value: str, named: str) -> None:
    assert named in runs_all_the_same(played, {name: value}).decode()


def test_a_fault_of_tfwraps_own_costs_nothing_and_is_refused_in_strict_mode(played: Played, tmp_path: Path) -> None:
    """The installed package is run with a module that breaks in the middle of preflight."""
    package = played.shim.parent.parent / "venv"
    (site,) = package.glob("lib/python3*/site-packages")
    script = tmp_path / "broken.py"
    script.write_text(
        f"import sys; sys.path.append({str(site)!r})\n"
        "from tfwrap import main; from tfwrap.preflight import preflight\n"
        "def facts(*_): raise ZeroDivisionError('AKIAQQQQQQQQQQQQ0009')\n"
        "preflight.facts = facts\n"
        "sys.exit(main.main('terraform', ['plan']))\n"
    )
    env: dict[str, str | None] = {"RECORDER_DO": "sys.exit(5)"}
    done = worlds.run(played.world, [sys.executable, "-I", "-S", script], env)
    assert done.status == 5
    assert done.stderr.startswith(b"tfwrap: tfwrap itself failed (ZeroDivisionError); details: ")
    report = Path(done.stderr.decode().strip().partition("details: ")[2])
    assert "ZeroDivisionError" in report.read_text()
    assert "AKIAQQQQQQQQQQQQ0009" not in report.read_text()
    strict = worlds.run(played.world, [sys.executable, "-I", "-S", script], {**env, "TFWRAP_STRICT": "1"})
    assert strict.status == 125
    assert len([record for record in recorder.records(played.record) if record.get("start")]) == 1
