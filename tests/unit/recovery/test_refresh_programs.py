"""Programs that print credentials: what is taken from them, and what is not."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.recovery.refreshing import prints
from tfwrap.output import Output
from tfwrap.recovery.refresh import Console, programs
from tfwrap.recovery.refresh.outcome import NotRefreshed
from tfwrap.recovery.refresh.terminal import CAPTURED, QUIET, SHOWN

if TYPE_CHECKING:
    from tests.unit.recovery.refreshing import Home

NOW = 1_800_000_000.0
SECRET = "made/up/by+the/tests/canary"
GOOD: dict[str, object] = {
    "Version": 1,
    "AccessKeyId": "ASIARTXV5AHD6QLZ0001",
    "SecretAccessKey": SECRET,
    "SessionToken": "made-up-token",
    "Expiration": "2027-01-15T08:00:01Z",
}


def text(**changes: object) -> bytes:
    return json.dumps({name: value for name, value in {**GOOD, **changes}.items() if value != "left out"}).encode()


TAKEN = [
    ({}, NOW + 1),
    ({"Expiration": "left out"}, 0),
    ({"Expiration": None}, 0),
    ({"Expiration": "2027-01-15T10:00:01+02:00"}, NOW + 1),
    ({"Expiration": "2027-01-15T08:00:01.5Z"}, NOW + 1.5),
    ({"SessionToken": "left out"}, NOW + 1),
    ({"AccountId": "111111111111"}, NOW + 1),
]


@pytest.mark.parametrize(("changes", "expires"), TAKEN)
def test_credentials_are_taken_with_their_end(changes: dict[str, object], expires: float) -> None:
    found = programs.parse(text(**changes), "it", NOW)
    assert (found.access_key, found.secret_key.reveal(), found.expires) == (GOOD["AccessKeyId"], SECRET, expires)
    assert (found.token is None) == (changes.get("SessionToken") == "left out")


NOT_TAKEN = [
    (b"", "it is not JSON"),
    (b"\xff\xfe", "it is not JSON"),
    (b"Enter MFA code: ", "it is not JSON"),
    (f"export AWS_SECRET_ACCESS_KEY={SECRET}".encode(), "it is not JSON"),
    (b"[" * 100_000, "it is not JSON"),
    (b"[]", "it is not a JSON object"),
    (b'"text"', "it is not a JSON object"),
    (text(Version=2), "it is not Version 1"),
    (text(Version="1"), "it is not Version 1"),
    (text(Version=True), "it is not Version 1"),
    (text(Version="left out"), "it is not Version 1"),
    (text(AccessKeyId=""), "it holds no complete pair of keys"),
    (text(SecretAccessKey="left out"), "it holds no complete pair of keys"),
    (text(AccessKeyId=7), "AccessKeyId in it is no text of one line"),
    (text(SecretAccessKey=f"{SECRET}\n"), "SecretAccessKey in it is no text of one line"),
    (text(SessionToken=[SECRET]), "SessionToken in it is no text of one line"),
    (text(Expiration="soon"), "Expiration in it is no ISO 8601 time"),
    (text(Expiration=1_900_000_000), "Expiration in it is no ISO 8601 time"),
    (text(Expiration="2027-01-15T08:00:00Z"), "it is a session that has expired already"),
    (text(Expiration="1999-12-31T23:59:59Z"), "it is a session that has expired already"),
]


@pytest.mark.parametrize(("output", "reason"), NOT_TAKEN, ids=range(len(NOT_TAKEN)))
def test_anything_else_is_refused_with_the_reason_and_without_the_text(output: bytes, reason: str) -> None:
    with pytest.raises(NotRefreshed) as refused:
        programs.parse(output, "it", NOW)
    assert str(refused.value) == reason
    assert refused.value.__suppress_context__ or refused.value.__context__ is None  # no traceback shows the text


def test_a_program_is_found_by_its_absolute_path_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.program("made-up", "")
    monkeypatch.chdir(home.path / "bin")
    there = str(home.path / "bin" / "made-up")
    assert programs.find("made-up", home.environ) == there
    assert programs.find("made-up", {"PATH": f".::{home.path / 'bin'}"}) == there
    assert programs.find("made-up", {"PATH": ".:"}) == ""
    os.chmod(there, 0o644)
    assert programs.find("made-up", home.environ) == ""


VERSIONS = [
    ("aws-cli/2.32.1 Python/3.13.7 Linux/6.1 exe/x86_64", (2, 32, 1)),
    ("aws-cli/1.44.5 Python/3.11.7", (1, 44, 5)),
    ("v7.2.0", (7, 2, 0)),
    ("dev", (0,)),
    ("", (0,)),
]


@pytest.mark.parametrize(("said", "version"), VERSIONS)
@pytest.mark.parametrize("channel", ["1", "2"])
def test_a_version_is_read_wherever_it_is_printed(
    home: Home, said: str, version: tuple[int, ...], channel: str
) -> None:
    home.program("made-up", f"echo '{said}' >&{channel}")
    assert programs.version(programs.find("made-up", home.environ), home.person()) == version


@pytest.mark.parametrize("status", [1, 3, 255])
def test_a_program_that_fails_is_not_believed(home: Home, status: int) -> None:
    home.program("made-up", f"{prints(text(Expiration='left out').decode())}\nexit {status}")
    with pytest.raises(NotRefreshed, match=f"made-up ended with exit status {status}$"):
        programs.credentials([programs.find("made-up", home.environ)], home.person())


def test_a_program_that_does_not_end_is_stopped_with_all_that_it_started(home: Home) -> None:
    home.program("made-up", f"(sleep 60; touch {home.path}/late) & echo $! > {home.path}/pid; wait")
    begun = time.monotonic()
    with pytest.raises(NotRefreshed, match="did not end within 1 seconds"):
        programs.credentials([programs.find("made-up", home.environ)], home.person(), 1)
    assert time.monotonic() - begun < 10
    grandchild = int((home.path / "pid").read_text())
    assert _is_gone(grandchild)


def _is_gone(pid: int) -> bool:
    """Whether a process ends within some seconds; an orphan that nobody reaps counts as ended."""
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_what_is_captured_is_not_shown_and_what_is_shown_is_on_standard_error(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    home.program("made-up", "echo on-one; echo on-two >&2")
    path = programs.find("made-up", home.environ)
    console = Console(Output(2, False), False, home.environ)
    kept = {streams: console.run_command([path], home.environ, 10, streams).output for streams in (CAPTURED, SHOWN)}
    both = console.run_command([path], home.environ, 10, QUIET).output
    assert kept == {CAPTURED: b"on-one\n", SHOWN: b""}
    assert sorted(both.split()) == [b"on-one", b"on-two"]
    shown = capfd.readouterr()
    assert shown.out == ""
    assert sorted(shown.err.split()) == ["on-one", "on-two", "on-two"]


def test_an_interrupt_stops_the_program_and_comes_through(home: Home) -> None:
    home.program("made-up", f"echo $$ > {home.path}/pid; exec sleep 60")
    path = programs.find("made-up", home.environ)
    timer = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        Console(Output(2, False), False, home.environ).run_command([path], home.environ, 30, CAPTURED)
    timer.join()
    assert _is_gone(int((home.path / "pid").read_text()))


def test_a_program_gets_the_environment_that_it_is_given_and_no_input(home: Home) -> None:
    home.program("made-up", 'echo "$MADE_UP:$LEFT"; cat')
    path = programs.find("made-up", home.environ)
    ran = Console(Output(2, False), False, {}).run_command([path], {"MADE_UP": "x", "PATH": "/bin"}, 10, CAPTURED)
    assert (ran.status, ran.output) == (0, b"x:\n")


def test_where_nobody_is_a_question_is_not_answered(home: Home) -> None:
    assert Console(Output(2, False), False, home.environ).ask_hidden("code:") == ""
