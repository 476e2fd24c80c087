"""A key in lines of text: variables, as shells and docker read them, and the sections of a shared AWS file."""

from __future__ import annotations

import re

from tfwrap.aws import inifile, keyshape
from tfwrap.origin import Secret
from tfwrap.rotation import readers
from tfwrap.rotation.candidate import ENV, KEY_ID, SECRET, SHAPES, SHARED, TOKEN, Candidate, Part, make
from tfwrap.rotation.material import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tfwrap.rotation.material import Material

# The names that AWS's libraries know, and those that only Terraform reads.
_VARIABLES = {
    KEY_ID: ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"),
    SECRET: ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"),
    TOKEN: ("AWS_SESSION_TOKEN",),
}
_SETTINGS = {KEY_ID: "aws_access_key_id", SECRET: "aws_secret_access_key", TOKEN: "aws_session_token"}
_DEFAULT = "default"


def of_variables(material: Material) -> Candidate:
    """The key in `NAME=VALUE` lines. Raises Unfit, also for a shared file without a section."""
    text = material.text.reveal()
    parts = {part: found for part, names in _VARIABLES.items() if (found := _variable(text, part, names))}
    if not parts and (line := _line_of(text, *_SETTINGS.values())):
        raise Unfit(f"{material.at(line)}: a setting above which no [profile] stands: AWS's libraries pass it over")
    return make(ENV, material, parts)


def _variable(text: str, part: str, names: tuple[str, ...]) -> Part | None:
    name = next((name for name in names if _line_of(text, name)), "")
    return Part(Secret(_meant(text, part, name)), name, _line_of(text, name)) if name else None


def _meant(text: str, part: str, name: str) -> str:
    """The value that was meant: what some reader finds that is well formed, else what stands behind the name."""
    for value in _read(text, name):
        if SHAPES[part].is_sound(value):
            return value
    raw = re.findall(rf"(?m)\b{name}'?[ \t]*=[ \t]*([^\n]*)", text)[-1]
    return keyshape.bare(raw)


def _read(text: str, name: str) -> Iterator[str]:
    known: tuple[Callable[[str], Mapping[str, str]], ...] = (
        readers.by_shell,
        readers.by_dotenv,
        readers.by_docker,
        readers.by_github,
    )
    for reader in known:
        try:
            yield reader(text).get(name, "")
        except readers.RefusedError:
            continue


def _line_of(text: str, *names: str) -> int:
    """The last line that sets one of these, 0 for none: the last one counts in every reader."""
    pattern = re.compile(rf"(?:^|[\s;&'])(?:{'|'.join(names)})'?[ \t]*=")
    found = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if pattern.search(line) and not line.lstrip().startswith("#")
    ]
    return found[-1] if found else 0


# Shared files


def of_shared_file(material: Material) -> Candidate:
    """The key of a profile. Raises Unfit where it is not there, or nobody says which one is meant."""
    text = material.text.reveal()
    sections = inifile.parse(text)
    section = _section(material, sections)
    settings = sections[section]
    parts = {part: _setting(text, section, settings, name) for part, name in _SETTINGS.items()}
    if not any(part.value.reveal() for part in parts.values()):
        raise Unfit(f"{material.at(_section_line(text, section))}: [{section}] holds no key")
    return make(SHARED, material, parts, section)


def _section(material: Material, sections: Mapping[str, Mapping[str, str]]) -> str:
    wanted = material.section or _DEFAULT
    named = [name for name in (wanted, f"profile {wanted}") if name in sections]
    if named:
        return next((name for name in named if _SETTINGS[SECRET] in sections[name]), named[0])
    with_keys = [name.removeprefix("profile ") for name, own in sections.items() if _SETTINGS[SECRET] in own]
    rest = f": it has {', '.join(with_keys)} (FILE:PROFILE names one)" if with_keys else " and no other with a key"
    raise Unfit(f"{material.place} has no profile [{wanted}]{rest}")


def _setting(text: str, section: str, settings: Mapping[str, str], name: str) -> Part:
    """A setting as Terraform reads it, without what people leave around it."""
    return Part(Secret(settings.get(name, "")), name, _line_within(text, section, name))


def _section_line(text: str, section: str) -> int:
    names = (inifile.section_name(line.rstrip("\r"), inifile.SECOND_SDK) for line in text.split("\n"))
    return next((number for number, name in enumerate(names, 1) if name == section), 0)


def _line_within(text: str, section: str, name: str) -> int:
    """The line of a section that sets a name, the last one, 0 for none."""
    current, found = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        named = inifile.section_name(line.rstrip("\r"), inifile.SECOND_SDK)
        current = current if named is None else named
        if current == section and re.match(rf"(?i)\s*{name}\s*[=:]", line):
            found = number
    return found
