"""TFW203, TFW204 and TFW205: the shared files of a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    KEY,
    NOTHING,
    SECRET,
    consumer,
    in_environment,
    of_profile,
    with_files,
    written,
)
from tfwrap.preflight.checks import shared_files
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING

if TYPE_CHECKING:
    from pathlib import Path

PAIR = f"aws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n"
LAB = consumer(of_profile("lab", KEY))
ANY = consumer(NOTHING)


def found(home: Path, config: str = "", credentials: str = "", who: Any = ANY, mode: int = 0o600) -> list[Any]:
    environ = {**written(home, config, credentials, mode), "AWS_PROFILE": "lab"}
    return list(shared_files.check(with_files(environ, *([who] if who else []))))


# config, credentials, mode; id, severity, words
FIRES: dict[str, list[Any]] = {
    "TFW203": [
        pytest.param("", f"[profile lab]\n{PAIR}", 0o600, ERROR, "[profile lab], which has to be [lab]", id="profile"),
        pytest.param(f"[lab]\n{PAIR}", "", 0o600, ERROR, "[lab], which has to be [profile lab]", id="no profile"),
        pytest.param(
            "[profile lab]\nregion=r\n", f"[profile lab]\n{PAIR}", 0o600, WARNING, "does not count", id="beside it"
        ),
    ],
    "TFW204": [
        pytest.param("", f"\ufeff[lab]\n{PAIR}", 0o600, WARNING, "~/.aws/credentials, line 1: a byte order", id="BOM"),
        pytest.param(f'[profile "lab"]\n{PAIR}', "", 0o600, WARNING, "quotes around a profile's name", id="a name"),
        pytest.param("", f"{PAIR}", 0o600, WARNING, "line 1, 2: a setting before any section", id="no section"),
        pytest.param("", f"\ufeff[other]\n{PAIR}[lab]\n{PAIR}", 0o600, INFO, "byte order", id="of another profile"),
        pytest.param("[profile lab]\nregion = 'r'\n", "", 0o600, INFO, "boto3 and the AWS CLI do not", id="quotes"),
        pytest.param("[profile lab]\nregion = r # c\n", "", 0o600, INFO, "a comment behind a value", id="a comment"),
    ],
    "TFW205": [
        pytest.param("", f"[lab]\n{PAIR}", 0o644, WARNING, "others may read it (mode 0644)", id="others"),
        pytest.param("", f"[lab]\n{PAIR}", 0o640, WARNING, "the group may read it", id="the group"),
        pytest.param("", f"[lab]\n{PAIR}", 0o666, WARNING, "others may read and change it", id="write"),
        pytest.param(f"[profile lab]\n{PAIR}", "", 0o644, WARNING, "~/.aws/config holds secret keys", id="config"),
    ],
}
# config, credentials, mode
SILENT: list[Any] = [
    pytest.param("", "", 0o600, id="no files"),
    pytest.param("", f"[lab]\n{PAIR}", 0o600, id="credentials"),
    pytest.param(f"[profile lab]\n{PAIR}", "", 0o600, id="config"),
    pytest.param(f"[default]\n{PAIR}[profile lab]\n{PAIR}", f"[lab]\n{PAIR}", 0o600, id="both"),
    pytest.param("[sso-session lab]\nsso_region=r\n", "", 0o600, id="a session of the same name"),
    pytest.param("[services lab]\ns3=\n  endpoint_url=x\n", "", 0o600, id="services of the same name"),
    pytest.param("[other]\nregion=r\n", f"[profile another]\n{PAIR}", 0o600, id="wrong prefixes of other profiles"),
    pytest.param("[profile lab]\nregion=r\n", "", 0o644, id="readable without a secret"),
    pytest.param("", f"[lab]\n{PAIR}", 0o400, id="read-only"),
]
CASES = [pytest.param(name, *case.values, id=f"{name} {case.id}") for name, cases in FIRES.items() for case in cases]


@pytest.mark.parametrize(("identifier", "config", "credentials", "mode", "severity", "words"), CASES)
def test_it_fires_and_nothing_else_does(
    identifier: str, config: str, credentials: str, mode: int, severity: str, words: str, tmp_path: Path
) -> None:
    (one,) = found(tmp_path, config, credentials, mode=mode)
    assert (one.id, one.severity) == (identifier, severity)
    assert words in one.title
    assert one.fix
    assert KEY not in repr(one)
    assert "canary" not in repr(one)


@pytest.mark.parametrize(("config", "credentials", "mode"), SILENT)
def test_where_all_is_well_nothing_is_said(config: str, credentials: str, mode: int, tmp_path: Path) -> None:
    assert found(tmp_path, config, credentials, LAB, mode) == []


def test_there_are_more_cases_of_silence_than_of_any_finding() -> None:
    assert all(len(cases) <= len(SILENT) for cases in FIRES.values())


def test_files_that_nobody_loads_are_not_looked_at(tmp_path: Path) -> None:
    assert found(tmp_path, "", f"[profile lab]\n{PAIR}", None, 0o644) == []


def test_a_wrong_prefix_stops_beside_good_keys_as_well(tmp_path: Path) -> None:
    (one,) = found(tmp_path, f"[lab]\n{PAIR}", who=consumer(in_environment()))
    assert one.severity == ERROR


def test_the_fix_of_permissions_can_be_typed(tmp_path: Path) -> None:
    (one,) = found(tmp_path, "", f"[lab]\n{PAIR}", mode=0o644)
    assert one.fix == ("chmod 600 ~/.aws/credentials",)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    environ = {**written(tmp_path), "AWS_PROFILE": "lab"}
    os.mkfifo(tmp_path / ".aws" / "credentials")
    assert list(shared_files.check(with_files(environ, ANY))) == []


def test_both_files_are_told_to_the_memory(tmp_path: Path) -> None:
    known = with_files(written(tmp_path), ANY)
    assert shared_files.paths(known) == [str(tmp_path / ".aws" / name) for name in ("config", "credentials")]


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ("/run/secrets/aws_credentials", True),
        ("/var/run/secrets/aws/credentials", True),
        ("/mnt/c/Users/anna/.aws/credentials", True),
        ("/mnt/data/anna/.aws/credentials", False),
        ("/mnt/credentials", False),
        ("/home/anna/mnt/c/.aws/credentials", False),
    ],
)
def test_a_mode_that_cannot_be_changed_is_nobodys_fault(path: str, is_there: bool) -> None:
    assert shared_files.is_mounted(path) is is_there
