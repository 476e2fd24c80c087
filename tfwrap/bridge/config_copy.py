"""A shared config file in which some profiles are a `credential_process`; every other line stays as it is."""

from __future__ import annotations

from tfwrap.aws import inifile
from tfwrap.preflight.bridgeable import MAKERS
from tfwrap.recovery.refresh.outcome import NotRefreshed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def rewritten(content: bytes, commands: Mapping[str, str]) -> bytes:
    """The file with each of these profiles (name → command) a `credential_process`, where it has the profile.

    A profile can have two sections, `[x]` and `[profile x]`: the first SDK takes the one, the second SDK the other
    (inifile.py). The line goes right behind the header: a second section of one name is an error to botocore, which
    a program that Terraform starts may read the same file with. Raises NotRefreshed for a section that is one to the
    first SDK only, since the second one would take its lines for the section's before.
    """
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    owned = {section: command for name, command in commands.items() for section in (name, f"profile {name}")}
    return "\n".join(_lines(lines, owned)).encode("utf-8", "surrogateescape")


def _lines(lines: Sequence[str], owned: Mapping[str, str]) -> Iterator[str]:
    command, is_behind_a_maker = "", False
    for number, line in enumerate(lines):
        if _says_nothing(line):
            yield line
        elif names := _names(line):
            command, is_behind_a_maker = _command(names, owned), False
            yield line
            if command:
                end = "\r" if line.endswith("\r") else ""
                yield f"{_indent(lines[number + 1 :])}credential_process = {command}{end}"
        else:
            is_behind_a_maker = bool(command) and (_is_maker(line) or (is_behind_a_maker and _goes_on(line)))
            if not is_behind_a_maker:
                yield line


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip(" \t")[0] in "#;"


def _names(line: str) -> tuple[str, str | None] | None:
    """The section that begins here, as each of the two SDKs reads it; the first one sees all that the second does."""
    text = line.removesuffix("\r")
    first = inifile.section_name(text, inifile.FIRST_SDK)
    return None if first is None else (first, inifile.section_name(text, inifile.SECOND_SDK))


def _command(names: tuple[str, str | None], owned: Mapping[str, str]) -> str:
    found = next((owned[name] for name in names if name and name in owned), "")
    if found and names[1] is None:
        raise NotRefreshed(f"something stands behind the section [{names[0]}] in its line")
    return found


def _indent(lines: Sequence[str]) -> str:
    """How the settings of a section are indented: to botocore a line that is indented more goes on with the last."""
    line = next((line for line in lines if not _says_nothing(line)), "")
    return "" if _names(line) else line[: len(line) - len(line.lstrip(" \t"))]


def _is_maker(line: str) -> bool:
    key = line.replace(":", "=").partition("=")[0].strip().lower()
    return key in MAKERS and ("=" in line or ":" in line)


def _goes_on(line: str) -> bool:
    """An indented line without a setting belongs to the value before."""
    return line[:1] in (" ", "\t") and "=" not in line and ":" not in line
