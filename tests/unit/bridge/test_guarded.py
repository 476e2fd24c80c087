"""The bridge of a guarded run: nothing is opened where nothing is served, and a run without one goes on as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.unit.bridge.modules import login
from tests.unit.bridge.test_standing import served
from tfwrap import guard
from tfwrap.bridge import guarded
from tfwrap.output import Output
from tfwrap.run import Run
from tfwrap.settings import settings
from tfwrap.which import Real

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.bridge.modules import Module
    from tfwrap.bridge.making import Served
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.stand.server import Stand


class Said(NamedTuple):
    """Where a run says things, and what it has said."""

    path: Path
    output: Output

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()


@pytest.fixture
def said(tmp_path: Path) -> Iterator[Said]:
    path = tmp_path / "said"
    with path.open("w") as file:
        yield Said(path, Output(file.fileno(), False))


@pytest.fixture
def facts(module: Module) -> Facts:
    module.home.write(login("prod"))
    return module.facts()


def run(module: Module, said: Said, facts: Facts, *found: Served, real: str = "/bin/true", **more: str) -> Run:
    environ = {**module.home.environ, **more}
    begun = Run(
        facts.invocation, Real(real, "1:1:x"), environ, settings.read(environ), said.output, lambda _: facts, 0.0
    )
    return begun._replace(served=found)


def here(module: Module) -> str:
    return f"{module.home.path}/.aws/config"


def test_a_run_over_a_bridge_differs_in_the_config_file_and_has_a_lifeline(
    module: Module, said: Said, facts: Facts, short: Path
) -> None:
    begun = run(module, said, facts, served("prod", here(module), "AKIAONE"))
    with guarded.over(begun) as bridged:
        assert {change.name for change in bridged.changes} == {"AWS_CONFIG_FILE"}
        assert bridged.child_environment["AWS_CONFIG_FILE"].startswith(f"{short}/tfwrap-bridge-")
        assert os.fstat(bridged.lifelines[0])
    assert (list(short.iterdir()), said.lines()) == ([], [])


def test_it_is_gone_when_the_run_ends_badly(module: Module, said: Said, facts: Facts, short: Path) -> None:
    begun = run(module, said, facts, served("prod", here(module), "AKIAONE"))
    with pytest.raises(KeyboardInterrupt), guarded.over(begun):
        raise KeyboardInterrupt
    assert list(short.iterdir()) == []


def test_where_none_can_be_built_it_is_said_and_the_run_is_as_it_was(
    module: Module, said: Said, facts: Facts, short: Path
) -> None:
    begun = run(module, said, facts, served("prod", here(module), "AKIAONE"))
    os.remove(here(module))
    with guarded.over(begun) as bridged:
        assert bridged is begun
    assert said.lines() == ["tfwrap: the bridge could not be built: No such file or directory"]
    assert list(short.iterdir()) == []


def test_what_is_raised_over_a_bridge_is_not_taken_for_one_that_could_not_be_built(
    module: Module, said: Said, facts: Facts
) -> None:
    begun = run(module, said, facts, served("prod", here(module), "AKIAONE"))
    with pytest.raises(OSError, match="of the run's own"), guarded.over(begun):
        raise OSError(5, "of the run's own")
    assert said.lines() == []


def test_where_nothing_is_served_nothing_is_opened(module: Module, said: Said, facts: Facts, short: Path) -> None:
    finished = guard.launch(run(module, said, facts))
    assert (finished.status, list(short.iterdir()), said.lines()) == (0, [], [])


def test_a_run_with_something_to_serve_goes_over_a_bridge(
    module: Module, said: Said, facts: Facts, short: Path
) -> None:
    module.home.program(
        "terraform", f'echo "$AWS_CONFIG_FILE" > {module.home.path}/saw; ls {short} >> {module.home.path}/saw'
    )
    real = f"{module.home.path}/bin/terraform"
    finished = guard.launch(run(module, said, facts, served("prod", here(module), "AKIAONE"), real=real))
    assert finished.status == 0
    copy, directory = (module.home.path / "saw").read_text().split()
    assert copy == f"{short}/{directory}/config"
    assert list(short.iterdir()) == []


def test_offline_nothing_is_made_and_no_program_is_started(
    module: Module, said: Said, facts: Facts, stand: Stand
) -> None:
    module.aws_gives(stand.keys.create_session())
    found, told = guarded.made(run(module, said, facts, TFWRAP_OFFLINE="1"), facts)
    assert (found, module.asked()) == ((), [])
    assert [each.why_not for each in told.bridgeable] == ["tfwrap is set to be offline"]


@pytest.mark.parametrize("more", [{"CI": "true"}, {"TFWRAP_STRICT": "1"}, {"TF_INPUT": "0"}])
def test_where_nobody_is_asked_what_needs_nobody_is_made(
    module: Module, said: Said, facts: Facts, stand: Stand, more: dict[str, str]
) -> None:
    key = stand.keys.create_session()
    module.aws_gives(key)
    (one,), _ = guarded.made(run(module, said, facts, **more), facts)
    assert one.renewing.first.access_key == key.id
