"""Which refresher a source gets, how a refresh may end, and whether its keys are used."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery.refreshing import NOBODY, Home, keys
from tfwrap.aws import accesskey
from tfwrap.errors import Interrupted
from tfwrap.identity.question import OK, REJECTED, UNCHECKED, Answer
from tfwrap.origin import Secret
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh import Credentials, Result
from tfwrap.recovery.refresh.confirm import (
    CONFIRMED,
    NOT_PINNED,
    OTHER_ACCOUNT,
    REFUSED,
    UNCONFIRMED,
    Verdict,
)
from tfwrap.recovery.refresh.outcome import NotRefreshed
from tfwrap.settings.settings import Value
from tfwrap.sources import source
from tfwrap.sources.source import Source

if TYPE_CHECKING:
    from tests.unit.recovery.refreshing import Person
    from tfwrap.recovery.refresh import Terminal
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

ACCOUNT, OTHER = "111111111111", "222222222222"
STATIC = "aws_access_key_id = AKIARTXV5AHD4Q330002\naws_secret_access_key = made-up\n"
FILE = f"[profile base]\n{STATIC}[profile sso]\nsso_start_url = u\n"

CHOICES = [
    ("an SSO session", "sso_session = corp", "Sso"),
    ("a legacy SSO profile", "sso_start_url = https://x", "Sso"),
    ("a role on SSO", "role_arn = r\nsource_profile = sso", "Sso"),
    ("a login session", "login_session = x", "Login"),
    ("a process", "credential_process = /bin/gives", "Process"),
    ("granted", "credential_process = /opt/granted credential-process", "Granted"),
    ("aws-vault", "credential_process = aws-vault export --format=json x", "AwsVault"),
    ("a role", "role_arn = r\nsource_profile = base", "Role"),
    ("a role with MFA", "role_arn = r\nsource_profile = base\nmfa_serial = m", "MfaRole"),
    ("a role of the environment's keys", "role_arn = r\ncredential_source = Environment", "Role"),
    ("keys with MFA", f"mfa_serial = m\n{STATIC}", "MfaUser"),
    ("a web identity", "role_arn = r\nweb_identity_token_file = f", "WebIdentity"),
    ("keys", STATIC, None),
    ("a session that somebody typed in", f"{STATIC}aws_session_token = x", None),
    ("a role on the instance's", "role_arn = r\ncredential_source = Ec2InstanceMetadata", None),
    ("a role on a profile that is not there", "role_arn = r\nsource_profile = nowhere\nmfa_serial = m", None),
    ("a role on itself", "role_arn = r\nsource_profile = prod", None),
    ("nothing", "region = us-east-1", None),
]


def name(found: object) -> str | None:
    return type(found).__name__ if found else None


@pytest.mark.parametrize(("profile", "kind"), [pytest.param(*row[1:], id=row[0]) for row in CHOICES])
def test_a_profile_gets_the_refresher_of_what_makes_its_keys(home: Home, profile: str, kind: str | None) -> None:
    home.write(f"{FILE}[profile prod]\n{profile}\n")
    found = refresh.choose(home.need("prod"))
    assert name(found) == kind
    assert found is None or found.describe().isprintable()


def test_a_profile_that_terraform_cannot_use_is_a_source_none_and_gets_one(home: Home) -> None:
    home.write(f"{FILE}[profile prod]\nrole_arn = r\nsource_profile = base\nmfa_serial = m\n")
    assert name(refresh.choose(home.need("prod", Source(source.NONE, profile="prod")))) == "MfaRole"


ELSEWHERE = [source.ENVIRONMENT, source.CONTAINER, source.IMDS, source.SAVED_BACKEND, source.BLOCK, source.UNDECIDED]


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_keys_from_elsewhere_are_not_made_new_by_a_login_to_the_profile(home: Home, kind: str) -> None:
    home.write("[profile prod]\nsso_start_url = https://x\nsso_region = x\n")
    assert refresh.choose(home.need("prod", Source(kind))) is None


@pytest.mark.parametrize("kind", [source.SAVED_BACKEND, source.BLOCK])
def test_keys_that_are_written_down_are_not_made_new_by_a_command_either(home: Home, kind: str) -> None:
    assert refresh.choose(home.need("prod", Source(kind), command=["x"])) is None


def test_no_profile_and_no_files_are_nothing_to_refresh(home: Home) -> None:
    assert refresh.choose(home.need("", NOBODY)) is None


def test_the_settings_of_a_name_are_taken_from_those_that_count() -> None:
    values = {
        ("refresh", "prod", "command"): Value(["x"], "f:1"),
        ("refresh", "a.b", "vault"): Value("aws/creds/x", "f:2"),
        ("account",): Value(ACCOUNT, "f:3"),
    }
    assert refresh.configured(values) == {"prod": {"command": ["x"]}, "a.b": {"vault": "aws/creds/x"}}


class Raises:
    """A refresher in which something goes wrong."""

    is_interactive = False

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def describe(self) -> str:
        return "raise"

    def run(self, terminal: Terminal) -> Result:
        raise self.error


WRONG = [
    (NotRefreshed("because"), "because"),
    (PermissionError(13, "Permission denied", "f"), "not refreshed: f permission denied"),
    (KeyboardInterrupt(), "the refresh was interrupted; nothing was changed"),
    (Interrupted(signal.SIGINT), "the refresh was interrupted; nothing was changed"),
]


@pytest.mark.parametrize(("error", "message"), WRONG, ids=lambda value: type(value).__name__)
def test_what_goes_wrong_is_a_result(home: Home, error: BaseException, message: str) -> None:
    assert refresh.run(Raises(error), home.nobody()) == Result(False, None, message)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_tfwrap_ends_it(home: Home, number: int) -> None:
    with pytest.raises(Interrupted):
        refresh.run(Raises(Interrupted(number)), home.nobody())


def of(key: AccessKey, role: str = "") -> Result:
    token = Secret(key.token) if key.token else None
    return Result(True, Credentials(key.id, Secret(key.secret), token, role=role))


def known(account: str) -> Answer:
    return Answer(OK, account, "arn")


REJECTION = Answer(REJECTED, code="ExpiredToken")
VERDICTS = [
    ("the account of before", known(ACCOUNT), "", CONFIRMED),
    ("the pinned account as well", known(ACCOUNT), ACCOUNT, CONFIRMED),
    ("the pinned account, nobody knows what was before", REJECTION, ACCOUNT, CONFIRMED),
    ("another account", known(OTHER), "", OTHER_ACCOUNT),
    ("another account, pinned now", known(OTHER), ACCOUNT, OTHER_ACCOUNT),
    ("not the pinned account", known(ACCOUNT), OTHER, NOT_PINNED),
    ("not the pinned account, nobody knows what was before", REJECTION, OTHER, NOT_PINNED),
    ("nobody knows what was before", REJECTION, "", OTHER_ACCOUNT),
]


@pytest.mark.parametrize(("before", "pinned", "status"), [pytest.param(*row[1:], id=row[0]) for row in VERDICTS])
def test_only_the_account_that_is_meant_is_good(
    home: Home, stand: Stand, before: Answer, pinned: str, status: str
) -> None:
    verdict = refresh.confirm(of(stand.keys.create(account=ACCOUNT)), home.need("prod"), before, pinned)
    assert verdict.status == status
    assert verdict.is_good == (status == CONFIRMED)
    assert verdict.message.isprintable()


def test_the_old_key_says_its_account_where_sts_did_not(home: Home, stand: Stand) -> None:
    old = stand.keys.create(account=OTHER)
    assert accesskey.account(old.id) == OTHER
    need = home.need("prod", Source(source.PROFILE, "f", old.id, Secret(old.secret)))
    new = of(stand.keys.create(account=ACCOUNT))
    assert refresh.confirm(new, need, REJECTION).status == OTHER_ACCOUNT
    assert refresh.confirm(of(stand.keys.create(account=OTHER)), need, REJECTION).is_good


def test_an_sso_profile_says_its_account(home: Home, stand: Stand) -> None:
    home.write(f"[profile prod]\nsso_start_url = u\nsso_account_id = {OTHER}\n")
    assert refresh.confirm(of(stand.keys.create(account=OTHER)), home.need("prod"), REJECTION).is_good
    assert not refresh.confirm(of(stand.keys.create(account=ACCOUNT)), home.need("prod"), REJECTION).is_good


def test_a_roles_session_is_of_the_roles_account_and_not_of_the_keys(home: Home, stand: Stand) -> None:
    session = stand.keys.create_session(account=OTHER, role="x")
    made = of(session, f"arn:aws:iam::{OTHER}:role/x")
    assert refresh.confirm(made, home.need("prod"), known(ACCOUNT)).is_good


@pytest.mark.parametrize(("pinned", "is_good"), [(OTHER, True), (ACCOUNT, False), ("", True)])
def test_a_pin_is_held_to_the_account_of_the_role_that_terraform_assumes(
    home: Home, stand: Stand, pinned: str, is_good: bool
) -> None:
    home.write(
        f"[profile base]\nsso_start_url = u\n"
        f"[profile prod]\nrole_arn = arn:aws:iam::{OTHER}:role/x\nsource_profile = base\n"
    )
    made = of(stand.keys.create_session(account=ACCOUNT))
    assert refresh.confirm(made, home.need("prod"), known(ACCOUNT), pinned).is_good == is_good


def test_without_keys_in_memory_the_source_that_was_read_again_is_asked_about(home: Home, stand: Stand) -> None:
    key = stand.keys.create(account=ACCOUNT)
    again = Source(source.PROFILE, "f", key.id, Secret(key.secret))
    verdict = refresh.confirm(Result(True), home.need("prod"), known(ACCOUNT), "", again)
    assert (verdict.status, verdict.answer.account) == (CONFIRMED, ACCOUNT)


def test_keys_that_sts_rejects_or_cannot_be_asked_about_are_not_good(home: Home, stand: Stand) -> None:
    key = stand.keys.create(account=ACCOUNT)
    unreachable = home._replace(where=home.where._replace(url="http://127.0.0.1:9"))
    assert refresh.confirm(of(key), unreachable.need("prod"), known(ACCOUNT)).status == UNCONFIRMED
    assert refresh.confirm(Result(True), home.need("prod"), known(ACCOUNT)).status == UNCONFIRMED
    stand.keys.delete(key.id)
    assert refresh.confirm(of(key), home.need("prod"), known(ACCOUNT)).status == REFUSED


def verdict(status: str) -> Verdict:
    return Verdict(status, Answer(OK if status != UNCONFIRMED else UNCHECKED, OTHER, "arn"), "said")


def accepted(status: str, person: Person) -> bool:
    return refresh.accept(verdict(status), person)


@pytest.mark.parametrize(("answer", "is_used"), [("y", True), ("YES", True), ("n", False), ("", False), ("x", False)])
def test_another_account_is_used_when_a_person_says_so(home: Home, answer: str, is_used: bool) -> None:
    person = home.person(answer)
    assert accepted(OTHER_ACCOUNT, person) == is_used
    assert (person.heard, person.asked) == (["said"], [f"Use account {OTHER}? [y] yes, [n] no:"])


def test_another_account_is_never_used_where_nobody_is(home: Home) -> None:
    assert not accepted(OTHER_ACCOUNT, home.nobody())


@pytest.mark.parametrize("status", [NOT_PINNED, REFUSED, UNCONFIRMED])
def test_nobody_is_asked_about_what_must_not_be_used(home: Home, status: str) -> None:
    person = home.person("y")
    assert not accepted(status, person)
    assert person.asked == []


def test_the_account_that_is_meant_is_used_without_a_word(home: Home) -> None:
    person = home.person()
    assert accepted(CONFIRMED, person)
    assert (person.heard, person.asked) == ([], [])


def test_the_helper_of_these_tests_writes_what_is_read(home: Home, stand: Stand) -> None:
    key = stand.keys.create_session()
    home.write("", keys("prod", key))
    profile = home.need("prod").profile
    assert profile
    assert (profile.get("aws_access_key_id"), profile.token) == (key.id, Secret(key.token or ""))
