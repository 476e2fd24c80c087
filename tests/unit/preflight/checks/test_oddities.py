"""What the Go SDK and botocore read differently: held to the two readers themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore import configloader
from botocore.exceptions import ConfigParseError

from tfwrap.aws import inifile
from tfwrap.preflight.checks import oddities

if TYPE_CHECKING:
    from pathlib import Path

D = "[default]\n"
# the file's text, the line that is odd, whether Terraform is the one who loses
ODD: list[Any] = [
    pytest.param(f'{D}aws_access_key_id = "K"\n', 2, False, id="double quotes"),
    pytest.param(f"{D}aws_access_key_id = 'K'\n", 2, False, id="single quotes"),
    pytest.param(f"{D}region = r # c\n", 2, False, id="a comment behind a value"),
    pytest.param(f"{D}region = r\t; c\n", 2, False, id="a comment behind a tab"),
    pytest.param(f"{D}a = 1\n  b = 2\n", 3, False, id="an indented setting"),
    pytest.param(f"{D}  a = 1\n    b = 2\n", 3, False, id="indented deeper"),
    pytest.param(f"{D}a = 1\n[x]\nb = 2\n{D}c = 3\n", 5, False, id="a section twice"),
    pytest.param(f"\ufeff{D}a = 1\n", 1, True, id="a byte order mark"),
    pytest.param("[default] x\na = 1\n", 1, True, id="text behind a section"),
    pytest.param("aws_access_key_id = K\n", 1, True, id="no section"),
]
PLAIN: list[Any] = [
    pytest.param(f"{D}a = 1\nb = 2\n", id="settings"),
    pytest.param(f"{D}  a = 1\n  b = 2\n", id="all of them indented alike"),
    pytest.param(f"{D}a=1\n# c\n; c\n  # c\nb = 2\n", id="comments on lines of their own"),
    pytest.param(f"{D}a = 1#c\n", id="a mark without a blank"),
    pytest.param(f"{D}sso_start_url = https://x.example/start/#/\n", id="a URL with a mark"),
    pytest.param(f"{D}a = 1\r\nb = 2\r\n", id="carriage returns"),
    pytest.param(f"{D}a: 1\n", id="a colon"),
    pytest.param(f'{D}a = x "y" z\n', id="quotes inside"),
    pytest.param(f'{D}a = "\n', id="a single quote sign"),
    pytest.param(f"{D}a =\n", id="an empty value"),
    pytest.param(f"{D}\n\na = 1\n\n", id="empty lines"),
    pytest.param("[default] # c\na = 1\n", id="a comment behind a section"),
    pytest.param(f"{D}a = 1\n[x]\na = 1\n", id="two sections"),
    pytest.param("", id="nothing"),
]


def by_botocore(folder: Path, text: str) -> dict[str, Any] | None:
    path = folder / "file"
    path.write_bytes(text.encode())
    try:
        return dict(configloader.raw_config_parse(str(path)))
    except ConfigParseError:
        return None


@pytest.mark.parametrize(("text", "line", "loses_terraform"), ODD)
def test_what_is_odd_is_read_in_two_ways(text: str, line: int, loses_terraform: bool, tmp_path: Path) -> None:
    (one,) = oddities.find(text, is_config=False)
    assert (one.line, one.loses_terraform) == (line, loses_terraform)
    assert inifile.parse(text) != by_botocore(tmp_path, text)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain_is_read_in_one_way(text: str, tmp_path: Path) -> None:
    assert oddities.find(text, is_config=False) == ()
    assert inifile.parse(text) == by_botocore(tmp_path, text)


def test_what_is_nested_is_for_neither() -> None:
    assert oddities.find(f"{D}s3 =\n  a = 1\n  b = 2\nregion = r\n", is_config=True) == ()


def test_utf16_is_told_by_its_mark() -> None:
    (one,) = oddities.find(oddities.decoded(D.encode("utf-16")), is_config=False)
    assert "UTF-16" in one.words


@pytest.mark.parametrize("line", ['[profile "lab"]', "[profile 'lab']"])
def test_quotes_around_a_name_belong_to_it_for_terraform_only(line: str) -> None:
    (one,) = oddities.find(f"{line}\nregion = r\n", is_config=True)
    assert (one.profile, one.loses_terraform) == ("lab", True)
    assert oddities.find(f"{line}\nregion = r\n", is_config=False) == ()


def test_export_is_no_setting_of_either() -> None:
    (one,) = oddities.find(f"{D}export AWS_ACCESS_KEY_ID=K\n", is_config=False)
    assert one.loses_terraform


def test_there_is_as_much_that_is_plain() -> None:
    assert len(PLAIN) >= len(ODD)
