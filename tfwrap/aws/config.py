"""The shared AWS files, read and merged: the profiles that the Go SDKs see in them.

The rules are those of aws-sdk-go-v2 (config/shared_config.go), which Terraform has since 1.6 and the AWS provider
since 4.0, and of aws-sdk-go (aws/session/shared_config.go, aws/credentials/shared_credentials_provider.go) before
that. tests/real/test_aws_files.py and tests/real/test_differential.py hold them to the real ones.
"""

from __future__ import annotations

import errno
import os

from tfwrap.aws import inifile
from tfwrap.aws.places import Places, backend_places, files_at, home_of, provider_places
from tfwrap.aws.views import PAIR, SECOND_SDK, SERVICES, SSO_SESSION, VIEWS, of_kind
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tfwrap.aws.inifile import Sections

__all__ = [
    "LARGEST",
    "AwsFiles",
    "Places",
    "Profile",
    "backend_places",
    "files_at",
    "home_of",
    "paths",
    "provider_places",
    "read",
    "reader",
]

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
    def has_keys(self) -> bool:
        """Whether both halves of a key pair are there."""
        return bool(self.get("aws_access_key_id") and self.get("aws_secret_access_key"))

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
    """The shared credentials and config files, merged. Their paths are for people; `problems` could not be read.

    `sso_sessions` are the `[sso-session NAME]` sections, `services` the `[services NAME]` ones.
    """

    credentials_path: str
    config_path: str
    profiles: Mapping[str, Profile]
    problems: tuple[str, ...] = ()
    sso_sessions: Mapping[str, Mapping[str, str]] = {}
    services: Mapping[str, Mapping[str, str]] = {}


def read(environ: Mapping[str, str], directory: str = "") -> AwsFiles:
    """Read the two files that the environment names to a backend of 1.6 and later. Never raises for what they hold.

    `directory` is where Terraform works; relative paths start from there.
    """
    return reader(environ, directory)(backend_places({}, environ))


def reader(environ: Mapping[str, str], directory: str = "") -> Callable[[Places], AwsFiles]:
    """A function that reads shared files at `Places`, each set of them once."""
    known: dict[Places, AwsFiles] = {}
    home = home_of(environ)

    def read_places(places: Places) -> AwsFiles:
        if places not in known:
            known[places] = _read(places, home, directory)
        return known[places]

    return read_places


def paths(environ: Mapping[str, str], directory: str = "") -> list[str]:
    """The files that `read` looks at."""
    return files_at(backend_places({}, environ), directory)


def _read(places: Places, home: str, directory: str) -> AwsFiles:
    problems: list[str] = []
    sdk = inifile.SECOND_SDK if places.view == SECOND_SDK else inifile.FIRST_SDK
    profiles: dict[str, Profile] = {}
    sessions: Sections = {}
    services: Sections = {}
    of_config, of_credentials = VIEWS[places.view]
    for files, chosen in ((places.config, of_config), (places.credentials, of_credentials)):
        for path in files:
            full = os.path.join(directory, path)
            sections = _sections(full, sdk, problems)
            sessions.update(of_kind(sections, SSO_SESSION))
            services.update(of_kind(sections, SERVICES))
            for name, settings in chosen(sections).items():
                profiles[name] = _merged(profiles.get(name), name, settings, place(full, home=home))
    shown = [_shown(files, home, directory) for files in (places.credentials, places.config)]
    return AwsFiles(shown[0], shown[1], profiles, tuple(problems), sessions, services)


def _shown(files: Sequence[str], home: str, directory: str) -> str:
    return ", ".join(place(os.path.join(directory, path), home=home) for path in files)


def _merged(known: Profile | None, name: str, settings: dict[str, str], path: str) -> Profile:
    """Settings of the later file win. Both halves of a key pair stand in one file: they replace a pair together."""
    old = dict(known.settings) if known else {}
    locations = dict(known.locations) if known else {}
    if any(key in settings for key in PAIR):
        for key in (*PAIR, "aws_session_token"):
            old.pop(key, None)
    return Profile(name, {**old, **settings}, {**locations, **dict.fromkeys(settings, path)})


def _sections(path: str, sdk: int, problems: list[str]) -> Sections:
    try:
        content = _content(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        problems.append(f"{path}: {(error.strerror or str(error)).lower()}")
        return {}
    return inifile.parse(content.decode("utf-8", "replace"), sdk)


def _content(path: str) -> bytes:
    """The bytes of a regular file. What comes through a pipe (`<(vault read ...)`) comes once: it is Terraform's."""
    if not os.path.isfile(path) and os.path.exists(path):
        raise OSError(errno.EINVAL, "is not a regular file")
    with open(path, "rb", buffering=0) as file:
        return file.read(LARGEST)
