"""IAM Identity Center: the refresh token first, then `aws sso login`, then the device code by ourselves."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tfwrap.lean import NamedTuple
from tfwrap.origin import Secret
from tfwrap.recovery.refresh import aws, device, programs, ssotoken
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed, Result
from tfwrap.sources.source import SSO, SSO_SESSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfwrap.recovery.refresh.need import Need
    from tfwrap.recovery.refresh.ssotoken import Session, Token
    from tfwrap.recovery.refresh.terminal import Terminal

# From then on a login needs a port of this machine unless told otherwise; before it was always by a code (aws-cli).
DEVICE_CODE_SINCE = (2, 22)
SECOND_CLI = (2,)


class Sso(NamedTuple):
    """An SSO session whose token has expired."""

    need: Need

    @staticmethod
    def applies(need: Need) -> bool:
        """Whether the profile, or the one that its roles rest on, is of SSO."""
        return need.via in (SSO, SSO_SESSION)

    @property
    def is_interactive(self) -> bool:
        """Whether a person has to log in: nobody has, where a refresh token is kept."""
        try:
            session = ssotoken.session(self.need)
        except NotRefreshed:
            return True
        return ssotoken.renewal(session, ssotoken.read(session, self.need.environ), time.time()) is None

    def describe(self) -> str:
        """What is going to be done."""
        return f"log in to SSO again (aws sso login {' '.join(_whom(self.need))})"

    def run(self, terminal: Terminal) -> Result:
        """Renew or log in, and get the role's credentials, which show that it worked. Raises NotRefreshed."""
        session = ssotoken.session(self.need)
        token = self._renewed(session, terminal) or self._logged_in(session, terminal)
        credentials = _role_credentials(self.need, session, token)
        return Result(True, credentials, f'logged in to SSO for profile "{self.need.name}"', is_in_place=True)

    def _renewed(self, session: Session, terminal: Terminal) -> Token | None:
        renewal = ssotoken.renewal(session, ssotoken.read(session, self.need.environ), terminal.now())
        if renewal is None:
            return None
        where = aws.sso_endpoint("sso-oidc", session.region, self.need.where, self.need.environ)
        try:
            token = device.renew(renewal, where, terminal)
        except NotRefreshed:  # revoked, or the SSO session itself is over: a login it is
            return None
        ssotoken.write(session, self.need.environ, token)
        return token

    def _logged_in(self, session: Session, terminal: Terminal) -> Token:
        if not terminal.may_ask:
            raise NotRefreshed(f"SSO wants a person: aws sso login {' '.join(_whom(self.need))}")
        if command := _command(self.need, terminal):
            programs.show(command, terminal)
        else:
            where = aws.sso_endpoint("sso-oidc", session.region, self.need.where, self.need.environ)
            ssotoken.write(session, self.need.environ, device.login(session, where, terminal))
        token = ssotoken.read(session, self.need.environ)
        if not token or token.expires <= terminal.now():
            raise NotRefreshed("the login left no token that is good in ~/.aws/sso/cache")
        return token


def _whom(need: Need) -> list[str]:
    """Whom the CLI logs in: the profile that has the SSO settings, which may be the one that a role rests on."""
    return ["--profile", need.base.name if need.base else need.name]


def _command(need: Need, terminal: Terminal) -> list[str]:
    """The login by the AWS CLI; nothing where there is none that can."""
    path = programs.find("aws", terminal.environ)
    if not path:
        return []
    version = programs.version(path, terminal)
    if version < SECOND_CLI:
        what = "is AWS CLI version 1, which has no sso login" if version[0] else "does not say its version"
        terminal.say(f"{path} {what}: tfwrap asks for the code by itself")
        return []
    headless = ["--use-device-code"] if version >= DEVICE_CODE_SINCE else ["--no-browser"]
    return [path, "sso", "login", *_whom(need), *([] if has_browser(terminal.environ) else headless)]


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser that is opened here would be before the person's eyes."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    if platform != "linux" or environ.get("WSL_INTEROP"):  # which opens the browser of Windows
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _role_credentials(need: Need, session: Session, token: Token) -> Credentials | None:
    """The credentials of the profile's account and role, None where it names none (a profile for tokens only)."""
    base = need.base
    account, role = (base.get("sso_account_id"), base.get("sso_role_name")) if base else ("", "")
    if not (account and role):
        return None
    where = aws.sso_endpoint("sso", session.region, need.where, need.environ)
    with aws.asking(device.WHO):
        answer = aws.client("sso", where).get_role_credentials(
            accountId=account, roleName=role, accessToken=token.access.reveal()
        )["roleCredentials"]
        return Credentials(
            answer["accessKeyId"],
            Secret(answer["secretAccessKey"]),
            Secret(answer["sessionToken"]),
            answer["expiration"] / 1000,  # milliseconds, unlike every other time of AWS's (GetRoleCredentials)
        )
