"""The bridge with real Terraforms: what the bare one cannot use works over it, and nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from testing import providers
from testing import sso as identity_center
from testing import world as worlds
from testing.installation import CHECKOUT, installed
from testing.marks import on_terraforms
from testing.packages import Unavailable
from testing.terraforms import PATH
from tfwrap.redaction import encodings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testing.processes import Answer, Finished, Shown
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT, OTHER = "111111111111", "222222222222"
CODE = "123456"
PROVIDER = "5.100.0"
CLIENT = CHECKOUT / "tfwrap" / "bridge" / "client.py"
CANNOT_ASK = 'profile "prod" assumes its role with MFA: Terraform cannot ask for the code'
SLOW_APPLY = """
data "aws_caller_identity" "before" {}
resource "terraform_data" "slow" {
  input = data.aws_caller_identity.before.account_id
  provisioner "local-exec" {
    command = "echo begun; sleep %d; echo ended"
  }
}
resource "aws_s3_bucket" "after" {
  bucket     = "%s"
  depends_on = [terraform_data.slow]
}
"""


class Place(NamedTuple):
    """A root module whose backend names a profile that this Terraform cannot use."""

    world: World
    stand: Stand
    terraform: Terraform
    bucket: str

    def bare(self, *words: str) -> Finished:
        """Terraform itself."""
        return worlds.run(self.world, [self.terraform.path, *words], timeout=120)

    def bridged(self, *words: str, answers: tuple[Answer, ...] = ()) -> Shown:
        """A run over the bridge, on a terminal."""
        argv: list[str | Path] = [installed().terraform, *words]
        return worlds.run_on_pty(self.world, argv, answers, (40, 400), timeout=150)

    def started(self, *words: str) -> subprocess.Popen[bytes]:
        """A run over the bridge, on pipes, to be looked at while it goes on."""
        argv: list[str | Path] = [installed().terraform, *words]
        return subprocess.Popen(
            argv,
            env=self.world.environ,
            cwd=self.world.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def left_over(self) -> list[str]:
        """The directories of bridges that are there."""
        return [str(path) for path in directories(self.world)]

    def with_provider(self, profile: str, rest: str) -> Place:
        """The module with an AWS provider that has this profile, and what follows."""
        try:
            config = providers.cli_config(PROVIDER)
        except Unavailable as reason:
            pytest.skip(str(reason))
        settings = self.stand.provider_settings(PROVIDER)
        text = f'provider "aws" {{\n{settings}profile = "{profile}"\n}}\n{rest}'
        (self.world.cwd / "provider.tf").write_text(text)
        return self.in_environment(TF_CLI_CONFIG_FILE=config)

    def in_environment(self, **more: str) -> Place:
        """The same with more variables."""
        return self._replace(world=self.world._replace(environ={**self.world.environ, **more}))


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """The same with a runtime directory whose path is short enough for a socket: bridges lie there and nowhere else."""
    with tempfile.TemporaryDirectory(prefix="run-") as path:
        yield world._replace(environ={**world.environ, "XDG_RUNTIME_DIR": path})


def directories(world: World) -> list[Path]:
    return list(Path(world.environ["XDG_RUNTIME_DIR"]).iterdir())


def place(world: World, stand: Stand, terraform: Terraform, profile: str, account: str) -> Place:
    """The module; `profile` is the backend's argument."""
    bucket = f"bridge-{time.monotonic_ns()}"
    stand.create_bucket(bucket, account=account)
    given = {"bucket": f'"{bucket}"', "key": '"k"'} | stand.backend_arguments(terraform.version)
    given |= {"profile": f'"{profile}"'} if profile else {}
    lines = "".join(f"    {name} = {value}\n" for name, value in given.items())
    text = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "it" {{\n  value = "works"\n}}\n'
    (world.cwd / "main.tf").write_text(text)
    stand.forget()
    ours = {"TFWRAP_TERRAFORM": terraform.path, "PATH": f"{installed().shims}:{world.environ['PATH']}"}
    return Place(world._replace(environ={**world.environ, **stand.environment(), **ours}), stand, terraform, bucket)


