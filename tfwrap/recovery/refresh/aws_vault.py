"""aws-vault: keys in the system's keyring, sessions made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import process, programs
from tfwrap.recovery.refresh.outcome import NotRefreshed, Result
from tfwrap.sources.source import ENVIRONMENT

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

PROGRAM = "aws-vault"
EXPORT_SINCE = (7,)  # `exec --json` before that


class AwsVault(NamedTuple):
    """A shell that `aws-vault exec` started, or a profile whose `credential_process` is aws-vault's."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the source is aws-vault's doing."""
        is_shell = need.source.kind == ENVIRONMENT and bool(need.environ.get("AWS_VAULT"))
        return is_shell or process.program(need) == PROGRAM

    @property
    def is_interactive(self) -> bool:
        """It may ask for a code, or for the keyring's password."""
        return True

    def describe(self) -> str:
        """What is going to be done."""
        return f'get a new session of profile "{self.need.name}" from aws-vault'

    def run(self, terminal: Terminal) -> Result:
        """Run the profile's own command with the terminal at hand. Raises NotRefreshed."""
        _refuse_nesting(terminal)
        made = programs.credentials(process.command(self.need), terminal, programs.LOGIN_LIMIT_S)
        return Result(True, made, f'aws-vault gives good credentials for profile "{self.need.name}"', is_in_place=True)


class Keyring(NamedTuple):
    """A profile whose keys stand in no file: where aws-vault is installed, its keyring is where they may be."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the profile is there, its keys are not, and aws-vault is."""
        return need.profile is not None and not need.via and bool(programs.find(PROGRAM, need.environ))

    @property
    def is_interactive(self) -> bool:
        """It may ask for a code, or for the keyring's password."""
        return True

    def describe(self) -> str:
        """What is going to be done."""
        return f'get a session of profile "{self.need.name}" from aws-vault'

    def run(self, terminal: Terminal) -> Result:
        """Export the profile's credentials. Raises NotRefreshed."""
        _refuse_nesting(terminal)
        path = programs.needed(PROGRAM, terminal.environ)
        is_old = (0,) < programs.version(path, terminal) < EXPORT_SINCE  # a build of one's own has no number
        verb = ["exec", "--json"] if is_old else ["export", "--format=json"]
        made = programs.credentials([path, *verb, self.need.name], terminal, programs.LOGIN_LIMIT_S)
        return Result(True, made, f'aws-vault gives good credentials for profile "{self.need.name}"')


def _refuse_nesting(terminal: Terminal) -> None:
    """aws-vault does not run inside its own shell (its cli/export.go), and the shell's variables are not ours."""
    if name := terminal.environ.get("AWS_VAULT"):
        raise NotRefreshed(
            f"this is a shell of aws-vault's, whose session cannot be renewed from within: type exit, then "
            f"aws-vault exec {name} -- and your command"
        )
