"""Credentials that have to be made first: profiles, roles, processes and sessions, against the stand."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.aws.endpoint import Endpoint
from tfwrap.identity import identity
from tfwrap.identity.identity import Answer
from tfwrap.origin import Secret
from tfwrap.resolving import resolving
from tfwrap.sources import sources
from tfwrap.sources.consumers import Consumer
from tfwrap.sources.sources import Source
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from testing.world import World
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

LIMIT_S = 20
ROLE = "arn:aws:iam::222222222222:role/deploy"


class Lab:
    """A home with AWS files, the stand's environment, and what is asked there."""

    def __init__(self, world: World, stand: Stand) -> None:
        self.stand, self.folder = stand, world.home / ".aws"
        self.folder.mkdir()
        self.key = stand.keys.create(user="anna")
        self.environ = {**world.environ, **stand.environment()}

    def config(self, text: str) -> None:
        (self.folder / "config").write_text(text)

    def credentials(self, name: str, key: AccessKey) -> None:
        text = f"[{name}]\naws_access_key_id={key.id}\naws_secret_access_key={key.secret}\n"
        (self.folder / "credentials").write_text(text)

    def consumer(self, source: Source, **arguments: object) -> Consumer:
        where = Endpoint("us-east-1", self.stand.url)
        return Consumer("provider.aws", "main.tf:1", arguments, source, (5, 100), "us-east-1", where)

    def profile(self, how: str, **arguments: object) -> Consumer:
        return self.consumer(Source(sources.PROFILE, "~/.aws/config", profile="lab", how=how), **arguments)

    def static(self) -> Source:
        return Source(sources.ENVIRONMENT, "AWS_ACCESS_KEY_ID", self.key.id, Secret(self.key.secret))

    def resolve(self, consumer: Consumer, limit_s: float = LIMIT_S) -> Source | Answer:
        return resolving.resolve(consumer, self.environ, limit_s)

    def whose(self, consumer: Consumer) -> str:
        """The ARN that the stand gives for what was made."""
        made = self.resolve(consumer)
        assert isinstance(made, Source), made
        return identity.ask(made, consumer.endpoint).arn


@pytest.fixture
def lab(world: World, stand: Stand) -> Lab:
    return Lab(world, stand)


def test_a_role_profile_is_assumed_with_its_source_profile(lab: Lab) -> None:
    lab.stand.keys.add_role("222222222222", "deploy", external_id="x1")
    lab.credentials("base", lab.key)
    lab.config(f"[profile lab]\nrole_arn={ROLE}\nsource_profile=base\nexternal_id=x1\nrole_session_name=me\n")
    assert lab.whose(lab.profile(sources.ROLE)) == "arn:aws:sts::222222222222:assumed-role/deploy/me"


def test_the_block_s_role_comes_on_top_with_its_external_id(lab: Lab) -> None:
    lab.stand.keys.add_role("222222222222", "deploy", external_id="x2")
    block = {"role_arn": ROLE, "external_id": "x2", "session_name": "tf"}
    for assume in (block, [block]):
        arn = lab.whose(lab.consumer(lab.static(), assume_role=assume))
        assert arn == "arn:aws:sts::222222222222:assumed-role/deploy/tf"


def test_roles_of_the_block_are_assumed_one_after_the_other(lab: Lab) -> None:
    lab.stand.keys.add_role("222222222222", "first")
    lab.stand.keys.add_role("333333333333", "second")
    chain = [
        {"role_arn": f"arn:aws:iam::{account}:role/{name}"}
        for account, name in (("222222222222", "first"), ("333333333333", "second"))
    ]
    lab.stand.forget()
    assert ":333333333333:assumed-role/second/" in lab.whose(lab.consumer(lab.static(), assume_role=chain))
    assert [request.action for request in lab.stand.requests] == ["AssumeRole", "AssumeRole", "GetCallerIdentity"]


def test_the_old_arguments_of_the_backend_name_a_role_too(lab: Lab) -> None:
    lab.stand.keys.add_role("222222222222", "deploy")
    assert ":assumed-role/deploy/" in lab.whose(lab.consumer(lab.static(), role_arn=ROLE, session_name="old"))


