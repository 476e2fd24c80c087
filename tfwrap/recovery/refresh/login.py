"""`aws login`: the session of the console's own sign-in, which only the AWS CLI can renew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import programs, sso
from tfwrap.recovery.refresh.outcome import NotRefreshed, Result
from tfwrap.sources.source import LOGIN

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

SINCE = (2, 32)  # the first AWS CLI that has it


class Login(NamedTuple):
    """A login session that has ended."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the profile has a `login_session`."""
        return need.via == LOGIN

    @property
    def is_interactive(self) -> bool:
        """A person signs in."""
        return True

    def describe(self) -> str:
        """What is going to be done."""
        return f"sign in again (aws login --profile {self._name})"

    def run(self, terminal: Terminal) -> Result:
        """Sign in, and get the credentials from the CLI, which renews them as well. Raises NotRefreshed."""
        path = programs.needed("aws", terminal.environ)
        version = programs.version(path, terminal)
        if version < SINCE:
            what = f"is AWS CLI {'.'.join(map(str, version))}" if version[0] else "does not say its version"
            raise NotRefreshed(f"{path} {what}: aws login needs {'.'.join(map(str, SINCE))} or newer")
        remote = [] if sso.has_browser(terminal.environ) else ["--remote"]
        programs.show([path, "login", "--profile", self._name, *remote], terminal)
        export = [path, "configure", "export-credentials", "--profile", self._name, "--format", "process"]
        return Result(
            True, programs.credentials(export, terminal), f'signed in for profile "{self._name}"', is_in_place=True
        )

    @property
    def _name(self) -> str:
        return self.need.base.name if self.need.base else self.need.name
