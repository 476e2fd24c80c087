"""Exit statuses of tfwrap's own, and the errors that end a run.

    TfwrapError          tfwrap cannot go on; the message is for the user      125
    ├── BadInput         a setting or a file of the user's is wrong            125
    ├── NotLaunched          watching is not possible; Terraform was not started     125
    ├── Refused          preflight refuses (strict mode, or a pinned account)  120
    ├── CannotRun        the real binary is there but cannot be run            126
    └── NotFound         the real binary was not found                         127

126 and 127 are what a shell answers in the same two situations (POSIX, "Exit Status for Commands").
"""

from __future__ import annotations

EXIT_REFUSED = 120
EXIT_FAULT = 125
EXIT_CANNOT_RUN = 126
EXIT_NOT_FOUND = 127


class TfwrapError(Exception):
    """tfwrap cannot go on. `str()` of it is one line for the user, without the prefix."""

    status = EXIT_FAULT


class BadInput(TfwrapError):
    """A setting or a file of the user's is wrong: the message names it, the place and the fix."""


class NotLaunched(TfwrapError):
    """The preparations for watching failed (no descriptors, no processes left); Terraform was not started."""


class Interrupted(BaseException):
    """A signal that ends tfwrap, after what was begun has been put back: its number is the argument."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Refused(TfwrapError):
    """Preflight refuses the run. What there was to say has been said."""

    status = EXIT_REFUSED


class CannotRun(TfwrapError):
    """The real binary exists and cannot be run: the message says exactly why."""

    status = EXIT_CANNOT_RUN


class NotFound(TfwrapError):
    """There is no real binary: the message says where it was looked for."""

    status = EXIT_NOT_FOUND
