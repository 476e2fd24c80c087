"""Where somebody would type `terraform plan`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tfwrap.terraform import rootmodules

ROOTS = {
    "a backend": {"main.tf": 'terraform {\n  backend "s3" {}\n}\n'},
    "a backend on one line": {"main.tf": 'terraform { backend "s3" { bucket = "b" } }\n'},
    "a cloud block": {"main.tf": "terraform {\n  cloud {\n  }\n}\n"},
    "a provider": {"main.tf": 'provider "aws" {\n}\n'},
    "another provider": {"main.tf": 'provider "google" {}\n'},
    "a backend in JSON": {"main.tf.json": '{"terraform": {"backend": {"s3": {}}}}'},
    "a provider in JSON": {"main.tf.json": '{"provider": [{"aws": {}}]}'},
    "a file that does not parse": {"main.tf": 'terraform {\n  backend "s3" {\n    bucket = = "x"\n'},
    "behind a comment": {"main.tf": '# a provider\n/* two\n */ provider "aws" {}\n'},
}
NONE = {
    "nothing": {},
    "no Terraform": {"notes.txt": 'provider "aws" {}\n'},
    "resources only": {"main.tf": 'resource "aws_vpc" "x" {\n  provider = aws.east\n}\n'},
    "required providers": {
        "main.tf": 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    },
    "a comment": {"main.tf": '# provider "aws" {}\n// backend "s3" {}\n/*\ncloud {\n*/\n'},
    "provider_meta": {"main.tf": 'terraform {\n  provider_meta "x" {}\n}\n'},
    "an editor's copy": {".main.tf": 'provider "aws" {}\n', "main.tf~": 'provider "aws" {}\n'},
}


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def below(folder: Path) -> list[str]:
    return [str(Path(found).relative_to(folder)) for found in rootmodules.below(str(folder))]


@pytest.mark.parametrize("files", ROOTS.values(), ids=ROOTS)
def test_a_root_module_is_one(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    assert below(tmp_path) == ["."]


@pytest.mark.parametrize("files", NONE.values(), ids=NONE)
def test_what_is_no_root_module_is_none(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    assert below(tmp_path) == []


def test_a_module_that_another_calls_is_none_unless_it_has_a_state_of_its_own(tmp_path: Path) -> None:
    calls = (
        'provider "aws" {}\nmodule "x" {\n  source = "../modules/x"\n}\nmodule "y" {\n  source = "../stateful/"\n}\n'
    )
    write(tmp_path / "live", {"main.tf": calls})
    write(tmp_path / "modules" / "x", {"main.tf": 'provider "aws" {}\n'})
    write(tmp_path / "stateful", {"main.tf": 'terraform {\n  backend "s3" {}\n}\n'})
    assert below(tmp_path) == ["live", "stateful"]


def test_a_call_in_json_counts(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf.json": '{"provider": {"aws": {}}, "module": {"x": {"source": "./x"}}}'})
    write(tmp_path / "x", {"main.tf": 'provider "aws" {}\n'})
    assert below(tmp_path) == ["."]


def test_what_terraform_keeps_and_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    for folder in (".terraform/modules/x", ".git/x", "a/.terragrunt-cache/x"):
        write(tmp_path / folder, ROOTS["a backend"])
    write(tmp_path / "a", ROOTS["a backend"])
    assert below(tmp_path) == ["a"]


def test_a_link_in_a_circle_and_a_pipe_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "a", ROOTS["a backend"])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "a" / "pipe.tf")
    assert below(tmp_path) == ["a"]


def test_opentofus_files_count_for_opentofu(tmp_path: Path) -> None:
    write(tmp_path, {"main.tofu": 'terraform {\n  backend "s3" {}\n}\n'})
    assert rootmodules.below(str(tmp_path)) == []
    assert rootmodules.below(str(tmp_path), "tofu") == [str(tmp_path)]
