"""SSO and `aws login`: against the stand-in for Identity Center, and a script in the place of the AWS CLI."""

from __future__ import annotations

import hashlib
import json
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest

from testing import sso as identity_center
from testing.sso import START_URL
from tests.unit.recovery.refreshing import Home, Person, printed, prints
from tfwrap.identity import identity
from tfwrap.recovery import refresh
from tfwrap.recovery.refresh import Result
from tfwrap.recovery.refresh import sso as refresher
from tfwrap.recovery.refresh.login import Login
from tfwrap.recovery.refresh.sso import Sso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tfwrap.recovery.refresh import Refresher
    from tfwrap.stand.server import Stand

ACCOUNT = "222222222222"
SESSION = f"[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n"
PROFILE = f"[profile prod]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = Deploy\n"
LEGACY = f"{PROFILE.replace('sso_session = corp', f'sso_start_url = {START_URL}')}sso_region = eu-west-1\n"
HEADFUL = {"DISPLAY": ":0"}


@pytest.fixture
def centre(stand: Stand, home: Home) -> Iterator[identity_center.Sso]:
    with identity_center.start(stand.keys, stand.clock) as started:
        started.roles.add((ACCOUNT, "Deploy"))
        home.environ.update(started.environment())
        home.write(SESSION + PROFILE)
        yield started


def token_file(home: Home, name: str = "corp") -> Path:
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    return home.path / ".aws" / "sso" / "cache" / f"{digest}.json"


def keep(home: Home, **changes: Any) -> None:
    """A token of an hour ago, which can be renewed."""
    document = {
        "startUrl": START_URL,
        "region": "eu-west-1",
        "accessToken": "made-up-old",
        "expiresAt": _iso(-3600),
        "clientId": "made-up-client",
        "clientSecret": "made-up-secret",
        "registrationExpiresAt": _iso(86400),
        "refreshToken": "made-up-refresh",
        **changes,
    }
    token_file(home).parent.mkdir(parents=True, exist_ok=True)
    token_file(home).write_text(json.dumps({name: value for name, value in document.items() if value}))


def _iso(from_now: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + from_now))


def chosen(home: Home) -> Refresher:
    found = refresh.choose(home.need("prod"))
    assert isinstance(found, Sso)
    return found


def run(home: Home, person: Person) -> Result:
    return refresh.run(chosen(home), person)


def cli(home: Home, version: str, does: str = "true") -> None:
    home.program("aws", f'[ "$1" = --version ] && {{ echo "aws-cli/{version}"; exit; }}\n{does}')


def logs_in(home: Home, centre: identity_center.Sso) -> str:
    """What the real CLI's login leaves behind."""
    centre.tokens.add("made-up-by-the-cli")
    document = {"accessToken": "made-up-by-the-cli", "expiresAt": _iso(3600), "startUrl": START_URL}
    place = token_file(home)
    return f"mkdir -p {place.parent}\ncat > {place} <<'END'\n{json.dumps(document)}\nEND"


def paths(centre: identity_center.Sso) -> list[str]:
    return [call.path for call in centre.calls]


def test_a_refresh_token_is_used_without_asking_anybody(centre: identity_center.Sso, home: Home) -> None:
    keep(home)
    centre.refresh_tokens.add("made-up-refresh")
    assert not chosen(home).is_interactive
    result = run(home, home.nobody())
    assert result.done
    assert result.credentials
    answer = identity.ask(result.credentials.as_source("made up"), home.where)
    assert (answer.account, "AWSReservedSSO_Deploy" in answer.arn) == (ACCOUNT, True)
    assert paths(centre) == ["/token", "/federation/credentials"]


