"""What Terraform's Go SDK and botocore read differently in a shared AWS file, with the line where it stands.

botocore reads with Python's RawConfigParser: it keeps quotes and what looks like a comment behind a value, takes a
deeper indented line for a part of the one above, and gives up at a duplicate section or a byte order mark. The Go
SDK forgives all that but the mark. tests/unit/preflight/checks/test_oddities.py holds this to both readers.
"""

from __future__ import annotations

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = (" #", " ;", "\t#", "\t;")
# Byte order marks, and what they stand for; with any of them the first section is lost to Terraform.
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF16_SIGN = "\0"


class Oddity(NamedTuple):
    """A line that is read in two ways. `profile` is whose it is, empty for the whole file."""

    line: int
    profile: str
    words: str
    fix: str
    loses_terraform: bool = False


def decoded(content: bytes) -> str:
    """A file's text; one in UTF-16 is told by the NUL in it, which it has for whoever reads bytes."""
    if content.startswith(_UTF16):
        return UTF16_SIGN
    return content.decode("utf-8", "replace")


def find(text: str, *, is_config: bool) -> tuple[Oddity, ...]:
    """Everything that is odd in a file, in the order of its lines."""
    if UTF16_SIGN in text:
        return (Oddity(1, "", _UTF16_WORDS, "save the file as UTF-8 without a byte order mark", loses_terraform=True),)
    return tuple(_Reader(is_config).read(text))


class _Reader:
    """Goes through a file as RawConfigParser does, which has to know how deep the line above was indented."""

    def __init__(self, is_config: bool) -> None:
        self.is_config = is_config
        self.profile = ""
        self.sections: set[str] = set()
        self.depth = 0
        self.last = ""

    def read(self, text: str) -> Iterator[Oddity]:
        for number, raw in enumerate(text.split("\n"), 1):
            line = raw.rstrip()
            if not line.strip() or line.lstrip()[0] in "#;":
                continue
            yield from self._line(number, line)

    def _line(self, number: int, line: str) -> Iterator[Oddity]:
        inner = line.lstrip()
        if number == 1 and inner.startswith("\ufeff"):
            self.profile = _name(inner[1:], is_config=self.is_config)
            yield Oddity(
                1, self.profile, _BOM_WORDS, "save the file as UTF-8 without a byte order mark", loses_terraform=True
            )
        elif inner.startswith("[") and "]" in inner:
            yield from self._section(number, line)
        else:
            yield from self._setting(number, line)

    def _section(self, number: int, line: str) -> Iterator[Oddity]:
        inner = line.lstrip()
        head, _, behind = inner.rpartition("]")
        header, self.profile = head[1:].strip(), _name(inner, is_config=self.is_config)
        self.depth, self.last = len(line) - len(inner), ""
        if behind.strip() and behind.strip()[0] not in "#;":
            fix = "let nothing stand behind the ] of a section"
            yield Oddity(number, self.profile, _BEHIND_WORDS, fix, loses_terraform=True)
        elif header in self.sections:
            yield Oddity(number, self.profile, _TWICE_WORDS, "make one section of the two")
        if self.is_config and header.startswith(('profile "', "profile '")):
            yield Oddity(
                number, self.profile, _NAME_WORDS, "write the profile's name without quotes", loses_terraform=True
            )
        self.sections.add(header)

    def _setting(self, number: int, line: str) -> Iterator[Oddity]:
        inner = line.lstrip()
        depth = len(line) - len(inner)
        key, value = _pair(inner)
        if not self.sections and not self.profile:
            if key.lower().startswith("aws_"):
                yield Oddity(number, "", _HEADLESS_WORDS, "put [default] above it", loses_terraform=True)
            return
        if depth > self.depth and self.last:
            if key and self.last != _NESTED:
                yield Oddity(number, self.profile, _INDENTED_WORDS, "let every setting begin at the margin")
            return
        self.depth, self.last = depth, (key if value else _NESTED)
        yield from self._value(number, key, value)

    def _value(self, number: int, key: str, value: str) -> Iterator[Oddity]:
        if key.lower().startswith("export aws_"):
            fix = "write aws_access_key_id = ... and aws_secret_access_key = ..., as in a settings file"
            yield Oddity(number, self.profile, _EXPORT_WORDS, fix, loses_terraform=True)
        elif any(mark in value for mark in _MARKS):
            yield Oddity(number, self.profile, _COMMENT_WORDS, "put the comment on a line of its own")
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            yield Oddity(number, self.profile, _QUOTES_WORDS, "write the value without the quotes")


_NESTED = "\0"
_BOM_WORDS = "a byte order mark: Terraform does not see the first section, boto3 refuses the file"
_UTF16_WORDS = "the file is in UTF-16: Terraform sees nothing in it, boto3 refuses it"
_BEHIND_WORDS = "text behind a section's name: Terraform takes it for no section, boto3 for one"
_TWICE_WORDS = "a section for the second time: Terraform merges the two, boto3 and the AWS CLI refuse the file"
_NAME_WORDS = "quotes around a profile's name: to Terraform they are part of it, to boto3 not"
_HEADLESS_WORDS = "a setting before any section: Terraform does not see it, boto3 refuses the file"
_INDENTED_WORDS = "an indented setting: to Terraform it is one, to boto3 and the AWS CLI a part of the line above"
_EXPORT_WORDS = "`export` before a setting, as in a shell: Terraform and boto3 do not see it"
_COMMENT_WORDS = "a comment behind a value: Terraform drops it, to boto3 and the AWS CLI it is part of the value"
_QUOTES_WORDS = "quotes around a value: Terraform drops them, boto3 and the AWS CLI do not"


def _name(header: str, *, is_config: bool) -> str:
    """The profile of a section, by its line."""
    inside = header[1:].rpartition("]")[0].strip()
    return inside.removeprefix("profile ").strip().strip("\"'") if is_config else inside


def _pair(text: str) -> tuple[str, str]:
    """Key and value, divided by the first `=` or `:`; no key where there is neither."""
    places = [place for place in (text.find("="), text.find(":")) if place >= 0]
    if not places:
        return "", ""
    return text[: min(places)].strip(), text[min(places) + 1 :].strip()
