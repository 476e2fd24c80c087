"""The real binary as a child that does not notice us: the same six functions on every platform."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from tfwrap.process_windows import capture, die_by, listen, replace, run, undisturbed
else:
    from tfwrap.process_posix import capture, die_by, listen, replace, run, undisturbed

__all__ = ["capture", "die_by", "listen", "replace", "run", "undisturbed"]
