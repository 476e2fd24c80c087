"""What tests share: a world of one's own, the stand, and the real Terraforms."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

import testing.world
from testing import terraforms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.stand.server import Stand

OF_THE_MACHINE = ("AWS_", "TF_", "TFWRAP_")
KEPT = "TFWRAP_TEST_"


def pytest_sessionstart() -> None:
    """Take back signals that are ignored, as under nohup or in a background job: what a test starts inherits that."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine for AWS, Terraform or tfwrap reaches a test."""
    for name in list(os.environ):
        if name.startswith(OF_THE_MACHINE) and not name.startswith(KEPT):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """A command that is called in this process may listen for signals; the next test hears of them as ever."""
    listened_to = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in listened_to]
    yield
    for number, handler in zip(listened_to, before, strict=True):
        if signal.getsignal(number) != handler:
            signal.signal(number, handler)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A home, a working directory and an environment made from scratch."""
    return testing.world.make(tmp_path / "world")


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    """The AWS stand-in on loopback, one a worker: a test makes buckets and keys of its own."""
    from tfwrap.stand.server import start

    with start() as started:
        yield started


@pytest.fixture
def terraform(request: pytest.FixtureRequest) -> Terraform:
    """A real Terraform: PATH's, or those that `testing.marks.on_terraforms` names."""
    try:
        return terraforms.terraform(getattr(request, "param", terraforms.PATH))
    except terraforms.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run in which everything was skipped has shown nothing, and says so with its exit status."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    ran = reporter and any(reporter.stats.get(outcome) for outcome in ("passed", "failed", "error", "xfailed"))
    is_worker = hasattr(session.config, "workerinput")
    if reporter and not is_worker and not ran and not session.config.option.collectonly:
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
