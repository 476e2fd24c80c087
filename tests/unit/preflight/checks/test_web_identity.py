"""TFW503: the token file of a web identity."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    HOUR_S,
    NOW,
    WEB_IDENTITY,
    consumer,
    facts,
    in_environment,
    of_profile,
)
from tfwrap.aws import jwt
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.preflight.checks import web_identity
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING
from tfwrap.sources import sources

if TYPE_CHECKING:
    from pathlib import Path

WHO = consumer(WEB_IDENTITY)


def token(**claims: object) -> bytes:
    middle = base64.urlsafe_b64encode(json.dumps({"canary": 1, **claims}).encode()).rstrip(b"=")
    return b"canary." + middle + b".canary"


GOOD: dict[str, Any] = {"aud": "sts.amazonaws.com", "exp": NOW + HOUR_S, "nbf": NOW - 1}


def found(folder: Path, content: bytes | None, who: Any = WHO) -> list[Any]:
    path = folder / "token"
    if content is not None:
        path.write_bytes(content)
    environ = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_ARN": "arn"}
    return list(web_identity.check(facts(environ, who)))


FIRES: list[Any] = [
    pytest.param(None, ERROR, "is not there", id="missing"),
    pytest.param(b"", ERROR, "is empty", id="empty"),
    pytest.param(b" \n", ERROR, "is empty", id="blank"),
    pytest.param(b"canary", ERROR, "holds no JSON web token", id="something else"),
    pytest.param(b"canary.!.canary", ERROR, "no JSON web token", id="no base64"),
    pytest.param(b"canary.W10.canary", ERROR, "no JSON web token", id="no object"),
    pytest.param(token(**{**GOOD, "exp": NOW - 120}), ERROR, "expired 2 min ago", id="expired"),
    pytest.param(token(**{**GOOD, "exp": NOW}), ERROR, "expired 0 min ago", id="this moment"),
    pytest.param(token(**{**GOOD, "nbf": NOW + 90}), ERROR, "counts only in 2 min", id="not yet"),
    pytest.param(token(**{**GOOD, "aud": "https://github.com/me"}), WARNING, "https://github.com/me", id="GitHub's"),
    pytest.param(token(**{**GOOD, "aud": ["https://kubernetes.default.svc"]}), WARNING, "kubernetes", id="a pod's"),
    pytest.param(token(**{**GOOD, "aud": "https://gitlab.example"}), INFO, "not for sts.amazonaws.com", id="GitLab's"),
]
SILENT: list[Any] = [
    pytest.param(token(**GOOD), WHO, id="a token"),
    pytest.param(token(**GOOD) + b"\n", WHO, id="a line end behind it"),
    pytest.param(token(**{**GOOD, "aud": ["x", "sts.amazonaws.com"]}), WHO, id="several audiences"),
    pytest.param(token(**{**GOOD, "aud": "sts.amazonaws.com.cn"}), WHO, id="China's"),
    pytest.param(token(), WHO, id="no claims that count"),
    pytest.param(token(exp="x", aud=1, nbf=True), WHO, id="claims that are no times"),
    pytest.param(token(exp=1e300), WHO, id="a time without end"),
    pytest.param(None, consumer(in_environment()), id="keys go before it"),
    pytest.param(None, consumer(of_profile("lab")), id="a profile goes before it"),
    pytest.param(None, consumer(), id="nobody asks for it"),
    pytest.param(b"", consumer(in_environment(), assume_role_with_web_identity={}), id="an empty block"),
    pytest.param(b"canary", consumer(of_profile("lab", how=sources.SSO)), id="another kind of profile"),
]


@pytest.mark.parametrize(("content", "severity", "words"), FIRES)
def test_it_fires(content: bytes | None, severity: str, words: str, tmp_path: Path) -> None:
    (one,) = found(tmp_path, content)
    assert (one.id, one.severity) == ("TFW503", severity)
    assert words in one.title
    assert "canary" not in repr(one)


@pytest.mark.parametrize(("content", "who"), SILENT)
def test_where_all_is_well_nothing_is_said(content: bytes | None, who: Any, tmp_path: Path) -> None:
    assert found(tmp_path, content, who) == []


def test_a_profile_and_a_block_name_files_of_their_own() -> None:
    profile = Profile("lab", {"web_identity_token_file": "/gone/a", "role_arn": "arn"}, {})
    files = AwsFiles("", "", {"lab": profile})
    of_web = consumer(of_profile("lab", how=sources.WEB_IDENTITY))
    block = consumer(WEB_IDENTITY, assume_role_with_web_identity=[{"web_identity_token_file": "b"}])
    known = facts({}, of_web, block, files=files)
    assert web_identity.paths(known) == ["/gone/a", "/w/b"]
    assert ['profile "lab"' in one.evidence[0] for one in web_identity.check(known)] == [True, False]


def test_the_moments_of_a_token_are_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(token(**GOOD))
    environ = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token")}
    assert web_identity.ends(facts(environ, WHO)) == [NOW + HOUR_S, NOW - 1]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert jwt.read(str(tmp_path / "pipe")).problem == "is not a regular file"
    assert jwt.read("a\0b").problem
