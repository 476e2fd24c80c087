"""Secrets do not show, and places read as a person would write them."""

from __future__ import annotations

import copy
import json
import logging

import pytest

from tfwrap.origin import Secret, place

VALUE = "madeUp/canary/by+a/test"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(str(Secret(VALUE)), id="str"),
        pytest.param(repr(Secret(VALUE)), id="repr"),
        pytest.param(f"{Secret(VALUE)} {Secret(VALUE)!r}", id="an f-string"),
        pytest.param("%s %r" % (Secret(VALUE), Secret(VALUE)), id="percent"),  # noqa: UP031
        pytest.param("{}".format(Secret(VALUE)), id="format"),  # noqa: UP032
        pytest.param(str([Secret(VALUE)]), id="in a list"),
        pytest.param(str({"key": Secret(VALUE)}), id="in a dict"),
        pytest.param(str(ValueError(Secret(VALUE))), id="in an exception"),
        pytest.param(logging.LogRecord("", 0, "", 0, "%s", (Secret(VALUE),), None).getMessage(), id="in a log record"),
    ],
)
def test_a_secret_does_not_show(text: str) -> None:
    assert "****" in text
    assert "canary" not in text


def test_a_secret_cannot_become_json() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(VALUE))


def test_a_secret_gives_its_value_to_the_one_who_asks() -> None:
    assert Secret(VALUE).reveal() == VALUE
    assert copy.deepcopy(Secret(VALUE)).reveal() == VALUE


def test_secrets_are_equal_by_value_and_never_to_text() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert len({Secret(VALUE), Secret(VALUE), Secret("other")}) == 2
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param("/home/u/work/x", "x", id="below the directory"),
        pytest.param("/home/u/work/.terraform/terraform.tfstate", ".terraform/terraform.tfstate", id="deep below it"),
        pytest.param("/home/u/.aws/credentials", "~/.aws/credentials", id="below the home"),
        pytest.param("/etc/x", "/etc/x", id="elsewhere"),
        pytest.param("/home/u/workshop/x", "~/workshop/x", id="the directory is only the beginning of a name"),
        pytest.param("/home/user2/x", "/home/user2/x", id="the home is only the beginning of a name"),
        pytest.param("/home/u", "/home/u", id="the home itself"),
        pytest.param("/home/u/work", "~/work", id="the directory itself"),
        pytest.param("relative/x", "relative/x", id="a relative path"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_place_is_written_as_a_person_would(path: str, shown: str) -> None:
    assert place(path, home="/home/u", directory="/home/u/work") == shown


@pytest.mark.parametrize("base", ["", "/home/u/", "/"])
def test_a_place_survives_odd_bases(base: str) -> None:
    assert place("/home/u/x", home=base, directory="").lstrip("~/").removeprefix("home/u/") == "x"
