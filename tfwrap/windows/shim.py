"""What `terraform.exe` runs: tfwrap, and should it be broken, the real binary all the same.

`tfwrap.windows.launcher` fills in the two words and puts it into the launcher. Python runs it with `-I -S`.
"""

from __future__ import annotations

import os
import signal
import sys

PROGRAM = "@PROGRAM_WORD@"
PACKAGES = "@PACKAGES_WORD@"
MARKER = b"tfwrap-shim-marker"


def main() -> int:
    """The exit status of tfwrap."""
    # Before Terraform runs, a Ctrl-C ends us as it would end Terraform, and not with a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.path[:] = [path for path in sys.path if path != sys.argv[0]]  # the launcher, looked into at every import
    sys.path.append(PACKAGES)
    try:
        from tfwrap.main import main as tfwrap
    except Exception as error:  # noqa: BLE001 - an installation that is broken, or being replaced this moment
        return without_tfwrap(f"tfwrap cannot be loaded ({error}): run its install.ps1 again")
    return tfwrap(PROGRAM, sys.argv[1:])


def without_tfwrap(problem: str) -> int:
    """Run the real binary all the same, unless strict mode wants none without checks."""
    if os.environ.get("TFWRAP_STRICT", "").lower() not in ("", "0", "false", "no", "off"):
        return fail(125, f"{problem} (TFWRAP_STRICT is set: {PROGRAM} was not run)")
    override = os.environ.get(f"TFWRAP_{PROGRAM.upper()}")
    folders = filter(os.path.isabs, os.environ.get("PATH", "").split(os.pathsep))
    paths = [override] if override else [os.path.join(folder, f"{PROGRAM}.exe") for folder in folders]
    for path in paths:
        if path.lower().endswith(".exe") and os.path.isfile(path) and not is_ours(path):
            fail(0, f"{problem}; running {PROGRAM} without any checks")
            return run(path)
    return fail(127, f"{problem}; and no real {PROGRAM}.exe found on PATH")


def is_ours(path: str) -> bool:
    """Whether a file is a launcher of any tfwrap: the marker is the comment of the archive at its end."""
    try:
        with open(path, "rb") as file:
            return MARKER in file.read()[-400:]
    except OSError:
        return False


def run(path: str) -> int:
    """Run it and wait; the console gives a Ctrl-C to it as well."""
    import subprocess

    signal.signal(signal.SIGINT, lambda *_: None)
    child = subprocess.Popen([path, *sys.argv[1:]])
    while True:
        try:
            return child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue


def fail(status: int, text: str) -> int:
    """Say what is wrong; returns the status."""
    sys.stderr.write(f"tfwrap: {text}\n")
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    status = main()
    os._exit(status - (1 << 32) if status >= 1 << 31 else status)  # tearing an interpreter down takes time
