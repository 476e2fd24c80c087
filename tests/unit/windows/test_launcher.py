"""The launcher that pip makes, with another program in it."""

from __future__ import annotations

import io
import zipfile
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from tfwrap.errors import TfwrapError
from tfwrap.windows import launcher

if TYPE_CHECKING:
    from pathlib import Path

STUB = resources.files("pip._vendor.distlib").joinpath("t64.exe").read_bytes()
PYTHON = r"C:\Program Files\Python 3\python.exe"
PACKAGES = r"C:\Users\Ren\u00e9\venv\Lib\site-packages"


def made_by_pip(stub: bytes = STUB, line: bytes = b"#!C:\\venv\\Scripts\\python.exe\r\n") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("__main__.py", "import tfwrap")
    return stub + line + content.getvalue()


def test_it_is_pips_executable_with_our_interpreter_and_our_program() -> None:
    made = launcher.build(made_by_pip(), PYTHON, "tofu", PACKAGES)
    assert made.startswith(STUB + f'#!"{PYTHON}" -I -S\r\nPK'.encode())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        source = archive.read("__main__.py").decode()
    compile(source, "__main__.py", "exec")
    assert "\nPROGRAM = 'tofu'\n" in source
    assert f"\nPACKAGES = {PACKAGES!a}\n" in source


def test_the_same_installation_makes_the_same_bytes() -> None:
    assert launcher.build(made_by_pip(), PYTHON, "tofu", "p") == launcher.build(made_by_pip(), PYTHON, "tofu", "p")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b"", id="empty"),
        pytest.param(STUB, id="an executable alone"),
        pytest.param(made_by_pip(line=b""), id="no line that names the interpreter"),
        pytest.param(made_by_pip(stub=b""), id="no executable"),
    ],
)
def test_what_is_no_launcher_is_refused(other: bytes) -> None:
    with pytest.raises(TfwrapError, match="of a kind that tfwrap does not know"):
        launcher.build(other, PYTHON, "terraform", "p")


def test_a_launcher_of_ours_is_known_and_pips_is_not(tmp_path: Path) -> None:
    ours, pips = tmp_path / "terraform.exe", tmp_path / "tfwrap.exe"
    ours.write_bytes(launcher.build(made_by_pip(), PYTHON, "terraform", "p"))
    pips.write_bytes(made_by_pip())
    assert [launcher.is_one(str(path)) for path in (ours, pips, tmp_path / "absent")] == [True, False, False]
