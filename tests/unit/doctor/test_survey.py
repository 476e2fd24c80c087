"""Many directories at once, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tfwrap.doctor import survey
from tfwrap.errors import TfwrapError


def double(number: int) -> tuple[int, int]:
    time.sleep(0.02 * (5 - number % 5))
    return number * 2, os.getpid()


def die(number: int) -> int:
    if number:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_the_answers_come_in_order_from_several_processes() -> None:
    answers = list(survey.each(double, list(range(20))))
    assert [number for number, _ in answers] == [number * 2 for number in range(20)]
    assert os.getpid() not in {pid for _, pid in answers}
    assert len({pid for _, pid in answers}) > 1


def test_one_task_needs_no_other_process() -> None:
    assert list(survey.each(double, [4])) == [(8, os.getpid())]


def test_no_task_is_no_answer() -> None:
    assert list(survey.each(double, [])) == []


def test_a_process_that_was_killed_is_said_and_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "PATIENCE_S", 1)
    with pytest.raises(TfwrapError, match="gave no answer for 1 s"):
        list(survey.each(die, [0, 1, 0]))


CIRCLE = """
import sys, time
from tfwrap.doctor import survey

def wait(number):
    sys.stdout.write("begun\\n")
    sys.stdout.flush()
    time.sleep(60)

list(survey.each(wait, [1, 2, 3]))
"""


def test_ctrl_c_ends_all_of_them_at_once_and_only_the_parent_speaks() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CIRCLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    )
    assert child.stdout
    assert child.stdout.readline() == "begun\n"
    started = time.monotonic()
    os.killpg(child.pid, signal.SIGINT)
    _, stderr = child.communicate(timeout=20)
    assert time.monotonic() - started < 10
    assert stderr.count("Traceback") == 1
    assert stderr.endswith("KeyboardInterrupt\n")
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)