def test_the_renewed_token_is_kept_as_the_sdks_read_it(centre: identity_center.Sso, home: Home) -> None:
    keep(home)
    centre.refresh_tokens.add("made-up-refresh")
    run(home, home.nobody())
    kept = json.loads(token_file(home).read_text())
    assert kept["accessToken"] in centre.tokens
    assert kept["refreshToken"] in centre.refresh_tokens - {"made-up-refresh"}
    assert (kept["clientId"], kept["startUrl"], kept["region"]) == ("made-up-client", START_URL, "eu-west-1")
    assert _iso(3500) < kept["expiresAt"] < _iso(3700)
    assert stat.S_IMODE(token_file(home).stat().st_mode) == 0o600


NOT_RENEWABLE = [
    ("no refresh token", {"refreshToken": None}),
    ("no client", {"clientSecret": None}),
    ("a registration that is over", {"registrationExpiresAt": _iso(-60)}),
    ("a registration without an end", {"registrationExpiresAt": None}),
    ("no access token", {"accessToken": None}),
    ("a number for a token", {"refreshToken": 7}),
]


@pytest.mark.parametrize("changes", [pytest.param(changes, id=why) for why, changes in NOT_RENEWABLE])
def test_what_cannot_be_renewed_wants_a_person(
    centre: identity_center.Sso, home: Home, changes: dict[str, object]
) -> None:
    keep(home, **changes)
    assert chosen(home).is_interactive
    result = run(home, home.nobody())
    assert (result.done, centre.calls) == (False, [])
    assert result.message.endswith("log in to SSO again (aws sso login --profile prod)")


def test_a_refresh_token_that_was_revoked_wants_a_person_and_leaves_the_file(
    centre: identity_center.Sso, home: Home
) -> None:
    keep(home)
    before = token_file(home).read_bytes()
    result = run(home, home.nobody())
    assert (result.done, result.message) == (False, "SSO wants a person: aws sso login --profile prod")
    assert token_file(home).read_bytes() == before


COMMANDS = [
    ("2.32.1", HEADFUL, "aws sso login --profile prod"),
    ("2.32.1", {}, "aws sso login --profile prod --use-device-code"),
    ("2.32.1", HEADFUL | {"SSH_CONNECTION": "x"}, "aws sso login --profile prod --use-device-code"),
    ("2.22.0", {}, "aws sso login --profile prod --use-device-code"),
    ("2.21.3", {}, "aws sso login --profile prod --no-browser"),
    ("2.9.0", HEADFUL, "aws sso login --profile prod"),
]


@pytest.mark.parametrize(("version", "environ", "typed"), COMMANDS)
def test_the_cli_logs_in_as_this_machine_and_its_version_allow(
    centre: identity_center.Sso, home: Home, version: str, environ: dict[str, str], typed: str
) -> None:
    cli(home, version, logs_in(home, centre))
    home.environ.update(environ)
    person = home.person()
    result = run(home, person)
    assert result.done, result.message
    assert person.typed == [typed]
    assert paths(centre) == ["/federation/credentials"]


def test_a_role_that_rests_on_sso_logs_in_the_profile_it_rests_on(centre: identity_center.Sso, home: Home) -> None:
    text = PROFILE.replace("[profile prod]", "[profile base]")
    home.write(f"{SESSION}{text}[profile prod]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n")
    cli(home, "2.32.1", logs_in(home, centre))
    person = home.person()
    assert run(home, person).done
    assert person.typed[0].startswith("aws sso login --profile base")


@pytest.mark.parametrize(
    ("version", "what"),
    [("1.44.5", "is AWS CLI version 1, which has no sso login"), ("", "does not say its version")],
)
def test_a_cli_that_cannot_log_in_is_said_and_not_needed(
    centre: identity_center.Sso, home: Home, version: str, what: str
) -> None:
    cli(home, version, "exit 252")
    person = home.person()
    assert run(home, person).done
    assert person.typed == []
    assert person.heard[0] == f"{home.path}/bin/aws {what}: tfwrap asks for the code by itself"


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("exit 255", "aws ended with exit status 255"),
        ("exit 0", "the login left no token that is good in ~/.aws/sso/cache"),
    ],
)
def test_a_login_that_came_to_nothing_is_said(centre: identity_center.Sso, home: Home, does: str, reason: str) -> None:
    cli(home, "2.32.1", does)
    assert run(home, home.person()) == Result(False, None, reason)


