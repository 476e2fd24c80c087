"""saml2aws: a login at a SAML identity provider, which writes a session into the credentials file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tfwrap import userdirs
from tfwrap.aws import config as awsconfig
from tfwrap.aws import inifile, ssocache
from tfwrap.lean import NamedTuple
from tfwrap.recovery.refresh import programs
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.terminal import Terminal

LARGEST = 1 << 20


class Saml2aws(NamedTuple):
    """A profile that saml2aws writes."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether SAML2AWS_PROFILE or an account in `~/.saml2aws` names the profile."""
        return need.profile is not None and bool(_account(need))

    @property
    def is_interactive(self) -> bool:
        """A person logs in."""
        return True

    def describe(self) -> str:
        """What is going to be done."""
        return f'log in again (saml2aws login -a {_account(self.need)} for profile "{self.need.name}")'

    def run(self, terminal: Terminal) -> Result:
        """Log in, and read the credentials file again. Raises NotRefreshed."""
        path = programs.needed("saml2aws", terminal.environ)
        arguments = ["login", "-a", _account(self.need), "--profile", self.need.name, "--force"]
        programs.show([path, *arguments], terminal)
        return Result(
            True, _written(self.need, terminal), f'logged in; profile "{self.need.name}" has new keys', is_in_place=True
        )


def _account(need: Need) -> str:
    """The IDP account that writes the profile; the default one where only SAML2AWS_PROFILE names it."""
    accounts = _accounts(need.environ)
    written = [name for name, settings in accounts.items() if settings.get("aws_profile") == need.name]
    named = need.environ.get("SAML2AWS_IDP_ACCOUNT", "")
    if need.environ.get("SAML2AWS_PROFILE") == need.name:
        return named or (written[0] if written else "default")
    return named if named in written else written[0] if written else ""


def _accounts(environ: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    home = userdirs.home(environ) or os.path.expanduser("~")
    path = environ.get("SAML2AWS_CONFIGFILE") or os.path.join(home, ".saml2aws")
    try:
        with open(path, "rb") as file:
            return inifile.parse(file.read(LARGEST).decode("utf-8", "replace"))
    except OSError:
        return {}


def _written(need: Need, terminal: Terminal) -> Credentials:
    """The session that the login wrote: another one than before, and not over."""
    profile = awsconfig.read(need.environ).profiles.get(need.name)
    secret_key = profile.secret_key if profile else None
    if profile is None or not secret_key or not profile.get("aws_access_key_id"):
        raise NotRefreshed(f'saml2aws wrote no keys for profile "{need.name}"')
    if need.profile and profile.get("aws_access_key_id") == need.profile.get("aws_access_key_id"):
        raise NotRefreshed(f'saml2aws left the keys of profile "{need.name}" as they were')
    expires = ssocache.of_settings(profile.settings)
    if expires and expires <= terminal.now():
        raise NotRefreshed(f'the session that saml2aws wrote for profile "{need.name}" is over already')
    return Credentials(profile.get("aws_access_key_id"), secret_key, profile.token, expires)
