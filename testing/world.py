"""A small world of its own for a test: a home, a working directory and an environment made from scratch."""

from __future__ import annotations

import configparser
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from testing.processes import Finished, Shown, on_pipes, on_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from testing.processes import Answer

__all__ = ["Finished", "Shown", "World", "make", "run", "run_on_pty"]

# Without the places where people install a Terraform: a test says itself which one is on PATH.
SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
XDG = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}

Patch = dict[str, str | None]
"""What differs from the world's environment; None removes a name."""

Profiles = dict[str, dict[str, str]]
"""Sections of an AWS file, by their names."""


class World(NamedTuple):
    """The directories of a world and its environment, which holds nothing of AWS_*, TF_* or TFWRAP_*."""

    root: Path
    home: Path
    cwd: Path
    bin: Path
    environ: dict[str, str]


def make(root: Path) -> World:
    """A new world in the directory `root`; `bin`, empty, is first on its PATH."""
    world = World(root, root / "home", root / "work", root / "bin", _environ(root))
    names = ("HOME", "TMPDIR", *XDG, "XDG_RUNTIME_DIR")
    for folder in (world.cwd, world.bin, *(Path(world.environ[name]) for name in names)):
        folder.mkdir(parents=True, exist_ok=True)
    Path(world.environ["XDG_RUNTIME_DIR"]).chmod(0o700)
    return world


def _environ(root: Path) -> dict[str, str]:
    xdg = {name: str(root / "home" / folder) for name, folder in XDG.items()}
    return {
        "PATH": f"{root / 'bin'}:{SYSTEM_PATH}",
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "CHECKPOINT_DISABLE": "1",
        "XDG_RUNTIME_DIR": str(root / "run"),
        **xdg,
    }


def put_on_path(world: World, name: str, program: str | Path) -> Path:
    """A link to `program` in the world's own `bin` directory, the first on its PATH."""
    link = world.bin / name
    link.unlink(missing_ok=True)
    link.symlink_to(program)
    return link


def write_credentials(world: World, profiles: Profiles) -> Path:
    """Write ~/.aws/credentials, mode 0600: `{"default": {"aws_access_key_id": …}}`."""
    return _write_aws(world, "credentials", profiles)


def write_config(world: World, sections: Profiles) -> Path:
    """Write ~/.aws/config, mode 0600; sections are named as in the file: `default`, `profile lab`."""
    return _write_aws(world, "config", sections)


def _write_aws(world: World, name: str, sections: Profiles) -> Path:
    path = world.home / ".aws" / name
    path.parent.mkdir(exist_ok=True)
    parser = configparser.RawConfigParser(default_section="\0", strict=False)
    parser.read_dict(sections)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        parser.write(file)
    return path


def run(
    world: World,
    argv: Sequence[str | Path],
    env: Patch | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float = 60,
) -> Finished:
    """Run a program in this world on pipes; `env` patches its environment. TimeoutError after `timeout` s."""
    return on_pipes(argv, patched(world.environ, env or {}), cwd or world.cwd, stdin, timeout)


def run_on_pty(
    world: World,
    argv: Sequence[str | Path],
    answers: Sequence[Answer] = (),
    size: tuple[int, int] = (24, 80),
    env: Patch | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> Shown:
    """Run a program in this world on a terminal of `size` (rows, columns) and type the answers.

    An answer is what must appear and what is typed then: `[("Enter a value:", "yes\\n")]`.

    Raises TimeoutError after `timeout` seconds, AssertionError when an expected text never appeared.
    """
    environ = patched(world.environ, env or {})
    return on_terminal(argv, environ, cwd or world.cwd, answers, size, timeout)


def patched(environ: Mapping[str, str], patch: Patch) -> dict[str, str]:
    """`environ` with `patch` applied; a new dict."""
    return {name: value for name, value in {**environ, **patch}.items() if value is not None}
