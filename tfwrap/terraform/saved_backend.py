"""`.terraform/terraform.tfstate`: the backend configuration that `terraform init` saved.

Terraform stores the backend block merged with `-backend-config`, never values from the environment, and uses it
in every later command while the block itself is unchanged (terraform internal/command/meta_backend.go,
backendInitFromConfig and savedBackend).
"""

from __future__ import annotations

import os

from tfwrap import origin
from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME = "terraform.tfstate"
FORMAT_VERSION = 3
# The real file has a few kilobytes. Anything this large is something else, and reading it would delay every plan.
LARGEST = 1 << 20

# Beside the file while a reconfiguration runs, and after one that was killed (recovery/copies.py).
COPY_SUFFIX = ".tfwrap-backup"
CREDENTIALS = ("access_key", "secret_key", "token")
# A credential inside a role's argument (`assume_role_with_web_identity`).
TOKEN_OF_A_ROLE = "web_identity_token"  # noqa: S105 - a name
# Of the backend's own arguments, those that say who asks, not where the state lies.
IDENTITY = (*CREDENTIALS, "profile")

# Arguments that say who asks. They may change; everything else is the state's address, or how it is read.
CREDENTIAL_ARGUMENTS = frozenset(
    (*IDENTITY, "shared_credentials_file", "shared_credentials_files", "shared_config_files")
)


class SavedBackend(NamedTuple):
    """The saved backend: its file, type, every argument that has a value, and the Terraform that wrote it.

    `place` is the path as messages show it.
    """

    path: str
    place: str
    type: str
    config: Mapping[str, object]
    terraform_version: str

    def text(self, name: str) -> str:
        """An argument that is a non-empty string; empty for anything else."""
        value = self.config.get(name)
        return value if isinstance(value, str) else ""

    @property
    def access_key(self) -> str:
        """The saved access key id, empty where none was saved."""
        return self.text("access_key")

    def secret(self, name: str) -> Secret | None:
        """A saved credential that must not be shown."""
        value = self.text(name)
        return Secret(value) if value else None

    @property
    def holds_keys(self) -> bool:
        """Whether a key, a secret or a token is saved in it."""
        return any(self.text(name) for name in CREDENTIALS) or bool(token_of_a_role(self.config))


class Unreadable(NamedTuple):
    """A saved file that is there and cannot be understood: where, and one line that says why."""

    place: str
    reason: str


def token_of_a_role(config: Mapping[str, object]) -> str:
    """Which argument of a role holds a token: `assume_role_with_web_identity.web_identity_token`; empty for none."""
    roles = ((name, role) for name, value in config.items() for role in (value if isinstance(value, list) else [value]))
    holding = (name for name, role in roles if isinstance(role, dict) and role.get(TOKEN_OF_A_ROLE) not in (None, ""))
    return next((f"{name}.{TOKEN_OF_A_ROLE}" for name in holding), "")


def without_credentials(config: Mapping[str, object]) -> dict[str, object]:
    """A saved configuration without what says who asks."""
    return {name: _cleaned(value) for name, value in config.items() if name not in CREDENTIAL_ARGUMENTS}


def _cleaned(value: object) -> object:
    """A value without a token, and without the nulls that Terraform saves for nested arguments that were not set."""
    if isinstance(value, dict):
        held = {key: inner for key, inner in value.items() if inner is not None and key != TOKEN_OF_A_ROLE}
        return {key: _cleaned(inner) for key, inner in held.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return value


def copy_in(data_dir: str) -> str:
    """Where a reconfiguration keeps its copy. A link is followed: init changes what it leads to."""
    return os.path.realpath(path_in(data_dir)) + COPY_SUFFIX


def copies_are_left(data_dir: str) -> bool:
    """Whether a reconfiguration has left a copy, whole or only begun."""
    try:
        names = os.listdir(os.path.dirname(copy_in(data_dir)))
    except OSError:
        return False
    return any(COPY_SUFFIX in name for name in names)


def path_in(data_dir: str) -> str:
    """Where Terraform keeps the saved backend of a data directory."""
    return os.path.join(data_dir, FILE_NAME)


def read(data_dir: str, working_directory: str) -> SavedBackend | Unreadable | None:
    """The saved backend of a data directory; None where nothing is saved."""
    path = path_in(data_dir)
    place = origin.place(path, directory=working_directory)
    try:
        content = _content(path)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except OSError as error:
        return Unreadable(place, (error.strerror or str(error)).lower())
    except ValueError as error:
        return Unreadable(place, str(error))
    return parse(path, place, content)


def parse(path: str, place: str, content: bytes) -> SavedBackend | Unreadable | None:
    """Understand the content of a saved file. Unknown members are ignored: Terraform adds some now and then."""
    import json

    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return Unreadable(place, "is not the JSON that terraform init writes (truncated?)")
    if not isinstance(document, dict):
        return Unreadable(place, "is not the JSON object that terraform init writes")
    version = document.get("version")
    if version != FORMAT_VERSION:
        shown = f"version {version}" if isinstance(version, int) else "no version number"
        return Unreadable(place, f"has {shown}, tfwrap knows {FORMAT_VERSION}")
    return _backend(path, place, document)


def _backend(path: str, place: str, document: dict[str, object]) -> SavedBackend | Unreadable | None:
    backend = document.get("backend")
    if not backend:
        return None
    if not isinstance(backend, dict) or not isinstance(backend.get("type"), str):
        return Unreadable(place, "holds a backend without a type")
    config = backend.get("config")
    values = config if isinstance(config, dict) else {}
    kept = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    return SavedBackend(path, place, backend["type"], kept, str(document.get("terraform_version", "")))


def comparable(value: object) -> object:
    """A value as it compares after Terraform's conversions: `"5"` is saved as 5, a list as a sorted set (tried)."""
    if isinstance(value, dict):
        return {key: comparable(inner) for key, inner in value.items() if inner is not None} or None
    if isinstance(value, list):
        return sorted({repr(comparable(inner)) for inner in value}) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value or None


def _content(path: str) -> bytes:
    if not os.path.isfile(path) and os.path.exists(path):
        raise ValueError("is not a regular file")
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST:
            raise ValueError(f"has {size:,} bytes, far more than terraform init writes")
        return file.read(LARGEST)
