"""TFW507: runs that are carried out elsewhere, and the token for there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.preflight.checks.surrounded import consumer, facts
from tfwrap.preflight.checks import remote
from tfwrap.preflight.checks.finding import INFO, WARNING
from tfwrap.terraform.block import Block
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.saved_backend import SavedBackend
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path


def block(**arguments: object) -> Configuration:
    return Configuration(Block(("remote",), arguments, "main.tf:1"))


HCP = block()
SCALR = block(hostname="my-org.scalr.io")
CLOUD = Configuration(cloud=Block((), {}, "main.tf:1"))
CLOUD_HOST = {"TF_CLOUD_HOSTNAME": "tfe.example"}
SAVED = SavedBackend("/f", "f", "cloud", {}, "1.11.4")
LOGIN = ".terraform.d/credentials.tfrc.json"
FIRES: list[Any] = [
    pytest.param(CLOUD, {}, {}, WARNING, 'no token for "app.terraform.io"', id="a cloud block"),
    pytest.param(CLOUD, CLOUD_HOST, {}, WARNING, 'no token for "tfe.example"', id="its host in a variable"),
    pytest.param(HCP, CLOUD_HOST, {}, WARNING, '"app.terraform.io"', id="which is not for the backend"),
    pytest.param(HCP, {}, {}, WARNING, 'no token for "app.terraform.io"', id="HCP"),
    pytest.param(SCALR, {}, {}, WARNING, '"my-org.scalr.io"', id="Scalr"),
    pytest.param(SCALR, {}, {LOGIN: '{"credentials": {"x.scalr.io": {}}}'}, WARNING, "no token", id="for another host"),
    pytest.param(HCP, {"TF_TOKEN_app_terraform_io": ""}, {}, WARNING, "no token", id="an empty token"),
    pytest.param(HCP, {"TF_TOKEN_app_terraform_io": "canary"}, {}, INFO, "keeps the state", id="a variable"),
    pytest.param(SCALR, {"TF_TOKEN_my__org_scalr_io": "canary"}, {}, INFO, "keeps the state", id="a hyphen"),
    pytest.param(HCP, {}, {LOGIN: '"app.terraform.io": "canary"'}, INFO, "keeps the state", id="terraform login"),
    pytest.param(HCP, {}, {".terraformrc": "credentials_helper x {}"}, INFO, "keeps the state", id="a helper"),
    pytest.param(block(token="canary"), {}, {}, INFO, "keeps the state", id="in the block"),
]
SILENT: list[Any] = [
    pytest.param(Configuration(cloud=Block((), {"hostname": UNKNOWN}, "m")), id="a cloud's host that nobody knows"),
    pytest.param(Configuration(Block(("gcs",), {"hostname": "app.terraform.io"}, "m")), id="another cloud"),
    pytest.param(Configuration(modules={"remote": Block(("remote",), {}, "m")}), id="a module of that name"),
    pytest.param(Configuration(), id="no backend"),
    pytest.param(Configuration(Block(("s3",), {}, "m")), id="S3"),
    pytest.param(Configuration(Block(("local",), {}, "m")), id="local"),
    pytest.param(Configuration(Block(("http",), {"address": "https://app.terraform.io"}, "m")), id="a URL of theirs"),
    pytest.param(block(hostname=UNKNOWN), id="a host that only Terraform knows"),
    pytest.param(Configuration(providers=(Block(("aws",), {}, "m"),)), id="a provider alone"),
    pytest.param(Configuration(problems=("x",)), id="a broken module"),
    pytest.param(Configuration(Block((), {}, "m")), id="a backend without a name"),
    pytest.param(Configuration(Block(("remotely",), {}, "m")), id="a name like it"),
]


def known(home: Path, module: Configuration, environ: dict[str, str], files: dict[str, str], **more: Any) -> Any:
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return facts({"HOME": str(home), **environ}, consumer(), configuration=module, **more)


@pytest.mark.parametrize(("module", "environ", "files", "severity", "words"), FIRES)
def test_it_fires(
    module: Configuration, environ: dict[str, str], files: dict[str, str], severity: str, words: str, tmp_path: Path
) -> None:
    (found,) = remote.check(known(tmp_path, module, environ, files))
    assert (found.id, found.severity) == ("TFW507", severity)
    assert words in found.title
    assert "canary" not in repr(found)


@pytest.mark.parametrize("module", SILENT)
def test_where_all_is_well_nothing_is_said(module: Configuration, tmp_path: Path) -> None:
    assert list(remote.check(known(tmp_path, module, {}, {}))) == []
    assert remote.paths(known(tmp_path, module, {}, {})) == []


def test_what_init_saved_tells_it_as_well(tmp_path: Path) -> None:
    (found,) = remote.check(known(tmp_path, Configuration(), {}, {}, saved=SAVED))
    assert "app.terraform.io" in found.title
    assert str(tmp_path / LOGIN) in remote.paths(known(tmp_path, Configuration(), {}, {}, saved=SAVED))
