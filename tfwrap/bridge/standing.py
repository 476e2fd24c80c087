"""What a bridge stands on: its directory, the copies of the config file, the server."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfwrap import state
from tfwrap.aws import config as awsconfig
from tfwrap.bridge import client, config_copy, directory
from tfwrap.bridge.server import Server
from tfwrap.lean import NamedTuple
from tfwrap.preflight import childenv
from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tfwrap.bridge.making import Served
    from tfwrap.preflight.checks.finding import Facts

RULE = "bridge"
# Variable → the name of the copy. The first one is the SDK's; the other one is the backend's own, and goes before it.
VARIABLES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CONFIG_FILE": "shared-config"}


class Bridge(NamedTuple):
    """What the child's environment differs in, and a descriptor that keeps the bridge standing while it is open."""

    changes: tuple[childenv.Change, ...]
    lifeline: int


@contextmanager
def standing(served: Sequence[Served], known: Facts) -> Iterator[Bridge]:
    """A bridge for the length of a `with`. Raises NotRefreshed and OSError where it cannot be built."""
    environ = childenv.apply(known.environ, known.changes)
    with directory.private(environ) as path:
        socket = os.path.join(path, directory.SOCKET)
        state.write(os.path.join(path, "ask"), _script(socket))
        changes = (*_copies(path, served, environ, known.invocation.working_directory), *_for_the_oldest(known))
        server = Server(socket, lambda question: _answer(served, question))
        try:
            yield Bridge(changes, server.lifeline)
        finally:
            server.stop()


def _answer(served: Sequence[Served], question: str) -> str:
    if not (question.isdecimal() and int(question) < len(served)):
        raise NotRefreshed("no such profile is bridged")
    return served[int(question)].renewing.document()


def _command(path: str, number: int) -> str:
    """The `credential_process`: only what means nothing to a shell or to an AWS file, whatever Python's path is."""
    return f"/bin/sh {path}/ask {number}"


def _script(socket: str) -> bytes:
    words = (sys.executable, "-I", "-S", os.path.abspath(client.__file__), socket)
    return f'exec {shlex.join(words)} "$1"\n'.encode("utf-8", "surrogateescape")


def _copies(
    path: str, served: Sequence[Served], environ: Mapping[str, str], working_directory: str
) -> Iterator[childenv.Change]:
    """The copies, one for each variable that names a config file with a bridged profile in it."""
    for variable, original in _config_files(environ).items():
        place = os.path.abspath(os.path.join(working_directory, original))
        commands = {one.profile: _command(path, number) for number, one in enumerate(served) if one.config == place}
        if commands:
            copy = os.path.join(path, VARIABLES[variable])
            state.write(copy, config_copy.rewritten(_content(place), commands))
            yield childenv.Change(variable, copy, why(commands), RULE)


def why(profiles: Mapping[str, object]) -> str:
    """Why a variable names a copy."""
    names = ", ".join(f'"{name}"' for name in profiles)
    return f"a private copy, in which tfwrap makes the credentials of profile {names}"


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        content = file.read(awsconfig.LARGEST + 1)
    if len(content) > awsconfig.LARGEST:
        raise NotRefreshed(f"{path} is too large to be copied")
    return content


def _config_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Variable → the file that is read because of it. The backend's own name for it counts only where it is set."""
    files = {"AWS_CONFIG_FILE": awsconfig.provider_places({}, environ).config[0]}
    if environ.get("AWS_SHARED_CONFIG_FILE"):
        files["AWS_SHARED_CONFIG_FILE"] = awsconfig.backend_places({}, environ).config[0]
    return files


def _for_the_oldest(known: Facts) -> Iterator[childenv.Change]:
    """0.12 reads the config file only when it is told to (docs/sources.md)."""
    if any(each.rules.is_base_old and not each.why_not for each in known.bridgeable):
        yield childenv.Change("AWS_SDK_LOAD_CONFIG", "1", "Terraform 0.12 reads no config file without it", RULE)
