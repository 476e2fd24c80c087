"""What is known before the run: from the files of a directory and a home, without the network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tfwrap import invocation
from tfwrap.preflight import findings, preflight
from tfwrap.settings.settings import Value
from tfwrap.terraform import versions
from tfwrap.terraform.saved_backend import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.settings.settings import Values

SAVED = "AKIAMADEUPBYATEST001"
FRESH = "AKIAMADEUPBYATEST002"
OTHER = "AKIAMADEUPBYATEST003"
KEYS = {"AWS_ACCESS_KEY_ID": OTHER, "AWS_SECRET_ACCESS_KEY": "madeUp"}
VARIABLES = ("AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


class Place:
    """A root module and a home, and how often the real binary was asked for its version."""

    def __init__(self, root: Path) -> None:
        self.work, self.home, self.real = root / "work", root / "home", root / "terraform"
        self.version: tuple[int, ...] = (1, 11)
        self.calls = 0
        (self.work / ".terraform").mkdir(parents=True)
        (self.home / ".aws").mkdir(parents=True)
        self.block()
        self.saved(access_key=SAVED, secret_key="madeUp")
        self.credentials()

    def block(self, **arguments: str) -> None:
        lines = "".join(f'    {name} = "{value}"\n' for name, value in arguments.items())
        (self.work / "main.tf").write_text(f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n')

    def saved(self, kind: str = "s3", **config: str) -> None:
        document = {"version": 3, "backend": {"type": kind, "config": {"bucket": "b", **config}}}
        (self.work / ".terraform" / "terraform.tfstate").write_text(json.dumps(document))

    def credentials(self, name: str = ".aws/credentials") -> None:
        path = self.home / name
        path.touch(mode=0o600)
        path.write_text(
            f"[default]\naws_access_key_id={FRESH}\naws_secret_access_key=madeUp\n"
            f"[lab]\naws_access_key_id={SAVED}\naws_secret_access_key=madeUp\n"
        )

    def detect(self, real: str, environ: Mapping[str, str]) -> tuple[int, ...]:
        """In the place of `versions.detect`, which a process with threads, as pytest-xdist's, cannot do."""
        assert real == str(self.real)
        self.calls += 1
        return self.version

    def facts(self, *argv: str, program: str = "terraform", **environ: str) -> Facts:
        return self.meant((), *argv, program=program, **environ)

    def meant(self, layers: Sequence[Values], *argv: str, program: str = "terraform", **environ: str) -> Facts:
        """The facts under these settings."""
        world = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "AWS_REGION": "us-east-1", **environ}
        typed = invocation.read(program, argv or ("plan",), world, str(self.work))
        return preflight.facts(typed, world, str(self.real), layers)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path)
    monkeypatch.setattr(versions, "detect", made.detect)
    return made


def keys(facts: Facts) -> tuple[str, str]:
    assert facts.backend_source
    assert facts.fresh_source
    return facts.backend_source.access_key, facts.fresh_source.access_key


def test_the_saved_key_is_used_and_the_profiles_would_be(place: Place) -> None:
    facts = place.facts()
    assert keys(facts) == (SAVED, FRESH)
    assert [found.id for found in findings.collect(facts)] == ["TFW301"]
    assert place.calls == 0


def test_reconfigure_sets_aside_what_was_saved(place: Place) -> None:
    assert keys(place.facts("init", "-reconfigure")) == (FRESH, FRESH)
    assert keys(place.facts("init")) == (SAVED, FRESH)
    assert keys(place.facts("init", "-reconfigure=false")) == (SAVED, FRESH)


def test_a_command_that_uses_no_backend_knows_no_source(place: Place) -> None:
    facts = place.facts("test")
    assert (facts.backend_source, facts.fresh_source) == (None, None)
    assert findings.collect(facts) == ()


@pytest.mark.parametrize("kind", ["gcs", "local", "S3", ""])
def test_another_backend_knows_no_source(kind: str, place: Place) -> None:
    place.saved(kind, access_key=SAVED, secret_key="madeUp")
    assert place.facts().backend_source is None


def test_with_nothing_saved_the_block_and_the_environment_decide(place: Place) -> None:
    (place.work / ".terraform" / "terraform.tfstate").unlink()
    facts = place.facts()
    assert facts.saved is None
    assert keys(facts) == (FRESH, FRESH)
    assert [(found.name, found.source.access_key) for found in facts.consumers] == [("backend.s3", FRESH)]


def test_the_providers_that_are_used_are_consumers_too(place: Place) -> None:
    lines = 'provider "aws" {\n  alias = "other"\n  profile = var.who\n}\nprovider "aws" {\n  alias = "idle"\n}\n'
    uses = 'resource "aws_vpc" "a" {\n  provider = aws.other\n}\nresource "aws_vpc" "b" {}\n'
    (place.work / "more.tf").write_text(f'{lines}{uses}variable "who" {{\n  default = "lab"\n}}\n')
    found = {consumer.name: consumer.source.access_key for consumer in place.facts().consumers}
    assert found == {"backend.s3": SAVED, "provider.aws": FRESH, "provider.aws.other": SAVED}
    found = {
        consumer.name: consumer.source.access_key for consumer in place.facts("plan", "-var=who=default").consumers
    }
    assert found["provider.aws.other"] == FRESH
    assert [consumer.name for consumer in place.facts("output").consumers] == ["backend.s3"]
    pinned = place.meant(({("account",): Value("1", "o")},), "plan")
    assert "provider.aws.idle" in {consumer.name for consumer in pinned.consumers}


