"""The last decision about the same command in the same world, so that most runs need not look again.

What preflight decides depends on the command line, on some environment variables and on some files. The first two
make the name of a small file in the cache directory (as a hash: no value of theirs is kept); the file holds the
decision and a stamp of every file that was read, absent ones included. A stamp that differs, and all is looked at anew.
A decision can end by itself, too: what STS said counts for some minutes, and a session expires.
"""

from __future__ import annotations

import os
import sys
import time

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from hashlib import blake2b

    from tfwrap.invocation import Invocation
else:
    from _blake2 import blake2b  # `hashlib` itself takes 4 ms

NO_AWS = "no-aws"
QUIET = "quiet"

FORMAT = "2"
# A file that changed so recently may change again within the same tick of the file system's clock.
SETTLED_S = 1.0
MOST = 512
_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json", ".hcl")
# The variables that the checks look at.
_PREFIXES = (
    *("AWS_", "TF_", "TFWRAP_", "XDG_", "ACTIONS_", "AWSUME_", "ECS_", "GITHUB_", "GITLAB_", "GRANTED_", "KUBERNETES_"),
    "SAML2AWS_",
)
# The values of these may name other variables, which are not part of the question.
_EXPANDED = ("AWS_SHARED_CREDENTIALS_FILE", "AWS_SHARED_CONFIG_FILE")
_NAMES = (
    "HOME",
    "USERPROFILE",
    "PATH",
    "CI",
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"),
)
NEVER = float("inf")
_UNSET = "-"
_SET = "="


class Question(NamedTuple):
    """What is asked of the memory: the file that holds the answer, if there is one."""

    path: str


class Decision(NamedTuple):
    """What was decided: NO_AWS or QUIET, and the variables that the child gets otherwise (None: not at all).

    Empty, which is false, where nothing is remembered that still holds.
    """

    kind: str = ""
    patch: tuple[tuple[str, str | None], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kind)


def question(typed: Invocation, real: str, environ: Mapping[str, str]) -> Question | None:
    """The question that a command in an environment poses; None where there is no place to remember anything."""
    folder = directory(environ)
    if not folder or any("$" in environ.get(name, "") for name in _EXPANDED):
        return None
    digest = blake2b(digest_size=16)
    relevant = (f"{name}={environ[name]}" for name in sorted(environ) if name.startswith(_PREFIXES) or name in _NAMES)
    for text in (FORMAT, _stamp(__file__), typed.program, real, typed.working_directory, *typed.argv, "", *relevant):
        digest.update(os.fsencode(text) + b"\0")
    return Question(os.path.join(folder, digest.hexdigest()))


def recall(asked: Question) -> Decision:
    """The decision that still holds. Never raises."""
    try:
        with open(asked.path, "rb", buffering=0) as file:
            head, *stamps = file.readall().decode("utf-8", "surrogateescape").split("\0")
        kind, until, *patch = head.split("\1")
        if float(until) <= time.time():
            return Decision()
    except (OSError, ValueError):
        return Decision()
    if not all(_stamp(line.partition(" ")[2]) == line for line in stamps):
        return Decision()
    return Decision(kind, tuple(map(_variable, patch)))


def remember(asked: Question, decided: Decision, paths: Iterable[str], until: float = NEVER) -> None:
    """Keep a decision that rests on these files, `until` a Unix time. Its patch holds nothing secret.

    What cannot be kept is not: it costs only time. Never raises.
    """
    stamps = [_stamp(path) for path in paths]
    if any(_is_fresh(stamp) for stamp in stamps):
        return
    head = "\1".join((decided.kind, str(until), *map(_text, decided.patch)))
    try:
        _write(asked.path, "\0".join((head, *stamps)).encode("utf-8", "surrogateescape"))
    except OSError:
        return


def _text(variable: tuple[str, str | None]) -> str:
    name, value = variable
    return f"{_UNSET}{name}" if value is None else f"{_SET}{name}={value}"


def _variable(text: str) -> tuple[str, str | None]:
    name, _, value = text[1:].partition("=")
    return name, (value if text[:1] == _SET else None)


def _write(path: str, content: bytes) -> None:
    folder, temporary = os.path.dirname(path), f"{path}.{os.getpid()}"
    os.makedirs(folder, mode=0o700, exist_ok=True)
    _make_room(folder)
    try:
        with open(temporary, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def directory(environ: Mapping[str, str]) -> str:
    """The cache directory, the one that platformdirs names; asking it takes longer than all of this."""
    if sys.platform == "win32":
        from tfwrap import userdirs

        folder = userdirs.local(environ)
        return os.path.join(folder, "Cache", "decisions") if folder else ""
    home = environ.get("HOME", "")
    if sys.platform == "darwin":
        return os.path.join(home, "Library/Caches/tfwrap/decisions") if home else ""
    base = environ.get("XDG_CACHE_HOME", "").strip() or (os.path.join(home, ".cache") if home else "")
    return os.path.join(base, "tfwrap", "decisions") if os.path.isabs(base) else ""


def _stamp(path: str) -> str:
    """Size, times and inode of a file as one word, then its path; the word is `-` where there is no file.

    A directory is the names of the Terraform files in it: its own times change with every lock file of a run.
    """
    try:
        seen = os.stat(path)
        if seen.st_mode & 0o170000 == 0o040000:
            return f"{_names(path)} {path}"
    except (OSError, ValueError):
        return f"- {path}"
    return f"{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ctime_ns}:{seen.st_ino}:{seen.st_mode} {path}"


def _names(directory: str) -> str:
    digest = blake2b(digest_size=8)
    for name in sorted(os.listdir(directory)):
        if name.endswith(_SUFFIXES):
            digest.update(os.fsencode(name) + b"\0")
    return digest.hexdigest()


def _is_fresh(stamp: str) -> bool:
    word = stamp.partition(" ")[0]
    newest = max((int(part) for part in word.split(":")[1:3]), default=0)
    return newest / 1e9 > time.time() - SETTLED_S


def _make_room(folder: str) -> None:
    names = os.listdir(folder)
    for name in names if len(names) >= MOST else ():
        os.unlink(os.path.join(folder, name))
