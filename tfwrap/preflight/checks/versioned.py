"""3xx: a saved backend that holds keys, and is under version control."""

from __future__ import annotations

import os

from tfwrap.aws import accesskey
from tfwrap.preflight.checks.finding import WARNING, Facts, Finding
from tfwrap.terraform.saved_backend import SavedBackend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATIENCE_S = 1
# Nothing of the repository's own configuration may run a program: `ls-files` needs none.
_HARMLESS = (
    "-c",
    "core.fsmonitor=",
    "-c",
    f"core.hooksPath={os.devnull}",
    "--no-optional-locks",
    "--literal-pathspecs",
)


def check(facts: Facts) -> Iterator[Finding]:
    """TFW306: git is asked only where the file holds a key, in a repository of the user's own."""
    saved = facts.saved
    if not isinstance(saved, SavedBackend) or not saved.holds_keys:
        return
    if not _is_in_own_repository(saved.path) or not _is_tracked(saved.path, facts.environ):
        return
    key = f"key {accesskey.mask(saved.access_key)}" if saved.access_key else "credentials"
    title = f"{saved.place} holds the {key} and is under version control"
    evidence = (f"git ls-files knows {saved.place}: whoever can read the repository has them, now and later",)
    fix = (
        f"git rm --cached {saved.place}, and put .terraform/ into .gitignore",
        "make a new key: the old one stays in the history",
    )
    yield Finding("TFW306", "saved-credentials-in-git", WARNING, title, evidence, fix)


def _is_in_own_repository(path: str) -> bool:
    """Whether a directory above has a `.git` that belongs to us: another's configuration is not to be trusted."""
    directory = os.path.dirname(os.path.realpath(path))
    while True:
        marker = os.path.join(directory, ".git")
        if os.path.exists(marker):
            return all(_is_ours(one) for one in (directory, marker))
        parent = os.path.dirname(directory)
        if parent == directory:
            return False
        directory = parent


def _is_ours(path: str) -> bool:
    return not hasattr(os, "getuid") or os.stat(path).st_uid == os.getuid()


def _is_tracked(path: str, environ: Mapping[str, str]) -> bool:
    git = _git(environ)
    if not git:
        return False
    import subprocess

    directory, name = os.path.split(os.path.realpath(path))
    quiet = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    command = [git, *_HARMLESS, "ls-files", "--error-unmatch", "--", name]
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env={**quiet, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _git(environ: Mapping[str, str]) -> str:
    """git on PATH, its absolute entries only: one that lies in a clone must not be run."""
    name = "git.exe" if os.name == "nt" else "git"
    entries = filter(os.path.isabs, environ.get("PATH", os.defpath).split(os.pathsep))
    candidates = (os.path.join(entry, name) for entry in entries)
    return next((path for path in candidates if os.path.isfile(path) and os.access(path, os.X_OK)), "")
