"""The forms in which Terraform writes a diagnostic: boxed, plain, and as JSON."""

from __future__ import annotations

import json
import textwrap


def wrapped(detail: str) -> str:
    """A detail as Terraform breaks it: at 78 columns, but not in lines that begin with a space."""
    lines = (line if line.startswith(" ") else textwrap.fill(line, 78) for line in detail.split("\n"))
    return "\n".join(lines)


def plain(summary: str, place: str = "", detail: str = "", kind: str = "Error") -> str:
    """A diagnostic under -no-color."""
    parts = [f"{kind}: {summary}", place, wrapped(detail)]
    return "\n" + "\n\n".join(part for part in parts if part) + "\n\n"


def boxed(summary: str, place: str = "", detail: str = "", kind: str = "Error") -> str:
    """The same in colour and in a box, as a pipe gets it too."""
    red, bold, off = "\x1b[31m", "\x1b[1m", "\x1b[0m"
    parts = [f"{bold}{red}{kind}: {off}{off}{bold}{summary}{off}", place, wrapped(detail)]
    text = "\n\n".join(part for part in parts if part)
    lines = "".join(f"{red}│{off} {off}{line}\n" for line in f"{text}\n".split("\n"))
    return f"{red}╷{off}{off}\n{lines}{red}╵{off}{off}\n"


def json_line(summary: str, detail: str = "", address: str = "", context: str = "", severity: str = "error") -> str:
    """A line of `-json`."""
    diagnostic: dict[str, object] = {"severity": severity, "summary": summary, "detail": detail}
    if address:
        diagnostic["address"] = address
    if context:
        diagnostic |= {"range": {"filename": "main.tf"}, "snippet": {"context": context, "code": "x {", "values": []}}
    level = {"@level": severity, "@message": f"Error: {summary}", "@module": "terraform.ui"}
    return json.dumps({**level, "diagnostic": diagnostic, "type": "diagnostic"}) + "\n"
