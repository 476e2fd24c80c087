# In place of this line stands the interpreter's.
# tfwrap-shim-marker
"""@PROGRAM@, for machines without bash: tfwrap itself decides here what passes straight through."""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import SourceFileLoader  # `importlib` itself takes 1 ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LAUNCHER = "@LAUNCHER_WORD@"
PROGRAM = "@PROGRAM_WORD@"


def main() -> int:
    """Become tfwrap, with its launcher read into this interpreter."""
    try:
        code = SourceFileLoader("__main__", LAUNCHER).get_code("__main__")  # as compiled before, where it was
    except OSError as error:
        return without_tfwrap(f"tfwrap's own program is gone ({error}); run its install.sh again")
    sys.argv[:1] = [LAUNCHER, PROGRAM]
    exec(code, {"__name__": "__main__", "__file__": LAUNCHER})  # noqa: S102 - starting a second Python takes 12 ms
    return 0


def without_tfwrap(problem: str) -> int:
    """Run the real binary all the same, unless strict mode wants none without checks."""
    if os.environ.get("TFWRAP_STRICT", "").lower() not in ("", "0", "false", "no", "off"):
        sys.stderr.write(f"tfwrap: {problem} (TFWRAP_STRICT is set: {PROGRAM} was not run)\n")
        return 125
    sys.stderr.write(f"tfwrap: {problem}; running {PROGRAM} without any checks\n")
    for path in candidates():
        if os.path.isfile(path) and os.access(path, os.X_OK) and not is_ours(path):
            os.execv(path, [path, *sys.argv[1:]])  # noqa: S606 - no shell is what is wanted
    sys.stderr.write(f"tfwrap: no real {PROGRAM} found on PATH\n")
    return 127


def candidates() -> Iterator[str]:
    """Where the real binary may be, best first."""
    override = os.environ.get("TFWRAP_" + PROGRAM.upper())
    if override:
        yield os.path.abspath(override)
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(entry):
            yield os.path.join(entry, PROGRAM)


def is_ours(path: str) -> bool:
    """Whether a file is a shim of any tfwrap."""
    try:
        with open(path, "rb") as file:
            return b"tfwrap-shim-marker" in file.read(400)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
