"""Environment variables as other tools read them back: POSIX shells, PowerShell, .env files, docker, GitHub Actions.

Each form gives back the very value or says that it cannot. A name that is no identifier is never written: in a shell
it would be a command.
"""

from __future__ import annotations

import re
import secrets

from tfwrap.errors import BadInput
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINE_BREAKS = "\n\r"
# bufio.MaxScanTokenSize, the longest line that docker's reader takes (docker/cli pkg/kvfile).
_DOCKERS_LONGEST_LINE = 64 * 1024
# Outside of quotes fish reads these two as POSIX shells do; inside, a backslash is a character only for the latter.
_POSIX = {"'": r"'\''", "\\": r"'\\'"}
# Each of these ends a single-quoted string, and two of them are one (PowerShell CharTraits.cs, IsSingleQuote).
_POWERSHELL = {quote: quote * 2 for quote in "'\u2018\u2019\u201a\u201b"}


class Form(NamedTuple):
    """A way to write variables: one set, one removed (empty where the form has no way), and what cannot be written."""

    assign: Callable[[str, str], str]
    remove: Callable[[str], str]
    why_not: Callable[[str, str], str]


def is_identifier(name: str) -> bool:
    """Whether a name may be written in every form."""
    return _IDENTIFIER.fullmatch(name) is not None


def lines(form: str, values: Mapping[str, str], removed: Iterable[str]) -> Iterator[str]:
    """The variables in a form of FORMS. Raises BadInput for a value that it cannot give back."""
    written = FORMS[form]
    for name, value in values.items():
        if reason := written.why_not(name, value):
            raise BadInput(f"{name} cannot be written for {form}: it {reason}")
        yield written.assign(name, value)
    yield from filter(None, map(written.remove, removed))


def mask_commands(values: Iterable[str]) -> list[str]:
    """GitHub's workflow commands that keep values out of the log: they are read from a step's output, not its file."""
    return [f"::add-mask::{command_data(value)}" for value in values]


def command_data(text: str) -> str:
    """A workflow command's message, as the runner undoes it (actions/runner ActionCommand.cs, UnescapeData)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A workflow command's property, as the runner undoes it (UnescapeProperty)."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def _translated(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)


def _shell(name: str, value: str) -> str:
    return f"export {name}='{_translated(value, _POSIX)}'"


def _powershell(name: str, value: str) -> str:
    return f"$env:{name} = '{_translated(value, _POWERSHELL)}'"


def _dotenv(name: str, value: str) -> str:
    quote = '"' if "'" in value else "'"
    return f"{name}={quote}{value}{quote}"


def _github(name: str, value: str) -> str:
    """A delimiter that nobody can foresee: a value that held it would set variables of its own."""
    delimiter = f"tfwrap_{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}"


def _anything(name: str, value: str) -> str:
    del name, value
    return ""


def _no_text(name: str, value: str) -> str:
    """Bytes that are no UTF-8 are in `os.environ` as surrogates; every reader but a shell wants text."""
    del name
    return "is not UTF-8" if any("\ud800" <= character <= "\udfff" for character in value) else ""


def _no_dotenv(name: str, value: str) -> str:
    """There is no standard: what python-dotenv, Node's dotenv and docker compose all read as the same."""
    hazards = (
        ("holds a carriage return, which readers of .env files turn into a line feed", "\r" in value),
        ("holds ${, which readers of .env files expand even in quotes", "${" in value),
        ("ends in a backslash or holds two in a row, which readers of .env files differ on", _has_escape(value)),
        ("holds a ' beside a \", $, ` or backslash, which readers of .env files differ on", _has_both(value)),
    )
    return _no_text(name, value) or next((reason for reason, applies in hazards if applies), "")


def _has_both(value: str) -> bool:
    return "'" in value and any(character in value for character in '"$`\\')


def _has_escape(value: str) -> bool:
    return "\\\\" in value or value.endswith("\\")


def _no_docker(name: str, value: str) -> str:
    """A line is taken as it is, but for a pair of quotes around the value, which some versions take off."""
    if any(character in value for character in _LINE_BREAKS):
        return "holds a line break, and docker's --env-file has no way to write one"
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return "stands in quotes, which some versions of docker take off and others do not"
    if len(f"{name}={value}".encode("utf-8", "replace")) >= _DOCKERS_LONGEST_LINE:
        return "is longer than a line that docker reads"
    return _no_text(name, value)


def _nothing(name: str) -> str:
    del name
    return ""


FORMS: Mapping[str, Form] = {
    "shell": Form(_shell, "unset {}".format, _anything),
    "powershell": Form(_powershell, "Remove-Item Env:{} -ErrorAction SilentlyContinue".format, _no_text),
    "dotenv": Form(_dotenv, _nothing, _no_dotenv),
    "docker": Form("{}={}".format, _nothing, _no_docker),
    # There is no way to remove a variable from the steps that follow; AWS's libraries take an empty one for none.
    "github": Form(_github, lambda name: _github(name, ""), _no_text),
}