class Guarded(NamedTuple):
    """A user with a key and a device, and the profile "prod": a role that wants MFA."""

    user: AccessKey
    serial: str

    @property
    def answer(self) -> Answer:
        return (f"tfwrap: code of MFA device {self.serial}:", f"{CODE}\n")


@pytest.fixture
def guarded(world: World, stand: Stand) -> Guarded:
    user = stand.keys.create(account=ACCOUNT, user="anna")
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/{user.id}"
    stand.keys.add_mfa_device(serial, CODE)
    role = stand.keys.add_role(OTHER, "guarded", needs_mfa=True).arn
    role_settings = {"role_arn": role, "source_profile": "base", "mfa_serial": serial, "region": "us-east-1"}
    worlds.write_config(world, {"profile prod": role_settings})
    worlds.write_credentials(world, {"base": {"aws_access_key_id": user.id, "aws_secret_access_key": user.secret}})
    return Guarded(user, serial)


@pytest.mark.slow
@on_terraforms("0.12.29", "1.0.3", PATH, "1.15.5")
@pytest.mark.parametrize("by", ["argument", "variable"])
def test_a_role_with_mfa_works_and_the_code_is_asked_once(
    world: World, stand: Stand, terraform: Terraform, guarded: Guarded, by: str
) -> None:
    here = place(world, stand, terraform, "prod" if by == "argument" else "", OTHER)
    here = here.in_environment(AWS_PROFILE="prod") if by == "variable" else here
    assert here.bare("init", "-input=false").status == 1
    stand.forget()
    shown = here.bridged("init", "-input=true", answers=(guarded.answer,))
    assert shown.status == 0, shown.text
    signed = [request.access_key_id for request in stand.requests if request.service == "s3"]
    assert signed
    assert all(key.startswith("ASIA") for key in signed)
    again = here.bridged("plan")
    assert again.status == 0, again.text
    assert "MFA" not in again.text
    assert here.left_over() == []


@on_terraforms("0.12.29")
@pytest.mark.parametrize("may_assume", [True, False])
def test_a_role_by_variable_works_where_terraform_does_not_look_at_the_config_file(
    world: World, stand: Stand, terraform: Terraform, may_assume: bool
) -> None:
    user = stand.keys.create(account=ACCOUNT, user="anna")
    name = f"deploy-{user.id}" if may_assume else "nobody-knows"
    role = stand.keys.add_role(OTHER, name).arn if may_assume else f"arn:aws:iam::{OTHER}:role/{name}"
    worlds.write_config(world, {"profile prod": {"role_arn": role, "source_profile": "base"}})
    worlds.write_credentials(world, {"base": {"aws_access_key_id": user.id, "aws_secret_access_key": user.secret}})
    here = place(world, stand, terraform, "", OTHER).in_environment(AWS_PROFILE="prod")
    assert here.bare("init", "-input=false").status == 1
    shown = here.bridged("init", "-input=false")
    why = 'profile "prod" is a role that this version does not assume; tfwrap cannot make its credentials: AssumeRole: '
    assert (shown.status, why in shown.text) == ((0, False) if may_assume else (1, True))
    assert (f"NoCredentialSources: {why}" in shown.text) is not may_assume
    assert "aws configure" not in shown.text


@pytest.mark.slow
@on_terraforms(PATH)
def test_the_provider_gets_them_as_well(world: World, stand: Stand, terraform: Terraform, guarded: Guarded) -> None:
    here = place(world, stand, terraform, "prod", OTHER)
    here = here.with_provider("prod", 'data "aws_caller_identity" "me" {}\noutput "me" {\n'
                              "  value = data.aws_caller_identity.me.arn\n}\n")  # fmt: skip
    assert here.bridged("init", "-input=true", answers=(guarded.answer,)).status == 0
    shown = here.bridged("plan", "-no-color")
    assert shown.status == 0, shown.text
    assert f"arn:aws:sts::{OTHER}:assumed-role/guarded/" in shown.text


