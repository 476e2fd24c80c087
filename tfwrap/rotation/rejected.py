"""Why STS rejects a candidate: what the code, IAM's list and other regions say, and what to do about it."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.identity.question import UNKNOWN_KEY
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.doctor.key_ages import KeyRecord
    from tfwrap.identity.question import Answer

ACTIVE = "Active"
WRONG_SIGNATURE = "SignatureDoesNotMatch"
# STS takes a signature that is a quarter of an hour off; nearer to that the clock may be to blame, not the secret.
GOOD_CLOCK_S = 300


class Reason(NamedTuple):
    """What is known about a rejection, and what may be done: lines of text."""

    evidence: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()


def why(answer: Answer, region: str, record: KeyRecord | None) -> Reason:
    """The reason, as far as it can be told. `record` is the key as IAM lists it, where another key could ask."""
    if answer.accepted_in:
        told = f"STS in {answer.accepted_in} accepts it: {region} is in another partition, or off for this account"
        return Reason((told,), (f"enable {region} for the account, or use the key where it is known",))
    if answer.code == UNKNOWN_KEY:
        return _of_record(record) if record else _UNKNOWN
    if answer.code == WRONG_SIGNATURE and abs(answer.skew) < GOOD_CLOCK_S:
        return _WRONG_SECRET
    return Reason(fix=(f"tfwrap --explain {answer.code}",))


def _of_record(record: KeyRecord) -> Reason:
    if record.status == ACTIVE:
        return _NOT_YET
    shown = accesskey.mask(record.key_id)
    return Reason(
        (f"IAM lists it as {record.status}",), (f"aws iam update-access-key --status Active --access-key-id {shown}",)
    )


_UNKNOWN = Reason(
    ("AWS does not know the key id: it was deleted or switched off, is misspelt, or of another partition",),
    ("aws iam list-access-keys",),
)
_NOT_YET = Reason(
    ("IAM lists it as Active: it is not known everywhere yet",),
    ("ask again in a minute", "tfwrap --explain new-key-not-propagated"),
)
_WRONG_SECRET = Reason(
    ("AWS knows the key id, and the secret is not the one that belongs to it",),
    ("copy the secret anew; AWS shows it only once, so it may have to be another key",),
)
