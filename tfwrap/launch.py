"""What a shim starts: `python -I -S launch.py terraform plan …`, with nothing on the path but tfwrap's own packages."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import NoReturn
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums


def take_interrupts_as_they_are() -> None:
    """A Ctrl-C before Terraform runs ends us as it would end Terraform, and not with a traceback.

    The bash shim starts Python with SIGINT blocked where it can: Python's own start drops an interrupt now and then.
    What another shim lets through is an exception here; one that Python has noted and not raised yet would be dropped
    when its handler goes ("ignored due to race condition"). Changing the mask raises it.
    """
    has_come = False
    try:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    except KeyboardInterrupt:
        has_come = True
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if has_come:
        signal.raise_signal(signal.SIGINT)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


# Before anything else is loaded: the import system, too, swallows an interrupt now and then.
if __name__ == "__main__":
    take_interrupts_as_they_are()

import gc  # noqa: E402 - as said
import os  # noqa: E402

gc.set_threshold(20_000)  # what is imported is no garbage, and to look for some takes half a millisecond
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def step_aside(error: Exception) -> NoReturn:
    """tfwrap cannot be loaded: have the shim run the real binary, or refuse in strict mode (exit 125)."""
    strict = os.environ.get("TFWRAP_STRICT", "").lower() not in ("", "0", "false", "no", "off")
    consequence = "Terraform was not started" if strict else "Terraform runs without any checks"
    text = f"tfwrap: tfwrap cannot be loaded ({error}): run its install.sh again; {consequence}\n"
    sys.stderr.write(text)
    sys.stderr.flush()
    if not strict and not os.environ.get("TFWRAP_DISABLE"):
        os.execvpe(sys.argv[1], sys.argv[1:], {**os.environ, "TFWRAP_DISABLE": "1"})  # noqa: S606 - the shim again
    os._exit(125)


if __name__ == "__main__":
    try:
        from tfwrap.main import main
    except Exception as error:  # noqa: BLE001 - an installation that is broken, or being replaced this moment
        step_aside(error)
    os._exit(main(sys.argv[1], sys.argv[2:]))  # nothing is buffered, and tearing an interpreter down takes 3 ms
