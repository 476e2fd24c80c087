"""The combinations of environment, shared files, block arguments and saved backend, and how some of them are drawn."""

from __future__ import annotations

import itertools
import random
from typing import NamedTuple

PLAIN = "plain"
"""The level of a factor that stands for: nothing of it is set."""


class Combination(NamedTuple):
    """What is set: each field is the name of a level of that factor (see LEVELS)."""

    keys: str = PLAIN
    variable: str = PLAIN
    default_variable: str = PLAIN
    web: str = PLAIN
    container: str = PLAIN
    default: str = "credentials"
    files: str = PLAIN
    profile: str = PLAIN
    pair: str = PLAIN
    role: str = PLAIN
    saved: str = PLAIN


PROFILES = (
    *("default", "lab", "nowhere", "half", "half-secret", "quoted", "single", "role", "chain", "loop", "self"),
    *("role-and-keys", "to-keys", "both", "to-both", "keys-no-role", "to-no-role", "broken", "to-half", "to-nothing"),
    *("process", "to-process", "of-environment", "of-container"),
    *("mfa", "to-mfa", "sso", "sso-cached", "to-sso", "sso-gone", "old-sso", "old-sso-cached", "old-sso-half", "web"),
    *("to-old-sso", "to-old-sso-half", "to-login"),
    *("two-makers", "role-alone", "no-role", "login", "bare", "empty", "upper", "both-files", "odd-source"),
)
LEVELS: dict[str, tuple[str, ...]] = {
    "keys": (PLAIN, PLAIN, "good", "alias", "mixed", "key-only", "secret-only", "empty-secret"),
    "variable": (PLAIN, PLAIN, "EMPTY", *PROFILES),
    "default_variable": (PLAIN, PLAIN, PLAIN, PLAIN, *PROFILES),
    "web": (PLAIN, PLAIN, PLAIN, PLAIN, "good", "no-role", "no-token"),
    "container": (PLAIN, PLAIN, PLAIN, "full"),
    "default": ("credentials", "credentials", "absent", "config", "both", "role", "half", "process", "broken"),
    "files": (PLAIN, PLAIN, PLAIN, PLAIN, "by-variable", "credentials-argument", "config-argument", "tilde"),
    "profile": (PLAIN, PLAIN, PLAIN, *PROFILES),
    "pair": (PLAIN, PLAIN, PLAIN, PLAIN, "good", "key-only", "token-only"),
    "role": (PLAIN, PLAIN, "block", "two", "web", "web-and-role"),
    "saved": (PLAIN, "saved"),
}
BY_ENVIRONMENT = ("by-variable", "tilde")
"""Levels of `files` that variables make."""


def drawn(seed: int, count: int) -> list[Combination]:
    """Combinations by chance, but fair: each level of a factor comes as often as the others."""
    dice = random.Random(seed)
    columns = {name: _column(levels, count, dice) for name, levels in LEVELS.items()}
    return [Combination(**{name: column[row] for name, column in columns.items()}) for row in range(count)]


def _column(levels: tuple[str, ...], count: int, dice: random.Random) -> list[str]:
    rounds = [dice.sample(levels, len(levels)) for _ in range(count // len(levels) + 1)]
    return list(itertools.chain.from_iterable(rounds))[:count]


def of_one_plan(sets: list[Combination]) -> list[Combination]:
    """The combinations with the environment and the files of the first one: they can be blocks of one module."""
    first = sets[0]
    are_files_moved = first.files in BY_ENVIRONMENT
    return [_beside(first, set_, are_files_moved) for set_ in sets]


def _beside(first: Combination, set_: Combination, are_files_moved: bool) -> Combination:
    files = first.files if are_files_moved else PLAIN if set_.files in BY_ENVIRONMENT else set_.files
    return first._replace(profile=set_.profile, pair=set_.pair, role=set_.role, files=files)


def systematic() -> list[Combination]:
    """Every kind of environment with everything that names a profile, of every common kind."""
    keys = (PLAIN, "good", "key-only")
    naming = ("variable", "default_variable", "profile")
    of_profiles = ("lab", "role", "nowhere", "half", "process")
    return [
        Combination(keys=key)._replace(**{name: profile})
        for key, name, profile in itertools.product(keys, naming, of_profiles)
    ]
