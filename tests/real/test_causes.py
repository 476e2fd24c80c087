"""The real Terraform fails on the stand, through tfwrap, and the first cause in the stored record is the right one.

Every cause has at least two situations here (tests/real/causes/situations.py), and two by recorded text in
tests/unit/diagnosis/causes/test_table.py.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from testing.packages import Unavailable
from tests.real.causes.place import GONE, SECRET
from tests.real.causes.situations import ONLY_RECORDED, SITUATIONS, Situation
from tfwrap.diagnosis.causes import slugs
from tfwrap.redaction import encodings

if TYPE_CHECKING:
    from tests.real.causes.place import Place

pytestmark = pytest.mark.slow

LINES, COLUMNS = 40, 100
# What is to be copied is not wrapped.
TYPED = ("terraform ", "aws ", "in /")


def named(situation: Situation) -> str:
    return f"{situation.cause}: {situation.name}"


@pytest.mark.parametrize(
    ("terraform", "situation"),
    [pytest.param(each.version, each, id=named(each)) for each in SITUATIONS],
    indirect=["terraform"],
)
def test_the_first_cause_that_is_named_is_the_right_one(situation: Situation, failing: Place) -> None:
    try:
        env = situation.prepare(failing)
        done = failing.guarded(*situation.words, "-no-color", env=env)
    except Unavailable as missing:
        pytest.skip(str(missing))
    assert done.status == 1, done
    record = failing.record()
    assert record["cause"]["slug"] == situation.cause, json.dumps(record, indent=1)
    assert record["evidence"]
    assert record["remedies"]
    assert record["checked"] or situation.cause != slugs.UNKNOWN
    told = failing.explained()
    assert f"{situation.cause} ({record['cause']['confidence']})" in told
    assert len(told.splitlines()) <= LINES, told
    wide = [line for line in told.splitlines() if len(line) > COLUMNS and not any(map(line.lstrip().startswith, TYPED))]
    assert not [line for line in wide if " " in line.strip().removesuffix(" ...")], told
    shown = told + json.dumps(record) + done.stderr.decode().rpartition("Error: ")[0]
    hidden = (SECRET, failing.good.secret, failing.good.id, GONE)
    assert not [secret for secret in hidden if secret in shown]
    written = [form.encode() for secret in hidden[:2] for form in encodings.forms(secret) if len(form) >= 12]
    kept = failing.kept()
    assert kept
    assert not [form for form in written if form in kept or form in shown.encode()]


def test_every_cause_has_at_least_two_situations() -> None:
    causes = [each.cause for each in SITUATIONS]
    assert {slug for slug in slugs.EVERY if causes.count(slug) < 2} == set(ONLY_RECORDED)
