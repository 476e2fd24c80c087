"""A child that cannot begin says so, whatever it was that kept it from beginning."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys

import pytest

from tfwrap.process.command import Command
from tfwrap.process.newborn import Newborn, Program


def born(path: str, environ: dict[str, str]) -> Newborn:
    return Newborn(Program(Command(path, ["-c", ""], environ), (), (), (signal.SIGTERM,)))


@pytest.mark.parametrize(
    ("path", "environ", "number"),
    [
        pytest.param("/nonexistent/terraform", {}, errno.ENOENT, id="no such file"),
        pytest.param(os.devnull, {}, errno.EACCES, id="not executable"),
        pytest.param(sys.executable, {"": "a name that Python hands on to nobody"}, errno.EINVAL, id="an empty name"),
    ],
)
def test_what_cannot_begin_is_an_error_and_not_a_success(path: str, environ: dict[str, str], number: int) -> None:
    newborn = born(path, environ)
    with pytest.raises(OSError, match=re.escape(os.strerror(number))):
        newborn.begin()


def test_what_is_abandoned_never_begins() -> None:
    newborn = born(sys.executable, {})
    newborn.abandon()
    with pytest.raises(ChildProcessError):
        os.waitpid(newborn.pid, 0)