def test_nobody_to_ask_is_said_and_terraform_runs_all_the_same(
    world: World, stand: Stand, terraform: Terraform, guarded: Guarded
) -> None:
    here = place(world, stand, terraform, "prod", OTHER).in_environment(CI="true")
    shown = here.bridged("init")
    assert shown.status == 1
    why = f"the code of MFA device {guarded.serial} can only be asked for on a terminal"
    assert f"tfwrap: TFW209 mfa-profile: {CANNOT_ASK}, and tfwrap cannot make its credentials: {why}" in shown.text
    assert "AssumeRoleTokenProvider" in shown.text.replace("\r\n", " ")


@pytest.fixture
def centre(stand: Stand) -> Iterator[identity_center.Sso]:
    with identity_center.start(stand.keys, stand.clock) as started:
        started.roles.add((OTHER, "Deploy"))
        started.tokens.add("made-up-access")
        yield started


@pytest.mark.slow
@on_terraforms("0.15.0-rc2", "1.0.3")
def test_an_sso_session_works_where_it_is_not_known(
    world: World, stand: Stand, terraform: Terraform, centre: identity_center.Sso
) -> None:
    session = {"sso_start_url": identity_center.START_URL, "sso_region": "us-east-1"}
    settings = {"sso_session": "corp", "sso_account_id": OTHER, "sso_role_name": "Deploy"}
    worlds.write_config(world, {"sso-session corp": session, "profile prod": settings})
    kept = world.home / ".aws" / "sso" / "cache" / "5a4f35ecd8c9ff7b08c3ed5ba1b3c2b7c6f4e1a0.json"
    kept = kept.with_name(f"{_sha1('corp')}.json")
    kept.parent.mkdir(parents=True)
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    kept.write_text(json.dumps({"accessToken": "made-up-access", "expiresAt": ends, **_old(session)}))
    here = place(world, stand, terraform, "prod", OTHER).in_environment(**centre.environment())
    assert here.bare("init", "-input=false").status == 1
    shown = here.bridged("init")
    assert shown.status == 0, shown.text
    assert any(call.path == "/federation/credentials" for call in centre.calls)


def _old(session: dict[str, str]) -> dict[str, str]:
    return {"startUrl": session["sso_start_url"], "region": session["sso_region"]}


def _sha1(text: str) -> str:
    import hashlib

    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def logins(world: World, stand: Stand) -> Logins:
    worlds.write_config(world, {"profile prod": {"login_session": f"arn:aws:iam::{OTHER}:user/anna"}})
    made = Logins(world, stand)
    aws = world.bin / "aws"
    aws.write_text(f'#!/bin/sh\necho "$*" >> {world.root}/asked\ncat {world.root}/session\n')
    aws.chmod(0o755)
    made.give(OTHER)
    return made


class Logins(NamedTuple):
    """What `aws login` has left for the profile "prod", handed out by a stand-in for the AWS CLI."""

    world: World
    stand: Stand

    def give(self, account: str, lifetime_s: float = 3600) -> str:
        """From now on it exports a session of this account; the id of its key."""
        key = self.stand.keys.create_session(account=account, role="login", lifetime_s=lifetime_s)
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(key.expires_at))
        document = {"Version": 1, "AccessKeyId": key.id, "SecretAccessKey": key.secret, "SessionToken": key.token}
        (self.world.root / "session").write_text(json.dumps({**document, "Expiration": ends}))
        return key.id

    def asked(self) -> list[str]:
        """What the AWS CLI was asked, in turn."""
        return (self.world.root / "asked").read_text().splitlines()


EXPORT = "configure export-credentials --profile prod --format process"
ME = 'data "aws_caller_identity" "me" {}\noutput "me" {\n  value = data.aws_caller_identity.me.arn\n}\n'


