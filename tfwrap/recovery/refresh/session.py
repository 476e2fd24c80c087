"""Sessions that cost a person something (a code of an MFA device), kept until they expire.

The only secrets that tfwrap keeps on disk: one file a session, mode 0600 in the user's state directory, as the AWS
CLI keeps its own in `~/.aws/cli/cache`. Never longer than the session, never a long-term key.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from typing import TYPE_CHECKING

from tfwrap import state
from tfwrap.origin import Secret
from tfwrap.recovery.refresh.outcome import Credentials
from tfwrap.settings import files as settings_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARGIN_S = 300  # a session that ends within these is as good as over
LARGEST = 1 << 16


def key(*parts: str) -> str:
    """The name under which a session is kept: what it is a session of, hashed."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(environ: Mapping[str, str], name: str, now: float) -> Credentials | None:
    """The session kept under a name, None where there is none, or none that is whole, ours alone, and still good."""
    folder = _folder(environ)
    try:
        found = _parse(_read(os.path.join(folder, f"{name}.json"))) if folder else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if found and found.expires - MARGIN_S > now else None


def store(environ: Mapping[str, str], name: str, credentials: Credentials, now: float) -> None:
    """Keep a session. What has no token or no end is none, and is not kept. Raises OSError."""
    folder = _folder(environ)
    if not folder or not credentials.token or credentials.expires <= now:
        return
    for path in (os.path.dirname(folder), folder):
        os.makedirs(path, mode=0o700, exist_ok=True)  # the mode counts for the last directory only
    _sweep(folder, now)
    state.write(os.path.join(folder, f"{name}.json"), _text(credentials))


def forget(environ: Mapping[str, str], name: str) -> None:
    """Remove a session. Raises OSError, not where there is none."""
    if folder := _folder(environ):
        state.remove(os.path.join(folder, f"{name}.json"))


def _folder(environ: Mapping[str, str]) -> str:
    base = settings_files.state_directory(environ)
    return os.path.join(base, "sessions") if base else ""


def _text(credentials: Credentials) -> bytes:
    document = {
        "access_key": credentials.access_key,
        "secret_key": credentials.secret_key.reveal(),
        "token": credentials.token.reveal() if credentials.token else "",
        "expires": credentials.expires,
        "role": credentials.role,
    }
    return json.dumps(document).encode()


def _read(path: str) -> bytes:
    """The file's bytes. Raises OSError for what is not there, and for what another user could have written or read."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as file:
        seen = os.fstat(file.fileno())
        is_private = sys.platform == "win32" or (seen.st_uid == os.geteuid() and not seen.st_mode & 0o077)
        if not stat.S_ISREG(seen.st_mode) or not is_private:
            raise PermissionError(path)
        return file.read(LARGEST)


def _parse(content: bytes) -> Credentials:
    document = json.loads(content)
    texts = [document[name] for name in ("access_key", "secret_key", "token", "role")]
    if not all(isinstance(text, str) for text in texts) or not all(texts[:3]):
        raise ValueError("half a session")
    access_key, secret_key, token, role = texts
    return Credentials(access_key, Secret(secret_key), Secret(token), float(document["expires"]), role)


def _sweep(folder: str, now: float) -> None:
    """Remove the sessions that are over, and those that nobody can read."""
    for path in _files(folder):
        try:
            is_over = _parse(_read(path)).expires <= now
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            is_over = True
        if is_over:
            state.remove(path)


def _files(folder: str) -> Iterable[str]:
    return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]
