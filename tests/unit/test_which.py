"""The real binary, and never tfwrap itself. tests/promises/test_launcher.py asks the shims the same questions."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tfwrap import which
from tfwrap.errors import CannotRun, NotFound
from tfwrap.which import Guard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHIM = "#!/bin/sh\n# tfwrap-shim-marker\n"


def program(path: Path, text: str = "#!/bin/sh\n") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def on(*entries: Path | str, **more: str) -> dict[str, str]:
    return {"PATH": os.pathsep.join(map(str, entries)), **more}


def mine(*targets: str, pid: int | None = None, depth: int = 1) -> Guard:
    """The guard of the process that called us."""
    return Guard(os.getppid() if pid is None else pid, depth, targets)


@pytest.fixture
def real(tmp_path: Path) -> str:
    return program(tmp_path / "real" / "terraform")


# Where it is looked for


def test_the_first_on_path_that_is_not_a_shim_is_the_real_one(real: str, tmp_path: Path) -> None:
    program(tmp_path / "shims" / "terraform", SHIM)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "terraform").symlink_to(tmp_path / "shims" / "terraform")
    environ = on(tmp_path / "absent", tmp_path / "shims", tmp_path / "linked", tmp_path / "real")
    found = which.find("terraform", environ, None)
    assert found == (real, f"{os.getpid()}:1:{real}")


@pytest.mark.parametrize("entry", ["", ".", "sub", "~/bin"])
def test_what_is_not_absolute_is_not_searched(
    entry: str, real: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (tmp_path, tmp_path / "sub", tmp_path / "~/bin"):
        program(place / "terraform", "planted")
    monkeypatch.chdir(tmp_path)
    assert which.find("terraform", on(entry, tmp_path / "real"), None).path == real


def test_tofu_is_not_terraform(real: str, tmp_path: Path) -> None:
    environ = on(tmp_path / "real", TFWRAP_TERRAFORM=real)
    with pytest.raises(NotFound, match=r"no real tofu found .*opentofu\.org.* or set TFWRAP_TOFU"):
        which.find("tofu", environ, None)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda path: path.mkdir(), "is a directory", id="a directory"),
        pytest.param(lambda path: path.write_text(""), r"is not executable \(chmod \+x it\)", id="no x bit"),
        pytest.param(lambda path: path.symlink_to("/nowhere"), "is a broken symbolic link", id="a broken link"),
    ],
)
def test_what_cannot_be_run_is_said_unless_another_one_follows(
    make: Callable[[Path], object], reason: str, real: str, tmp_path: Path
) -> None:
    (tmp_path / "bad").mkdir()
    make(tmp_path / "bad" / "terraform")
    assert which.find("terraform", on(tmp_path / "bad", tmp_path / "real"), None).path == real
    with pytest.raises(CannotRun, match=f"^{tmp_path}/bad/terraform {reason}$"):
        which.find("terraform", on(tmp_path / "bad"), None)
    with pytest.raises(CannotRun, match=rf"{reason} \(set by TFWRAP_TERRAFORM\)$"):
        which.find("terraform", on(TFWRAP_TERRAFORM=str(tmp_path / "bad" / "terraform")), None)


def test_a_pipe_on_path_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "terraform", 0o755)
    which.find("terraform", on(tmp_path), None)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("/nonexistent/a:/nonexistent/b", "looked in /nonexistent/a:/nonexistent/b", id="named"),
        pytest.param("", "nowhere: PATH has no absolute entry", id="an empty PATH"),
        pytest.param("bin:.", "nowhere: PATH has no absolute entry", id="a PATH without absolute entries"),
    ],
)
def test_a_missing_binary_says_where_it_was_looked_for(path: str, words: str) -> None:
    with pytest.raises(NotFound, match="no real terraform found") as caught:
        which.find("terraform", {"PATH": path}, None)
    assert words in str(caught.value)
    assert "https://developer.hashicorp.com/terraform/install or set TFWRAP_TERRAFORM" in str(caught.value)


def test_the_marker_counts_in_the_first_400_bytes_alone(tmp_path: Path) -> None:
    late = program(tmp_path / "terraform", "#" * 400 + "tfwrap-shim-marker")
    assert which.find("terraform", on(tmp_path), None).path == late


# Overrides


def test_an_override_goes_before_path(real: str, tmp_path: Path) -> None:
    other = program(tmp_path / "other name")
    assert which.find("terraform", on(tmp_path / "real", TFWRAP_TERRAFORM=other), None).path == other
    assert which.find("terraform", on(tmp_path / "real", TFWRAP_TERRAFORM=""), None).path == real


def test_a_bare_name_is_a_file_here_as_it_is_to_exec(
    real: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "tf")
    monkeypatch.chdir(tmp_path)
    assert which.find("terraform", on(tmp_path / "real", TFWRAP_TERRAFORM="tf"), None).path == "./tf"


def test_an_override_that_is_a_shim_is_refused(tmp_path: Path) -> None:
    shim = program(tmp_path / "terraform", SHIM)
    with pytest.raises(CannotRun, match=r"is tfwrap itself \(set by TFWRAP_TOFU\); name the real tofu there"):
        which.find("tofu", on(TFWRAP_TOFU=shim), None)


def test_an_override_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"/nowhere/x does not exist \(set by TFWRAP_TERRAFORM\)"):
        which.find("terraform", on(TFWRAP_TERRAFORM="/nowhere/x"), None)


# The guard


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        pytest.param("{pid}:1:/x/terraform", (1, ("/x/terraform",)), id="once"),
        pytest.param("{pid}:2:/x/terraform:/y/terraform", (2, ("/x/terraform", "/y/terraform")), id="twice"),
        pytest.param("{pid}:0:/x", (0, ("/x",)), id="nought"),
        pytest.param("{pid}:12:/x", (which.MAX_DEPTH, ("/x",)), id="deeper than can be: no further"),
        pytest.param("{pid}:1x:/x", (which.MAX_DEPTH, ("/x",)), id="a depth that is no number: no further"),
    ],
)
def test_a_guard_of_a_living_process_is_read(text: str, guard: tuple[int, tuple[str, ...]]) -> None:
    read = which.read_guard({"_TFWRAP_GUARD": text.format(pid=os.getpid())})
    assert read == Guard(os.getpid(), *guard)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="an empty one"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param("0:1:/x", id="pid 0 is our own process group to kill(2)"),
        pytest.param("01:1:/x", id="a pid does not begin with 0"),
        pytest.param("-1:1:/x", id="pid -1 is everybody to kill(2)"),
        pytest.param("99999999:1:/x", id="a process that is gone"),
        pytest.param("99999999999999999999999:1:/x", id="no pid is that long"),
        pytest.param("9" * 5000 + ":1:/x", id="nor is any number to int()"),
        pytest.param("1²:1:/x", id="a digit that int() does not take"),
        pytest.param("1x:1:/x", id="letters"),
        pytest.param("{pid}", id="a pid alone"),
        pytest.param("{pid}:1", id="no target"),
        pytest.param("{pid}:1:", id="an empty target"),
        pytest.param("{pid}::/x", id="no depth"),
        pytest.param("{pid}:x:/x", id="a depth that begins with a letter"),
    ],
)
def test_a_stale_or_broken_guard_is_ignored(text: str | None) -> None:
    environ = {} if text is None else {"_TFWRAP_GUARD": text.replace("{pid}", str(os.getpid()))}
    assert which.read_guard(environ) is None


def test_a_guard_of_another_users_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_yours(pid: int, number: int) -> None:
        raise PermissionError(pid, number)

    monkeypatch.setattr(os, "kill", not_yours)
    assert which.read_guard({"_TFWRAP_GUARD": "7:1:/x"}) == Guard(7, 1, ("/x",))


def test_a_guard_reads_what_it_writes() -> None:
    guard = Guard(os.getpid(), 3, ("/a/terraform", "/b c/terraform"))
    assert which.read_guard({"_TFWRAP_GUARD": str(guard)}) == guard


# Calls that come back


@pytest.mark.parametrize("caller", [os.getpid, os.getppid])
def test_what_came_straight_back_is_left_out(caller: Callable[[], int], real: str, tmp_path: Path) -> None:
    manager = program(tmp_path / "manager" / "terraform")
    found = which.find("terraform", on(tmp_path / "manager", tmp_path / "real"), mine(manager, pid=caller()))
    assert found == (real, f"{os.getpid()}:2:{manager}:{real}")


def test_an_override_that_came_straight_back_gives_way_to_path(real: str, tmp_path: Path) -> None:
    other = program(tmp_path / "other")
    environ = on(tmp_path / "real", TFWRAP_TERRAFORM=other)
    assert which.find("terraform", environ, mine(other)).path == real


def test_with_nothing_behind_a_manager_it_is_said_what_came_back(tmp_path: Path) -> None:
    manager = program(tmp_path / "manager" / "terraform")
    words = f"no real terraform found but {manager}, which came back to tfwrap \\(looked in {tmp_path}/manager\\)"
    with pytest.raises(NotFound, match=words):
        which.find("terraform", on(tmp_path / "manager"), mine(manager))


@pytest.mark.parametrize(
    "pid",
    [pytest.param(1, id="the guard is of another process: a nested call, as from a local-exec")],
)
def test_a_nested_call_gets_the_same_one_again(pid: int, real: str, tmp_path: Path) -> None:
    found = which.find("terraform", on(tmp_path / "real"), mine(real, pid=pid))
    assert found == (real, f"{os.getpid()}:2:{real}")


@pytest.mark.skipif(not os.path.exists("/proc/self/exe"), reason="no /proc here")
def test_a_parent_that_is_the_target_itself_is_a_real_binary_and_gets_itself_again(tmp_path: Path) -> None:
    """`sh -c terraform` in a local-exec, where sh is bash and does not stay: the real Terraform is our parent."""
    parent = tmp_path / "real" / "terraform"
    parent.parent.mkdir()
    parent.symlink_to(os.path.realpath(f"/proc/{os.getppid()}/exe"))
    found = which.find("terraform", on(tmp_path / "real"), mine("/x/manager", str(parent)))
    assert found.path == str(parent)


def test_a_circle_ends_after_ten_rounds(real: str, tmp_path: Path) -> None:
    environ = on(tmp_path / "real")
    assert which.find("terraform", environ, mine("/a", pid=1, depth=9)).guard.split(":")[1] == "10"
    with pytest.raises(CannotRun, match=r"10 times in a circle \(through /a:/b\); set TFWRAP_TERRAFORM"):
        which.find("terraform", environ, mine("/a", "/b", pid=1, depth=10))


def test_root_cannot_run_what_has_no_x_bit(tmp_path: Path) -> None:
    shutil.copy(sys.executable, tmp_path / "terraform")
    (tmp_path / "terraform").chmod(0o644)
    assert which.why_not(str(tmp_path / "terraform")) == "is not executable (chmod +x it)"
    assert which.why_not(sys.executable) == ""
    assert which.why_not(str(tmp_path / "absent")) == "does not exist"