@pytest.mark.slow
@on_terraforms("1.0.3", PATH)
def test_a_login_session_works_where_neither_backend_nor_provider_knows_it(
    world: World, stand: Stand, terraform: Terraform, logins: Logins
) -> None:
    here = place(world, stand, terraform, "prod", OTHER).with_provider("prod", ME)
    bare = here.bare("init", "-input=false")
    assert bare.status == 1, bare
    before = {path: path.read_bytes() for path in (world.home / ".aws").iterdir()}
    for words in (["init", "-input=false"], ["apply", "-auto-approve", "-no-color"], ["plan", "-no-color"]):
        child = here.started(*words)
        said = end(child)
        assert child.returncode == 0, said
        assert "tfwrap:" not in said
        assert words[0] != "apply" or f'me = "arn:aws:sts::{OTHER}:assumed-role/login/' in said
    assert logins.asked() == [EXPORT] * 3
    assert {path: path.read_bytes() for path in (world.home / ".aws").iterdir()} == before
    assert here.left_over() == []


@pytest.mark.slow
@on_terraforms(PATH)
def test_a_login_that_turned_to_another_account_meanwhile_is_not_handed_out(
    world: World, stand: Stand, terraform: Terraform, logins: Logins
) -> None:
    here = place(world, stand, terraform, "prod", OTHER)
    here = here.with_provider("prod", SLOW_APPLY % (25, f"made-{time.monotonic_ns()}"))
    assert end(here.started("init", "-input=false"))
    first = logins.give(OTHER, lifetime_s=15)
    stand.forget()
    child = here.started("apply", "-auto-approve", "-no-color")
    try:
        assert "begun" in begun(child)
        other = logins.give(ACCOUNT)
    finally:
        said = end(child)
    assert child.returncode == 1, said
    assert f"the new credentials are of account {ACCOUNT}, and those before were of account {OTHER}" in _unwrapped(said)
    used = {request.access_key_id for request in stand.requests if request.access_key_id}
    assert used == {first}
    assert other not in said


def _unwrapped(text: str) -> str:
    """Terraform's words without the bar at the left and the line breaks that its width made."""
    return " ".join(text.replace("\u2502", " ").split())


# During a long apply


@pytest.fixture
def kept_session(world: World, stand: Stand, terraform: Terraform, guarded: Guarded) -> Iterator[Place]:
    """A module that is initialised, the code given: what follows needs nobody."""
    here = place(world, stand, terraform, "prod", OTHER)
    name = f"made-{time.monotonic_ns()}"
    here = here.with_provider("prod", SLOW_APPLY % (25, name))
    shown = here.bridged("init", "-input=true", answers=(guarded.answer,))
    assert shown.status == 0, shown.text
    stand.forget()
    yield here
    stand.keys.longest_role_s = 43200


def end(child: subprocess.Popen[bytes]) -> str:
    try:
        return child.communicate(timeout=120)[0].decode()
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def begun(child: subprocess.Popen[bytes]) -> str:
    """What it says until the slow part has begun."""
    assert child.stdout
    said = b""
    while b"begun" not in said and (line := child.stdout.readline()):
        said += line if b"local-exec): Executing" not in line else b""
    return said.decode()


@pytest.mark.slow
def test_a_session_is_renewed_in_the_middle_of_an_apply(kept_session: Place, stand: Stand) -> None:
    stand.keys.longest_role_s = 20
    child = kept_session.started("apply", "-auto-approve", "-no-color")
    said = end(child)
    assert child.returncode == 0, said
    signed = [request for request in stand.requests if request.access_key_id]
    made = next(request for request in signed if request.service == "s3")
    assert made
    used = list(dict.fromkeys(request.access_key_id for request in signed if request.service == "s3"))
    assert len(used) > 1, used
    over = stand.keys.get(used[0])
    assert over
    assert (over.expires_at or 0) < time.time()
    assert {request.status for request in signed} <= {200, 204, 404}, said


