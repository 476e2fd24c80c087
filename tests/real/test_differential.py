"""What tfwrap says a consumer will sign with is what the real Terraform then signs with, for hundreds of combinations.

A failure prints the seed and the combinations that differ. TFWRAP_TEST_SEED draws others than the usual ones.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from testing import providers, terraforms
from testing.differential import backends, combinations, plans
from testing.differential.bench import A_PLAN, Bench
from testing.differential.combinations import Combination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testing.differential.outcome import Trial
    from tfwrap.stand.server import Stand

SEED = int(os.environ.get("TFWRAP_TEST_SEED", "5"))
TERRAFORMS = ("0.12.29", "1.0.3", terraforms.PATH, "1.15.5")
DRAWN_A_VERSION = 40
CHUNK = 17
PLANS = {"3.39.0": 4, "5.100.0": 4}
LEAST = 300

OF_BACKENDS = {
    version: [*combinations.systematic(), *combinations.drawn(SEED + place, DRAWN_A_VERSION)]
    for place, version in enumerate(TERRAFORMS)
}
CHUNKS = [(version, start) for version, sets in OF_BACKENDS.items() for start in range(0, len(sets), CHUNK)]


@pytest.fixture(scope="module")
def bench(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The keys, the roles and the services that all combinations of a worker share."""
    made = Bench(stand, tmp_path_factory.mktemp("differential"))
    with pytest.MonkeyPatch.context() as patch:  # the versions of the binaries are kept there
        patch.setenv("XDG_STATE_HOME", str(made.root / "state"))
        yield made
    made.close()


def differing(trials: list[Trial]) -> str:
    """In words, each combination in which something else arrived than was said; empty where there is none."""
    plain = Combination()
    lines = []
    for trial in trials:
        if trial.arrived != trial.expected:
            levels = {name: value for name, value in trial.set._asdict().items() if value != getattr(plain, name)}
            lines.append(f"{levels}\n  arrived {trial.arrived}\n  expected {trial.expected}\n  said {trial.said!r}")
    return f"seed {SEED}:\n" + "\n".join(lines) if lines else ""


@pytest.mark.slow
@pytest.mark.parametrize(("version", "start"), CHUNKS)
def test_a_backend_signs_with_what_was_said(version: str, start: int, bench: Bench) -> None:
    """Each combination is an `init` of a directory of its own."""
    _require(lambda: terraforms.terraform(version))
    trials = [
        backends.trial(bench, version, set_, f"{version}-{start + place}")
        for place, set_ in enumerate(OF_BACKENDS[version][start : start + CHUNK])
    ]
    assert differing(trials) == ""


@pytest.mark.slow
@pytest.mark.parametrize(("version", "plan"), [(version, plan) for version in PLANS for plan in range(PLANS[version])])
def test_a_provider_signs_with_what_was_said(version: str, plan: int, bench: Bench) -> None:
    """Some configurations of the provider share a plan, and with it an environment."""
    _require(lambda: providers.provider(version))
    sets = combinations.of_one_plan(combinations.drawn(SEED + plan, A_PLAN))
    assert differing(list(plans.trials(bench, version, sets, f"{version}-{plan}"))) == ""


def test_the_combinations_are_many() -> None:
    assert sum(map(len, OF_BACKENDS.values())) + sum(PLANS.values()) * A_PLAN >= LEAST


def test_every_level_of_every_factor_is_drawn() -> None:
    drawn = combinations.drawn(SEED, max(len(levels) for levels in combinations.LEVELS.values()))
    for factor, levels in combinations.LEVELS.items():
        assert {getattr(set_, factor) for set_ in drawn} == set(levels)


def test_a_seed_draws_the_same_again() -> None:
    assert combinations.drawn(3, 40) == combinations.drawn(3, 40) != combinations.drawn(4, 40)


def _require(find: Callable[[], object]) -> None:
    try:
        find()
    except terraforms.Unavailable as reason:
        pytest.skip(str(reason))
