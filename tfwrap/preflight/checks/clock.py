"""4xx: a clock that is wrong, by the date of STS's own answers."""

from __future__ import annotations

from tfwrap.identity.question import REJECTED
from tfwrap.preflight.checks.finding import ERROR, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.identity.question import Answer

# STS refuses signatures that are further off; some services do from the second one on.
REFUSED_S = 15 * 60
TOLERATED_S = 5 * 60

_SKEWED_CODES = ("RequestTimeTooSkewed", "RequestExpired")
_SKEWED_WORDS = ("Signature expired", "Signature not yet current")
_FIX = (
    "set the clock: sudo timedatectl set-ntp true, or sudo chronyc makestep; on Windows w32tm /resync",
    "in WSL or a virtual machine that slept, restart it (wsl --shutdown)",
)


def check(facts: Facts) -> Iterator[Finding]:
    """TFW405: once, by the answer that is furthest off."""
    answers = list(facts.answers.values())
    furthest = max(answers, key=lambda answer: abs(answer.skew), default=None)
    refused = next((answer for answer in answers if explains(answer)), None)
    if furthest is None or not (refused or abs(furthest.skew) > TOLERATED_S):
        return
    answer = refused or furthest
    is_refused = refused is not None or abs(answer.skew) > REFUSED_S
    consequence = "AWS refuses what it signs" if is_refused else "some services refuse what it signs"
    title = f"this machine's clock is {_words(answer.skew)}: {consequence}"
    evidence = (f"by the Date of the answer of {answer.host or 'STS'}", *([answer.describe()] if refused else []))
    yield Finding("TFW405", "clock-skew", ERROR if is_refused else WARNING, title, evidence, _FIX)


def explains(answer: Answer) -> bool:
    """Whether a rejection is about the time of the request, and not about the key."""
    if answer.status != REJECTED:
        return False
    is_about_time = answer.code in _SKEWED_CODES or answer.message.startswith(_SKEWED_WORDS)
    return is_about_time or (answer.code.startswith("SignatureDoesNotMatch") and abs(answer.skew) > REFUSED_S)


def _words(ahead_s: float) -> str:
    """How wrong our clock is, where STS's is that far ahead of it."""
    if abs(ahead_s) < 60:
        return "wrong"
    return f"{abs(ahead_s) / 60:.0f} minutes {'slow' if ahead_s > 0 else 'fast'}"
