"""The shared AWS files, read as Terraform's Go SDK reads them.

The Go SDK forgives what botocore refuses, and the other way round: it strips quotes around a value and a comment
behind one, merges duplicate sections, ignores `aws_security_token`, and finds nothing at all behind a byte order
mark (tried with Terraform 1.11.4).
"""

from __future__ import annotations

import os

from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 4 << 20


class Profile(NamedTuple):
    """A profile of the shared files: its settings, and for each the file it stands in."""

    name: str
    settings: Mapping[str, str]
    locations: Mapping[str, str]

    def get(self, key: str) -> str:
        """A setting, empty where it is absent."""
        return self.settings.get(key, "")

    @property
    def secret_key(self) -> Secret | None:
        """The static secret key."""
        value = self.get("aws_secret_access_key")
        return Secret(value) if value else None

    @property
    def token(self) -> Secret | None:
        """The static session token."""
        value = self.get("aws_session_token")
        return Secret(value) if value else None


class AwsFiles(NamedTuple):
    """The shared credentials and config file, merged. Their paths are for people; `problems` could not be read."""

    credentials_path: str
    config_path: str
    profiles: Mapping[str, Profile]
    problems: tuple[str, ...] = ()


_Sections = dict[str, dict[str, str]]


def read(environ: Mapping[str, str]) -> AwsFiles:
    """Read the two files that the environment names. Never raises for what they hold."""
    home = environ.get("HOME") or os.path.expanduser("~")
    aws = os.path.join(home, ".aws")
    credentials = environ.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.join(aws, "credentials")
    config = environ.get("AWS_CONFIG_FILE") or environ.get("AWS_SHARED_CONFIG_FILE") or os.path.join(aws, "config")
    problems: list[str] = []
    profiles: dict[str, Profile] = {}
    for path, sections in ((config, _config_profiles), (credentials, lambda found: found)):
        for name, settings in sections(_sections(path, problems)).items():
            profiles[name] = _merged(profiles.get(name), name, settings, place(path, home=home))
    return AwsFiles(place(credentials, home=home), place(config, home=home), profiles, tuple(problems))


def _merged(known: Profile | None, name: str, settings: dict[str, str], path: str) -> Profile:
    """Settings of the later file win. Of a key pair both halves must stand in one file, so a pair replaces a pair."""
    old = dict(known.settings) if known else {}
    places = dict(known.locations) if known else {}
    if "aws_access_key_id" in settings and "aws_secret_access_key" in settings:
        for key in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
            old.pop(key, None)
    return Profile(name, {**old, **settings}, {**places, **dict.fromkeys(settings, path)})


def _config_profiles(sections: _Sections) -> _Sections:
    """In the config file a profile is `[profile NAME]` or `[default]`, and `[profile default]` beats `[default]`."""
    found: _Sections = {}
    for section, settings in sections.items():
        kind, _, name = section.partition(" ")
        if section == "default":
            found.setdefault("default", settings)
        elif kind == "profile" and name.strip():
            found[name.strip()] = settings
    return found


def _sections(path: str, problems: list[str]) -> _Sections:
    try:
        with open(path, "rb", buffering=0) as file:
            content = file.read(LARGEST)
    except FileNotFoundError:
        return {}
    except OSError as error:
        problems.append(f"{path}: {(error.strerror or str(error)).lower()}")
        return {}
    return parse(content.decode("utf-8", "replace"))


def parse(text: str) -> _Sections:
    """The sections of a shared file: section name → key in lower case → value."""
    sections: _Sections = {}
    current: dict[str, str] | None = None
    last_value = "-"
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if raw[0] == "[":
            current = sections.setdefault(_section_name(line), {})
            continue
        key, equals, value = line.partition("=")
        is_nested = raw[0] in " \t" and not last_value
        if current is None or not equals or is_nested:
            continue
        last_value = _value(value)
        current[key.strip().lower()] = last_value
    return sections


def _section_name(line: str) -> str:
    inner = line[1:].partition("]")[0].strip()
    kind, _, name = inner.partition(" ")
    return f"{kind} {_unquoted(name.strip())}" if name else inner


def _value(text: str) -> str:
    for mark in (" #", " ;", "\t#", "\t;"):
        text = text.partition(mark)[0]
    return _unquoted(text.strip())


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text
