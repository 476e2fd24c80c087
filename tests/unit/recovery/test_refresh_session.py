"""The sessions that are kept on disk: until they expire, and only while nobody else can have touched them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tfwrap.origin import Secret
from tfwrap.recovery.refresh import Credentials, session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = 1_800_000_000.0
MADE = Credentials("ASIARTXV5AHD6QLZ0001", Secret("made/up+by the tests"), Secret("token"), NOW + 3600, "arn:a:b:c:d:e")
NAME = session.key("prod")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def kept(environ: dict[str, str]) -> Path:
    """The one file that is there."""
    from pathlib import Path

    (path,) = Path(environ["HOME"]).rglob("*.json")
    return path


def test_a_session_comes_back_as_it_was(environ: dict[str, str]) -> None:
    session.store(environ, NAME, MADE, NOW)
    assert session.load(environ, NAME, NOW) == MADE
    assert session.load(environ, session.key("lab"), NOW) is None


@pytest.mark.parametrize(("later", "is_there"), [(0, True), (3299, True), (3300, False), (3601, False)])
def test_a_session_that_is_about_to_end_is_none(environ: dict[str, str], later: float, is_there: bool) -> None:
    session.store(environ, NAME, MADE, NOW)
    assert (session.load(environ, NAME, NOW + later) is not None) == is_there


@pytest.mark.parametrize("change", [{"token": None}, {"expires": 0}, {"expires": NOW}])
def test_what_is_no_session_is_not_kept(environ: dict[str, str], change: dict[str, object]) -> None:
    session.store(environ, NAME, MADE._replace(**change), NOW)  # type: ignore[arg-type]
    assert os.listdir(environ["HOME"]) == []


def test_without_a_home_nothing_is_kept() -> None:
    session.store({}, NAME, MADE, NOW)
    session.forget({}, NAME)
    assert session.load({}, NAME, NOW) is None


def test_sessions_that_are_over_are_removed_when_another_is_kept(environ: dict[str, str]) -> None:
    session.store(environ, NAME, MADE, NOW)
    session.store(environ, session.key("lab"), MADE._replace(expires=NOW + 9999), NOW + 3601)
    assert kept(environ).name == f"{session.key('lab')}.json"


def test_a_forgotten_session_is_gone(environ: dict[str, str]) -> None:
    session.store(environ, NAME, MADE, NOW)
    session.forget(environ, NAME)
    session.forget(environ, NAME)
    assert session.load(environ, NAME, NOW) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_could_read_or_write_is_not_believed(environ: dict[str, str], mode: int) -> None:
    session.store(environ, NAME, MADE, NOW)
    kept(environ).chmod(mode)
    assert session.load(environ, NAME, NOW) is None


DAMAGED = ["", "{", "[]", "7", '{"access_key": "A"}', '{"access_key":"A","secret_key":1,"token":"t","role":""}']


@pytest.mark.parametrize("text", [*DAMAGED, "[" * 70_000])
def test_a_damaged_file_is_none_and_is_replaced(environ: dict[str, str], text: str) -> None:
    session.store(environ, NAME, MADE, NOW)
    kept(environ).write_text(text)
    assert session.load(environ, NAME, NOW) is None
    session.store(environ, NAME, MADE, NOW)
    assert session.load(environ, NAME, NOW) == MADE


MAKERS: dict[str, Callable[[Path, Path], None]] = {
    "link": lambda path, elsewhere: path.symlink_to(elsewhere),
    "pipe": lambda path, elsewhere: os.mkfifo(path, 0o600),
    "directory": lambda path, elsewhere: path.mkdir(),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_no_plain_file_is_not_read(environ: dict[str, str], kind: str, tmp_path: Path) -> None:
    session.store(environ, NAME, MADE, NOW)
    path = kept(environ)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    MAKERS[kind](path, elsewhere)
    assert session.load(environ, NAME, NOW) is None


def test_a_session_is_one_of_exactly_what_it_was_made_of() -> None:
    names = {session.key("a", "b"), session.key("ab"), session.key("a", "", "b"), session.key("b", "a")}
    assert len(names) == 4
