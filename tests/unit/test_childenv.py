"""The child's environment is the parent's, byte for byte, but for the patch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tfwrap import childenv
from tfwrap.childenv import Change

if TYPE_CHECKING:
    from pathlib import Path

ODD = {
    "TF_VAR_my-var": "1",
    "BASH_FUNC_x%%": "() {  :\n}",
    "EMPTY": "",
    "BYTES": os.fsdecode(b"\xff\xfe"),
    os.fsdecode(b"\xe4"): "a name in Latin-1",
    "ä": "ö",
    "LINES": "a\nb\n",
}


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param({"A": "1"}, [], {"A": "1"}, id="an empty patch"),
        pytest.param({}, [Change("A", "1", "")], {"A": "1"}, id="a new name"),
        pytest.param({"A": "1"}, [Change("A", "2", "")], {"A": "2"}, id="another value"),
        pytest.param({"A": "1", "B": "2"}, [Change("A", None, "")], {"B": "2"}, id="unset"),
        pytest.param({"B": "2"}, [Change("A", None, "")], {"B": "2"}, id="unset what was not set"),
        pytest.param({"A": "1"}, [Change("A", "", "")], {"A": ""}, id="empty is not unset"),
        pytest.param({"a": "1"}, [Change("A", "2", "")], {"a": "1", "A": "2"}, id="names differ by their case"),
        pytest.param({"A": "1"}, [Change("A", None, ""), Change("A", "2", "")], {"A": "2"}, id="in their order"),
        pytest.param(ODD, [Change("A", "1", "")], {**ODD, "A": "1"}, id="odd names and values stay"),
    ],
)
def test_a_patch_makes_one_environment_of_another(
    before: dict[str, str], patch: list[Change], after: dict[str, str]
) -> None:
    untouched = dict(before)
    assert childenv.apply(before, patch) == after
    assert before == untouched


def test_the_guard_alone_is_added() -> None:
    patch = childenv.patch("_TFWRAP_GUARD", "7:1:/x/terraform", "/x/terraform", ODD)
    assert childenv.apply(ODD, patch) == {**ODD, "_TFWRAP_GUARD": "7:1:/x/terraform"}
    assert all(change.why for change in patch)


@pytest.fixture
def tfenv(tmp_path: Path) -> Path:
    """A directory that holds tfenv and its `terraform`."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tfenv").write_text("#!/usr/bin/env bash\n")
    (tmp_path / "bin" / "terraform").write_text("#!/usr/bin/env bash\n")
    return tmp_path / "bin"


def test_tfenvs_helpers_are_dropped_for_tfenv(tfenv: Path) -> None:
    environ = {"TFENV_HELPERS": "1", "TFENV_ROOT": "/r"}
    patch = childenv.patch("G", "1:1:x", str(tfenv / "terraform"), environ)
    assert childenv.apply(environ, patch) == {"TFENV_ROOT": "/r", "G": "1:1:x"}


@pytest.mark.parametrize(
    ("real", "neighbour"),
    [
        pytest.param(b"#!/bin/sh\n", "tfenv-not", id="no tfenv beside it"),
        pytest.param(b"\x7fELF", "tfenv", id="a program and no script"),
        pytest.param(b"", "tfenv", id="an empty file"),
        pytest.param(None, "tfenv", id="it is gone"),
    ],
)
def test_tfenvs_helpers_stay_for_everything_else(real: bytes | None, neighbour: str, tmp_path: Path) -> None:
    folder = tmp_path / "tfenv"  # a name alone says nothing
    folder.mkdir()
    (folder / neighbour).write_text("#!/bin/sh\n")
    if real is not None:
        (folder / "terraform").write_bytes(real)
    environ = {"TFENV_HELPERS": "1"}
    patch = childenv.patch("G", "1:1:x", str(folder / "terraform"), environ)
    assert childenv.apply(environ, patch)["TFENV_HELPERS"] == "1"


def test_what_is_not_set_is_not_unset(tfenv: Path) -> None:
    assert [change.name for change in childenv.patch("G", "1:1:x", str(tfenv / "terraform"), {})] == ["G"]


def test_a_pipe_in_the_place_of_the_real_binary_is_not_waited_for(tfenv: Path) -> None:
    (tfenv / "terraform").unlink()
    os.mkfifo(tfenv / "terraform")
    assert len(childenv.patch("G", "1:1:x", str(tfenv / "terraform"), {"TFENV_HELPERS": "1"})) == 1
