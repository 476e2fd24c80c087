"""An approval holds for one content at one path, and is the user's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tfwrap.errors import BadInput
from tfwrap.settings import trust

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}


def test_nothing_is_approved_at_first(environ: dict[str, str], tmp_path: Path) -> None:
    assert not trust.is_approved(environ, "/p/.tfwrap.toml", b"")
    assert list(tmp_path.iterdir()) == []


def test_an_approval_is_for_that_content_at_that_path(environ: dict[str, str]) -> None:
    trust.approve(environ, "/p/.tfwrap.toml", b"x")
    assert trust.is_approved(environ, "/p/.tfwrap.toml", b"x")
    assert not trust.is_approved(environ, "/p/.tfwrap.toml", b"y")
    assert not trust.is_approved(environ, "/q/.tfwrap.toml", b"x")
    assert not trust.is_approved({**environ, "XDG_STATE_HOME": "/nonexistent"}, "/p/.tfwrap.toml", b"x")


def test_an_approval_is_a_file_that_only_the_user_reads(environ: dict[str, str], tmp_path: Path) -> None:
    trust.approve(environ, "/p/.tfwrap.toml", b"x")
    modes = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    name = os.path.relpath(trust.entry(environ, "/p/.tfwrap.toml", b"x"), tmp_path)
    assert {key: modes[key] for key in ("state/tfwrap", "state/tfwrap/trust", name)} == {
        "state/tfwrap": 0o700,
        "state/tfwrap/trust": 0o700,
        name: 0o600,
    }


def test_a_revocation_takes_back_every_content_of_a_path_and_no_other(environ: dict[str, str]) -> None:
    for path, content in (("/p/.tfwrap.toml", b"1"), ("/p/.tfwrap.toml", b"2"), ("/p/q/.tfwrap.toml", b"1")):
        trust.approve(environ, path, content)
    assert trust.revoke(environ, "/p/.tfwrap.toml") == 2
    assert not trust.is_approved(environ, "/p/.tfwrap.toml", b"1")
    assert trust.is_approved(environ, "/p/q/.tfwrap.toml", b"1")
    assert trust.revoke(environ, "/p/.tfwrap.toml") == 0


def test_without_a_store_there_is_nothing_to_revoke(environ: dict[str, str]) -> None:
    assert trust.revoke(environ, "/p/.tfwrap.toml") == 0


def test_without_a_home_nothing_is_approved(environ: dict[str, str]) -> None:
    assert not trust.is_approved({}, "/p/.tfwrap.toml", b"x")
    with pytest.raises(BadInput, match="HOME is not set"):
        trust.approve({}, "/p/.tfwrap.toml", b"x")


def test_a_path_that_is_no_text_can_be_approved(environ: dict[str, str]) -> None:
    trust.approve(environ, "/\udcff/.tfwrap.toml", b"x")
    assert trust.is_approved(environ, "/\udcff/.tfwrap.toml", b"x")
    assert trust.revoke(environ, "/\udcff/.tfwrap.toml") == 1
