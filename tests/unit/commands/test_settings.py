"""`tfwrap settings`: every setting with its origin."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from testing import world as worlds

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World


@pytest.fixture
def place(world: World) -> World:
    (world.cwd / ".git").mkdir()
    (world.home / ".config/tfwrap").mkdir(parents=True)
    return world


def settings(world: World, **more: str) -> Finished:
    environ = {"XDG_CONFIG_DIRS": str(world.root / "etc"), **more}
    return worlds.run(world, [sys.executable, "-I", "-m", "tfwrap", "settings"], dict(environ))


def test_without_any_setting_the_defaults_are_shown(place: World) -> None:
    done = settings(place)
    assert (done.status, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "  strict = false  (the default)",
        '  auto = "off"  (the default)',
        "  offline = false  (the default)",
        "  key_age_days = 90  (the default)",
    ]


def test_every_setting_is_shown_with_its_origin(place: World) -> None:
    (place.home / ".config/tfwrap/config.toml").write_text('offline = true\n[ignore]\nTFW301 = "a vault"\n')
    (place.cwd / ".tfwrap.toml").write_text('account = "111111111111"\nprofile = "lab"\n')
    done = settings(place, TFWRAP_AUTO="refresh", TFWRAP_PROFILE="mine")
    assert done.status == 0
    assert done.stdout.decode().splitlines() == [
        "  strict = false  (the default)",
        '  auto = "refresh"  (TFWRAP_AUTO)',
        "  offline = true  (~/.config/tfwrap/config.toml:1)",
        "  key_age_days = 90  (the default)",
        '  ignore.TFW301 = "a vault"  (~/.config/tfwrap/config.toml:3)',
        '  account = "111111111111"  (.tfwrap.toml:1)',
        '  profile = "mine"  (TFWRAP_PROFILE)',
        "",
        "Set aside:",
        '  profile = "lab"  (.tfwrap.toml:2): the file is not approved: tfwrap trust',
    ]


def test_what_was_not_understood_is_said_with_status_1(place: World) -> None:
    (place.cwd / ".tfwrap.toml").write_text("account = 1\n")
    done = settings(place, TFWRAP_STRIKT="1")
    assert done.status == 1
    assert done.stderr.decode().splitlines() == [
        "tfwrap: TFWRAP_STRIKT is no setting of tfwrap's (did you mean TFWRAP_STRICT?)",
        "tfwrap: .tfwrap.toml:1: account must be twelve digits in quotes (the file is left out)",
    ]


def test_what_the_site_forbids_is_shown_as_set_aside(place: World) -> None:
    (place.root / "etc/tfwrap").mkdir(parents=True)
    site = place.root / "etc/tfwrap/config.toml"
    site.write_text('forbid = ["auto"]\n')
    done = settings(place, TFWRAP_AUTO="all")
    assert f'  auto = "all"  (TFWRAP_AUTO): {site}:1 forbids it' in done.stdout.decode().splitlines()
    assert done.stderr.decode() == f"tfwrap: the site policy ({site}:1) sets aside: auto (TFWRAP_AUTO)\n"
