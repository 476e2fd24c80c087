"""The AWS provider's version by the lock file, and by what an older Terraform left behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tfwrap import invocation
from tfwrap.terraform import lockfile

if TYPE_CHECKING:
    from pathlib import Path

LOCK = ".terraform.lock.hcl"
NEW = ".terraform/providers"
OLD = ".terraform/plugins"
OFFICIAL = "registry.terraform.io/hashicorp/aws"


def lock(*addresses: str, version: str = "5.100.0") -> str:
    """A lock file as Terraform writes it, a provider an address."""
    blocks = (
        f'provider "{address}" {{\n  version     = "{version}"\n  constraints = "~> 5.0"\n  hashes = [\n'
        f'    "h1:madeUp=",\n  ]\n}}\n\n'
        for address in addresses
    )
    return '# This file is maintained automatically by "terraform init".\n\n' + "".join(blocks)


def selections(version: str) -> str:
    return f'{{"{OFFICIAL}": {{"hash": "h1:madeUp=", "version": "{version}"}}}}'


def version(root: Path, files: dict[str, str | bytes], real: str = "") -> tuple[int, ...]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return lockfile.version(invocation.read("terraform", ["plan"], {}, str(root)), real)


KNOWN: list[Any] = [
    pytest.param({LOCK: lock(OFFICIAL)}, (5, 100, 0), id="the lock file"),
    pytest.param({LOCK: lock("registry.opentofu.org/hashicorp/aws")}, (5, 100, 0), id="OpenTofu's registry"),
    pytest.param({LOCK: lock("mirror.example/team/aws")}, (5, 100, 0), id="another host"),
    pytest.param(
        {LOCK: lock("a.example/b/aws", version="1.0.0") + lock(OFFICIAL)}, (5, 100, 0), id="the official one first"
    ),
    pytest.param({LOCK: lock("registry.terraform.io/hashicorp/random", OFFICIAL)}, (5, 100, 0), id="one of several"),
    pytest.param({LOCK: lock(OFFICIAL).replace("\n", "\r\n")}, (5, 100, 0), id="with carriage returns"),
    pytest.param({LOCK: b"\xef\xbb\xbf" + lock(OFFICIAL).encode()}, (5, 100, 0), id="behind a byte order mark"),
    pytest.param({LOCK: lock(OFFICIAL, version="6.0.0-beta1")}, (6, 0, 0), id="a beta"),
    pytest.param({LOCK: lock(OFFICIAL), f"{NEW}/{OFFICIAL}/4.0.0/x/p": ""}, (5, 100, 0), id="it goes before the tree"),
    pytest.param({f"{NEW}/{OFFICIAL}/5.99.1/linux_amd64/p": ""}, (5, 99, 1), id="the tree"),
    pytest.param({f"{OLD}/selections.json": selections("3.39.0")}, (3, 39, 0), id="what 0.13 selected"),
    pytest.param({f"{OLD}/{OFFICIAL}/3.39.0/linux_amd64/p": ""}, (3, 39, 0), id="what 0.13 installed"),
    pytest.param({f"{OLD}/linux_amd64/terraform-provider-aws_v2.70.0_x4": ""}, (2, 70, 0), id="what 0.12 installed"),
    pytest.param({f"{OLD}/w/terraform-provider-aws_v2.70.0_x4.exe": ""}, (2, 70, 0), id="on Windows"),
]
NOT_KNOWN: list[Any] = [
    pytest.param({}, id="nothing"),
    pytest.param({LOCK: ""}, id="an empty lock file"),
    pytest.param({LOCK: lock("registry.terraform.io/hashicorp/awscc")}, id="another provider"),
    pytest.param({LOCK: lock(OFFICIAL, version="new")}, id="no version"),
    pytest.param({LOCK: lock(OFFICIAL).replace("version ", "x ")}, id="no version at all"),
    pytest.param({LOCK: lock(OFFICIAL) + " " * (1 << 20)}, id="a huge file"),
    pytest.param({LOCK: "x {" * 5000}, id="nested too deep"),
    pytest.param({LOCK: b"\xff\0\xfe"}, id="no text"),
    pytest.param({f"{OLD}/selections.json": '{"a/b/aws": {"version": [1]}, "c": 1}'}, id="odd JSON"),
    pytest.param({f"{OLD}/selections.json": "[" * 100_000}, id="JSON without end"),
    pytest.param({f"{NEW}/{OFFICIAL}/5.1.0/x/p": "", f"{NEW}/{OFFICIAL}/5.2.0/x/p": ""}, id="two in the tree"),
    pytest.param({f"{NEW}/registry.terraform.io/hashicorp/random/3.1.0/x/p": ""}, id="another in the tree"),
    pytest.param({f"{OLD}/linux_amd64/terraform-provider-random_v2.70.0_x4": ""}, id="another of 0.12's"),
]


@pytest.mark.parametrize(("files", "numbers"), KNOWN)
def test_the_version_that_init_chose_is_known(
    files: dict[str, str | bytes], numbers: tuple[int, ...], tmp_path: Path
) -> None:
    assert version(tmp_path, files) == numbers


@pytest.mark.parametrize("files", NOT_KNOWN)
def test_where_init_left_no_single_version_none_is_made_up(files: dict[str, str | bytes], tmp_path: Path) -> None:
    assert version(tmp_path, files) == ()


def test_terraform_012_takes_a_provider_that_lies_beside_it(tmp_path: Path) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "terraform-provider-aws_v3.39.0_x5").touch()
    assert version(tmp_path, {}, str(bin_ / "terraform")) == ()
    chosen: dict[str, str | bytes] = {f"{OLD}/linux_amd64/lock.json": '{"aws": "made-up"}'}
    assert version(tmp_path, chosen, str(bin_ / "terraform")) == (3, 39, 0)
    (bin_ / "terraform-provider-aws_v2.70.0_x4").touch()
    assert version(tmp_path, chosen, str(bin_ / "terraform")) == ()


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK)
    assert version(tmp_path, {}) == ()
