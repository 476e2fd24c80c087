"""When sessions end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tfwrap.aws import ssocache

NOON = "2026-01-01T12:00:00Z"
AT_NOON = 1767268800.0
REFRESH = {"refreshToken": "madeUp", "clientId": "madeUp", "clientSecret": "madeUp"}
LATER = {"registrationExpiresAt": "2026-03-01T12:00:00Z"}


def keep(home: Path, text: str) -> None:
    place = Path(ssocache.path("corp", str(home)))
    place.parent.mkdir(parents=True)
    place.write_text(text)


@pytest.mark.parametrize(
    ("token", "ends"),
    [
        pytest.param({"expiresAt": NOON}, AT_NOON, id="a token"),
        pytest.param({"expiresAt": "2026-01-01T12:00:00UTC"}, AT_NOON, id="an old way to write it"),
        pytest.param({"expiresAt": NOON} | LATER, AT_NOON, id="nothing to refresh it with"),
        pytest.param({"expiresAt": NOON} | REFRESH | LATER, AT_NOON + 59 * 86400, id="refreshable"),
        pytest.param({"expiresAt": NOON} | REFRESH, AT_NOON, id="a registration without an end"),
        pytest.param({"expiresAt": 5}, 0, id="no text"),
        pytest.param({"expiresAt": "soon"}, 0, id="no time"),
        pytest.param({}, 0, id="nothing"),
    ],
)
def test_a_token_ends_when_it_can_no_longer_be_renewed(token: dict[str, Any], ends: float, tmp_path: Path) -> None:
    keep(tmp_path, json.dumps(token))
    assert ssocache.expires("corp", str(tmp_path)) == ends


def test_the_token_of_a_legacy_profile_is_never_renewed(tmp_path: Path) -> None:
    keep(tmp_path, json.dumps({"expiresAt": NOON} | REFRESH | LATER))
    assert ssocache.expires("corp", str(tmp_path), is_refreshable=False) == AT_NOON


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "\x00"])
def test_a_cache_that_is_none_is_no_token(text: str, tmp_path: Path) -> None:
    keep(tmp_path, text)
    assert (ssocache.expires("corp", str(tmp_path)), ssocache.is_kept("corp", str(tmp_path))) == (0, False)


def test_no_cache_is_no_token(tmp_path: Path) -> None:
    assert ssocache.expires("corp", str(tmp_path)) == 0


def test_the_file_has_the_name_that_the_cli_gives_it() -> None:
    assert ssocache.path("corp", "/h") == "/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"


def test_tools_write_the_end_beside_the_keys() -> None:
    assert ssocache.of_settings({"x_security_token_expires": "2026-01-01T13:00:00+01:00"}) == AT_NOON
    assert ssocache.of_settings({"aws_expiration": "2026-01-01 12:00:00"}) == AT_NOON
    assert ssocache.of_settings({"expiration": NOON}) == AT_NOON
    assert ssocache.of_settings({"region": NOON}) == 0
    assert ssocache.of_environment({"AWS_SESSION_EXPIRATION": NOON}) == AT_NOON
    assert ssocache.of_environment({"AWS_CREDENTIAL_EXPIRATION": ""}) == 0