def test_without_a_cli_the_code_is_shown_and_waited_for(centre: identity_center.Sso, home: Home) -> None:
    centre.answers = ["AuthorizationPendingException", "SlowDownException", "AuthorizationPendingException"]
    person = home.person()
    result = run(home, person)
    assert result.done, result.message
    assert person.heard == [
        f"open {centre.url}/device in a browser and enter the code ABCD-WXYZ",
        f"or open {centre.url}/device?user_code=ABCD-WXYZ and compare the code",
    ]
    assert person.slept == [1, 1, 6, 6]  # RFC 8628: five seconds more from slow_down on
    assert stat.S_IMODE(token_file(home).stat().st_mode) == 0o600
    assert not chosen(home).is_interactive  # the next time nobody is needed


def test_the_registration_asks_for_what_a_named_session_needs(centre: identity_center.Sso, home: Home) -> None:
    run(home, home.person())
    assert centre.calls[0].body["scopes"] == ["sso:account:access"]
    home.write(SESSION + "sso_registration_scopes = a, b\n" + PROFILE)
    token_file(home).unlink()
    centre.calls.clear()
    run(home, home.person())
    assert centre.calls[0].body["scopes"] == ["a", "b"]


def test_a_legacy_profile_is_kept_by_its_start_url_and_never_renewed(centre: identity_center.Sso, home: Home) -> None:
    home.write(LEGACY)
    assert run(home, home.person()).done
    assert "scopes" not in centre.calls[0].body
    assert token_file(home, START_URL).exists()
    assert chosen(home).is_interactive


DECLINED = [
    ("AccessDeniedException", "the login was declined in the browser"),
    ("ExpiredTokenException", "nobody confirmed the code in time"),
    ("InvalidClientException", "SSO answers InvalidClientException: made up: InvalidClientException"),
]


@pytest.mark.parametrize(("code", "reason"), DECLINED)
def test_a_login_that_is_refused_leaves_no_token(
    centre: identity_center.Sso, home: Home, code: str, reason: str
) -> None:
    centre.answers = ["AuthorizationPendingException", code]
    assert run(home, home.person()) == Result(False, None, reason)
    assert not token_file(home).exists()


def test_a_code_that_nobody_confirms_runs_out(centre: identity_center.Sso, home: Home) -> None:
    centre.answers = ["SlowDownException"] * 500
    person = home.person()
    assert run(home, person).message == "nobody confirmed the code in time"
    assert 600 <= sum(person.slept) < 1300


def test_an_interrupt_while_it_waits_leaves_no_token(centre: identity_center.Sso, home: Home) -> None:
    centre.answers = ["AuthorizationPendingException"] * 5
    person = home.person()

    def interrupted() -> None:
        raise KeyboardInterrupt

    person.whenever_asleep = interrupted
    result = run(home, person)
    assert result.message == "the refresh was interrupted; nothing was changed"
    assert (result.done, token_file(home).exists()) == (False, False)


def test_a_role_that_the_user_has_not_is_said_after_the_login(centre: identity_center.Sso, home: Home) -> None:
    centre.roles.clear()
    result = run(home, home.person())
    assert (result.done, result.message) == (False, "SSO answers ForbiddenException: made up: ForbiddenException")


def test_a_session_without_account_and_role_gives_no_keys(centre: identity_center.Sso, home: Home) -> None:
    home.write(f"{SESSION}[profile prod]\nsso_session = corp\n")
    result = run(home, home.person())
    assert (result.done, result.credentials) == (True, None)


@pytest.mark.parametrize("missing", ["sso_start_url", "sso_region"])
def test_a_session_that_lacks_something_is_said(centre: identity_center.Sso, home: Home, missing: str) -> None:
    home.write("".join(f"{line}\n" for line in (SESSION + PROFILE).splitlines() if not line.startswith(missing)))
    result = run(home, home.person())
    assert result.message == "[sso-session corp] in ~/.aws/config needs sso_start_url and sso_region"


