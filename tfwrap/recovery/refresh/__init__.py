"""Credentials made new: a refresher a source, behind one interface, and the table that chooses.

    need = Need(source, profile's name, files, environ, where, settings of [refresh.NAME])
    refresher = choose(need)             the first row of the table that applies, None where nothing can be done
    result = run(refresher, terminal)    never raises for what a source does; an interrupt ends the refresh alone
    verdict = confirm(result, need, before, pinned)
    accept(verdict, terminal)

What is kept on disk is in `session` (sessions with MFA) and in the AWS CLI's own cache (tokens of SSO).
"""

from __future__ import annotations

import signal
from typing import Protocol

from tfwrap.errors import Interrupted
from tfwrap.recovery.refresh.aws_vault import AwsVault, Keyring
from tfwrap.recovery.refresh.command import Command
from tfwrap.recovery.refresh.confirm import Verdict, accept, confirm
from tfwrap.recovery.refresh.granted import Granted
from tfwrap.recovery.refresh.login import Login
from tfwrap.recovery.refresh.mfa_role import MfaRole, MfaUser
from tfwrap.recovery.refresh.need import Need, configured
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed, Result
from tfwrap.recovery.refresh.process import Process
from tfwrap.recovery.refresh.role import Role
from tfwrap.recovery.refresh.saml2aws import Saml2aws
from tfwrap.recovery.refresh.sso import Sso
from tfwrap.recovery.refresh.terminal import Console, Terminal
from tfwrap.recovery.refresh.vault import Vault
from tfwrap.recovery.refresh.web_identity import WebIdentity
from tfwrap.sources.source import BLOCK, SAVED_BACKEND

__all__ = [
    "Console", "Credentials", "Need", "Refresher", "Result", "Terminal", "Verdict",
    "accept", "choose", "configured", "confirm", "run",
]  # fmt: skip


class Refresher(Protocol):
    """A source whose credentials can be made new."""

    @property
    def is_interactive(self) -> bool:
        """Whether a person is needed: then it is not run where nobody can be asked."""

    def describe(self) -> str:
        """What is going to be done, in one line."""

    def run(self, terminal: Terminal) -> Result:
        """Do it. Raises NotRefreshed with the reason, OSError, or what an interrupt raises."""


class _Row(Protocol):
    def applies(self, need: Need, /) -> bool: ...

    def __call__(self, need: Need) -> Refresher: ...


# What the user has set goes first; then the tools that show by their traces; then what the profile says itself.
_TABLE: tuple[_Row, ...] = (
    Command,
    Vault,
    Granted,
    AwsVault,
    Saml2aws,
    WebIdentity,
    Sso,
    Login,
    MfaRole,
    Role,
    MfaUser,
    Process,
    Keyring,
)

# Keys that are written down where no refresh reaches: `init -reconfigure` or an editor is the remedy.
_WRITTEN = (SAVED_BACKEND, BLOCK)


def choose(need: Need) -> Refresher | None:
    """The refresher for a source, None where there is none."""
    if need.source.kind in _WRITTEN:
        return None
    return next((row(need) for row in _TABLE if row.applies(need)), None)


def run(refresher: Refresher, terminal: Terminal) -> Result:
    """Refresh. Whatever goes wrong is said in the result; an interrupt from the keyboard ends the refresh alone."""
    if refresher.is_interactive and not terminal.may_ask:
        return Result(False, message=f"not done, because it needs a person at a terminal: {refresher.describe()}")
    try:
        return refresher.run(terminal)
    except NotRefreshed as error:
        return Result(False, message=str(error))
    except OSError as error:
        return Result(False, message=f"not refreshed: {error.filename or ''} {(error.strerror or '?').lower()}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Interrupted as interrupted:
        if interrupted.number != signal.SIGINT:
            raise
        return _INTERRUPTED


_INTERRUPTED = Result(False, message="the refresh was interrupted; nothing was changed")
