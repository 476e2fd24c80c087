"""Which held lock is the one that an apply of this directory left behind."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from tests.unit.boxes import boxed
from tfwrap import invocation
from tfwrap.diagnosis.diagnosis import Diagnosis
from tfwrap.explain import incident, incidents
from tfwrap.failure import failure
from tfwrap.failure.failure import Failure
from tfwrap.recovery import unresolved

if TYPE_CHECKING:
    from pathlib import Path

ID = "efd9cc30-f3a6-4462-b29a-33510cae53e5"
HERE = f"u@{platform.node()}"


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def held(who: str) -> bytes:
    """What Terraform says where it is kept out."""
    info = f"Lock Info:\n  ID:        {ID}\n  Path:      b/k\n  Operation: OperationTypeApply\n  Who:       {who}\n"
    rest = "  Version:   1.11.4\n  Created:   2026\n  Info:      \n"
    text = f"Error message: api error PreconditionFailed: no\n{info}{rest}"
    return boxed("Error acquiring the state lock", "", text).encode()


def typed(directory: Path) -> invocation.Invocation:
    return invocation.read("terraform", ("plan",), {}, str(directory))


def fail(directory: Path, cause: str) -> None:
    """Keep an incident of this directory."""
    found = Diagnosis(cause, "t", "certain", ("e",))
    what = Failure("state", "BadRequest", "Error: no")
    incidents.store(incident.make("1", "then", ["terraform"], str(directory), 1, what, found, ""))


def test_with_a_state_that_was_not_saved_the_lock_is_that_applys(tmp_path: Path) -> None:
    (tmp_path / "errored.tfstate").write_text("{}")
    found = unresolved.lock(typed(tmp_path), held(HERE))
    assert found
    assert (found.code, found.facts["lock_id"]) == (failure.LOCK_HELD, ID)


def test_where_the_last_failure_left_something_behind_the_lock_is_its_own(tmp_path: Path) -> None:
    fail(tmp_path, "state-left-behind")
    assert unresolved.lock(typed(tmp_path), held(HERE))


def test_a_lock_of_another_machine_is_a_colleagues(tmp_path: Path) -> None:
    (tmp_path / "errored.tfstate").write_text("{}")
    assert unresolved.lock(typed(tmp_path), held("u@elsewhere")) is None
    assert unresolved.lock(typed(tmp_path), held("")) is None


def test_without_an_apply_that_broke_off_it_is_another_terminals(tmp_path: Path) -> None:
    assert unresolved.lock(typed(tmp_path), held(HERE)) is None
    fail(tmp_path / "elsewhere", "state-left-behind")
    assert unresolved.lock(typed(tmp_path), held(HERE)) is None
    fail(tmp_path, "expired-session")
    assert unresolved.lock(typed(tmp_path), held(HERE)) is None


def test_another_error_is_no_held_lock(tmp_path: Path) -> None:
    (tmp_path / "errored.tfstate").write_text("{}")
    assert unresolved.lock(typed(tmp_path), boxed("Invalid reference").encode()) is None
