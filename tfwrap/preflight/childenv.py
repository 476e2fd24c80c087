"""What a guarded run's child finds in its AWS variables: the profile that is meant, and repairs.

Where tfwrap was told which profile is meant, that profile takes the place of the environment's credentials, unless the
tool that put them there did so for that very profile. Of the AWS variables that are left only those are changed that
Terraform would use and AWS could never have accepted, and only into what is well formed; whose credentials they are
stays the same. Half a pair, profiles and regions are left alone, and nothing is repaired where an endpoint is named
that is not AWS's: an emulator accepts anything.
"""

from __future__ import annotations

from tfwrap.aws import accesskey, keyshape
from tfwrap.childpatch import INTENT, Change, apply
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tfwrap.settings.intent import Intent

__all__ = [
    "DAMAGED",
    "INTENT",
    "LEGACY",
    "RULES",
    "SECURITY",
    "SESSION",
    "STRAY",
    "Change",
    "Pair",
    "Rule",
    "apply",
    "changes",
    "intended",
    "is_aws",
    "is_elsewhere",
    "is_made_for",
    "pair",
    "present",
    "repairs",
]

DAMAGED = "damaged-value"
STRAY = "stray-session-token"
LEGACY = "legacy-token"

SESSION = "AWS_SESSION_TOKEN"
SECURITY = "AWS_SECURITY_TOKEN"
# What Terraform reads, in its order (aws-sdk-go-v2 config/env_config.go).
_KEY_IDS = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")
# What names credentials, and therefore goes when a profile is meant. AWS_DEFAULT_PROFILE comes after AWS_PROFILE.
_CREDENTIALS = (
    *_KEY_IDS,
    *_SECRETS,
    SESSION,
    SECURITY,
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
# Where a tool says for which profile it made the session that it exported (peers: aws-vault, awsume, saml2aws).
_MADE_FOR = ("AWS_VAULT", "AWSUME_PROFILE", "SAML2AWS_PROFILE")
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")


class Rule(NamedTuple):
    """A row of the table of repairs: what it changes in an environment is (name, value, what was wrong)."""

    id: str
    reason: str
    changes: Callable[[Mapping[str, str]], Iterable[tuple[str, str | None, str]]]


class Pair(NamedTuple):
    """The variables that hold the key pair which Terraform takes from the environment."""

    key_id: str
    secret: str


def changes(environ: Mapping[str, str], meant: Intent) -> tuple[Change, ...]:
    """What of the AWS variables a guarded run changes: for the profile that is meant, and what has to be repaired."""
    for_profile = intended(environ, meant)
    return (*for_profile, *repairs(apply(environ, for_profile)))


def intended(environ: Mapping[str, str], meant: Intent) -> tuple[Change, ...]:
    """The changes that make Terraform use the configured profile; none where it would anyway, or none is configured."""
    if not meant.is_configured or is_made_for(environ, meant.profile):
        return ()
    why = f'profile "{meant.profile}" is meant (set by {meant.origin})'
    dropped = tuple(Change(name, None, why, INTENT) for name in _CREDENTIALS if name in environ)
    if environ.get("AWS_PROFILE") == meant.profile:
        return dropped
    return (*dropped, Change("AWS_PROFILE", meant.profile, why, INTENT))


def is_made_for(environ: Mapping[str, str], profile: str) -> bool:
    """Whether the environment holds a session that a tool made for this profile, as `aws-vault exec PROFILE` does.

    granted says so by AWS_PROFILE beside the keys, which could mean anything where nothing of its own is set.
    """
    if pair(environ) is None:
        return False
    makers = (*_MADE_FOR, "AWS_PROFILE") if _is_granted(environ) else _MADE_FOR
    return any(environ.get(name) == profile for name in makers)


def _is_granted(environ: Mapping[str, str]) -> bool:
    return any(name.startswith("GRANTED_") for name in environ)


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
