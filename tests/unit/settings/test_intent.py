"""Which profile and account are meant: the strongest layer that says so, and what Terraform would find by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tfwrap.settings import intent
from tfwrap.settings.intent import Surroundings
from tfwrap.settings.settings import Value

if TYPE_CHECKING:
    from tfwrap.settings.settings import Values

AROUND = Surroundings("/home/me/work/net", "/home/me", region="eu-west-1")


def layer(**values: str) -> Values:
    """A layer of values: `prod_account` is `account` in `[workspace.prod]`."""
    keys = {name: ("workspace", *name.split("_")) if "_" in name else (name,) for name in values}
    return {keys[name]: Value(value, f"from {name}") for name, value in values.items()}


def paths(**globs: str) -> Values:
    return {("paths", glob): Value(profile, f"from {glob}") for profile, glob in globs.items()}


def test_the_strongest_layer_counts_even_against_a_table_of_a_weaker_one() -> None:
    layers = (layer(), layer(profile="project"), layer(prod_profile="user", prod_account="2"), layer(account="3"))
    found = intent.resolve(layers, AROUND._replace(workspace="prod"))
    assert (found.profile, found.origin, found.is_configured) == ("project", "from profile", True)
    assert (found.account, found.account_origin) == ("2", "from prod_account")


def test_in_a_layer_the_workspace_comes_before_a_path_and_a_path_before_the_rest() -> None:
    whole = {**layer(profile="any", prod_profile="prod"), **paths(work="~/work/**")}
    assert intent.resolve((whole,), AROUND._replace(workspace="prod")).profile == "prod"
    assert intent.resolve((whole,), AROUND).profile == "work"
    assert intent.resolve((whole,), AROUND._replace(directory="/srv/x")).profile == "any"


@pytest.mark.parametrize(
    ("glob", "fits"),
    [
        ("~/work/**", True),
        ("~/work", True),
        ("~/work/", True),
        ("~/*/net", True),
        ("/home/me/work/net", True),
        ("/**", True),
        ("~/wor", False),
        ("~/work/net/deeper", False),
        ("work/**", False),
        ("~/WORK/**", False),
        ("/home/you/work/**", False),
        ("", False),
    ],
)
def test_a_glob_fits_a_directory_and_everything_below_it(glob: str, fits: bool) -> None:
    assert bool(intent.resolve((paths(lab=glob),), AROUND).profile) is fits


def test_of_two_globs_that_fit_the_longer_one_counts() -> None:
    assert intent.resolve((paths(short="~/**", long="~/work/**"),), AROUND).profile == "long"


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("lab-{region}", "lab-eu-west-1"),
        ("{workspace}", "default"),
        ("{workspace}-{region}-{workspace}", "default-eu-west-1-default"),
        ("plain", "plain"),
    ],
)
def test_region_and_workspace_are_filled_in(template: str, filled: str) -> None:
    assert intent.resolve((layer(profile=template),), AROUND).profile == filled


def test_a_profile_that_cannot_be_filled_in_is_none_and_says_why() -> None:
    found = intent.resolve((layer(profile="lab-{region}", account="1"),), AROUND._replace(region=""))
    assert (found.profile, found.is_configured, found.account) == ("", False, "1")
    assert found.wanting == (
        'profile "lab-{region}" (set by from profile) cannot be filled in: the region is not known here'
    )


def test_without_a_setting_it_is_what_terraform_finds_by_itself() -> None:
    around = AROUND._replace(declared=(("", "main.tf:1"), ("block", "main.tf:9")), aws_profile="shell")
    found = intent.resolve((layer(account="1"),), around)
    assert (found.profile, found.origin, found.is_configured, found.account) == ("block", "main.tf:9", False, "1")
    found = intent.resolve((), around._replace(declared=()))
    assert (found.profile, found.origin, found.is_configured) == ("shell", "AWS_PROFILE", False)
    assert intent.resolve((), AROUND) == intent.NOTHING
