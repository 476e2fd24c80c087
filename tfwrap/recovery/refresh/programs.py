"""Other people's programs: found on PATH by absolute path, run with a time limit, their credentials read."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from tfwrap import which
from tfwrap.aws import ssocache
from tfwrap.origin import Secret
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed
from tfwrap.recovery.refresh.terminal import CAPTURED, QUIET, SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfwrap.recovery.refresh.terminal import Terminal

LOGIN_LIMIT_S = 600  # how long a device code of SSO's is good for
PROCESS_LIMIT_S = 60  # the Go SDK's own limit for a credential_process (processcreds.DefaultTimeout)
VERSION_LIMIT_S = 20
LARGEST = 1 << 20

PROCESS = "the credential_process"  # whose own name is the shell's


def find(name: str, environ: Mapping[str, str]) -> str:
    """The absolute path of a program, empty where it is not on PATH.

    Relative entries of PATH are left out: a program that lies in a clone must not be run.
    """
    suffixes = environ.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";") if sys.platform == "win32" else [""]
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        for path in (os.path.join(folder, name + suffix) for suffix in suffixes):
            if os.path.isabs(folder) and not which.why_not(path):
                return path
    return ""


def needed(name: str, environ: Mapping[str, str]) -> str:
    """The same; raises NotRefreshed where it is not there."""
    path = find(name, environ)
    if not path:
        raise NotRefreshed(f"{name} is not on PATH: install it, or do its work by hand")
    return path


def version(path: str, terminal: Terminal) -> tuple[int, ...]:
    """The first version number in what `--version` prints, (0,) where there is none."""
    import re

    ran = terminal.run_command([path, "--version"], terminal.environ, VERSION_LIMIT_S, QUIET)
    found = re.search(rb"(\d+)\.(\d+)(?:\.(\d+))?", ran.output[:LARGEST])
    return tuple(int(part) for part in found.groups() if part) if found else (0,)


def show(argv: Sequence[str], terminal: Terminal) -> None:
    """Let a program speak with the user. Raises NotRefreshed unless it ends well."""
    ran = terminal.run_command(argv, terminal.environ, LOGIN_LIMIT_S, SHOWN)
    _check(ran.status, os.path.basename(argv[0]), LOGIN_LIMIT_S)


def credentials(argv: Sequence[str], terminal: Terminal, limit_s: float = PROCESS_LIMIT_S) -> Credentials:
    """The credentials that a program prints as a `credential_process` does. Raises NotRefreshed."""
    name = PROCESS if list(argv[:-1]) == by_shell("")[:-1] else os.path.basename(argv[0])
    ran = terminal.run_command(argv, terminal.environ, limit_s, CAPTURED)
    _check(ran.status, name, limit_s)
    return parse(ran.output, f"the output of {name}", terminal.now())


def by_shell(command: str) -> list[str]:
    """A `credential_process` as the Go SDK starts it (processcreds/provider.go): by the shell, not split by us."""
    if sys.platform == "win32":
        return ["cmd.exe", "/C", command]
    return ["/bin/sh", "-c", command]


def _check(status: int | None, name: str, limit_s: float) -> None:
    if status is None:
        raise NotRefreshed(f"{name} did not end within {limit_s:.0f} seconds")
    if status:
        raise NotRefreshed(f"{name} ended with exit status {status}")


def parse(text: bytes, what: str, now: float) -> Credentials:
    """Credentials as a `credential_process` prints them (AWS SDKs reference, "Process credential provider").

    Raises NotRefreshed for anything else; nothing of the text is repeated in what it says.
    """
    document = _document(text, what)
    if document.get("Version") != 1 or isinstance(document.get("Version"), bool):
        raise NotRefreshed(f"{what} is not Version 1")
    access_key, secret_key = (_text(document, name, what) for name in ("AccessKeyId", "SecretAccessKey"))
    if not (access_key and secret_key):
        raise NotRefreshed(f"{what} holds no complete pair of keys")
    token = _text(document, "SessionToken", what)
    expires = _expiration(document, what, now)
    return Credentials(access_key, Secret(secret_key), Secret(token) if token else None, expires)


def _document(text: bytes, what: str) -> dict[str, object]:
    try:
        document = json.loads(text[:LARGEST])
    except (ValueError, RecursionError):
        raise NotRefreshed(f"{what} is not JSON") from None
    if not isinstance(document, dict):
        raise NotRefreshed(f"{what} is not a JSON object")
    return document


def _text(document: Mapping[str, object], name: str, what: str) -> str:
    value = document.get(name) or ""
    if not isinstance(value, str) or not value.isprintable():
        raise NotRefreshed(f"{name} in {what} is no text of one line")
    return value


def _expiration(document: Mapping[str, object], what: str, now: float) -> float:
    """When the session ends; 0 where the field is left out, which means never."""
    value = document.get("Expiration")
    if value in (None, ""):
        return 0
    expires = ssocache.unix_time(value)
    if not expires:
        raise NotRefreshed(f"Expiration in {what} is no ISO 8601 time")
    if expires <= now:
        raise NotRefreshed(f"{what} is a session that has expired already")
    return expires
