"""The key in a text: found wherever people keep it, and where it is not, the line says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.rotation import texts
from tests.unit.rotation.texts import KEY_ID, SECRET
from tfwrap.rotation import candidates, material
from tfwrap.rotation.candidate import CSV, ENV, JSON, SHARED, Candidate
from tfwrap.rotation.candidate import KEY_ID as ID
from tfwrap.rotation.material import Unfit

if TYPE_CHECKING:
    from pathlib import Path


def read(content: str | bytes, folder: Path, section: str = "") -> Candidate:
    path = folder / "key"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return candidates.read(material.of_file(str(path), "key", section))


LOOSE = f"""# x\r\n[default]\r\n aws_access_key_id = {KEY_ID}\r\naws_secret_access_key="{SECRET}" ; new\r\n"""

FOUND = [
    ("the console's file", texts.CONSOLE, CSV, 2),
    ("the console's old file", texts.OLD_CONSOLE, CSV, 2),
    ("a file that a spreadsheet has saved", texts.OLD_CONSOLE.replace(",", ";"), CSV, 2),
    ("IAM's answer", texts.IAM, JSON, 6),
    ("IAM's answer behind PowerShell's >", texts.IAM.encode("utf-16"), JSON, 6),
    ("Vault's answer", texts.VAULT, JSON, 6),
    ("Vault's answer of a KV store", texts.KV, JSON, 1),
    ("a shared file", texts.SHARED, SHARED, 3),
    ("a shared file with quotes, comments and CRLF", LOOSE, SHARED, 4),
    ("a config file", texts.SHARED.replace("[default]", "[profile default]"), SHARED, 3),
    ("variables", texts.ENV, ENV, 2),
    ("exports", texts.EXPORTS, ENV, 3),
    ("exports on one line", f"export AWS_ACCESS_KEY_ID={KEY_ID}; export AWS_SECRET_ACCESS_KEY={SECRET};\n", ENV, 1),
    ("variables with blanks around", f"AWS_ACCESS_KEY_ID = {KEY_ID}\nAWS_SECRET_ACCESS_KEY = '{SECRET}' \n", ENV, 2),
    ("variables with comments", f"AWS_ACCESS_KEY_ID={KEY_ID} # id\nAWS_SECRET_ACCESS_KEY={SECRET} # x\n", ENV, 2),
    ("variables of a file with CRLF", texts.ENV.replace("\n", "\r\n"), ENV, 2),
    ("the last of several", f"AWS_SECRET_ACCESS_KEY=old\n{texts.ENV}# AWS_SECRET_ACCESS_KEY=not\n", ENV, 3),
    ("what something invisible surrounds", texts.ENV.replace(SECRET, f"\u200b{SECRET}\xa0"), ENV, 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "form", "line"), [pytest.param(row[1], row[2], row[3], id=row[0]) for row in FOUND]
)
def test_the_key_is_found(content: str | bytes, form: str, line: int, tmp_path: Path) -> None:
    found = read(content, tmp_path)
    assert (found.value(ID), found.value("secret")) == (KEY_ID, SECRET)
    assert (found.form, found.place) == (form, f"key:{line}")


def test_a_token_is_found(tmp_path: Path) -> None:
    found = read(texts.STS, tmp_path)
    assert (found.value("token"), found.value("secret")) == (texts.TOKEN, SECRET)


def test_a_profile_and_a_user_are_chosen(tmp_path: Path) -> None:
    other = texts.SHARED.replace("default", "other").replace(KEY_ID, "AKIAQQQQQQQQQQQQ0009")
    both = f"{texts.SHARED}{other}"
    assert read(both, tmp_path).shown_id == "AKIA****0002"
    assert read(both, tmp_path, "other").shown_id == "AKIA****0009"
    assert read(texts.TWO_USERS, tmp_path, "anna").shown_id == "AKIA****0002"


MISSING = [
    ("no known form", "hello\n", "key is in none of the forms that are known here: "),
    ("nothing", " \n", "key is empty"),
    ("no text", b"a=b\nc=\0\n", "key:2: is no text: it holds a NUL"),
    ("no UTF-8", b"a=b\nc=\xff\n", "key:2: is not UTF-8"),
    ("JSON that is none", '{\n  "data": {,}\n}', "key:2: is no JSON: "),
    ("JSON without a key", '{"data": {"password": "x"}}', "key holds no key (looked for access_key, "),
    ("JSON without a secret", '{\n"AccessKeyId": "' + KEY_ID + '"}', "key:2: the key id stands here without"),
    ("JSON with a number", '{\n"AccessKeyId": 5}', "key:2: AccessKeyId is no text"),
    ("a file of the console's without a row", "Access key ID,Secret access key\n", "key holds no key below its header"),
    ("a file of the console's for two", texts.TWO_USERS, "key holds 2 keys (lines 2, 4): name one by its user,"),
    ("a profile that is not there", "[a]\naws_secret_access_key = x\n[b]\n",
     "key has no profile [default]: it has a (FILE:PROFILE names one)"),
    ("a profile without a key", "[x]\n[default]\nregion = eu-west-1\n", "key:2: [default] holds no key"),
    ("half a pair in a profile", f"[default]\naws_access_key_id = {KEY_ID}\n", "key:2: the key id stands here"),
    ("settings without a profile", f"# x\naws_access_key_id = {KEY_ID}\n",
     "key:2: a setting above which no [profile] stands"),
    ("half a pair of variables", f"A=b\nAWS_ACCESS_KEY_ID={KEY_ID}\n", "key:2: the key id stands here without"),
    ("other variables", "A=b\n", "key: there is no access key id"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [pytest.param(row[1], row[2], id=row[0]) for row in MISSING])
def test_where_there_is_no_key_the_place_is_told(content: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(Unfit) as raised:
        read(content, tmp_path)
    assert str(raised.value).startswith(message)
    assert raised.value.status == 1


@pytest.mark.parametrize("content", [row[1] for row in FOUND])
@pytest.mark.parametrize("cut", [30, 60, 90, 120, -30])
def test_no_message_holds_the_secret(content: str | bytes, cut: int, tmp_path: Path) -> None:
    """A file that was not copied whole is the likeliest one to be wrong."""
    assert SECRET[:12] not in told(content[:cut], tmp_path)


def told(content: str | bytes, folder: Path) -> str:
    """What a log would have of it."""
    try:
        return repr(read(content, folder))
    except Unfit as error:
        return str(error)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="key is larger than 1 MiB"):
        read("A=b\n" * 300_000, tmp_path)
