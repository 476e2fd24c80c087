"""The child's environment: a patch of (name, value or UNSET, why), and what it makes of the parent's.

The parent's environment is never touched. Names and values that are no UTF-8 pass unchanged: `os.environ` keeps their
bytes as surrogates and gives them back so (PEP 383).

Of the AWS variables only those are changed that Terraform would use and AWS could never have accepted, and only into
what is well formed; whose credentials they are stays the same. Half a pair, profiles and regions are left alone, and
so is everything where an endpoint is named that is not AWS's: an emulator accepts anything.
"""

from __future__ import annotations

import os

from tfwrap import accesskey, keyshape
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

DAMAGED = "damaged-value"
STRAY = "stray-session-token"
LEGACY = "legacy-token"

SESSION = "AWS_SESSION_TOKEN"
SECURITY = "AWS_SECURITY_TOKEN"
# What Terraform reads, in its order (aws-sdk-go-v2 config/env_config.go).
_KEY_IDS = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")


class Change(NamedTuple):
    """One variable of the patch; `value` None unsets it. `rule` is the id of the row that made it, if one did."""

    name: str
    value: str | None
    why: str
    rule: str = ""


class Rule(NamedTuple):
    """A row of the table of repairs: what it changes in an environment is (name, value, what was wrong)."""

    id: str
    reason: str
    changes: Callable[[Mapping[str, str]], Iterable[tuple[str, str | None, str]]]


class Pair(NamedTuple):
    """The variables that hold the key pair which Terraform takes from the environment."""

    key_id: str
    secret: str


def patch(guard_name: str, guard: str, real: str, environ: Mapping[str, str]) -> tuple[Change, ...]:
    """What the environment of every child differs in: the recursion guard, and what a version manager needs."""
    return (
        Change(guard_name, guard, "a tfwrap called from inside this run passes straight through"),
        *_version_manager(real, environ),
    )


def guarded(guard_name: str, guard: str, real: str, environ: Mapping[str, str]) -> tuple[Change, ...]:
    """What the environment of a guarded run differs in: the same, and the AWS variables that are repaired."""
    return (*patch(guard_name, guard, real, environ), *repairs(environ))


def repairs(environ: Mapping[str, str]) -> tuple[Change, ...]:
    """The changes that the table makes, one a variable; each row sees what those above it made."""
    if is_elsewhere(environ):
        return ()
    changes: dict[str, Change] = {}
    for rule in RULES:
        for name, value, wrong in rule.changes(apply(environ, changes.values())):
            changes[name] = Change(name, value, wrong or rule.reason, rule.id)
    return tuple(changes.values())


def pair(environ: Mapping[str, str]) -> Pair | None:
    """The pair of variables that Terraform takes; None where a half is missing."""
    key_id = next((name for name in _KEY_IDS if environ.get(name)), "")
    secret = next((name for name in _SECRETS if environ.get(name)), "")
    return Pair(key_id, secret) if key_id and secret else None


def present(environ: Mapping[str, str]) -> list[str]:
    """The variables of a key pair that are set, halves of a pair included."""
    return [name for name in (*_KEY_IDS, *_SECRETS) if environ.get(name)]


def is_elsewhere(environ: Mapping[str, str]) -> bool:
    """Whether a variable sends requests to something that is not AWS."""
    return any(value and _is_endpoint(name) and not is_aws(value) for name, value in environ.items())


def is_aws(url: str) -> bool:
    """Whether an endpoint is one of AWS's own, by the name of its host."""
    host = url.rpartition("//")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    return host.lower().rstrip(".").endswith(_AWS)


def _is_endpoint(name: str) -> bool:
    if name.startswith("AWS_ENDPOINT_URL"):
        return True
    return name.startswith(("AWS_", "TF_AWS_")) and name.endswith("_ENDPOINT") and "METADATA" not in name


def _undamaged(environ: Mapping[str, str]) -> Iterator[tuple[str, str | None, str]]:
    found = pair(environ)
    if found is None:
        return
    shapes = ((found.key_id, keyshape.KEY_ID), (found.secret, keyshape.SECRET), (SESSION, keyshape.TOKEN))
    for name, shape in shapes:
        damage = keyshape.damage(environ.get(name, ""), shape)
        if damage and damage.repaired is not None:
            yield name, damage.repaired, " and ".join(damage.words)


def _promoted_token(environ: Mapping[str, str]) -> Iterator[tuple[str, str | None, str]]:
    token = environ.get(SECURITY, "")
    damage = keyshape.damage(token, keyshape.TOKEN)
    sound = damage.repaired if damage else token
    if sound and not environ.get(SESSION) and _kind(environ) == accesskey.TEMPORARY:
        yield SESSION, sound, ""


def _stray_token(environ: Mapping[str, str]) -> Iterator[tuple[str, str | None, str]]:
    # A blank one does no harm: Go sends an empty header.
    if environ.get(SESSION, "").strip(" \t") and _kind(environ) == accesskey.LONG_TERM:
        yield SESSION, None, ""


def _kind(environ: Mapping[str, str]) -> str:
    """The prefix of the key id in use, empty where it is not well formed."""
    found = pair(environ)
    key_id = environ[found.key_id] if found else ""
    return key_id[:4] if keyshape.is_key_id(key_id) else ""


RULES = (
    Rule(DAMAGED, "AWS refuses the value as it is, and undoing the damage makes it well formed", _undamaged),
    Rule(LEGACY, "Terraform does not read AWS_SECURITY_TOKEN, and AWS refuses an ASIA key alone", _promoted_token),
    Rule(STRAY, "AWS refuses an AKIA key together with any token", _stray_token),
)


def _version_manager(path: str, environ: Mapping[str, str]) -> tuple[Change, ...]:
    """tfenv exports TFENV_HELPERS, and a nested dash then loses the functions that it promises: an endless loop."""
    if "TFENV_HELPERS" not in environ or not _is_tfenv(path):
        return ()
    return (Change("TFENV_HELPERS", None, "tfenv loops without end when it finds it and its functions are lost"),)


def _is_tfenv(path: str) -> bool:
    """A script with a `tfenv` beside it, as `shims/shim.bash` has it: the path itself need not say so (Homebrew)."""
    if not (os.path.exists(os.path.join(os.path.dirname(path), "tfenv")) and os.path.isfile(path)):
        return False
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def apply(environ: Mapping[str, str], patch: Iterable[Change]) -> dict[str, str]:
    """The environment that a patch makes of another one."""
    result = dict(environ)
    for change in patch:
        if change.value is None:
            result.pop(change.name, None)
        else:
            result[change.name] = change.value
    return result
