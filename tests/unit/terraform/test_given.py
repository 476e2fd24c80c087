"""What is given by `-backend-config`: from where, in which order, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tfwrap import invocation
from tfwrap.settings.settings import Value
from tfwrap.terraform import given
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.settings.settings import Values
    from tfwrap.terraform.given import Found

BY_SETTING: tuple[Values, ...] = ({("backend_config",): Value(["key=setting", "encrypt=true"], ".tfwrap.toml:2")},)
ENVIRON = {"TF_CLI_ARGS_init": "-backend-config=key=init -backend-config=token='a b'", "TF_CLI_ARGS": ""}


def read(directory: Path, *words: str, environ: dict[str, str] | None = None) -> Found:
    return given.read(invocation.read("terraform", words, environ or {}, str(directory)), environ or {}, BY_SETTING)


def test_the_last_one_of_a_name_counts_and_every_one_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, "init", "-backend-config=key=typed", environ=ENVIRON)
    assert found.arguments == {"key": "typed", "encrypt": "true", "token": "a b"}
    assert found.location("key") == "your -backend-config"
    assert [each.location for each in found.values if each.name == "key"] == [
        ".tfwrap.toml:2", "TF_CLI_ARGS_init", "your -backend-config",
    ]  # fmt: skip


def test_another_command_gives_nothing_to_init_itself(tmp_path: Path) -> None:
    assert read(tmp_path, "plan", "-var=key=typed", environ=ENVIRON).arguments["key"] == "init"
    assert read(tmp_path, "plan").arguments == {"key": "setting", "encrypt": "true"}


def test_what_a_setting_says_is_not_given_to_terraform(tmp_path: Path) -> None:
    typed = invocation.read("terraform", ("init", "-backend-config=bucket=b"), ENVIRON, str(tmp_path))
    assert given.of_init(typed, ENVIRON).arguments == {"key": "init", "token": "a b", "bucket": "b"}
    assert given.of_init(typed._replace(command="plan"), ENVIRON) == given.NOTHING


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("key=a=b", "a=b", id="an equals sign"),
        pytest.param("key=", "", id="nothing"),
        pytest.param("key=${x}", "${x}", id="no template"),
        pytest.param("key= 5 ", " 5 ", id="blanks"),
        pytest.param('key=["a", "b"]', ["a", "b"], id="a list"),
        pytest.param('key={ role_arn = "r" }', {"role_arn": "r"}, id="an object"),
        pytest.param("key={ broken", UNKNOWN, id="what does not parse"),
    ],
)
def test_a_single_value_is_text_unless_it_is_a_list_or_an_object(tmp_path: Path, text: str, value: object) -> None:
    assert read(tmp_path, "init", f"-backend-config={text}").arguments["key"] == value


def test_a_file_has_its_lines_and_is_named_for_the_memory(tmp_path: Path) -> None:
    (tmp_path / "a.hcl").write_bytes(b'\xef\xbb\xbfkey = "file"\r\n\r\nendpoints = {\n  s3 = "u"\n}\nregion = "r"\n')
    (tmp_path / "b.json").write_text('{\n "bucket": "b", "key":\n "j${x}"}')
    found = read(tmp_path, "init", "-backend-config=a.hcl", "-backend-config", "b.json", "-backend-config=gone.hcl")
    assert {name: found.location(name) for name in ("key", "endpoints", "region", "bucket")} == {
        "key": "b.json:2", "endpoints": "a.hcl:3", "region": "a.hcl:6", "bucket": "b.json:2",
    }  # fmt: skip
    assert found.arguments["key"] == "j${x}"
    assert found.files == tuple(str(tmp_path / name) for name in ("a.hcl", "b.json", "gone.hcl"))
    assert found.problems == ("gone.hcl (your -backend-config) cannot be read: no such file or directory",)


def test_no_value_shows_in_a_repr(tmp_path: Path) -> None:
    assert "a b" not in repr(read(tmp_path, "plan", environ=ENVIRON))