def test_the_intended_profile_is_what_the_consumers_get(place: Place) -> None:
    facts = place.meant(({("profile",): Value("lab", "o")},), "plan", **KEYS)
    assert facts.fresh_source
    assert (facts.fresh_source.access_key, facts.intent.profile) == (SAVED, "lab")
    assert {change.name for change in facts.changes} == {*KEYS, "AWS_PROFILE"}


@pytest.mark.parametrize(
    ("where", "environ", "meant"),
    [
        ("provider", {"AWS_REGION": "us-west-1"}, "lab-eu-west-1"),
        ("backend", {"AWS_REGION": "us-west-1"}, "lab-eu-central-1"),
        ("", {"AWS_REGION": "us-west-1"}, "lab-us-west-1"),
        ("", {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, "lab-us-west-2"),
    ],
)
def test_the_region_of_a_profile_is_the_providers_or_the_next_best(
    where: str, environ: dict[str, str], meant: str, place: Place
) -> None:
    place.block(**({"region": "eu-central-1"} if where else {}))
    if where == "provider":
        (place.work / "more.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\n')
    facts = place.meant(({("profile",): Value("lab-{region}", "o")},), "plan", **environ)
    assert facts.intent.profile == meant


def test_a_damaged_file_is_known_as_such(place: Place) -> None:
    (place.work / ".terraform" / "terraform.tfstate").write_text("{")
    facts = place.facts()
    assert isinstance(facts.saved, Unreadable)
    assert facts.saved.place == ".terraform/terraform.tfstate"


def test_relative_paths_start_where_terraform_works(place: Place, tmp_path: Path) -> None:
    place.credentials("own")
    (place.home / ".aws" / "credentials").unlink()
    world = {"HOME": str(place.home), "AWS_SHARED_CREDENTIALS_FILE": "../home/own"}
    typed = invocation.read("terraform", ["-chdir=work", "plan"], world, str(tmp_path))
    facts = preflight.facts(typed, world, str(place.real))
    assert keys(facts) == (SAVED, FRESH)
    assert str(place.work / "../home/own") in preflight.paths(facts, str(place.real))


def test_opentofus_own_files_count_for_opentofu(place: Place) -> None:
    place.block(profile="lab")
    (place.work / "main.tofu").write_text('terraform {\n  backend "s3" {\n    profile = "default"\n  }\n}\n')
    assert keys(place.facts(program="tofu", **KEYS)) == (SAVED, FRESH)
    assert keys(place.facts(**KEYS)) == (SAVED, SAVED)


# When the version matters


@pytest.mark.parametrize(
    ("version", "fresh"), [((1, 11), SAVED), ((1, 7), SAVED), ((1, 6), OTHER), ((1, 0), OTHER), ((0, 12), OTHER)]
)
def test_a_declared_profile_is_weighed_by_the_rules_of_the_version(
    version: tuple[int, ...], fresh: str, place: Place
) -> None:
    place.block(profile="lab")
    place.version = version
    assert keys(place.facts(**KEYS)) == (SAVED, fresh)


@pytest.mark.parametrize(("version", "used"), [((1, 11), SAVED), ((1, 0), OTHER)])
def test_a_saved_profile_is_weighed_by_the_rules_of_the_version(
    version: tuple[int, ...], used: str, place: Place
) -> None:
    place.saved(profile="lab")
    place.version = version
    assert keys(place.facts(**KEYS)) == (used, OTHER)


@pytest.mark.parametrize(("version", "used"), [((1, 11), ""), ((1, 0), OTHER)])
def test_half_a_saved_pair_is_weighed_by_the_rules_of_the_version(
    version: tuple[int, ...], used: str, place: Place
) -> None:
    place.saved(access_key=SAVED)
    place.version = version
    assert keys(place.facts(**KEYS)) == (used, OTHER)


@pytest.mark.parametrize(
    "environ",
    [*({name: "lab"} for name in VARIABLES), KEYS | {"AWS_PROFILE": "nowhere"}],
)
def test_the_version_is_asked_for_where_versions_disagree(environ: dict[str, str], place: Place) -> None:
    place.facts(**environ)
    assert place.calls == 1


@pytest.mark.parametrize("environ", [{}, KEYS, {"AWS_PROFILE": "lab"}, dict.fromkeys(VARIABLES, "")])
def test_the_version_is_not_asked_for_where_versions_agree(environ: dict[str, str], place: Place) -> None:
    place.facts(**environ)
    assert place.calls == 0
