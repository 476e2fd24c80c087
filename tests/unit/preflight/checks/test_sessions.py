"""TFW113 and TFW114: sessions that have ended or soon will, and until when an answer holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import (
    BLOCK,
    HOUR_S,
    NOTHING,
    NOW,
    TEMPORARY,
    WEB_IDENTITY,
    consumer,
    facts,
    in_environment,
    of_profile,
    with_files,
    written,
)
from tfwrap.aws import ssocache
from tfwrap.preflight import durations
from tfwrap.preflight.checks import sessions, watched
from tfwrap.preflight.checks.finding import ERROR, WARNING
from tfwrap.sources import sources

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.sources.sources import Source

SOON = NOW + durations.SHORT_S
FIRES: list[Any] = [
    pytest.param(in_environment(TEMPORARY, NOW - 60), "TFW113", ERROR, "expired 1 min ago", id="a minute ago"),
    pytest.param(in_environment(TEMPORARY, NOW), "TFW113", ERROR, "less than a minute ago", id="this moment"),
    pytest.param(in_environment(TEMPORARY, NOW - 86400 * 3), "TFW113", ERROR, "expired 3 days ago", id="long ago"),
    pytest.param(of_profile("lab", TEMPORARY, expires=1.0), "TFW113", ERROR, 'profile "lab"', id="a profile's"),
    pytest.param(BLOCK._replace(expires=NOW - HOUR_S), "TFW113", ERROR, "60 min ago", id="a block's"),
    pytest.param(of_profile("r", TEMPORARY, how=sources.ROLE, expires=NOW - 1), "TFW113", ERROR, "expired", id="role"),
    pytest.param(in_environment(TEMPORARY, NOW + 60), "TFW114", WARNING, "expires in 1 min", id="in a minute"),
    pytest.param(in_environment(TEMPORARY, SOON), "TFW114", WARNING, "expires in 15 min", id="in a quarter"),
    pytest.param(of_profile("lab", TEMPORARY, expires=NOW + 5), "TFW114", WARNING, "less than a minute", id="at once"),
]
SILENT: list[Any] = [
    pytest.param(in_environment(), id="a key without an end"),
    pytest.param(in_environment(TEMPORARY, SOON + 1), id="a second more than soon"),
    pytest.param(in_environment(TEMPORARY, NOW + 12 * HOUR_S), id="half a day"),
    pytest.param(NOTHING, id="nothing"),
    pytest.param(of_profile("s", how=sources.SSO_SESSION, expires=NOW - 1), id="SSO: TFW207"),
    pytest.param(of_profile("s", how=sources.SSO, expires=NOW - 1), id="SSO of the older kind"),
    pytest.param(of_profile("r", how=sources.ROLE, via=sources.SSO_SESSION, expires=1.0), id="a role by SSO"),
    pytest.param(of_profile("l", how=sources.LOGIN, expires=NOW - 1), id="a login is renewed"),
    pytest.param(of_profile("p", how=sources.PROCESS, expires=NOW - 1), id="a process is asked again"),
    pytest.param(WEB_IDENTITY._replace(expires=NOW - 1), id="web identity: TFW503"),
    pytest.param(NOTHING._replace(kind=sources.CONTAINER, expires=NOW - 1), id="a container's role"),
]


@pytest.mark.parametrize(("source", "identifier", "severity", "words"), FIRES)
def test_it_fires(source: Source, identifier: str, severity: str, words: str) -> None:
    (found,) = sessions.check(facts({}, consumer(source)))
    assert (found.id, found.severity) == (identifier, severity)
    assert words in found.title
    assert TEMPORARY not in repr(found)
    assert found.fix


@pytest.mark.parametrize("source", SILENT)
def test_where_all_is_well_nothing_is_said(source: Source) -> None:
    assert list(sessions.check(facts({}, consumer(source)))) == []


def test_a_session_of_several_consumers_is_one_finding() -> None:
    source = in_environment(TEMPORARY, NOW - 1)
    assert len(list(sessions.check(facts({}, consumer(source), consumer(source, "provider.aws"))))) == 1


@pytest.mark.parametrize("end", [float("1e300"), -1e18, float("inf")])
def test_a_time_that_no_clock_shows_is_no_fault(end: float) -> None:
    list(sessions.check(facts({}, consumer(in_environment(TEMPORARY, end)))))


@pytest.mark.parametrize(
    ("source", "moment"),
    [
        pytest.param(in_environment(), sessions.NEVER, id="a key without an end"),
        pytest.param(in_environment(TEMPORARY, NOW + HOUR_S), NOW + HOUR_S - durations.SHORT_S, id="until it is soon"),
        pytest.param(in_environment(TEMPORARY, NOW + 60), NOW + 60, id="until it ends"),
        pytest.param(in_environment(TEMPORARY, NOW - 1), sessions.NEVER, id="what has ended stays so"),
        pytest.param(of_profile("l", how=sources.LOGIN, expires=NOW + 60), sessions.NEVER, id="what is renewed"),
    ],
)
def test_an_answer_holds_until_the_next_moment_of_any_session(source: Source, moment: float) -> None:
    assert watched.until(facts({}, consumer(source))) == moment


def test_a_cached_sso_session_is_one_of_them(tmp_path: Path) -> None:
    config = "[profile lab]\nsso_start_url=https://x\nsso_region=r\nsso_account_id=1\nsso_role_name=n\n"
    environ = {**written(tmp_path, config), "AWS_PROFILE": "lab"}
    path = ssocache.path("https://x", str(tmp_path))
    (tmp_path / ".aws/sso/cache").mkdir(parents=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"accessToken": "canary", "expiresAt": "2027-01-15T08:00:10Z"}, file)
    known = with_files(environ, consumer(of_profile("lab", how=sources.SSO)))
    assert watched.until(known) == NOW + 10
    assert path in watched.paths(known)
