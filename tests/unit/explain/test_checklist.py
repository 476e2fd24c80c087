from __future__ import annotations

from typing import Any

import pytest

from tests.unit.preflight.checks import made
from tfwrap.doctor.doctor import Examined
from tfwrap.explain import checklist
from tfwrap.output import Output
from tfwrap.preflight.checks.finding import ERROR, Finding
from tfwrap.settings import settings
from tfwrap.sources.sources import NONE
from tfwrap.which import Real

PLAIN = Output(-1, colour=False)
PROVIDER = made.consumer()


def examined(*found: Finding, version: str = "1.11.4", **facts: Any) -> Examined:
    known = made.facts(**{"consumers": (PROVIDER,), "answers": {PROVIDER.name: made.accepted()}, **facts})
    return Examined(Real("/t", "1:x"), version, known, found, settings.read({}))


def answers(of: Examined) -> dict[str, str]:
    return {item.question: item.answer for _, items in checklist.tree(of) for item in items}


def test_where_all_is_well_every_answer_is_yes() -> None:
    assert set(answers(examined()).values()) == {checklist.YES}


def test_a_finding_is_a_no_with_its_id_and_title() -> None:
    found = Finding("TFW104", "stray-session-token", ERROR, "a token too many")
    shown = "\n".join(checklist.lines(examined(found), PLAIN))
    assert "  [ no ] a token where one belongs, and none elsewhere\n" in shown
    assert "         TFW104 stray-session-token: a token too many\n" in shown
    assert list(answers(examined(found)).values()).count(checklist.NO) == 1


@pytest.mark.parametrize(
    ("facts", "question", "answer"),
    [
        ({"answers": {PROVIDER.name: made.rejected()}}, "AWS accepts those of provider.aws", checklist.NO),
        ({"answers": {}}, "AWS accepts those of provider.aws", checklist.OPEN),
        ({"answers": {}}, "the clock is right", checklist.OPEN),
        ({"answers": {}}, "STS can be reached", checklist.OPEN),
        ({"answers": {}}, "the region is enabled and of the same partition", checklist.OPEN),
        (
            {"consumers": (made.consumer(used=made.source(kind=NONE)),), "answers": {}},
            "provider.aws has credentials",
            checklist.NO,
        ),
        (
            {"consumers": (), "answers": {}},
            "nothing here uses AWS credentials, as far as the configuration tells",
            checklist.OPEN,
        ),
    ],
)
def test_what_is_not_known_is_not_said(facts: dict[str, Any], question: str, answer: str) -> None:
    assert answers(examined(**facts))[question] == answer


def test_every_finding_that_a_run_can_have_has_its_place_in_the_tree() -> None:
    """What is not asked about is about files and secrets, and stops no run."""
    import inspect

    from tests.unit.explain.test_explain import FINDINGS

    left_out = {"TFW107", "TFW116", "TFW205", "TFW211", "TFW303", "TFW305", "TFW306", "TFW401", "TFW403", "TFW409"}
    left_out |= {"TFW410", "TFW501", "TFW900"}
    source = inspect.getsource(checklist)
    assert {identifier for identifier, _ in FINDINGS if identifier not in source} <= left_out
