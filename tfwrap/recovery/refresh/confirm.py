"""After a refresh: STS says who the new keys are, and only the account that is meant is used without a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.aws import accesskey
from tfwrap.identity import identity
from tfwrap.identity.question import OK, REJECTED
from tfwrap.lean import NamedTuple

if TYPE_CHECKING:
    from tfwrap.identity.question import Answer
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.outcome import Credentials, Result
    from tfwrap.recovery.refresh.terminal import Terminal
    from tfwrap.sources.source import Source

CONFIRMED = "confirmed"
OTHER_ACCOUNT = "other-account"  # good keys of another account than before, or nobody knows which it was
NOT_PINNED = "not-pinned"
REFUSED = "rejected"
UNCONFIRMED = "unconfirmed"  # STS could not be asked, or there are no keys to ask with


class Verdict(NamedTuple):
    """What is to be done with the new keys: used (CONFIRMED), asked about (OTHER_ACCOUNT), or not used."""

    status: str
    answer: Answer
    message: str

    @property
    def is_good(self) -> bool:
        """Whether they may be used without a question."""
        return self.status == CONFIRMED


def confirm(result: Result, need: Need, before: Answer, pinned: str = "", again: Source | None = None) -> Verdict:
    """Ask STS about a refresh's credentials, or about the source that was read again where there are none.

    `before` is what STS said of the old ones, `pinned` the account that the user has pinned, empty for none.
    """
    source = result.credentials.as_source("the new keys", need.name) if result.credentials else again or need.source
    answer = identity.ask(source, need.where)
    if answer.status == REJECTED:
        return Verdict(REFUSED, answer, f"the new keys are no good either: {answer.describe()}")
    if answer.status != OK:
        return Verdict(UNCONFIRMED, answer, f"the new keys could not be confirmed: {answer.message}")
    final = _final_account(result.credentials, need) or answer.account
    if pinned and final != pinned:
        return Verdict(NOT_PINNED, answer, f"the new keys lead to account {final}, and account {pinned} is pinned")
    return _compared(answer, previous_account(result.credentials, need, before), pinned)


def _compared(answer: Answer, previous: str, pinned: str) -> Verdict:
    who = f"account {answer.account} ({answer.arn})"
    if previous and answer.account != previous:
        return Verdict(OTHER_ACCOUNT, answer, f"the new keys are of {who}, and before it was account {previous}")
    if not (previous or pinned):
        return Verdict(OTHER_ACCOUNT, answer, f"the new keys are of {who}; which account it was before is not known")
    return Verdict(CONFIRMED, answer, f"STS accepts the new keys: {who}")


def previous_account(credentials: Credentials | None, need: Need, before: Answer) -> str:
    """The account that it was: as STS said, else as a role's ARN, the SSO settings or the old key id say."""
    if credentials and credentials.role:
        return _account_of(credentials.role)
    settings = need.base.get("sso_account_id") if need.base else ""
    return before.account or settings or accesskey.account(need.source.access_key) or ""


def _final_account(credentials: Credentials | None, need: Need) -> str:
    """The account of the role that Terraform will assume with the keys; empty where it is the keys' own."""
    roles = need.source.roles or tuple(role.get("role_arn") for role in need.roles)
    return _account_of(roles[-1]) if roles and not (credentials and credentials.role) else ""


def _account_of(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def accept(verdict: Verdict, terminal: Terminal) -> bool:
    """Whether the new keys are used: another account's only when a person says so, never against a pin."""
    if verdict.is_good:
        return True
    terminal.say(verdict.message)
    if verdict.status != OTHER_ACCOUNT or not terminal.may_ask:
        return False
    return terminal.ask(f"Use account {verdict.answer.account}? [y] yes, [n] no:").lower() in ("y", "yes")
