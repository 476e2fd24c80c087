"""The user's home; and on Windows where tfwrap's own things are, as platformdirs has it (to ask it takes 40 ms)."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def home(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """The home directory that the environment names; empty without one.

    On Windows it is never the HOME that Git Bash sets: Terraform and the AWS SDKs ask USERPROFILE (Go's
    os.UserHomeDir, Python's os.path.expanduser).
    """
    return environ.get("USERPROFILE" if platform == "win32" else "HOME", "")


def local(environ: Mapping[str, str]) -> str:
    """On Windows tfwrap's place for settings, records and, in `Cache`, decisions; empty where there is none."""
    base = environ.get("LOCALAPPDATA", "")
    return os.path.join(base, "tfwrap") if os.path.isabs(base) else ""


def site(environ: Mapping[str, str]) -> str:
    """On Windows the place of the site's settings."""
    return os.path.join(environ.get("PROGRAMDATA") or "C:\\ProgramData", "tfwrap")
