"""What the word on the command line names, and when nobody can tell."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds
from tests.unit.rotation import texts
from tfwrap.rotation import lookup
from tfwrap.rotation.material import Usage

if TYPE_CHECKING:
    from pathlib import Path

    from testing.world import World

PAIR = {"aws_access_key_id": texts.KEY_ID, "aws_secret_access_key": texts.SECRET}


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A working directory with a key file, and profiles in the shared files."""
    monkeypatch.chdir(world.cwd)
    worlds.write_credentials(world, {"default": PAIR, "both": PAIR, "a:b": PAIR, "folder": PAIR})
    worlds.write_config(world, {"profile lab": PAIR, "profile sso": {"sso_session": "x"}})
    (world.cwd / "key.env").write_text(texts.ENV)
    (world.cwd / "both").write_text(texts.ENV)
    (world.cwd / "folder").mkdir()
    return world


NAMED = [
    ("a file", "key.env", "", "key.env", ""),
    ("a file with a directory", "./both", "", "./both", ""),
    ("a profile in a file", "key.env:prod", "", "key.env", "prod"),
    ("a profile in a file, by the option", "key.env", "prod", "key.env", "prod"),
    ("a file named as a profile, when a profile in it is wanted", "both", "prod", "both", "prod"),
    ("a profile of the credentials file", "default", "", "~/.aws/credentials", "default"),
    ("a profile of the config file", "lab", "", "~/.aws/config", "lab"),
    ("a profile with a colon", "a:b", "", "~/.aws/credentials", "a:b"),
    ("a profile named as a directory", "folder", "", "~/.aws/credentials", "folder"),
    ("a profile named as a file, by the option alone", "", "both", "~/.aws/credentials", "both"),
]


@pytest.mark.parametrize(("word", "profile", "place", "section"), [pytest.param(*row[1:], id=row[0]) for row in NAMED])
def test_a_word_names_one_thing(word: str, profile: str, place: str, section: str, here: World) -> None:
    found = lookup.find(word, profile, here.environ)
    assert (found.place, found.section) == (place, section)
    assert found.changed > 0


BOTH = (
    '"both" is a file ({cwd}/both) and a profile (~/.aws/credentials): '
    "type ./both for the file, or --profile both for the profile"
)
NOT_NAMED = [
    ("neither file nor profile", "gone", "",
     'there is no file and no profile "gone" (looked in ~/.aws/credentials and ~/.aws/config)'),
    ("a file and a profile", "both", "", BOTH),
    ("two profiles", "key.env:prod", "lab", 'key.env:prod names profile "prod", and --profile names "lab": which one?'),
    ("a profile without keys", "sso", "", 'profile "sso" holds no complete key of its own, '),
    ("no file, and a profile in it", "gone", "lab", "there is no file gone"),
    ("a directory", "./folder", "", "./folder: is a directory"),
    ("a secret", texts.SECRET, "", "that is a key itself: "),
    ("a key id", texts.KEY_ID, "", "that is a key itself: "),
]  # fmt: skip


@pytest.mark.parametrize(("word", "profile", "message"), [pytest.param(*row[1:], id=row[0]) for row in NOT_NAMED])
def test_a_word_that_names_none_or_two_is_a_mistake(word: str, profile: str, message: str, here: World) -> None:
    with pytest.raises(Usage) as raised:
        lookup.find(word, profile, here.environ)
    assert str(raised.value).startswith(message.format(cwd=here.cwd))
    assert raised.value.status == 2
    assert texts.SECRET not in str(raised.value)


def test_standard_input_is_a_minus(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(texts.IAM.encode())))
    found = lookup.find("-", "", here.environ)
    assert (found.place, found.changed, found.text.reveal()) == ("standard input", 0, texts.IAM)


def test_files_that_a_variable_names_are_looked_in(here: World, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(texts.SHARED)
    environ = {**here.environ, "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "elsewhere")}
    assert lookup.find("default", "", environ).place == str(tmp_path / "elsewhere")
