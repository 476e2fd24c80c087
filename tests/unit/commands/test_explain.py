from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import pytest

from tfwrap.commands import explain
from tfwrap.diagnosis.causes import slugs
from tfwrap.diagnosis.diagnosis import Diagnosis
from tfwrap.explain import explain as printer
from tfwrap.explain import incident, incidents
from tfwrap.failure.failure import Failure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The working directory, in a world without incidents."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return os.getcwd()


def keep(identifier: str, workdir: str, tail: str = "the tail") -> incident.Incident:
    found = Diagnosis("unknown", "nobody knows", "unknown", ("evidence",))
    what = Failure("backend", "ExpiredToken", "Error: no")
    made = incident.make(identifier, "2026-11-23", ["terraform", "plan"], workdir, 1, what, found, tail)
    incidents.store(made)
    return made


def run(*words: str) -> int:
    parser = ArgumentParser()
    explain.add_arguments(parser)
    return explain.run(parser.parse_args(words), {"NO_COLOR": "1"})


def test_the_last_incident_of_the_directory_is_told(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    keep("20261123T070000Z-1", here)
    keep("20261123T070001Z-1", "/elsewhere")
    assert run() == 0
    told = capsys.readouterr().out
    assert "in " + here in told
    assert "the tail" not in told


def test_the_tail_comes_when_asked_for(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    keep("20261123T070000Z-1", here)
    assert run("--verbose") == 0
    assert "  the tail\n" in capsys.readouterr().out


def test_json_is_the_record(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = keep("20261123T070000Z-1", here, tail="ünï")
    assert run("--format", "json") == 0
    told = capsys.readouterr().out
    assert json.loads(told) == json.loads(json.dumps(incident.document(made)))
    assert "ünï" in told


def test_an_incident_is_told_by_its_id(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    keep("20261123T070000Z-1", "/first")
    keep("20261124T070000Z-1", here)
    assert run("--id", "20261123") == 0
    assert "in /first" in capsys.readouterr().out


def test_all_are_listed_newest_first(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    keep("20261123T070000Z-1", "/first")
    keep("20261124T070000Z-1", here)
    assert run("--all") == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["20261124T070000Z-1", "20261123T070000Z-1"]
    assert rows[1].endswith("terraform plan  (/first)")


def test_of_none_it_is_said_that_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--all") == 0
    assert capsys.readouterr().out == "no incidents\n"


@pytest.mark.parametrize("name", ["TFW301", "InvalidClientTokenId", "saved-backend-credentials", *slugs.EVERY])
def test_a_page_is_printed_as_it_is(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name) == 0
    assert capsys.readouterr().out == printer.page(name)


def test_a_letter_that_the_terminal_cannot_show_is_no_error(here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    keep("20261123T070000Z-1", here, tail="│ ünï \udcff")
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert run("--verbose") == 0
    ascii_only.flush()
    assert b"\\u2502 \\xfcn\\xef" in ascii_only.buffer.getvalue()


def test_on_a_terminal_a_page_is_rendered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tfwrap.output.is_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", "50")
    assert run("TFW104") == 0
    told = capsys.readouterr().out
    assert told.startswith("TFW104 stray-session-token\n")
    assert "```" not in told
    assert max(len(line) for line in told.splitlines() if not line.startswith("    ")) <= 50


def test_all_as_json_is_a_list_of_the_records(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [keep("20261124T070000Z-1", here), keep("20261123T070000Z-1", "/first")]
    assert run("--all", "--format", "json") == 0
    expected = json.loads(json.dumps([incident.document(one) for one in kept]))
    assert json.loads(capsys.readouterr().out) == expected


@pytest.mark.parametrize("words", [("--all", "--tree"), ("--trace", "--tree"), ("--id", "x", "--all")])
def test_two_questions_at_once_are_a_mistake(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2