def test_a_credential_process_is_run(lab: Lab, tmp_path: Path) -> None:
    session = lab.stand.keys.create_session(role="made")
    document = {
        "Version": 1,
        "AccessKeyId": session.id,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
    }
    (tmp_path / "out.json").write_text(json.dumps(document))
    lab.config(f"[profile lab]\ncredential_process = cat {tmp_path / 'out.json'}\n")
    assert ":assumed-role/made/" in lab.whose(lab.profile(sources.PROCESS))


def test_keys_of_the_environment_play_no_part_for_a_profile(lab: Lab, tmp_path: Path) -> None:
    other = lab.stand.keys.create(user="other")
    lab.environ |= {"AWS_ACCESS_KEY_ID": other.id, "AWS_SECRET_ACCESS_KEY": other.secret, "AWS_PROFILE": "other"}
    test_a_credential_process_is_run(lab, tmp_path)


def test_web_identity_of_the_environment_is_used(lab: Lab, tmp_path: Path) -> None:
    lab.stand.keys.add_role("222222222222", "ci")
    token = tmp_path / "token"
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "ci", "exp": time.time() + 600}).encode()).decode().rstrip("=")
    token.write_text(f"e30.{claims}.made-up")
    lab.environ |= {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": "arn:aws:iam::222222222222:role/ci"}
    source = Source(sources.WEB_IDENTITY, "AWS_WEB_IDENTITY_TOKEN_FILE")
    assert ":assumed-role/ci/" in lab.whose(lab.consumer(source))


@contextmanager
def portal(keys: dict[str, Any]) -> Iterator[str]:
    """IAM Identity Center's portal: GetRoleCredentials for the token `good`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_good = self.headers.get("x-amz-sso_bearer_token") == "good"
            body = json.dumps({"roleCredentials": keys} if is_good else {"message": "no"}).encode()
            self.send_response(200 if is_good else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("x-amzn-ErrorType", "" if is_good else "UnauthorizedException")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


SSO = (
    "[profile lab]\nsso_session=s\nsso_account_id=222222222222\nsso_role_name=dev\n"
    "[sso-session s]\nsso_region=us-east-1\nsso_start_url=https://made-up.awsapps.com/start\n"
)


def sign_in(lab: Lab, token: str, expires: str) -> None:
    cache = lab.folder / "sso" / "cache"
    cache.mkdir(parents=True)
    name = hashlib.sha1(b"s").hexdigest()
    document = {
        "startUrl": "https://made-up.awsapps.com/start",
        "region": "us-east-1",
        "accessToken": token,
        "expiresAt": expires,
    }
    (cache / f"{name}.json").write_text(json.dumps(document))


def test_an_sso_session_gives_the_role_s_keys(lab: Lab) -> None:
    session = lab.stand.keys.create_session(account="222222222222", role="AWSReservedSSO_dev")
    lab.config(SSO)
    sign_in(lab, "good", "2099-01-01T00:00:00Z")
    ends = 4070908800
    keys = {
        "accessKeyId": session.id,
        "secretAccessKey": session.secret,
        "sessionToken": session.token,
        "expiration": ends * 1000,
    }
    with portal(keys) as url:
        lab.environ["AWS_ENDPOINT_URL_SSO"] = url
        made = lab.resolve(lab.profile(sources.SSO_SESSION))
    assert isinstance(made, Source)
    assert (made.access_key, made.expires) == (session.id, ends)


NOT_MADE: dict[str, tuple[str, str]] = {
    "no SSO session": (SSO, "aws sso login"),
    "a role with MFA": (
        f"[profile lab]\nrole_arn={ROLE}\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/a\n",
        "MFA",
    ),
    "no such profile": ("[profile other]\nregion=us-east-1\n", "no such profile"),
    "a circle": (
        f"[profile lab]\nrole_arn={ROLE}\nsource_profile=b\n[profile b]\nrole_arn={ROLE}\nsource_profile=lab\n",
        "circle",
    ),
    "a process that fails": ("[profile lab]\ncredential_process = sh -c 'echo canary >&2; exit 3'\n", "failed"),
    "a file that botocore cannot read": ("[profile lab\n", ""),
    "a role that nobody may assume": (f"[profile lab]\nrole_arn={ROLE}nope\nsource_profile=base\n", "AssumeRole"),
}


@pytest.mark.parametrize(("config", "words"), NOT_MADE.values(), ids=NOT_MADE)
def test_what_cannot_be_made_is_said(lab: Lab, config: str, words: str) -> None:
    lab.credentials("base", lab.key)
    lab.config(config)
    answer = lab.resolve(lab.profile(sources.ROLE))
    assert isinstance(answer, Answer)
    assert answer.status == identity.UNCHECKED
    assert words in answer.message
    assert answer.message
    assert "canary" not in repr(answer)


@pytest.mark.parametrize(
    "arguments",
    [
        {"assume_role": UNKNOWN},
        {"assume_role": {"role_arn": UNKNOWN}},
        {"assume_role": {"role_arn": ROLE, "external_id": UNKNOWN}},
        {"shared_config_files": ["/x"]},
    ],
)
def test_what_only_terraform_knows_is_not_guessed(lab: Lab, arguments: dict[str, object]) -> None:
    lab.stand.forget()
    answer = lab.resolve(lab.consumer(lab.static(), **arguments))
    assert isinstance(answer, Answer)
    assert answer.status == identity.UNCHECKED
    assert lab.stand.requests == []


OF_BLOCK = Source(sources.WEB_IDENTITY, "main.tf:1", roles=(ROLE,))


def test_web_identity_of_the_block_is_used_and_its_roles_on_top(lab: Lab, tmp_path: Path) -> None:
    lab.stand.keys.add_role("222222222222", "ci")
    lab.stand.keys.add_role("222222222222", "deploy")
    token = tmp_path / "token"
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "ci", "exp": time.time() + 600}).encode()).decode().rstrip("=")
    token.write_text(f"e30.{claims}.made-up")
    web = {"role_arn": "arn:aws:iam::222222222222:role/ci", "web_identity_token_file": str(token)}
    assert ":assumed-role/ci/" in lab.whose(lab.consumer(OF_BLOCK, assume_role_with_web_identity=web))
    both = {"assume_role_with_web_identity": [web], "assume_role": {"role_arn": ROLE}}
    assert ":assumed-role/deploy/" in lab.whose(lab.consumer(OF_BLOCK, **both))
    lab.environ |= {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}
    alone = {"role_arn": web["role_arn"], "session_name": "job-7"}
    assert lab.whose(lab.consumer(OF_BLOCK, assume_role_with_web_identity=alone)).endswith("/ci/job-7")


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"role_arn": UNKNOWN, "web_identity_token_file": "/x"}, "only Terraform can evaluate"),
        ({"role_arn": ROLE, "web_identity_token_file": UNKNOWN}, "only Terraform can evaluate"),
        (UNKNOWN, "only Terraform can evaluate"),
        ({"role_arn": ROLE}, "no token file is named"),
        ({"role_arn": ROLE, "web_identity_token_file": "/nowhere/token"}, "the token file cannot be read"),
    ],
)
def test_a_web_identity_that_cannot_be_used_is_said(lab: Lab, block: object, words: str) -> None:
    answer = lab.resolve(lab.consumer(OF_BLOCK, assume_role_with_web_identity=block))
    assert isinstance(answer, Answer)
    assert (answer.status, words in answer.message) == (identity.UNCHECKED, True)


def test_a_key_that_aws_rejects_is_a_rejection(lab: Lab) -> None:
    lab.stand.keys.deactivate(lab.key.id)
    answer = lab.resolve(lab.consumer(lab.static(), assume_role={"role_arn": ROLE}))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.code) == (identity.REJECTED, "InvalidClientTokenId")


def test_a_process_that_hangs_is_ended_in_time_with_what_it_started(lab: Lab, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    lab.config(f"[profile lab]\ncredential_process = sh -c 'echo $$ > {pid}; sleep 60; echo'\n")
    started = time.monotonic()
    answer = lab.resolve(lab.profile(sources.PROCESS), limit_s=3)
    assert time.monotonic() - started < 6
    assert isinstance(answer, Answer)
    assert "within 3 seconds" in answer.message
    assert is_gone(int(pid.read_text()))


def is_gone(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_it_is_needed_for_what_has_no_keys_or_a_role(lab: Lab) -> None:
    assert resolving.is_needed(lab.profile(sources.SSO))
    assert resolving.is_needed(lab.consumer(lab.static()._replace(roles=(ROLE,))))
    assert not resolving.is_needed(lab.consumer(lab.static()))
    assert not resolving.is_needed(lab.consumer(Source(sources.NONE)))
