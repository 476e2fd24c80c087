"""tfwrap's own faults: one line for the user, and a redacted traceback to paste into a report."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.output import Output


def report(error: BaseException, environ: Mapping[str, str], output: Output) -> None:
    """Say in one line that tfwrap itself failed, and where the traceback lies. Never raises."""
    try:
        where = f"; details: {_store(error, environ)}"
    except Exception:  # noqa: BLE001 - no state directory, a full disk: the line alone then
        where = ""
    output.say(f"tfwrap itself failed ({type(error).__name__}){where}", style="warning")


def _store(error: BaseException, environ: Mapping[str, str]) -> str:
    import platform
    import traceback

    from tfwrap import state
    from tfwrap.redaction import redaction

    redactor = redaction.make(environ, None, None, ())
    head = f"# tfwrap fault report\n\nPython {platform.python_version()} on {platform.platform()}\n\n"
    text = redactor.text("".join(traceback.format_exception(error)))
    path = os.path.join(state.directory("faults"), "last.md")
    state.write(path, f"{head}```\n{text}```\n".encode("utf-8", "backslashreplace"))
    return path