def test_where_sso_does_not_answer_it_is_said(home: Home) -> None:
    home.write(SESSION + PROFILE)
    home.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    assert run(home, home.person()).message == "SSO could not be asked (EndpointConnectionError)"


BROWSERS = [
    ("a desktop", {"DISPLAY": ":0"}, "linux", True),
    ("Wayland alone", {"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
    ("WSL", {"WSL_DISTRO_NAME": "x", "WSL_INTEROP": "/run/WSL/8_interop"}, "linux", True),
    ("macOS", {}, "darwin", True),
    ("Windows", {}, "win32", True),
    ("a server", {}, "linux", False),
    ("WSL without interop", {"WSL_DISTRO_NAME": "x"}, "linux", False),
    ("a shell of SSH's with X forwarded", {"DISPLAY": ":10", "SSH_CONNECTION": "x"}, "linux", False),
    ("SSH to a Mac", {"SSH_TTY": "/dev/ttys001"}, "darwin", False),
]


@pytest.mark.parametrize(("environ", "platform", "is_there"), [pytest.param(*row[1:], id=row[0]) for row in BROWSERS])
def test_a_browser_is_where_a_person_sees_it(environ: dict[str, str], platform: str, is_there: bool) -> None:
    assert refresher.has_browser(environ, platform) == is_there


def test_no_token_shows_anywhere(centre: identity_center.Sso, home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    person = home.person()
    result = run(home, person)
    secrets = (*centre.tokens, *centre.refresh_tokens, json.loads(token_file(home).read_text())["clientSecret"])
    shown = f"{result!r}{person.heard}{capfd.readouterr()}{person.ran}"
    assert [secret for secret in secrets if secret in shown] == []


CONSOLE = "[profile prod]\nlogin_session = arn:aws:iam::111111111111:user/anna\n"


def sign_in(home: Home, person: Person) -> Result:
    home.write(CONSOLE)
    found = refresh.choose(home.need("prod"))
    assert isinstance(found, Login)
    return refresh.run(found, person)


@pytest.mark.parametrize(("environ", "more"), [(HEADFUL, ""), ({}, " --remote")])
def test_a_login_session_is_renewed_by_the_cli(home: Home, stand: Stand, environ: dict[str, str], more: str) -> None:
    key = stand.keys.create_session()
    cli(home, "2.32.0", f'[ "$1" = configure ] && {prints(printed(key))}\nexit 0')
    home.environ.update(environ)
    person = home.person()
    result = sign_in(home, person)
    assert result.done, result.message
    assert result.credentials
    assert result.credentials.access_key == key.id
    assert person.typed == [
        f"aws login --profile prod{more}",
        "aws configure export-credentials --profile prod --format process",
    ]


NO_LOGIN = [
    ("2.31.9", "exit 0", "is AWS CLI 2.31.9: aws login needs 2.32 or newer"),
    ("1.44.5", "exit 0", "is AWS CLI 1.44.5: aws login needs 2.32 or newer"),
    ("", "exit 0", "does not say its version: aws login needs 2.32 or newer"),
    ("2.32.0", "exit 1", "aws ended with exit status 1"),
    ("2.32.0", "echo garbage", "the output of aws is not JSON"),
]


@pytest.mark.parametrize(("version", "does", "reason"), NO_LOGIN)
def test_a_sign_in_that_comes_to_nothing_is_said(home: Home, version: str, does: str, reason: str) -> None:
    cli(home, version, does)
    result = sign_in(home, home.person())
    assert not result.done
    assert result.message.endswith(reason)


def test_a_sign_in_needs_the_cli_and_a_person(home: Home) -> None:
    assert sign_in(home, home.person()).message.startswith("aws is not on PATH")
    assert "needs a person at a terminal" in sign_in(home, home.nobody()).message
