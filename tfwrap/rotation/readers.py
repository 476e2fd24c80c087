"""What each reader of a file with a key in it takes for the key: variables by name, or settings of a section.

Each returns what it finds, and raises RefusedError for a file that it does not take. The rules are those of the
programs themselves; tests/unit/rotation/test_readers.py holds these functions to them.
"""

from __future__ import annotations

import re

from tfwrap.aws import inifile
from tfwrap.rotation import shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Found = Mapping[str, str]

_MARK = "\ufeff"


class RefusedError(ValueError):
    """The reader does not take the file; the message says why, with a line where one is to blame."""


def by_shell(text: str) -> Found:
    """`. ./FILE`: the mark of a file's encoding is a part of the first word there, and CR one of the last."""
    try:
        found = shell.variables(text)
    except shell.UnclearError as error:
        raise RefusedError(str(error)) from None
    return {name: value for name, value in found.items() if value is not None}


# python-dotenv's parser.py. Node's dotenv and docker compose differ only in what is no part of a key.
_DOTENV_LINE = re.compile(
    r"""[^\S\r\n]*(?:export[^\S\r\n]+)?(?:'(?P<quoted>[^']+)'|(?P<name>(?!')[^=\#\s]+))[^\S\r\n]*=(?P<gap>[^\S\r\n]*)
    (?:'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<plain>(?!['"])[^\r\n]*))
    (?:[^\S\r\n]*\#[^\r\n]*)?[^\S\r\n]*(?P<garbage>[^\r\n]*)(?:\r\n|\n|\r|\Z)
    |[^\r\n]*(?:\r\n|\n|\r|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


def by_dotenv(text: str) -> Found:
    """python-dotenv: quotes come off, a comment behind a blank as well; what it does not understand it passes over."""
    lines = (line for line in _DOTENV_LINE.finditer(text.removeprefix(_MARK)) if line["quoted"] or line["name"])
    found = {line["quoted"] or line["name"]: _dotenv_value(line) for line in lines if not line["garbage"]}
    return {name: value for name, value in found.items() if "${" not in value}


def _dotenv_value(line: re.Match[str]) -> str:
    if line["single"] is not None:
        return re.sub(r"\\([\\'])", r"\1", line["single"])
    if line["double"] is not None:
        return re.sub(r"\\([\\'\"abfnrtv])", lambda found: _ESCAPES.get(found[1], found[1]), line["double"])
    if line["gap"] and line["plain"].startswith("#"):
        return ""
    return re.sub(r"\s+#.*", "", line["plain"]).rstrip()


def by_docker(text: str) -> Found:
    """`docker run --env-file` (docker/cli, pkg/kvfile): a line is taken as it is, quotes and blanks included."""
    found: dict[str, str] = {}
    for number, raw in _lines(text.removeprefix(_MARK)):
        line = raw.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name or " " in name or "\t" in name:
            raise RefusedError(f"line {number}: it takes no blank in front of the =")
        found |= {name: value} if equals else {}
    return found


def by_github(text: str) -> Found:
    """`cat FILE >> "$GITHUB_ENV"` on Linux (actions/runner, FileCommandManager.cs): NAME=VALUE, as it is."""
    found: dict[str, str] = {}
    for number, line in _lines(text.removeprefix(_MARK)):
        name, equals, value = line.partition("=")
        if line and not equals:
            raise RefusedError(f"line {number}: the runner wants NAME=VALUE and fails the step")
        found[name] = value
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.split("\n"), 1)


def by_go(text: str, section: str) -> Found:
    """Terraform since 1.6 and the AWS provider since 4.0."""
    return inifile.parse(text).get(section, {})


def by_botocore(text: str, section: str) -> Found:
    """The AWS CLI and boto3 (botocore's configloader): quotes and comments are a part of the value."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise RefusedError(f"{where}it stops at what it does not understand ({type(error).__name__})") from None
    return dict(parser[section]) if parser.has_section(section) else {}
