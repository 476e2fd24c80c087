"""What AWS says about a candidate: STS whether it is good and whose it is, IAM which other keys its user has."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.doctor import key_ages
from tfwrap.identity import identity
from tfwrap.identity.question import NOT_ASKED, OK, REJECTED, UNKNOWN_KEY, question
from tfwrap.lean import NamedTuple
from tfwrap.preflight.checks.key_age import DAY_S
from tfwrap.recovery.refresh import propagation
from tfwrap.rotation import check as checks
from tfwrap.rotation import rejected
from tfwrap.rotation import situation as situations
from tfwrap.rotation.candidate import KEY_ID
from tfwrap.rotation.check import FAILED, NOTE, UNCHECKED, Check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.doctor.key_ages import KeyRecord
    from tfwrap.identity.question import Answer
    from tfwrap.recovery.refresh import Terminal
    from tfwrap.rotation.candidate import Candidate
    from tfwrap.rotation.situation import Situation

# A key in a file that was written longer ago is no new one: that AWS does not know it will not change by waiting.
NEW_S = 900
_OFFLINE = "not asked: tfwrap is set to be offline"
_NO_KEY = "not asked: what is there cannot be a key"


class OtherKey(NamedTuple):
    """Another key of the candidate's user, its age in whole days, and who uses it here, if anybody does."""

    record: KeyRecord
    days: int
    is_old: bool
    used_by: str = ""

    def describe(self) -> str:
        """In words: `AKIA****0001 is Active, 95 days old (too old), and backend.s3 uses it now`."""
        days = f"{self.days} day{'' if self.days == 1 else 's'} old{' (too old)' if self.is_old else ''}"
        used = f", and {self.used_by} uses it now" if self.used_by else ""
        return f"{accesskey.mask(self.record.key_id)} is {self.record.status}, {days}{used}"


def sts(usable: Candidate | None, here: Situation, terminal: Terminal) -> tuple[Answer, Check]:
    """Ask STS; a key that may be new is asked about again until AWS knows it."""
    if usable is None or here.settings.offline:
        return NOT_ASKED, Check(checks.STS, UNCHECKED, _NO_KEY if usable is None else _OFFLINE)
    asked = question(usable.source, here.where)
    answer = identity.ask_each([asked])[asked]
    record = _listed(usable, here) if answer.code == UNKNOWN_KEY else None
    if answer.code == UNKNOWN_KEY and not answer.accepted_in and _may_be_new(usable, here, record):
        answer = propagation.answered(usable.source, here.where, terminal)
    return answer, _of_sts(answer, record, here)


def _listed(usable: Candidate, here: Situation) -> KeyRecord | None:
    """The candidate as IAM lists it for a key in use: that tells a new key from one that was switched off."""
    key_id = usable.value(KEY_ID)
    for each in here.in_use:
        if each.source.access_key != key_id and each.source.has_keys:
            records = key_ages.listed(question(each.source, each.where)).records or ()
            if found := next((record for record in records if record.key_id == key_id), None):
                return found
    return None


def _may_be_new(usable: Candidate, here: Situation, record: KeyRecord | None) -> bool:
    if record:
        return record.status == rejected.ACTIVE and here.now - record.created < NEW_S
    return not usable.material.changed or here.now - usable.material.changed < NEW_S


def _of_sts(answer: Answer, record: KeyRecord | None, here: Situation) -> Check:
    if answer.status == OK:
        return Check(checks.STS, checks.OK, answer.describe())
    if answer.status != REJECTED:
        return Check(checks.STS, UNCHECKED, answer.describe())
    return Check(checks.STS, FAILED, answer.describe(), *rejected.why(answer, here.where.region, record))


def account(candidate: Candidate, answer: Answer, here: Situation) -> tuple[dict[str, str], Check]:
    """Compare the account with those that are expected."""
    expected = situations.accounts(here, candidate.value(KEY_ID))
    found = answer.account or accesskey.account(candidate.value(KEY_ID)) or ""
    said = "as STS says" if answer.account else "as the key id says"
    if not expected:
        users = [each.user for each in here.in_use if each.source.access_key == candidate.value(KEY_ID)]
        live = f"{users[0]} uses this very key already, and " if users else ""
        title = f"{live}nothing {'else ' if users else ''}here says which account is expected"
        return expected, Check(checks.ACCOUNT, UNCHECKED, title, fix=("TFWRAP_ACCOUNT=… tfwrap rotate-check …",))
    wanted = " or ".join(f"{number} ({why})" for number, why in expected.items())
    if not found:
        return expected, Check(checks.ACCOUNT, UNCHECKED, f"not known; expected is {wanted}")
    if found in expected:
        return expected, Check(checks.ACCOUNT, checks.OK, f"{found}, {expected[found]}")
    return expected, Check(checks.ACCOUNT, FAILED, f"{found}, {said}; expected is {wanted}")


def other_keys(usable: Candidate | None, answer: Answer, here: Situation) -> tuple[list[OtherKey], Check]:
    """Ask IAM, with the candidate, for the other keys of its user."""
    if usable is None or answer.status != OK:
        return [], Check(checks.OTHER_KEYS, UNCHECKED, "IAM is asked only with a key that STS accepts")
    if not usable.value(KEY_ID).startswith(accesskey.LONG_TERM):
        return [], Check(checks.OTHER_KEYS, checks.OK, "a session has none")
    listed = key_ages.listed(question(usable.source, here.where))
    if listed.records is None:
        return [], Check(checks.OTHER_KEYS, UNCHECKED, f"{listed.why_not}; iam:ListAccessKeys tells")
    users = {each.source.access_key: each.user for each in here.in_use}
    others = [_other(record, users, here) for record in listed.records if record.key_id != usable.value(KEY_ID)]
    return others, _of_others(others, here)


def _other(record: KeyRecord, users: dict[str, str], here: Situation) -> OtherKey:
    days = max(0, int((here.now - record.created) // DAY_S))
    return OtherKey(record, days, days > here.settings.key_age_days, users.get(record.key_id, ""))


def _of_others(others: list[OtherKey], here: Situation) -> Check:
    if not others:
        return Check(checks.OTHER_KEYS, checks.OK, "the user has no other key")
    title = "; ".join(each.describe() for each in others)
    limit = f"the limit is {here.settings.key_age_days} days (key_age_days)"
    evidence = (limit,) if any(each.is_old for each in others) else ()
    fix = ("when the new key is live: switch it off, look whether anything fails, then delete it (docs/rotation.md)",)
    return Check(checks.OTHER_KEYS, NOTE, title, evidence, fix)
