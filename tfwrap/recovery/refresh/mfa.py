"""The code of an MFA device, asked for on the terminal: three tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.recovery.refresh.outcome import NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.recovery.refresh.outcome import Credentials
    from tfwrap.recovery.refresh.terminal import Terminal

TRIES = 3
WRONG = "MultiFactorAuthentication failed"


def with_code(serial: str, use: Callable[[str], Credentials], terminal: Terminal) -> Credentials:
    """What `use` makes of a code that AWS accepts. Raises NotRefreshed, at once where it is not the code's fault."""
    if not terminal.may_ask:
        raise NotRefreshed(f"the code of MFA device {serial} can only be asked for on a terminal")
    for attempt in range(1, TRIES + 1):
        code = terminal.ask_hidden(f"code of MFA device {serial}:")
        if not code:
            raise NotRefreshed("no code was given")
        reason = _shape(code)
        try:
            if not reason:
                return use(code)
        except NotRefreshed as error:
            if WRONG not in str(error):
                raise
            reason = "AWS does not accept this code (each one is good once, for half a minute)"
        terminal.say(f"{reason}: try {attempt} of {TRIES}")
    raise NotRefreshed(f"no code of MFA device {serial} was accepted in {TRIES} tries")


def _shape(code: str) -> str:
    """What is wrong with a code by its look; AWS is not asked about such a one, and its lock-out not risked."""
    return "" if len(code) == 6 and code.isascii() and code.isdecimal() else "a code has six digits"
