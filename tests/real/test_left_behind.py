"""A session that ends in the middle of an apply: what is left behind is told until it is put right, step by step."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from testing.marks import on_terraforms
from testing.terraforms import PATH
from tests.real.causes.place import pair
from tests.real.causes.situations import APPLY, PLAN, over_in_mid_apply
from tfwrap.diagnosis.causes.slugs import STATE_LEFT_BEHIND

if TYPE_CHECKING:
    from tests.real.causes.place import Place

pytestmark = pytest.mark.slow


@on_terraforms(PATH, "1.15.5")
def test_the_steps_that_are_told_put_it_right(failing: Place) -> None:
    broken = failing.guarded(*APPLY, env=over_in_mid_apply(failing))
    assert broken.status == 1
    assert b"2. terraform force-unlock ID  # only if the next command says" in broken.stderr
    assert b"3. terraform state push errored.tfstate  # " in broken.stderr
    good = pair(failing.good)

    refused = failing.guarded(*APPLY, env={**good, "TFWRAP_STRICT": "1"})
    assert refused.status == 120
    assert b"TFW312" in refused.stderr

    held = failing.guarded(*APPLY, env=good)
    assert held.status == 1
    assert held.stderr.index(b"TFW312") < held.stderr.index(b"Error acquiring the state lock")
    record = json.loads(failing.explained("--format", "json"))
    assert (record["incident"]["code"], record["cause"]["slug"]) == ("LockHeld", STATE_LEFT_BEHIND)
    assert any("forked state" in line for line in record["evidence"])
    steps = [remedy["command"] for remedy in record["remedies"]]
    assert [words[1] for words in steps] == ["force-unlock", "state", "plan"]
    assert shlex.join(steps[0]).encode() in held.stderr

    unlock, push, plan = steps
    assert failing.guarded(unlock[1], "-force", *unlock[2:], env=good).status == 0
    pushed = failing.guarded(*push[1:], env=good)
    assert pushed.status == 0, pushed
    (failing.world.cwd / "errored.tfstate").unlink()
    done = failing.guarded(*plan[1:], "-detailed-exitcode", env=good)
    assert done.status == 0, done
    assert b"tfwrap" not in done.stderr


def test_a_lock_of_somebody_else_is_nobodys_leavings(failing: Place) -> None:
    """The same error, where nothing has broken off here, and where the lock is of another machine."""
    over_in_mid_apply(failing)
    good = pair(failing.good)
    lock = {"ID": "00000000-0000-0000-0000-000000000001", "Operation": "OperationTypeApply", "Who": "u@elsewhere"}
    failing.put("k.tflock", json.dumps({**lock, "Info": "", "Version": "1.11.4", "Path": "x/k"}))
    assert failing.guarded(*PLAN, env=good).status == 1
    (failing.world.cwd / "errored.tfstate").write_text("{}")
    held = failing.guarded(*PLAN, env=good)
    assert b"u@elsewhere" in held.stderr
    assert b"force-unlock" not in b"".join(line for line in held.stderr.splitlines() if b"tfwrap:   1." in line)
    assert "there is no incident" in failing.explained()
