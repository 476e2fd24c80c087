"""tests/conftest.py: a run that shows nothing is a failure, and nothing of the machine reaches a test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("body", "status"),
    [("pytest.skip('no Terraform')", 5), ("pass", 0), ("raise ValueError", 1)],
    ids=["all skipped", "one passed", "one failed"],
)
def test_a_run_in_which_every_test_was_skipped_fails(tmp_path: Path, body: str, status: int) -> None:
    shutil.copy(CHECKOUT / "tests/conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(f"import pytest\n\ndef test_it():\n    {body}\n")
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run([*argv, str(tmp_path)], cwd=CHECKOUT, capture_output=True, timeout=60)
    assert done.returncode == status, done.stdout


def test_no_setting_of_this_machine_reaches_a_test() -> None:
    settings = [name for name in os.environ if name.startswith(("AWS_", "TF_", "TFWRAP_"))]
    assert not [name for name in settings if not name.startswith("TFWRAP_TEST_")]
