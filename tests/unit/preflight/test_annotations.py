"""Findings as CI systems take them: GitHub's workflow commands, GitLab's Code Quality report, JSON a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tfwrap.preflight import annotations as ci
from tfwrap.preflight.annotations import Place, Site
from tfwrap.preflight.checks.finding import ERROR, INFO, WARNING, Finding

if TYPE_CHECKING:
    from pathlib import Path

STRAY = Finding("TFW104", "stray-session-token", WARNING, "Terraform gets no AWS_SESSION_TOKEN", (), ("unset it",))
IN_A_FILE = Finding("TFW305", "hard-coded-credentials", ERROR, "keys in a block", ("access_key (main.tf:3)",))
HERE = Site("/repo", "/repo/net")


def test_github_gets_a_command_with_file_line_title_and_message() -> None:
    assert ci.lines([IN_A_FILE], "github", HERE) == [
        "::error file=net/main.tf,line=3,title=TFW305 hard-coded-credentials::keys in a block%0Aaccess_key (main.tf:3)"
    ]


def test_github_gets_no_file_where_the_evidence_names_none() -> None:
    assert ci.lines([STRAY], "github") == [
        "::warning title=TFW104 stray-session-token::Terraform gets no AWS_SESSION_TOKEN%0Afix: unset it"
    ]


def test_github_is_told_the_directory_where_there_is_no_file() -> None:
    (line,) = ci.lines([STRAY], "github", HERE)
    assert line.endswith("%0Afix: unset it%0Ain net")


@pytest.mark.parametrize(("severity", "command"), [(ERROR, "error"), (WARNING, "warning"), (INFO, "notice")])
def test_github_has_a_command_for_each_severity(severity: str, command: str) -> None:
    (line,) = ci.lines([STRAY._replace(severity=severity)], "github")
    assert line.startswith(f"::{command} ")


def test_a_finding_cannot_end_its_command_and_begin_another() -> None:
    title = 'profile "a\n::add-mask::x\r\n::set-output name=y::" 100%'
    evil = STRAY._replace(title=title, evidence=("in a,line=9::b:c.tf:3", "\x1b[2J"))
    (line,) = ci.lines([evil], "github", HERE)
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line
    properties = line.removeprefix("::warning ").partition("::")[0]
    assert dict(pair.split("=", 1) for pair in properties.split(","))["title"] == "TFW104 stray-session-token"


def test_gitlab_gets_one_line_with_the_documented_members() -> None:
    (line,) = ci.lines([IN_A_FILE, STRAY], "gitlab", HERE)
    first, second = json.loads(line)
    fingerprint = first.pop("fingerprint")
    assert first == {
        "description": "TFW305: keys in a block",
        "check_name": "TFW305 hard-coded-credentials",
        "severity": "critical",
        "location": {"path": "net/main.tf", "lines": {"begin": 3}},
    }
    assert len(fingerprint) == 32
    assert (second["severity"], second["location"]) == ("major", {"path": "net", "lines": {"begin": 1}})


def test_gitlab_gets_an_empty_report_where_there_is_nothing() -> None:
    assert ci.lines([], "gitlab") == ["[]"]


def test_fingerprints_differ_and_stay_when_lines_move() -> None:
    moved = IN_A_FILE._replace(evidence=("access_key (main.tf:30)",))
    twice = [entry["fingerprint"] for entry in ci.code_quality([IN_A_FILE, IN_A_FILE, STRAY], HERE)]
    assert len(set(twice)) == 3
    assert ci.code_quality([moved], HERE)[0]["fingerprint"] == twice[0]


def test_json_gets_a_finding_a_line() -> None:
    first, second = map(json.loads, ci.lines([STRAY, IN_A_FILE], "json"))
    assert first == {
        "version": 1,
        "id": "TFW104",
        "slug": "stray-session-token",
        "severity": "warning",
        "title": "Terraform gets no AWS_SESSION_TOKEN",
        "evidence": [],
        "fix": ["unset it"],
    }
    assert second["id"] == "TFW305"


@pytest.mark.parametrize(
    ("evidence", "place"),
    [
        pytest.param("/repo/net/main.tf:3", Place("net/main.tf", 3), id="absolute"),
        pytest.param("set by main.tf:12", Place("net/main.tf", 12), id="relative to the module"),
        pytest.param("../modules/x/y.tf.json:1 says so", Place("modules/x/y.tf.json", 1), id="above the module"),
        pytest.param("(.tfwrap.toml:2)", Place("net/.tfwrap.toml", 2), id="in brackets"),
        pytest.param('"my dir/main.tf:7"', Place("net/my dir/main.tf", 7), id="with a space, in quotes"),
        pytest.param("/elsewhere/a.tf:1", Place("/elsewhere/a.tf", 1), id="outside of the repository"),
        pytest.param("prod.tfvars:4", Place("net/prod.tfvars", 4), id="variables"),
        pytest.param("main.tf", Place(), id="no line"),
        pytest.param("AWS_PROFILE=lab", Place(), id="no file"),
        pytest.param("http://127.0.0.1:80", Place(), id="an address"),
        pytest.param("~/.aws/credentials:3", Place(), id="no file of the repository's"),
        pytest.param("arn:aws:iam::1:role/a.tf:x", Place(), id="an ARN"),
    ],
)
def test_the_first_place_that_is_named_counts(evidence: str, place: Place) -> None:
    assert ci.place(STRAY._replace(evidence=("nothing", evidence)), HERE) == place


def test_the_repository_is_where_the_ci_system_says_or_where_git_is(tmp_path: Path) -> None:
    module = tmp_path / "a" / "b"
    module.mkdir(parents=True)
    (tmp_path / "a" / ".git").mkdir()
    assert ci.site({}, str(module)) == Site(str(tmp_path / "a"), str(module))
    assert ci.site({"GITHUB_WORKSPACE": "/w"}, str(module)).root == "/w"
    assert ci.site({"CI_PROJECT_DIR": "/builds/x"}, str(module)).root == "/builds/x"
    assert ci.site({"CI_PROJECT_DIR": "relative"}, str(module)).root == str(tmp_path / "a")
