"""Which setting counts, and why; and what the settings files do to a run."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

import tfwrap
from testing import world as worlds
from tfwrap.settings import files, layers, settings, trust

if TYPE_CHECKING:
    from pathlib import Path

    from testing.processes import Finished
    from testing.world import World
    from tfwrap.settings.merge import Effective
    from tfwrap.settings.settings import Settings
    from tfwrap.stand.server import Stand

LAUNCH = os.path.join(tfwrap.__path__[0], "launch.py")
KEY = "AKIAMADEUPBYATEST001"
OTHER = "AKIAMADEUPBYATEST002"


class Place(NamedTuple):
    """A project, a user and a site, each of which may have a settings file."""

    project: Path
    user: Path
    site: Path
    environ: dict[str, str]

    def read(self, **more: str) -> Settings:
        environ = {**self.environ, **more}
        return layers.read(settings.read(environ), environ, str(self.project.parent), str(self.project.parent))

    def effective(self, **more: str) -> Effective:
        environ = {**self.environ, **more}
        here = str(self.project.parent)
        return layers.effective(settings.read(environ), environ, files.places(environ, here, here), here)

    def approve(self) -> None:
        trust.approve(self.environ, os.path.realpath(self.project), self.project.read_bytes())


@pytest.fixture
def place(world: World) -> Place:
    (world.cwd / ".git").mkdir()
    environ = {**world.environ, "XDG_CONFIG_DIRS": str(world.root / "etc")}
    user, site = world.home / ".config/tfwrap", world.root / "etc/tfwrap"
    user.mkdir()
    site.mkdir(parents=True)
    return Place(world.cwd / ".tfwrap.toml", user / "config.toml", site / "config.toml", environ)


def test_without_files_the_variables_are_all(place: Place) -> None:
    read = place.read(TFWRAP_AUTO="all")
    assert read._replace(rests_on=(), layers=()) == settings.read({"TFWRAP_AUTO": "all"})
    assert read.layers == ({("auto",): settings.Value("all", "TFWRAP_AUTO")},)
    assert {str(place.project), str(place.user), str(place.site)} < set(read.rests_on)


def test_the_nearer_layer_counts(place: Place) -> None:
    place.site.write_text('auto = "off"\nstrict = "error"\noffline = true\n')
    assert place.read()[:4] == (True, "off", f"{place.site}:1", True)
    place.user.write_text('auto = "refresh"\n')
    assert place.read().auto_origin == "~/.config/tfwrap/config.toml:1"
    place.project.write_text('\nauto = "reconfigure"\n')
    place.approve()
    read = place.read()
    assert (read.auto, read.auto_origin, read.threshold) == ("reconfigure", ".tfwrap.toml:2", "error")
    read = place.read(TFWRAP_AUTO="all", TFWRAP_STRICT="0", TFWRAP_OFFLINE="0")
    assert read[:4] == (False, "all", "TFWRAP_AUTO", False)
    assert (read.mistakes, read.notes) == ((), ())


def test_ignored_findings_add_up(place: Place) -> None:
    place.user.write_text('[ignore]\nTFW301 = "a"\n')
    place.site.write_text('[ignore]\nTFW303 = "b"\n')
    assert place.read().ignored == ("TFW301", "TFW303")


def test_of_a_project_file_that_nobody_approved_only_accounts_count(place: Place) -> None:
    place.project.write_text(
        'account = "111111111111"\nprofile = "p"\nauto = "all"\n'
        '[workspace.prod]\naccount = "222222222222"\nprofile = "q"\n[refresh.x]\ncommand = ["x"]\n'
    )
    found = place.effective()
    assert set(found.values) == {("account",), ("workspace", "prod", "account")}
    assert {aside.key[0] for aside in found.aside} == {"profile", "auto", "workspace", "refresh"}
    read = place.read()
    assert read.auto == "off"
    assert read.mistakes == ()
    assert [dict(layer).keys() for layer in read.layers] == [set(), set(found.values), set(), set()]
    assert read.notes == (".tfwrap.toml is not approved: only its account counts (read it, then: tfwrap trust)",)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        pytest.param('profile = "p"', {"TFWRAP_PROFILE": "p"}, id="what a variable says as well"),
        pytest.param('auto = "off"\nstrict = false', {}, id="what is so anyway"),
        pytest.param('auto = "all"', {"TFWRAP_AUTO": "off"}, id="what a variable outdoes"),
    ],
)
def test_what_would_change_nothing_is_not_noted(place: Place, text: str, more: dict[str, str]) -> None:
    place.project.write_text(text)
    assert place.read(**more).notes == ()


def test_any_change_of_an_approved_file_takes_the_approval(place: Place) -> None:
    place.project.write_text('auto = "all"\n')
    place.approve()
    assert place.read().auto == "all"
    place.project.write_text('auto = "all"\n#')
    assert place.read().auto == "off"


def test_a_mistake_leaves_its_file_out_and_no_other(place: Place) -> None:
    place.user.write_text("offline = 1\nstrict = true\n")
    place.site.write_text('auto = "all"\n')
    read = place.read()
    assert (read.strict, read.auto) == (False, "all")
    assert read.mistakes == ("~/.config/tfwrap/config.toml:1: offline must be true or false (the file is left out)",)


def test_what_cannot_be_read_is_a_mistake(place: Place) -> None:
    os.mkfifo(place.project)
    place.user.mkdir()
    place.site.write_bytes(b"#" * 300_000)
    assert place.read().mistakes == (
        ".tfwrap.toml is not a plain file (it is left out)",
        "~/.config/tfwrap/config.toml is not a plain file (it is left out)",
        f"{place.site} is larger than 256 KiB (it is left out)",
    )


def test_a_named_user_file_that_is_not_there_is_a_mistake(place: Place) -> None:
    assert place.read(TFWRAP_CONFIG="x.toml").mistakes == ("TFWRAP_CONFIG names x.toml, which is not there",)


def test_a_named_user_file_takes_the_place_of_the_users(place: Place) -> None:
    place.user.write_text("offline = true\n")
    (place.project.parent / "x.toml").write_text('auto = "all"\n')
    read = place.read(TFWRAP_CONFIG="x.toml")
    assert (read.auto, read.auto_origin, read.offline) == ("all", "x.toml:1", False)


def test_what_the_site_forbids_is_set_aside(place: Place) -> None:
    place.site.write_text('forbid = ["auto", "ignore", "strict"]\nstrict = "error"\n[ignore]\nTFW303 = "here"\n')
    place.user.write_text('strict = false\noffline = true\n[ignore]\nTFW301 = "no"\n')
    read = place.read(TFWRAP_AUTO="all")
    assert (read.strict, read.threshold, read.auto, read.offline) == (True, "error", "off", True)
    assert read.ignored == ("TFW303",)
    assert read.notes == (
        (
            f"the site policy ({place.site}:1) sets aside: strict (~/.config/tfwrap/config.toml:1), "
            "ignore (~/.config/tfwrap/config.toml:4), auto (TFWRAP_AUTO)"
        ),
    )
    assert read.mistakes == ()


def test_a_forbidden_strict_may_still_be_stricter(place: Place) -> None:
    place.site.write_text('forbid = ["strict"]\nstrict = "error"\n')
    assert place.read(TFWRAP_STRICT="0").threshold == "error"
    read = place.read(TFWRAP_STRICT="1")
    assert (read.threshold, read.strict_origin, read.notes) == ("warning", "TFWRAP_STRICT", ())


def test_another_users_file_is_passed_over_until_it_is_approved(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    below = place.project.parent / "module"
    below.mkdir()
    foreign = below / ".tfwrap.toml"
    foreign.write_text('account = "333333333333"\n')
    read, stranger = files.read, os.getuid() + 12345
    monkeypatch.setattr(
        files, "read", lambda path: read(path)._replace(owner=stranger) if "module" in path else read(path)
    )
    place.project.write_text('account = "111111111111"\n')
    inner = place._replace(project=foreign)
    assert inner.effective().values["account",].value == "111111111111"
    assert inner.effective().notes == (
        ".tfwrap.toml belongs to another user: passed over until `tfwrap trust` approves it",
    )
    inner.approve()
    assert inner.effective().values["account",].value == "333333333333"
    assert inner.effective().notes == ()


@pytest.fixture
def guarded(place: Place, world: World, stand: Stand) -> Place:
    """A module whose backend saved a key that is not the one that applies now: TFW301, a warning."""
    old, new = stand.keys.create(suffix="0001"), stand.keys.create(suffix="0002")
    world.environ["AWS_ENDPOINT_URL_STS"] = stand.url
    (world.bin / "terraform").write_text("#!/bin/sh\necho ran\n")
    (world.bin / "terraform").chmod(0o755)
    (world.cwd / "main.tf").write_text('terraform {\n  backend "s3" {\n    region = "us-east-1"\n  }\n}\n')
    config = {"bucket": "made-up", "region": "us-east-1", "access_key": old.id, "secret_key": old.secret}
    saved = {"version": 3, "terraform_version": "1.11.4", "backend": {"type": "s3", "config": config, "hash": 1}}
    (world.cwd / ".terraform").mkdir()
    (world.cwd / ".terraform/terraform.tfstate").write_text(json.dumps(saved))
    profile = {"aws_access_key_id": new.id, "aws_secret_access_key": new.secret}
    worlds.write_credentials(world, {"default": profile})
    return place


def plan(world: World, place: Place, *options: str, **more: str) -> Finished:
    command = [sys.executable, "-I", *options, LAUNCH, "terraform", "plan"]
    return worlds.run(world, command, {"XDG_CONFIG_DIRS": place.environ["XDG_CONFIG_DIRS"], **more})


def test_an_ignored_finding_is_not_said_and_refuses_nothing(guarded: Place, world: World) -> None:
    assert b"TFW301" in plan(world, guarded).stderr
    guarded.user.write_text('strict = true\n[ignore]\nTFW301 = "the vault rotates them"\n')
    done = plan(world, guarded)
    assert (done.status, done.stdout, done.stderr) == (0, b"ran\n", b"")


def test_strict_in_a_file_refuses_and_says_where_it_is_set(guarded: Place, world: World) -> None:
    guarded.user.write_text("strict = true\n")
    done = plan(world, guarded)
    assert (done.status, done.stdout) == (120, b"")
    assert b"strict is set in ~/.config/tfwrap/config.toml:1: refused, Terraform was not started" in done.stderr
    guarded.user.write_text('strict = "error"\n')
    done = plan(world, guarded)
    assert (done.status, done.stdout) == (0, b"ran\n")


def test_a_mistake_in_a_file_costs_no_command_outside_of_strict_mode(guarded: Place, world: World) -> None:
    guarded.project.write_text("strikt = true\n")
    said = b".tfwrap.toml:1: strikt is no setting (did you mean strict?)"
    done = plan(world, guarded)
    assert (done.status, done.stdout) == (0, b"ran\n")
    assert said in done.stderr
    done = plan(world, guarded, TFWRAP_STRICT="1")
    assert (done.status, done.stdout) == (120, b"")
    assert said in done.stderr


def test_a_file_that_is_not_approved_refuses_nothing_in_strict_mode(guarded: Place, world: World) -> None:
    (world.cwd / ".terraform/terraform.tfstate").unlink()
    guarded.project.write_text('auto = "all"\n')
    done = plan(world, guarded, TFWRAP_STRICT="1")
    assert (done.status, done.stdout) == (0, b"ran\n")
    assert b".tfwrap.toml is not approved" in done.stderr


def test_a_remembered_silence_rests_on_the_files_and_the_approval(guarded: Place, world: World) -> None:
    guarded.project.write_text('[ignore]\nTFW301 = "the vault rotates them"\n')
    guarded.approve()
    time.sleep(1.1)  # what is younger than that is not remembered
    assert plan(world, guarded).stderr == b""
    warm = plan(world, guarded, "-X", "importtime").stderr
    assert b"tfwrap.guard" in warm
    for module in (
        b"tfwrap.settings.files",
        b"tfwrap.settings.layers",
        b"tomllib",
        b"platformdirs",
        b"tfwrap.preflight.preflight",
    ):
        assert module not in warm
    trust.revoke(guarded.environ, os.path.realpath(guarded.project))
    assert b"TFW301" in plan(world, guarded).stderr
    guarded.approve()
    guarded.site.write_text('forbid = ["ignore"]\n')
    assert b"TFW301" in plan(world, guarded).stderr


def test_without_a_file_nothing_is_loaded_to_read_one(guarded: Place, world: World) -> None:
    cold = plan(world, guarded, "-X", "importtime").stderr
    assert b"tfwrap.settings.files" in cold
    for module in (b"tomllib", b"tfwrap.settings.schema", b"tfwrap.settings.trust"):
        assert module not in cold


FAILS = """\
#!/bin/sh
case "$1" in
init) echo "init $*" ;;
*) echo "Error: error configuring S3 Backend: InvalidClientTokenId: The security token is invalid." >&2; exit 1 ;;
esac
"""


def test_after_a_remembered_silence_a_failure_is_handled_as_the_files_say(guarded: Place, world: World) -> None:
    (world.bin / "terraform").write_text(FAILS)
    guarded.user.write_text('auto = "reconfigure"\noffline = true\n[ignore]\nTFW301 = "the vault rotates them"\n')
    time.sleep(1.1)  # what is younger than that is not remembered
    cold, warm = plan(world, guarded), plan(world, guarded, "-X", "importtime")
    assert b"STS could not be asked" in cold.stderr  # for a file says offline
    assert b"STS could not be asked" in warm.stderr
    assert b"tfwrap.preflight.verdict" not in warm.stderr