@pytest.mark.slow
def test_no_secret_lies_about_while_it_runs_and_nobody_else_gets_in(kept_session: Place, stand: Stand) -> None:
    child = kept_session.started("apply", "-auto-approve", "-no-color")
    try:
        assert "begun" in begun(child)
        (path,) = directories(kept_session.world)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()}
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert modes == {"s": 0o600, "ask": 0o600, "config": 0o600}
        seen = b"".join(file.read_bytes() for file in path.iterdir() if file.is_file())
        seen += b"".join(command_lines())
        assert secrets_in(seen, kept_session, stand) == []
        command = ["/bin/sh", str(path / "ask"), "0"]
        assert json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["Version"] == 1
        wrong = subprocess.run([*command[:2], "1"], capture_output=True)
        assert (wrong.returncode, wrong.stdout) == (1, b"")
        assert wrong.stderr == b"tfwrap: no such profile is bridged\n"
        if os.geteuid() == 0:
            _others_are_refused(path)
    finally:
        said = end(child)
    assert child.returncode == 0, said
    assert kept_session.left_over() == []


def _others_are_refused(path: Path) -> None:
    """As another user: by the directory, and by the server where the directory were open."""
    ask = f"import sys; sys.argv[1:] = [{str(path / 's')!r}, '0']\n"
    program = f"import os, __future__, _socket; code = open({str(CLIENT)!r}).read()\n"
    program += f"os.setgid(65534); os.setuid(65534)\n{ask}"
    program += "exec(compile(code, 'client.py', 'exec'), {'__name__': '__main__'})\n"
    refused = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert b"Permission denied" in refused.stderr
    (path / "s").chmod(0o666)
    parents = [parent for parent in (path, *path.parents) if not parent.stat().st_mode & 0o001]
    before = {parent: stat.S_IMODE(parent.stat().st_mode) for parent in parents}
    try:
        for parent in parents:
            parent.chmod(before[parent] | 0o011)
        refused = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True)
    finally:
        for parent, mode in before.items():
            parent.chmod(mode)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr == b"tfwrap: this bridge belongs to another user\n"


def command_lines() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes() + b"\n"
        except OSError:
            continue


def secrets_in(seen: bytes, here: Place, stand: Stand) -> list[str]:
    """The key ids whose secret or token stands there: the user's, and every session that was used."""
    ids = {request.access_key_id for request in stand.requests if request.access_key_id}
    keys = filter(None, (stand.keys.get(key_id) for key_id in ids))
    found = []
    for key in keys:
        texts = [form for text in (key.secret, key.token or key.secret) for form in encodings.forms(text)]
        found += [key.id for text in texts if len(text) >= 12 and text.encode() in seen]
    assert ids
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(kept_session: Place, number: int) -> None:
    child = kept_session.started("apply", "-auto-approve", "-no-color")
    try:
        assert "begun" in begun(child)
        assert len(kept_session.left_over()) == 1
        os.killpg(child.pid, number)
    finally:
        said = end(child)
    assert child.returncode not in (0, None), said
    words = ("Stopping operation", "Gracefully shutting down", "terminated", "execution halted")
    assert any(each in said for each in words), said
    assert kept_session.left_over() == []


@pytest.mark.slow
def test_after_a_kill_terraform_saves_its_state_over_the_bridge_which_then_goes(
    kept_session: Place, stand: Stand
) -> None:
    stand.keys.longest_role_s = 5  # what Terraform has when the shim dies is over when it saves
    child = kept_session.started("apply", "-auto-approve", "-no-color")
    try:
        assert "begun" in begun(child)
        os.kill(child.pid, signal.SIGKILL)
        (path,) = directories(kept_session.world)
        seen = b"".join(file.read_bytes() for file in path.iterdir() if file.is_file())
        assert secrets_in(seen, kept_session, stand) == []
        _until(lambda: not path.exists(), 60)
    finally:
        end(child)
    saved = [request for request in stand.requests if request.action == "PutObject"]
    assert {request.status for request in saved} == {200}
    assert not (kept_session.world.cwd / "errored.tfstate").exists()


def _until(holds: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
