"""Promise 1: the child's environment is the parent's, byte for byte, apart from the guard."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from testing import recorder

if TYPE_CHECKING:
    from tests.promises.conftest import Played

ODD = {
    b"TF_VAR_my-var": b"hyphen",
    b"BASH_FUNC_greet%%": b"() {  echo hi\n}",
    b"TF_VAR_json": b'{"a": "b c", "d": "$HOME `x`"}',
    b"TF_VAR_latin": b"\xe9\xff\xfe",
    b"W\xc3\xa4hrung": b"\xe2\x82\xac",
    b"EMPTY": b"",
    b"NEWLINES": b"a\nb\r\nc\n",
    b"1DIGIT": b"first",
    b"with space": b"x=y=z",
    b"LC_CTYPE": b"C.UTF-8",
    b"SHLVL": b"7",
    b"OLDPWD": b"/usr",
    b"TZ": b":/etc/localtime",
}


def environment_of(played: Played, command: str, given: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The environment that the real binary found, started by the shim from exactly the given one."""
    done = subprocess.run([played.shim, command], env=given, cwd=played.world.cwd, timeout=30, check=False)
    assert done.returncode == 0
    (record,) = recorder.records(played.record)
    return recorder.environment(record)


@pytest.mark.parametrize("command", ["plan", "version"])
def test_odd_names_and_values_arrive_unchanged(played: Played, command: str) -> None:
    given = {name.encode(): value.encode() for name, value in played.world.environ.items()} | ODD
    found = environment_of(played, command, given)
    assert found.pop(b"_TFWRAP_GUARD").count(b":") == 2
    assert found == given


@pytest.mark.parametrize("command", ["plan", "version"])
def test_in_a_bare_environment_nothing_is_added_but_the_guard(played: Played, command: str) -> None:
    names = ("RECORDER_FILE", "TFWRAP_TERRAFORM")
    given = {name.encode(): played.world.environ[name].encode() for name in names}
    found = environment_of(played, command, given)
    assert found.pop(b"_TFWRAP_GUARD").count(b":") == 2
    assert found == given


def test_a_terraform_that_is_called_from_inside_a_run_is_not_guarded_again(played: Played) -> None:
    inner = "import subprocess; os.environ['RECORDER_DO'] = ''; subprocess.run(['terraform', 'plan'], check=True)"
    given = {**played.world.environ, "RECORDER_DO": inner}
    subprocess.run([played.shim, "plan"], env=given, cwd=played.world.cwd, timeout=30, check=True)
    outer, nested = recorder.records(played.record)
    guard = recorder.environment(nested)[b"_TFWRAP_GUARD"]
    assert outer["group"] == nested["group"]
    assert int(guard.split(b":")[1]) == 2
    assert int(guard.split(b":")[0]) == nested["pid"], "the nested one was replaced by the real binary, not watched"
