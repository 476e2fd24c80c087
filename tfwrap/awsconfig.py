"""The shared AWS files, read as Terraform's Go SDK reads them.

The Go SDK forgives what botocore refuses, and the other way round: it strips quotes around a value and a comment
behind one, takes `:` for `=`, merges duplicate sections, ignores `aws_security_token`, and finds nothing at all behind
a byte order mark. The rules are those of aws-sdk-go-v2 (internal/ini, config/shared_config.go), which Terraform has
since 1.6; tests/real/test_awsconfig.py holds them to the real one.
"""

from __future__ import annotations

import errno
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
    def is_partial(self) -> bool:
        """Whether one half of a key pair is there without the other, at which Terraform gives up (since 1.6)."""
        return ("aws_access_key_id" in self.settings) != ("aws_secret_access_key" in self.settings)

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


def read(environ: Mapping[str, str], directory: str = "") -> AwsFiles:
    """Read the two files that the environment names. Never raises for what they hold.

    `directory` is where Terraform works; relative paths start from there.
    """
    home = environ.get("HOME") or os.path.expanduser("~")
    config, credentials = paths(environ, directory)
    problems: list[str] = []
    profiles: dict[str, Profile] = {}
    for path, chosen in ((config, _config_profiles), (credentials, _credentials_profiles)):
        for name, settings in chosen(_sections(path, problems)).items():
            profiles[name] = _merged(profiles.get(name), name, settings, place(path, home=home))
    return AwsFiles(place(credentials, home=home), place(config, home=home), profiles, tuple(problems))


def paths(environ: Mapping[str, str], directory: str = "") -> list[str]:
    """The files that `read` looks at."""
    home = environ.get("HOME") or os.path.expanduser("~")
    return [os.path.join(directory, path(environ, home)) for path in (_config_path, _credentials_path)]


def _credentials_path(environ: Mapping[str, str], home: str) -> str:
    named = environ.get("AWS_SHARED_CREDENTIALS_FILE")
    return _expanded(named, environ, home) if named else os.path.join(home, ".aws", "credentials")


def _config_path(environ: Mapping[str, str], home: str) -> str:
    """AWS_SHARED_CONFIG_FILE is the backend's own and goes first; AWS_CONFIG_FILE is the SDK's (tried with 1.11.4)."""
    own = environ.get("AWS_SHARED_CONFIG_FILE")
    if own:
        return _expanded(own, environ, home)
    return environ.get("AWS_CONFIG_FILE") or os.path.join(home, ".aws", "config")


def _expanded(path: str, environ: Mapping[str, str], home: str) -> str:
    """What the backend reads itself may hold `~` and `$NAME`; what the SDK reads may not (tried with 1.11.4)."""
    if "$" in path:
        import re

        path = re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: environ.get(found[1] or found[2], ""), path)
    return home + path[1:] if path == "~" or path.startswith("~" + os.sep) else path


def _merged(known: Profile | None, name: str, settings: dict[str, str], path: str) -> Profile:
    """Settings of the later file win. Both halves of a key pair stand in one file: they replace a pair together."""
    old = dict(known.settings) if known else {}
    places = dict(known.locations) if known else {}
    if "aws_access_key_id" in settings or "aws_secret_access_key" in settings:
        for key in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
            old.pop(key, None)
    return Profile(name, {**old, **settings}, {**places, **dict.fromkeys(settings, path)})


def _credentials_profiles(sections: _Sections) -> _Sections:
    """In the credentials file a profile is `[NAME]`, and `[profile NAME]` is none."""
    return {name: settings for name, settings in sections.items() if not name.startswith("profile ")}


def _config_profiles(sections: _Sections) -> _Sections:
    """In the config file a profile is `[profile NAME]` or `[default]`, and `[profile default]` beats `[default]`."""
    found: _Sections = {}
    for section, settings in sections.items():
        kind, _, name = section.partition(" ")
        if section == "default":
            found.setdefault("default", settings)
        elif kind == "profile" and name:
            found[name] = settings
    return found


def _sections(path: str, problems: list[str]) -> _Sections:
    try:
        content = _content(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        problems.append(f"{path}: {(error.strerror or str(error)).lower()}")
        return {}
    return parse(content.decode("utf-8", "replace"))


def _content(path: str) -> bytes:
    """The bytes of a regular file. What comes through a pipe (`<(vault read ...)`) comes once: it is Terraform's."""
    if not os.path.isfile(path) and os.path.exists(path):
        raise OSError(errno.EINVAL, "is not a regular file")
    with open(path, "rb", buffering=0) as file:
        return file.read(LARGEST)


def parse(text: str) -> _Sections:
    """The sections of a shared file: section name → key in lower case → value."""
    sections: _Sections = {}
    current: dict[str, str] | None = None
    key = ""
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        if not line.strip() or line.lstrip(" \t")[0] in "#;":
            continue
        name = _section_name(line)
        if name is not None:
            current, key = sections.setdefault(name, {}), ""
        elif current is not None:
            key = _take_indented(current, line, key) if line[0] in " \t" else _take(current, line, key)
    return sections


def _section_name(line: str) -> str | None:
    """`[NAME]` or `[KIND NAME]`, indented or not, a comment behind it; quotes belong to the name."""
    text = line.partition("#")[0].partition(";")[0].strip()
    if not (text.startswith("[") and text.endswith("]")):
        return None
    kind, _, name = text[1:-1].strip().replace("\t", " ").partition(" ")
    return f"{kind} {name.strip()}" if name else kind


def _take(settings: dict[str, str], line: str, last: str) -> str:
    """Enter a setting. Returns the key that an indented line behind this one belongs to."""
    pair = _pair(_without_comment(line))
    if pair is None:
        return last
    settings[pair[0]] = _unquoted(pair[1])
    return pair[0]


def _take_indented(settings: dict[str, str], line: str, last: str) -> str:
    """An indented line is a setting as well, unless the one before it has no value: then it is nested and not for us.

    Here quotes go before the comment does, and a line that is no setting continues the value before it.
    """
    text = line.lstrip(" \t")
    pair = _pair(text)
    if pair is None:
        if settings.get(last):
            settings[last] += f"\n{text}"
        return last
    if last and not settings.get(last):
        return last
    settings[pair[0]] = _without_comment(_unquoted(pair[1])).strip()
    return pair[0]


def _pair(text: str) -> tuple[str, str] | None:
    """Key and value, divided by the first `=` or `:`."""
    equals, colon = text.find("="), text.find(":")
    if equals < 0 and colon < 0:
        return None
    place = min(position for position in (equals, colon) if position >= 0)
    return text[:place].strip().lower(), text[place + 1 :].strip()


def _without_comment(text: str) -> str:
    for mark in (" #", " ;", "\t#", "\t;"):
        text = text.partition(mark)[0]
    return text


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text
