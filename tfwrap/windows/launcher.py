"""`terraform.exe`: pip's own launcher, made in the user's venv, with another program in it.

Such a launcher is a small executable, a line that names the interpreter, and a zip archive with a `__main__.py`
(pip's vendored distlib, launcher.c). It hands the command line on as it is, leaves Ctrl-C to its child, kills the child
when it is killed, and returns its status. No .cmd and no .ps1 does all that (docs/windows.md).
"""

from __future__ import annotations

import io
import zipfile
from importlib import resources

from tfwrap import which_windows
from tfwrap.errors import TfwrapError
from tfwrap.which import MARKER

_LONGEST_PATH = 32767


def build(pip_launcher: bytes, python: str, program: str, packages: str) -> bytes:
    """A launcher for `program` (`terraform`, `tofu`), from one that pip made.

    `python` is the interpreter's path, `packages` the directory in which it finds tfwrap. Raises TfwrapError where
    the other one is no launcher of that kind.
    """
    return _executable(pip_launcher) + _interpreter_line(python) + _archive(program, packages)


def is_one(path: str) -> bool:
    """Whether a file is a launcher of tfwrap's."""
    try:
        with open(path, "rb", buffering=0) as file:
            return MARKER in which_windows.marked_part(file)
    except OSError:
        return False


def _executable(launcher: bytes) -> bytes:
    """The executable at the beginning of a launcher."""
    try:
        with zipfile.ZipFile(io.BytesIO(launcher)) as archive:
            start = archive.infolist()[0].header_offset
    except (zipfile.BadZipFile, IndexError):
        start = 0
    end = launcher.rfind(b"#!", max(0, start - _LONGEST_PATH), start)
    if not launcher.startswith(b"MZ") or end < 0:
        raise TfwrapError("pip made a launcher of a kind that tfwrap does not know")
    return launcher[:end]


def _interpreter_line(python: str) -> bytes:
    return f'#!"{python}" -I -S\r\n'.encode()


def _archive(program: str, packages: str) -> bytes:
    source = resources.files(__package__).joinpath("shim.py").read_text("utf-8")
    for name, value in (("PROGRAM", program), ("PACKAGES", packages)):
        source = source.replace(f'"@{name}_WORD@"', ascii(value))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        # A fixed time, so that the same installation makes the same bytes.
        archive.writestr(zipfile.ZipInfo("__main__.py"), source)
        archive.comment = MARKER
    return content.getvalue()
