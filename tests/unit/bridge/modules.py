"""Root modules whose profiles this Terraform cannot use, and what makes the credentials of such profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.unit.recovery.refreshing import printed, prints
from tfwrap import invocation
from tfwrap.preflight import preflight

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.recovery.refreshing import Home
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.stand.keys import AccessKey

LOCK = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}\n'


class People(NamedTuple):
    """A user with keys and an MFA device, and a role that wants both."""

    user: AccessKey
    serial: str
    role: str

    def profile(self, name: str, *more: str, source: str = "base") -> str:
        """The section of a profile that assumes the role."""
        lines = (f"role_arn = {self.role}", f"source_profile = {source}", f"mfa_serial = {self.serial}", *more)
        return "\n".join((f"[profile {name}]", *lines)) + "\n"


def login(name: str) -> str:
    """The section of a profile that `aws login` has made."""
    return f"[profile {name}]\nlogin_session = arn:aws:iam::111111111111:user/anna\n"


class Module(NamedTuple):
    """A root module in a home."""

    home: Home
    path: Path

    def facts(self, backend: str = "prod", *providers: str, account: str = "", more: str = "") -> Facts:
        """What preflight knows of a backend and providers with these profiles (empty: none is named).

        `more` are lines of the backend's block, `account` is the pinned one.
        """
        profile = f'    profile = "{backend}"\n' if backend else ""
        text = f'terraform {{\n  backend "s3" {{\n    bucket = "b"\n{profile}{more}  }}\n}}\n'
        for number, name in enumerate(providers):
            text += f'provider "aws" {{\n  alias   = "a{number}"\n  profile = "{name}"\n}}\n'
        text += "".join(f'data "aws_arn" "x{n}" {{\n  provider = aws.a{n}\n}}\n' for n, _ in enumerate(providers))
        (self.path / "main.tf").write_text(text)
        (self.path / ".terraform.lock.hcl").write_text(LOCK)
        typed = invocation.read("terraform", ["plan"], self.home.environ, str(self.path))
        known = preflight.facts(typed, self.home.environ, "/real")
        return known._replace(intent=known.intent._replace(account=account))

    def aws_gives(self, key: AccessKey, **changes: object) -> None:
        """An AWS CLI that notes what it was asked, and prints this key."""
        self.aws_does(prints(printed(key, **changes)))

    def aws_does(self, script: str) -> None:
        """An AWS CLI that notes what it was asked, and does this."""
        self.home.program("aws", f'echo "$AWS_CONFIG_FILE $*" >> {self.home.path}/asked\n{script}')

    def asked(self) -> list[str]:
        """What the AWS CLI was asked, in turn."""
        path = self.home.path / "asked"
        return path.read_text().splitlines() if path.exists() else []
