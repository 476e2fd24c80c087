"""What the root module says, in HCL and JSON, whole and broken. Each expectation was tried with Terraform 1.11.4."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tfwrap.terraform import configuration, module_files
from tfwrap.terraform.configuration import Configuration
from tfwrap.terraform.expression import Reference, Template
from tfwrap.terraform.values import UNKNOWN


def module(path: Path, **files: str | bytes) -> Path:
    """A module of these files; `main` stands for main.tf, `__` for a dot."""
    for name, text in files.items():
        file = path / (name.replace("__", ".") if "__" in name else f"{name}.tf")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def backend(key: str, kind: str = "s3") -> str:
    return f'terraform {{\n  backend "{kind}" {{\n    key = "{key}"\n  }}\n}}\n'


def read(path: Path, **files: str | bytes) -> Configuration:
    return configuration.read(str(module(path, **files)))


def arguments(found: Configuration) -> dict[str, object]:
    assert found.backend is not None
    return found.backend.arguments


# The backend block

VALUES: list[Any] = [
    pytest.param('"a/b"', "a/b", id="a string"),
    pytest.param('""', "", id="an empty string"),
    pytest.param('"ä😀"', "ä😀", id="beyond ASCII"),
    pytest.param(r'"a\tb\"\\"', 'a\tb"\\', id="escapes"),
    pytest.param(r'"\u00e4"', "ä", id="a character by its number"),
    pytest.param('"$${a} %%{b}"', "${a} %{b}", id="template marks that are meant as such"),
    pytest.param("true", True, id="true"),
    pytest.param("false", False, id="false"),
    pytest.param("5", 5, id="a number"),
    pytest.param("null", None, id="null"),
    pytest.param('["a", "b"]', ["a", "b"], id="a list"),
    pytest.param('{ sts = "x", "s3" = "y" }', {"sts": "x", "s3": "y"}, id="an object"),
    pytest.param("[]", [], id="an empty list"),
    pytest.param("{}", {}, id="an empty object"),
    pytest.param('"a" # comment', "a", id="a comment behind it"),
    pytest.param('/* comment */ "a"', "a", id="a comment before it"),
]
NOT_EVALUATED: list[Any] = [
    pytest.param("var.key", id="a variable"),
    pytest.param("local.key", id="a local"),
    pytest.param('"${var.key}"', id="a template"),
    pytest.param('"a${1}b"', id="a template in the middle"),
    pytest.param('"%{ if true }a%{ endif }"', id="a directive"),
    pytest.param('join("", ["a"])', id="a call"),
    pytest.param('true ? "a" : "b"', id="a condition"),
    pytest.param("<<E\na\nE", id="a heredoc"),
    pytest.param("-1", id="an operation"),
    pytest.param("1.5", id="a fraction"),
    pytest.param('[for x in ["a"] : x]', id="a comprehension"),
    pytest.param(r'"\U0001F600"', id="an escape that JSON does not have"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_plain_value_is_read(text: str, value: object, tmp_path: Path) -> None:
    found = read(tmp_path, main=f'terraform {{\n  backend "s3" {{\n    x = {text}\n    y = "z"\n  }}\n}}\n')
    assert arguments(found) == {"x": value, "y": "z"}
    assert found.problems == ()


@pytest.mark.parametrize("text", NOT_EVALUATED)
def test_what_only_terraform_can_evaluate_is_unknown(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, main=f'terraform {{\n  backend "s3" {{\n    x = {text}\n    y = "z"\n  }}\n}}\n')
    assert arguments(found) == {"x": UNKNOWN, "y": "z"}
    assert found.backend
    assert (found.backend.text("x"), found.backend.text("y"), repr(UNKNOWN)) == ("", "z", "unknown")


def test_a_nested_block_is_an_object_and_the_first_of_several_counts(tmp_path: Path) -> None:
    text = 'assume_role {\n  role_arn = "a"\n  tags = { b = "c" }\n}\nassume_role {\n  role_arn = "d"\n}\n'
    found = read(tmp_path, main=f'terraform {{\n  backend "s3" {{\n{text}\n  }}\n}}\n')
    assert arguments(found) == {"assume_role": {"role_arn": "a", "tags": {"b": "c"}}}


def test_a_block_says_where_it_stands(tmp_path: Path) -> None:
    found = read(tmp_path, main="# first\n\n" + backend("a") + 'provider "aws" {\n}\n')
    assert found.backend
    assert (found.backend.labels, found.backend.location) == (("s3",), f"{tmp_path}/main.tf:4")
    assert [block.location for block in found.providers] == [f"{tmp_path}/main.tf:8"]


FOUND: list[Any] = [
    pytest.param({"main": backend("a")}, id="plain"),
    pytest.param({"main": b"\xef\xbb\xbf" + backend("a").encode()}, id="behind a byte order mark"),
    pytest.param({"main": backend("a").replace("\n", "\r\n")}, id="with carriage returns"),
    pytest.param({"main": backend("a").replace('"s3"', "s3")}, id="a label without quotes"),
    pytest.param({"main": backend("a").replace('"a"', '("a")')}, id="in parentheses"),
    pytest.param({"main": backend("a").replace("key", "# x\n /* y\n */ key").replace('a"', 'a" // z')}, id="comments"),
    pytest.param({"main": "terraform {\n}\n" + backend("a")}, id="the second terraform block"),
    pytest.param({"#main__tf": backend("a")}, id="a name that begins with #"),
    pytest.param({"a": backend("a"), "b": 'resource "x" {'}, id="another file is broken"),
    pytest.param({"main__tf__json": '{"terraform": {"backend": {"s3": {"key": "a"}}}}'}, id="JSON"),
    pytest.param({"main__tf__json": '{"terraform": [{"backend": [{"s3": [{"key": "a"}]}]}]}'}, id="JSON in lists"),
    pytest.param({"main__tf__json": '[{"terraform": {"backend": {"s3": {"key": "a"}}}}]'}, id="JSON, a list of all"),
    pytest.param({"main__tf__json": '{"terraform": {"backend": {"s3": {"//": "c", "key": "a"}}}}'}, id="JSON, comment"),
]
NOT_FOUND: list[Any] = [
    pytest.param({}, id="an empty directory"),
    pytest.param({"main": ""}, id="an empty file"),
    pytest.param({"main": 'provider "aws" {}\n'}, id="no terraform block"),
    pytest.param({"main": "terraform {\n}\n"}, id="no backend block"),
    pytest.param({"main": "/*\n" + backend("a") + "*/\n"}, id="commented out"),
    pytest.param({"main": "# " + backend("a").replace("\n", "\n# ")}, id="commented out line by line"),
    pytest.param({"main": "locals {\n  x = <<E\n" + backend("a") + "E\n}\n"}, id="in a heredoc"),
    pytest.param(
        {"main": 'locals {\n  x = "' + backend("a").replace('"', r"\"").replace("\n", r"\n") + '"\n}\n'},
        id="in a string",
    ),
    pytest.param({"main": 'backend "s3" {\n  key = "a"\n}\n'}, id="outside of a terraform block"),
    pytest.param({"main": 'module "x" {\n' + backend("a") + "}\n"}, id="in another block"),
    pytest.param({"main": 'terraform {\n  x {\n    backend "s3" {\n    }\n  }\n}\n'}, id="too deep in the right one"),
    pytest.param({"main__tf~": backend("a")}, id="an editor's backup"),
    pytest.param({"__main__tf": backend("a")}, id="a hidden file"),
    pytest.param({"main__tfvars": backend("a")}, id="a file of values"),
    pytest.param({"main__tf__bak": backend("a")}, id="another suffix"),
    pytest.param({"main__tofu": backend("a")}, id="OpenTofu's own file is nothing to Terraform"),
    pytest.param({"main__tf__json": '{"terraform": {"backend": {}}}'}, id="JSON without one"),
    pytest.param({"main__tf__json": '{"terraform": "backend"}'}, id="JSON of another shape"),
    pytest.param({"main__tf__json": '{"backend": {"s3": {}}}'}, id="JSON outside of terraform"),
]


@pytest.mark.parametrize("files", FOUND)
def test_a_backend_block_is_found(files: dict[str, str | bytes], tmp_path: Path) -> None:
    found = read(tmp_path, **files)
    assert arguments(found) == {"key": "a"}
    assert found.problems == ()


@pytest.mark.parametrize("files", NOT_FOUND)
def test_what_is_no_backend_block_is_not_taken_for_one(files: dict[str, str | bytes], tmp_path: Path) -> None:
    found = read(tmp_path, **files)
    assert (found.backend, found.problems) == (None, ())


def test_a_template_in_json_is_unknown(tmp_path: Path) -> None:
    text = json.dumps({"provider": {"aws": {"region": "${var.region}", "profile": "p"}}})
    (provider,) = read(tmp_path, main__tf__json=text).providers
    assert provider.arguments == {"region": UNKNOWN, "profile": "p"}


# Several files


@pytest.mark.parametrize(
    ("files", "key"),
    [
        pytest.param({"main": backend("a"), "override": backend("b")}, "b", id="override.tf"),
        pytest.param({"main": backend("a"), "x_override": backend("b")}, "b", id="a name that ends in _override"),
        pytest.param({"z": backend("a"), "a_override": backend("b")}, "b", id="though its name comes first"),
        pytest.param({"main": backend("a"), "x__y_override__tf": backend("b")}, "b", id="a dot in its name"),
        pytest.param(
            {"main": backend("a"), "override__tf__json": '{"terraform": {"backend": {"s3": {"key": "b"}}}}'},
            "b",
            id="override.tf.json",
        ),
        pytest.param(
            {"main": backend("a"), "b_override": backend("b"), "c_override": backend("c")}, "c", id="the last"
        ),
        pytest.param({"override": backend("b")}, "b", id="an override alone"),
        pytest.param({"main": backend("a"), "myoverride": "locals {}\n"}, "a", id="a name that only ends in override"),
        pytest.param({"a": backend("a"), "myoverride": backend("b")}, "a", id="which overrides nothing"),
        pytest.param({"a": backend("a"), "b": backend("b")}, "a", id="twice, which Terraform refuses"),
    ],
)
def test_an_override_file_replaces_the_backend(files: dict[str, str | bytes], key: str, tmp_path: Path) -> None:
    assert arguments(read(tmp_path, **files)) == {"key": key}


def test_opentofu_reads_its_own_files_instead_of_their_namesakes(tmp_path: Path) -> None:
    files = {
        "a": backend("a"),
        "a__tofu": backend("b"),
        "b": 'provider "aws" {}\n',
        "c__tofu__json": "{}",
        "c__tf__json": "[",
    }
    found = configuration.read(str(module(tmp_path, **files)), "tofu")
    assert arguments(found) == {"key": "b"}
    assert len(found.providers) == 1
    assert found.problems == ()
    assert arguments(configuration.read(str(tmp_path))) == {"key": "a"}


def test_only_providers_of_aws_are_kept(tmp_path: Path) -> None:
    east, west = (f'provider "aws" {{\n  alias = "{alias}"\n}}\n' for alias in ("east", "west"))
    text = west + 'provider "google" {\n}\nprovider "awscc" {\n}\nprovider "aws" {\n}\n' + east
    found = read(tmp_path, main=text, b__tf__json='{"provider": {"aws": [{"alias": "x"}, {}], "random": {}}}')
    assert [block.text("alias") for block in found.providers] == ["x", "", "west", "east"]


# What else a module declares

MODULE = """
terraform {
  required_version = "~> 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  cloud {
    hostname     = "app.example"
    organization = "o"
    workspaces {
      name = "w"
    }
  }
}
variable "x" {
  type      = string
  default   = "d"
  sensitive = true
}
locals {
  y = var.x
}
locals {
  z = "a-${local.y}"
}
module "m" {
  source    = "./m"
  providers = { aws = aws.west, aws.east = aws }
  x         = local.z
}
resource "aws_vpc" "v" {
  provider = aws.west
}
data "aws_region" "r" {
}
resource "google_x" "y" {
}
"""


def test_variables_locals_calls_and_requirements_are_kept(tmp_path: Path) -> None:
    found = read(tmp_path, main=MODULE)
    assert found.cloud
    assert found.cloud.arguments == {"hostname": "app.example", "organization": "o", "workspaces": {"name": "w"}}
    assert found.backend is None
    assert found.required_providers["aws"] == {"source": "hashicorp/aws", "version": "~> 5.0"}
    assert found.variables["x"].arguments == {"type": UNKNOWN, "default": "d", "sensitive": True}
    assert found.locals == {"y": Reference(("var", "x")), "z": Template(("a-", Reference(("local", "y"))))}
    assert found.modules["m"].arguments == {
        "source": "./m",
        "providers": {"aws": UNKNOWN, "aws.east": UNKNOWN},
        "x": UNKNOWN,
    }
    assert found.modules["m"].expressions["providers"] == {
        "aws": Reference(("aws", "west")),
        "aws.east": Reference(("aws",)),
    }
    assert [configuration.provider_of(user) for user in found.users] == [("aws", "west"), ("aws", "")]


def test_what_is_declared_in_json_is_the_same(tmp_path: Path) -> None:
    text = {
        "terraform": {"required_version": "1", "required_providers": {"aws": "~> 2.0"}, "cloud": {"organization": "o"}},
        "variable": {"x": {"default": "d"}},
        "locals": [{"y": "${var.x}"}, {"z": "a-${local.y}"}],
        "module": {"m": {"source": "./m", "providers": {"aws": "aws.west"}}},
        "data": {"aws_region": {"r": {"provider": "aws.west"}}},
    }
    found = read(tmp_path, main__tf__json=json.dumps(text))
    assert found.cloud
    assert (found.cloud.text("organization"), found.required_providers) == ("o", {"aws": "~> 2.0"})
    assert found.variables["x"].text("default") == "d"
    assert found.locals == {"y": Reference(("var", "x")), "z": Template(("a-", Reference(("local", "y"))))}
    assert found.modules["m"].expressions == {"source": "./m", "providers": {"aws": "aws.west"}}
    assert [configuration.provider_of(user) for user in found.users] == [("aws", "west")]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        pytest.param('terraform {\n  cloud {\n    organization = "o"\n  }\n}\n', (None, "o"), id="a cloud block"),
        pytest.param(backend("b"), ("b", None), id="a backend"),
        pytest.param("locals {\n}\n", ("a", None), id="neither"),
    ],
)
def test_a_cloud_block_and_a_backend_override_each_other(
    over: str, expected: tuple[str | None, str | None], tmp_path: Path
) -> None:
    found = read(tmp_path, main=backend("a"), over_override=over)
    key = found.backend.text("key") if found.backend else None
    assert (key, found.cloud.text("organization") if found.cloud else None) == expected


def test_an_override_replaces_single_locals_variables_and_requirements(tmp_path: Path) -> None:
    over = (
        'variable "x" {\n  default = "e"\n}\nlocals {\n  y = 1\n}\nmodule "m" {\n  source = "./n"\n}\n'
        'terraform {\n  required_version = "2"\n  required_providers {\n    aws = "3"\n  }\n}\n'
    )
    found = read(tmp_path, main=MODULE, a_override=over)
    assert found.variables["x"].arguments == {"type": UNKNOWN, "default": "e", "sensitive": True}
    assert found.locals == {"y": 1, "z": Template(("a-", Reference(("local", "y"))))}
    assert (found.modules["m"].text("source"), found.required_providers) == ("./n", {"aws": "3"})
    assert "x" in found.modules["m"].expressions


@pytest.mark.parametrize(("text", "value"), [(text, UNKNOWN) for text in ("{ (var.a) = 1 }", '{ "${var.a}" = 1 }')])
def test_an_object_with_a_computed_key_is_unknown(text: str, value: object, tmp_path: Path) -> None:
    found = read(tmp_path, main=f'terraform {{\n  backend "s3" {{\n    x = {text}\n  }}\n}}\n')
    assert arguments(found) == {"x": value}


def test_a_dynamic_block_is_unknown(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  dynamic "assume_role" {\n    for_each = []\n  }\n}\n'
    (provider,) = read(tmp_path, main=text).providers
    assert provider.arguments == {"assume_role": UNKNOWN}


# Broken, huge and odd

PROBLEMS: list[Any] = [
    pytest.param({"main": backend("a")[:-4]}, "does not parse as HCL", id="truncated"),
    pytest.param({"main": "backend }}}{{{ \0\0"}, "does not parse as HCL", id="rubbish"),
    pytest.param({"main": "backend \xff".encode("latin-1")}, "does not parse as HCL", id="no UTF-8"),
    pytest.param({"main__tf__json": '{"backend": '}, "does not parse as JSON", id="truncated JSON"),
    pytest.param({"main__tf__json": '"backend' + "[" * 100_000}, "does not parse as JSON", id="rubbish JSON"),
    pytest.param({"main": backend("a") + " " * module_files.LARGEST}, "larger than tfwrap reads", id="huge"),
    pytest.param(
        {"main": 'terraform {\n  backend "s3" {\n    x = ' + "[" * 5000 + "]" * 5000 + "\n  }\n}\n"},
        "nested deeper than tfwrap reads",
        id="a list without end",
    ),
    pytest.param(
        {"main": 'provider "aws" {\n' + "x {\n" * 5000 + "}\n" * 5001}, "nested deeper than tfwrap reads", id="blocks"
    ),
]


@pytest.mark.parametrize(("files", "words"), PROBLEMS)
def test_what_cannot_be_understood_is_a_problem_and_no_error(
    files: dict[str, str | bytes], words: str, tmp_path: Path
) -> None:
    found = read(tmp_path, **files)
    assert [words in problem for problem in found.problems] == [True]
    assert found.backend is None


def test_a_file_that_declares_nothing_is_not_parsed(tmp_path: Path) -> None:
    found = read(tmp_path, main="}}}{{{", more='}}\nresource "aws_vpc" "v" {')
    assert (found.problems, found.gaps) == ((), ())
    assert [(block.labels[0], block.location) for block in found.users] == [("aws_vpc", f"{tmp_path}/more.tf:2")]


def test_a_broken_file_without_backend_or_provider_is_a_gap_and_no_problem(tmp_path: Path) -> None:
    found = read(tmp_path, main=backend("a"), more='variable "x" {')
    assert (found.problems, found.gaps) == ((), (f"{tmp_path}/more.tf: does not parse as HCL",))


def test_a_directory_with_the_name_of_a_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "main.tf").mkdir()
    assert configuration.read(str(tmp_path)) == Configuration()


def test_a_named_pipe_is_a_problem_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "main.tf")
    assert configuration.read(str(tmp_path)).problems == (f"{tmp_path}/main.tf: is not a regular file",)
    assert not module_files.mentions_aws(str(tmp_path), str(tmp_path))


def test_a_broken_link_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "main.tf").symlink_to("/nowhere")
    assert configuration.read(str(tmp_path)).problems == (f"{tmp_path}/main.tf: No such file or directory",)


@pytest.mark.parametrize("name", ["absent", "file"])
def test_where_there_is_no_directory_there_is_no_module(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert configuration.read(str(tmp_path / name)) == Configuration()
    assert not module_files.mentions_aws(str(tmp_path / name), str(tmp_path / name))


# The quick look

MENTIONS: list[Any] = [
    pytest.param({"main": backend("a")}, id="a backend"),
    pytest.param({"main": 'provider "AWS" {}\n'}, id="in capitals"),
    pytest.param({"main__tofu": 'provider "aws" {}\n'}, id="in a file of OpenTofu's"),
    pytest.param({"main__tf__json": '{"provider": {"aws": {}}}'}, id="in JSON"),
    pytest.param(
        {"__terraform__lock__hcl": 'provider "registry.terraform.io/hashicorp/aws" {}\n'}, id="in the lock file"
    ),
    pytest.param({"main": "# aws\n"}, id="in a comment: the safe side"),
    pytest.param({"main": b" " * (module_files.LARGEST + 1)}, id="too large to look: the safe side"),
    pytest.param({"terraform__tfstate": '{"backend": {"type": "s3"}}'}, id="in the saved backend"),
]
DOES_NOT_MENTION: list[Any] = [
    pytest.param({}, id="nothing there"),
    pytest.param({"main": ""}, id="an empty file"),
    pytest.param({"main": backend("a", "gcs")}, id="another backend"),
    pytest.param({"main": 'provider "google" {}\n'}, id="another provider"),
    pytest.param({"main__tf__bak": backend("a")}, id="a file that Terraform does not read"),
    pytest.param({"x__tfvars": 'region = "aws"\n'}, id="a file of values"),
    pytest.param({"__hidden__tf": backend("a")}, id="a hidden file"),
    pytest.param({"terraform__tfstate": '{"backend": {"type": "local"}}'}, id="another saved backend"),
]


@pytest.mark.parametrize("files", MENTIONS)
def test_a_module_that_could_mean_aws_is_looked_at(files: dict[str, str | bytes], tmp_path: Path) -> None:
    assert module_files.mentions_aws(str(module(tmp_path, **files)), str(tmp_path))


@pytest.mark.parametrize("files", DOES_NOT_MENTION)
def test_a_module_without_aws_is_left_alone(files: dict[str, str | bytes], tmp_path: Path) -> None:
    assert not module_files.mentions_aws(str(module(tmp_path, **files)), str(tmp_path))


def test_every_file_that_was_looked_at_is_named(tmp_path: Path) -> None:
    module(tmp_path, a="", b__tofu="", c__tf__json="", d="")
    (tmp_path / "x").write_bytes(b"")
    names = [Path(path).name for path in module_files.paths(str(tmp_path), "/d")]
    assert names == [tmp_path.name, "a.tf", "b.tofu", "c.tf.json", "d.tf", ".terraform.lock.hcl", "terraform.tfstate"]
