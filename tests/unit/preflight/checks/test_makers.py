"""TFW207, TFW209 and TFW210: profiles whose credentials somebody else makes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    KEY,
    NOTHING,
    OLD,
    SECRET,
    consumer,
    in_environment,
    of_profile,
    with_files,
    written,
)
from tfwrap.aws import ssocache
from tfwrap.preflight.checks import makers
from tfwrap.preflight.checks.finding import ERROR

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.sources.consumers import Consumer

PAIR = f"aws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n"
ROLE = "role_arn=arn:aws:iam::111111111111:role/r\n"
MFA = "mfa_serial=arn:aws:iam::111111111111:mfa/x\n"
SSO = (
    "[profile lab]\nsso_session=s s\nsso_account_id=1\nsso_role_name=n\n"
    "[sso-session s s]\nsso_region=r\nsso_start_url=u\n"
)
LEGACY = "[profile lab]\nsso_start_url=u\nsso_region=r\nsso_account_id=1\nsso_role_name=n\n"
BASE = f"[profile base]\n{PAIR}"
LAB = consumer(of_profile("lab"))
CLIENT = {"clientId": "c", "clientSecret": "canary", "refreshToken": "canary"}
LATER, EARLIER = "2027-02-15T08:00:00Z", "2026-12-01T08:00:00UTC"  # the made-up present is 2027-01-15T08:00:00Z
TOKENS: dict[str, Any] = {
    "kept": {"expiresAt": LATER},
    "over": {"expiresAt": EARLIER},
    "renewed": {"expiresAt": EARLIER, **CLIENT, "registrationExpiresAt": LATER},
    "unregistered": {"expiresAt": EARLIER, **CLIENT, "registrationExpiresAt": EARLIER},
    "senseless": {"expiresAt": "soon"},
}


def process(line: str) -> str:
    return f"[profile lab]\ncredential_process={line}\n"


def keep(home: Path, name: str, token: str) -> None:
    path = ssocache.path(name, str(home))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"accessToken": "canary", **TOKENS[token]}, file)


def found(home: Path, config: str, who: Consumer, token: str = "") -> list[Any]:
    environ = {**written(home, config), "AWS_PROFILE": "lab"}
    (home / "plain").write_text("#!/bin/sh\n")
    if token:
        keep(home, "u" if "sso_session" not in config else "s s", token)
    return list(makers.check(with_files(environ, who)))


# config, consumer, cached token; words of the title
FIRES: dict[str, list[Any]] = {
    "TFW207": [
        pytest.param(SSO, LAB, "", "nobody has logged in", id="nothing is kept"),
        pytest.param(SSO, LAB, "over", "the SSO session has expired", id="expired"),
        pytest.param(SSO, LAB, "unregistered", "has expired", id="nobody may renew it any more"),
        pytest.param(SSO, LAB, "senseless", "has expired", id="an end that is no time"),
        pytest.param(LEGACY, LAB, "", "nobody has logged in", id="the older kind"),
        pytest.param(LEGACY, LAB._replace(rules=OLD), "over", "has expired", id="before 1.6"),
        pytest.param(LEGACY, LAB, "renewed", "has expired", id="the older kind is never renewed"),
        pytest.param(
            f"[profile lab]\n{ROLE}source_profile=b\n{LEGACY.replace('lab', 'b')}",
            LAB,
            "",
            "logged in",
            id="below a role",
        ),
    ],
    "TFW209": [
        pytest.param(f"{BASE}[profile lab]\n{ROLE}source_profile=base\n{MFA}", LAB, "", '"lab" assumes', id="a role"),
        pytest.param(
            f"{BASE}[profile lab]\n{ROLE}source_profile=mid\n[profile mid]\n{ROLE}{MFA}source_profile=base\n",
            LAB,
            "",
            '"mid" assumes its role with MFA',
            id="in the middle",
        ),
        pytest.param(
            f"{BASE}[profile lab]\n{ROLE}source_profile=base\n{MFA}",
            LAB._replace(rules=OLD),
            "",
            "MFA",
            id="before 1.6",
        ),
    ],
    "TFW210": [
        pytest.param(process("/nonexistent/helper --json"), LAB, "", "/nonexistent/helper is not there", id="a path"),
        pytest.param(process("no-such-helper-here"), LAB, "", "is not on PATH", id="a name"),
        pytest.param(process("HOME/plain x"), LAB, "", "cannot be executed", id="not executable"),
        pytest.param(process("./helper"), LAB, "", "./helper is not there", id="a relative path"),
        pytest.param(process("/usr"), LAB, "", "cannot be executed", id="a directory"),
    ],
}
SILENT: list[Any] = [
    pytest.param(SSO, LAB, "kept", id="logged in"),
    pytest.param(SSO, LAB, "renewed", id="is renewed by itself"),
    pytest.param(LEGACY, LAB, "kept", id="the older kind"),
    pytest.param(SSO, LAB._replace(rules=OLD), "", id="an SDK that knows no sso_session"),
    pytest.param(SSO, consumer(in_environment()), "", id="keys go before it"),
    pytest.param(SSO + PAIR.replace("aws", "other"), LAB, "kept", id="something unknown"),
    pytest.param(f"[profile lab]\n{PAIR}sso_start_url=u\n", LAB, "", id="keys in the profile"),
    pytest.param(f"[profile lab]\n{PAIR}{MFA}", LAB, "", id="MFA without a role"),
    pytest.param(f"{BASE}{MFA}[profile lab]\n{ROLE}source_profile=base\n", LAB, "", id="MFA at the user"),
    pytest.param(f"{BASE}[profile lab]\n{ROLE}source_profile=base\n", LAB, "", id="a role without MFA"),
    pytest.param(
        f"{BASE}[profile lab]\n{ROLE}source_profile=base\n{MFA}", consumer(in_environment()), "", id="MFA behind keys"
    ),
    pytest.param(process("/bin/sh -c x"), LAB, "", id="a program that is there"),
    pytest.param(process("sh"), LAB, "", id="on PATH"),
    pytest.param(process('"/no such/helper" x'), LAB, "", id="quotes"),
    pytest.param(process("~/no-such-helper"), LAB, "", id="a home"),
    pytest.param(process("$HOME/no-such-helper"), LAB, "", id="a variable"),
    pytest.param(process("no-such-helper || sh"), LAB, "", id="another program"),
    pytest.param(process("exec no-such-helper"), LAB, "", id="a word of the shell's"),
    pytest.param(process("X=1 no-such-helper"), LAB, "", id="a variable is set"),
    pytest.param(process("no-such-helper") + PAIR, LAB, "", id="keys go before a process"),
    pytest.param(process("no-such-helper"), consumer(in_environment()), "", id="a process behind keys"),
    pytest.param("", consumer(NOTHING), "", id="no profile"),
    pytest.param(f"[profile lab]\n{ROLE}source_profile=gone\n", LAB, "", id="a broken chain: TFW208"),
]
CASES = [pytest.param(name, *case.values, id=f"{name} {case.id}") for name, cases in FIRES.items() for case in cases]


@pytest.mark.skipif(os.name != "posix", reason="how a POSIX shell finds programs")
@pytest.mark.parametrize(("identifier", "config", "who", "token", "words"), CASES)
def test_it_fires_and_nothing_else_does(
    identifier: str, config: str, who: Consumer, token: str, words: str, tmp_path: Path
) -> None:
    (one,) = found(tmp_path, config.replace("HOME", str(tmp_path)), who, token)
    assert (one.id, one.severity) == (identifier, ERROR)
    assert words in one.title
    assert one.fix
    assert "canary" not in repr(one)


@pytest.mark.parametrize(("config", "who", "token"), SILENT)
def test_where_all_is_well_nothing_is_said(config: str, who: Consumer, token: str, tmp_path: Path) -> None:
    assert found(tmp_path, config, who, token) == []


def test_there_are_more_cases_of_silence_than_of_any_finding() -> None:
    assert all(len(cases) <= len(SILENT) for cases in FIRES.values())


@pytest.mark.parametrize(
    ("config", "command"),
    [
        pytest.param(SSO, "aws sso login --sso-session 's s'", id="a session"),
        pytest.param(LEGACY, "aws sso login --profile lab", id="the older kind"),
    ],
)
def test_the_login_that_helps_is_named(config: str, command: str, tmp_path: Path) -> None:
    (one,) = found(tmp_path, config, LAB)
    assert one.fix == (command,)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"accessToken": 1, "expiresAt": []}', "\0", "[" * 100_000])
def test_what_is_kept_may_be_anything(content: str, tmp_path: Path) -> None:
    path = ssocache.path("u", str(tmp_path))
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    (one,) = found(tmp_path, LEGACY, LAB)
    assert one.id == "TFW207"


def test_the_memory_is_told_where_a_program_may_appear_and_where_a_token_is_kept(tmp_path: Path) -> None:
    environ = {**written(tmp_path, process("no-such-helper")), "AWS_PROFILE": "lab", "PATH": "/a:/b"}
    assert makers.paths(with_files(environ, LAB)) == ["/a/no-such-helper", "/b/no-such-helper"]
    environ = {**written(tmp_path, SSO), "AWS_PROFILE": "lab"}
    assert makers.paths(with_files(environ, LAB)) == [ssocache.path("s s", str(tmp_path))]
