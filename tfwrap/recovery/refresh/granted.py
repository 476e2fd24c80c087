"""granted: its `credential-process`, after `granted sso login` where that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import process, programs
from tfwrap.recovery.refresh.outcome import NotRefreshed, Result

if TYPE_CHECKING:
    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

PROGRAMS = ("granted", "dgranted")


class Granted(NamedTuple):
    """A profile that `granted sso generate` wrote."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the profile's `credential_process` is granted's."""
        return process.program(need) in PROGRAMS

    @property
    def is_interactive(self) -> bool:
        """Its credentials may come without anybody; `run` itself asks nobody where nobody is."""
        return False

    def describe(self) -> str:
        """What is going to be done."""
        return f'get credentials of profile "{self.need.name}" from granted, and log in where it wants that'

    def run(self, terminal: Terminal) -> Result:
        """Ask granted; log in and ask once more. Raises NotRefreshed."""
        try:
            made = programs.credentials(process.command(self.need), terminal)
        except NotRefreshed:
            if not terminal.may_ask:
                raise
            programs.show(self._login(terminal), terminal)
            made = programs.credentials(process.command(self.need), terminal)
        return Result(True, made, f'granted gives good credentials for profile "{self.need.name}"', is_in_place=True)

    def _login(self, terminal: Terminal) -> list[str]:
        """The login for the start URL that stands in the profile (granted's awsconfigfile, ToIni)."""
        profile = self.need.chain[-1]
        start_url, region = profile.get("granted_sso_start_url"), profile.get("granted_sso_region")
        if not (start_url and region):
            raise NotRefreshed(f'profile "{profile.name}" has no granted_sso_start_url and granted_sso_region')
        path = programs.needed("granted", terminal.environ)
        return [path, "sso", "login", "--sso-start-url", start_url, "--sso-region", region]
