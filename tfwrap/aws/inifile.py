"""The text of a shared AWS file: sections, keys and values, as each of the two AWS SDKs for Go parses it.

The Go SDKs forgive what botocore refuses, and the other way round: they merge duplicate sections, take `:` for `=`,
strip double quotes around a value and a comment behind one, and find nothing at all behind a byte order mark. The
second SDK (aws-sdk-go-v2 internal/ini) is more forgiving than the first (aws-sdk-go internal/ini): only it strips
single quotes and no-break spaces, takes keys in upper case, and knows `[profile<TAB>NAME]`; only the first one takes
a section for one that has something behind it. tests/real/test_aws_files.py asks real Terraforms of both.
"""

from __future__ import annotations

FIRST_SDK = 1
SECOND_SDK = 2

Sections = dict[str, dict[str, str]]

_QUOTES = {FIRST_SDK: '"', SECOND_SDK: "'\""}


def parse(text: str, sdk: int = SECOND_SDK) -> Sections:
    """The sections of a shared file: section name → key → value. The second SDK's keys are in lower case."""
    sections: Sections = {}
    current: dict[str, str] | None = None
    key = ""
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        if not line.strip() or line.lstrip(" \t")[0] in "#;":
            continue
        name = section_name(line, sdk)
        if name is not None:
            current, key = sections.setdefault(name, {}), ""
        elif current is not None:
            take = _take_indented if line[0] in " \t" else _take
            key = take(current, line, key, sdk)
    return sections


def section_name(line: str, sdk: int) -> str | None:
    """`[NAME]` or `[KIND NAME]`, indented or not, a comment behind it; quotes belong to the name."""
    text = line.partition("#")[0].partition(";")[0].strip()
    if sdk == FIRST_SDK:
        inside, bracket, _ = text.removeprefix("[").partition("]")
        return inside.strip(" ") if text.startswith("[") and bracket else None
    if not (text.startswith("[") and text.endswith("]")):
        return None
    kind, _, name = text[1:-1].strip().replace("\t", " ").partition(" ")
    return f"{kind} {name.strip()}" if name else kind


def _take(settings: dict[str, str], line: str, last: str, sdk: int) -> str:
    """Enter a setting. Returns the key that an indented line behind this one belongs to."""
    pair = _pair(_without_comment(line), sdk)
    if pair is None:
        return last
    settings[pair[0]] = _unquoted(pair[1], sdk)
    return pair[0]


def _take_indented(settings: dict[str, str], line: str, last: str, sdk: int) -> str:
    """An indented line is a setting as well, unless the one before it has no value: then it is nested in that.

    The `endpoint_url` in `sts` becomes `sts.endpoint_url`: no other setting has such a name. Here the second SDK takes
    quotes off before it does the comment, and what is no setting continues the value before.
    """
    text = line.lstrip(" \t")
    pair = _pair(text, sdk)
    if pair is None:
        if settings.get(last):
            settings[last] += f"\n{text}"
        return last
    if last and not settings.get(last):
        settings.setdefault(f"{last}.{pair[0]}", pair[1])
        return last
    if sdk == FIRST_SDK:
        return _take(settings, text, last, sdk)
    settings[pair[0]] = _without_comment(_unquoted(pair[1], sdk)).strip()
    return pair[0]


def _pair(text: str, sdk: int) -> tuple[str, str] | None:
    """Key and value, divided by the first `=` or `:`."""
    equals, colon = text.find("="), text.find(":")
    if equals < 0 and colon < 0:
        return None
    place = min(position for position in (equals, colon) if position >= 0)
    key, value = text[:place].strip(), text[place + 1 :].lstrip()
    # The first SDK keeps a no-break space at the end, and the case of a key.
    return (key, value.rstrip(" \t\r")) if sdk == FIRST_SDK else (key.lower(), value.rstrip())


def _without_comment(text: str) -> str:
    for mark in (" #", " ;", "\t#", "\t;"):
        text = text.partition(mark)[0]
    return text


def _unquoted(text: str, sdk: int) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES[sdk]
    return text[1:-1] if is_quoted else text
