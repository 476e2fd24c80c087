"""Variables, locals, templates and the provider configurations that come of them, of whole and of broken modules."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tfwrap import invocation
from tfwrap.terraform import configuration, evaluation, moduletree, variables
from tfwrap.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.invocation import Invocation
    from tfwrap.terraform.evaluation import Provider
    from tfwrap.terraform.moduletree import Module

DECLARED = 'variable "x" {\n  type = string\n  default = "d"\n}\n'
PROVIDER = 'provider "aws" {\n  region = var.x\n}\n'
SECRET = "madeUpSecretOfTheTest"
Files = dict[str, str | bytes]


def write(root: Path, files: Files) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def typed(root: Path, *argv: str, environ: dict[str, str] | None = None, program: str = "terraform") -> Invocation:
    return invocation.read(program, argv or ("plan",), environ or {}, str(root))


def tree(root: Path, command: Invocation) -> Module:
    return moduletree.read(configuration.read(command.directory, command.program), command)


def providers(root: Path, *argv: str, environ: dict[str, str] | None = None) -> tuple[Provider, ...]:
    command = typed(root, *argv, environ=environ)
    return evaluation.providers(tree(root, command), command, environ or {})


def value_of(root: Path, text: str, surroundings: str = "", environ: dict[str, str] | None = None) -> object:
    """What an argument of a provider block evaluates to."""
    write(root, {"main.tf": f'{surroundings}\nprovider "aws" {{\n  region = {text}\n}}\n'})
    (provider,) = providers(root, environ=environ)
    return provider.arguments.get("region")


# Variables

SOURCES: list[Any] = [
    pytest.param({}, (), {}, "d", id="the default"),
    pytest.param({}, (), {"TF_VAR_x": "e"}, "e", id="the environment"),
    pytest.param({}, (), {"TF_VAR_x": ""}, "", id="an empty variable is a value"),
    pytest.param({}, (), {"TF_VAR_y": "e"}, "d", id="another variable"),
    pytest.param({"terraform.tfvars": 'x = "t"\n'}, (), {"TF_VAR_x": "e"}, "t", id="terraform.tfvars"),
    pytest.param({"terraform.tfvars": b'\xef\xbb\xbfx = "t"\r\n'}, (), {}, "t", id="with a byte order mark and CRLF"),
    pytest.param({"terraform.tfvars": "# nothing\n"}, (), {"TF_VAR_x": "e"}, "e", id="which says nothing"),
    pytest.param({"x.tfvars": 'x = "t"\n'}, (), {}, "d", id="a file that nothing names"),
    pytest.param(
        {"terraform.tfvars": 'x = "t"\n', "terraform.tfvars.json": '{"x": "j"}'}, (), {}, "j", id="JSON behind it"
    ),
    pytest.param({"terraform.tfvars.json": '{"x": "${1}"}'}, (), {}, "${1}", id="no templates in JSON values"),
    pytest.param(
        {"terraform.tfvars.json": '{"x": "j"}', "a.auto.tfvars": 'x = "a"\n'}, (), {}, "a", id="an automatic file"
    ),
    pytest.param(
        {"a.auto.tfvars": 'x = "a"\n', "B.auto.tfvars": 'x = "B"\n', "b.auto.tfvars.json": '{"x": "b"}'},
        (),
        {},
        "b",
        id="the last automatic file by name",
    ),
    pytest.param({".auto.tfvars": 'x = "h"\n'}, (), {}, "h", id="a hidden automatic file"),
    pytest.param({"a.auto.tfvars": 'x = "a"\n'}, ("-var=x=v",), {}, "v", id="-var"),
    pytest.param({}, ("-var", "x=v=w"), {}, "v=w", id="-var in two words, with an equals sign"),
    pytest.param({}, ("--var=x=v",), {}, "v", id="--var"),
    pytest.param({}, ("-var=x=1", "-var=x=2"), {}, "2", id="-var twice"),
    pytest.param({}, ("-var=y=1",), {}, "d", id="-var of another"),
    pytest.param({"f": 'x = "f"\n'}, ("-var=x=v", "-var-file=f"), {}, "f", id="-var, then a file"),
    pytest.param({"f": 'x = "f"\n'}, ("-var-file", "f", "-var=x=v"), {}, "v", id="a file, then -var"),
    pytest.param({"f.json": '{"x": "f"}'}, ("-var-file=f.json",), {}, "f", id="a JSON file"),
    pytest.param({}, ("-var=x=v",), {"TF_CLI_ARGS": "-var=x=c"}, "v", id="TF_CLI_ARGS go before"),
    pytest.param({}, (), {"TF_CLI_ARGS_plan": "-var=x=p", "TF_CLI_ARGS": "-var=x=c"}, "c", id="the general one last"),
    pytest.param({}, ("-var-file=absent",), {}, UNKNOWN, id="a file that is not there"),
    pytest.param({}, ("-var-file=/dev/fd/63",), {"TF_VAR_x": "e"}, UNKNOWN, id="a pipe"),
    pytest.param({}, ("-var-file=/dev/fd/63", "-var=x=v"), {}, "v", id="a pipe, then -var"),
    pytest.param({"terraform.tfvars": "x = \n"}, (), {}, UNKNOWN, id="a broken file"),
    pytest.param({"terraform.tfvars": "x = var.y\n"}, (), {}, UNKNOWN, id="a value that is none"),
    pytest.param({"a.auto.tfvars.json": "["}, (), {}, UNKNOWN, id="broken JSON"),
    pytest.param({"terraform.tfvars": " " * (1 << 20) + " \n"}, (), {}, UNKNOWN, id="a huge file"),
    pytest.param({"o_override.tf": 'variable "x" {\n  default = "o"\n}\n'}, (), {}, "o", id="an override's default"),
    pytest.param({"plan": "saved"}, (), {}, "d", id="a file named like a plan"),
]


@pytest.mark.parametrize(("files", "argv", "environ", "value"), SOURCES)
def test_a_later_source_of_a_variable_wins(
    files: Files, argv: tuple[str, ...], environ: dict[str, str], value: object, tmp_path: Path
) -> None:
    write(tmp_path, {"main.tf": DECLARED + PROVIDER, **files})
    (provider,) = providers(tmp_path, "plan", *argv, environ=environ)
    assert provider.arguments == {"region": value}


@pytest.mark.parametrize("argv", [("apply", "plan"), ("test",)])
def test_values_that_are_fixed_elsewhere_are_unknown(argv: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DECLARED + 'provider "aws" {\n  a = var.x\n  b = terraform.workspace\n}\n', "plan": ""})
    (provider,) = providers(tmp_path, *argv)
    assert provider.arguments == {"a": UNKNOWN, "b": UNKNOWN}


CONVERTED: list[Any] = [
    pytest.param("type = number", "05", "5", id="a number"),
    pytest.param("type = number", "-5", "-5", id="a negative number"),
    pytest.param("type = number", "1_0", UNKNOWN, id="no number"),
    pytest.param("type = number", "1.50", UNKNOWN, id="a fraction"),
    pytest.param("type = bool", "1", "true", id="a truth value"),
    pytest.param("type = bool", "True", UNKNOWN, id="no truth value"),
    pytest.param("", "{a=1}", "{a=1}", id="no type: the text itself"),
    pytest.param("default = 3", "5", "5", id="no type, whatever the default"),
    pytest.param("type = any", "5", "5", id="any: an expression"),
    pytest.param("type = any", "word", UNKNOWN, id="any: no expression"),
    pytest.param("type = any", '"${1}"', "1", id="any: a template"),
    pytest.param("type = string\nephemeral = true", "a", UNKNOWN, id="an ephemeral variable"),
    pytest.param("type = list(string)", '["a"]', UNKNOWN, id="a list is no text"),
]


@pytest.mark.parametrize(("declared", "text", "value"), CONVERTED)
def test_a_text_from_outside_becomes_a_value_of_the_type(
    declared: str, text: str, value: object, tmp_path: Path
) -> None:
    surroundings = f'variable "v" {{\n{declared}\n}}'
    assert value_of(tmp_path, '"${var.v}-"', surroundings, {"TF_VAR_v": text}) in (value, f"{value}-")


DEFAULTS: list[Any] = [
    pytest.param("", UNKNOWN, id="none: Terraform asks"),
    pytest.param("default = null", None, id="null"),
    pytest.param('default = "a"', "a", id="a string"),
    pytest.param("type = string\ndefault = 5", "5", id="a number for a string"),
    pytest.param("default = 5", 5, id="a number"),
    pytest.param('default = "${1}"', "1", id="a template of a literal"),
    pytest.param("default = local.y", UNKNOWN, id="what is no constant"),
    pytest.param('default = join("", [])', UNKNOWN, id="a call"),
]


@pytest.mark.parametrize(("declared", "value"), DEFAULTS)
def test_a_default_counts_where_it_is_a_constant(declared: str, value: object, tmp_path: Path) -> None:
    found = value_of(tmp_path, "var.v", f'locals {{\n  y = "a"\n}}\nvariable "v" {{\n{declared}\n}}')
    assert found == value or str(found) == value


def test_a_null_stands_for_the_default_where_nulls_are_not_allowed(tmp_path: Path) -> None:
    write(tmp_path, {"terraform.tfvars": "v = null\n"})
    declared = 'variable "v" {\n  default = "d"\n  nullable = %s\n}\n'
    assert value_of(tmp_path, "var.v", declared % "false") == "d"
    assert value_of(tmp_path, "var.v", declared % "true") is None


def test_a_named_pipe_is_never_opened(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DECLARED + PROVIDER})
    for name in ("terraform.tfvars", ".terraform.lock.hcl"):
        os.mkfifo(tmp_path / name)
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    os.mkfifo(tmp_path / ".terraform" / "modules" / "modules.json")
    os.mkfifo(tmp_path / ".terraform" / "environment")
    (provider,) = providers(tmp_path)
    assert provider.arguments == {"region": UNKNOWN}


# Expressions

LOCALS = """
variable "s" {
  default = { k = "v", list = ["a", "b"], n = 5, t = true }
}
variable "i" {
  default = "1"
}
locals {
  y = "Y"
  tags = { x = "X", z = local.y, (local.y) = 1 }
  plain = { x = "X", z = local.y, "q-1" = "Q", deep = { a = local.w } }
  w = "${local.y}-${var.s.n}"
  loop = "${local.pool}"
  pool = local.loop
  half = { good = "G", bad = local.half.bad }
  f = uuid()
  mixed = [local.y, local.f]
  k = "k"
  by = { default = "Y", unknown = "U" }
}
"""
EXPRESSIONS: list[Any] = [
    pytest.param("local.y", "Y", id="a local"),
    pytest.param("(local.y)", "Y", id="in parentheses"),
    pytest.param('"${local.y}"', "Y", id="a template of it alone"),
    pytest.param('"a${local.y}b"', "aYb", id="a template"),
    pytest.param('"$${local.y}"', "${local.y}", id="an escaped template"),
    pytest.param("local.w", "Y-5", id="a local of a local and a number"),
    pytest.param('"${var.s.t}!"', "true!", id="a truth value in a string"),
    pytest.param("var.s.k", "v", id="an attribute"),
    pytest.param('var.s["k"]', "v", id="an index"),
    pytest.param("var.s.list[1]", "b", id="an item"),
    pytest.param('local.plain["q-1"]', "Q", id="a key in quotes"),
    pytest.param("local.plain.z", "Y", id="a reference in an object"),
    pytest.param("local.plain.deep.a", "Y-5", id="deep in an object"),
    pytest.param("local.half.good", "G", id="beside what names itself"),
    pytest.param("local.mixed[0]", "Y", id="beside what is not known"),
    pytest.param("terraform.workspace", "default", id="the workspace"),
    pytest.param('"lab-${terraform.workspace}"', "lab-default", id="in a string"),
    pytest.param("path.module", ".", id="the module's place"),
    pytest.param("var.s[local.k]", "v", id="an index that is a local"),
    pytest.param('var.s["${local.k}"]', "v", id="an index that is a template"),
    pytest.param("local.by[terraform.workspace]", "Y", id="an index that is the workspace"),
    pytest.param("var.s.list[var.i]", "b", id="an item by a variable"),
    pytest.param("null", None, id="null is as if it were not there"),
    pytest.param('local.y == "Y" ? "a" : local.f', "a", id="a condition, beside what is not known"),
    pytest.param('upper(local.k) # "a"', "K", id="a function"),
    pytest.param(
        'lookup(local.by, /* by */ terraform.workspace, "N")', "Y", id="a function of a local and the workspace"
    ),
    pytest.param("(local.plain).z", "Y", id="an attribute of what is in parentheses"),
    pytest.param('merge(local.plain, { z = "Z" })["z"]', "Z", id="an index of what a function gives"),
    pytest.param('["a", local.y]', ["a", "Y"], id="a list"),
]
NOT_KNOWN: list[Any] = [
    pytest.param("local.absent", id="a local that is not there"),
    pytest.param("var.absent", id="a variable that is not there"),
    pytest.param("local.loop", id="locals in a circle"),
    pytest.param("local.half.bad", id="a local that names itself"),
    pytest.param("local.f", id="a call"),
    pytest.param("local.mixed[1]", id="a call in a list"),
    pytest.param("local.tags.x", id="an object with a computed key"),
    pytest.param("local.plain.absent", id="an attribute that is not there"),
    pytest.param("var.s.list[9]", id="an item that is not there"),
    pytest.param("var.s.list[*]", id="all items"),
    pytest.param("var.s.list.0", id="an item by an old index"),
    pytest.param('var.s["${local.f}"]', id="a computed index"),
    pytest.param("local.by[local.f]", id="an index that is not known"),
    pytest.param("local.by[terraform.workspace].x", id="a name behind an index that is not there"),
    pytest.param("local.by[local.loop]", id="an index in a circle"),
    pytest.param("local.by[each.key]", id="an index of for_each"),
    pytest.param("local.by[var.s]", id="an object for an index"),
    pytest.param("local.by[local.absent]", id="an index that is not there"),
    pytest.param('"a${var.s}"', id="an object in a string"),
    pytest.param('"a${null}"', id="null in a string"),
    pytest.param('"a${~ local.y ~}"', id="strip marks"),
    pytest.param('"%{ if true }a%{ endif }"', id="a directive"),
    pytest.param('local.f == "Y" ? "a" : "b"', id="a condition on what is not known"),
    pytest.param('true ? local.f : "b"', id="the side that is not known"),
    pytest.param('local.f == "Y"', id="a comparison with what is not known"),
    pytest.param('file("a")', id="a function that reads"),
    pytest.param('upper("a", "b")', id="a function with too many arguments"),
    pytest.param("upper(var.s.list...)", id="arguments out of a list"),
    pytest.param('[for each in var.s.list : each if each != "a"][0]', id="a loop"),
    pytest.param("data.aws_region.r.name", id="a data source"),
    pytest.param("module.m.out", id="an output"),
    pytest.param("each.key", id="each"),
    pytest.param("local", id="half a reference"),
    pytest.param('provider::x::f("a")', id="a provider's function"),
]


@pytest.mark.parametrize(("text", "value"), EXPRESSIONS)
def test_what_follows_from_text_alone_is_evaluated(text: str, value: object, tmp_path: Path) -> None:
    assert value_of(tmp_path, text, LOCALS) == value


@pytest.mark.parametrize("text", NOT_KNOWN)
def test_what_does_not_is_unknown_and_never_guessed(text: str, tmp_path: Path) -> None:
    assert value_of(tmp_path, text, LOCALS) is UNKNOWN


@pytest.mark.parametrize(
    ("environ", "saved", "workspace"),
    [
        pytest.param({}, None, "default", id="nothing says"),
        pytest.param({}, "lab\n", "lab", id="the saved one"),
        pytest.param({"TF_WORKSPACE": "prod"}, "lab", "prod", id="TF_WORKSPACE"),
        pytest.param({"TF_WORKSPACE": ""}, "lab", "lab", id="an empty TF_WORKSPACE"),
        pytest.param({}, b"\xff", UNKNOWN, id="no text"),
    ],
)
def test_the_workspace_is_the_selected_one(
    environ: dict[str, str], saved: str | bytes | None, workspace: object, tmp_path: Path
) -> None:
    write(tmp_path, {} if saved is None else {".terraform/environment": saved})
    assert value_of(tmp_path, "terraform.workspace", environ=environ) == workspace


@pytest.mark.parametrize("step", ['"${local.v%d}${local.v%d}"', "[local.v%d, local.v%d]"])
def test_locals_that_double_at_every_step_come_to_an_end(step: str, tmp_path: Path) -> None:
    lines = "".join(f"  v{n} = {step % (n + 1, n + 1)}\n" for n in range(60))
    assert value_of(tmp_path, '"a${local.v0}"', f'locals {{\n{lines}  v60 = "ab"\n}}') is UNKNOWN


def test_a_long_chain_of_locals_comes_to_an_end(tmp_path: Path) -> None:
    lines = "".join(f"  v{n} = local.v{n + 1}\n" for n in range(5000))
    assert value_of(tmp_path, "local.v0", f'locals {{\n{lines}  v5000 = "ab"\n}}') is UNKNOWN


# Providers

USE = 'data "aws_region" "r" {\n}\n'
USE_WEST = 'data "aws_region" "w" {\n  provider = aws.west\n}\n'
WEST = 'provider "aws" {\n  alias = "west"\n}\n'
CALL = 'module "m" {\n  source = "./m"\n%s}\n'
HANDS_WEST = CALL % "  providers = {\n    aws = aws.west\n  }\n"
REQUIRED = 'terraform {\n  required_providers {\n    amazon = {\n      source = "%s"\n    }\n  }\n}\n'
# files, then the names of the configurations, those that nothing uses with a minus
NAMED: list[Any] = [
    pytest.param({"main.tf": ""}, [], id="nothing"),
    pytest.param({"main.tf": 'resource "google_x" "y" {\n}\n'}, [], id="another provider"),
    pytest.param({"main.tf": USE}, ["provider.aws"], id="the default that nobody declares"),
    pytest.param({"a.tf.json": '{"data": {"aws_region": {"r": {}}}}'}, ["provider.aws"], id="in JSON"),
    pytest.param({"main.tf": f'check "c" {{\n{USE}}}\n'}, ["provider.aws"], id="in a check"),
    pytest.param({"main.tf": 'provider "aws" {\n}\n' + USE}, ["provider.aws"], id="the default"),
    pytest.param({"main.tf": 'provider "aws" {\n}\n'}, ["-provider.aws"], id="which nothing uses"),
    pytest.param({"main.tf": WEST + USE_WEST}, ["provider.aws.west"], id="an alias alone"),
    pytest.param({"main.tf": WEST + USE}, ["provider.aws", "-provider.aws.west"], id="an alias and a default"),
    pytest.param({"main.tf": WEST + CALL % "", "m/m.tf": USE}, ["provider.aws", "-provider.aws.west"], id="a module"),
    pytest.param({"main.tf": WEST + HANDS_WEST, "m/m.tf": USE}, ["provider.aws.west"], id="a module gets the alias"),
    pytest.param(
        {"main.tf": WEST + HANDS_WEST, "m/m.tf": 'provider "aws" {\n}\n' + USE}, ["provider.aws.west"], id="for its own"
    ),
    pytest.param({"main.tf": WEST + HANDS_WEST}, ["provider.aws.west"], id="a module that is not there"),
    pytest.param(
        {"main.tf": CALL % "", "m/m.tf": 'provider "aws" {\n}\n' + USE}, ["module.m.provider.aws"], id="a module's own"
    ),
    pytest.param(
        {"main.tf": CALL % "", "m/m.tf": WEST + USE_WEST}, ["module.m.provider.aws.west"], id="a module's own alias"
    ),
    pytest.param(
        {"main.tf": CALL % "", "m/m.tf": CALL % "", "m/m/m.tf": WEST + USE_WEST},
        ["module.m.module.m.provider.aws.west"],
        id="a module of a module",
    ),
    pytest.param({"main.tf": CALL.replace("./m", "./") % ""}, [], id="a module that calls itself"),
    pytest.param(
        {
            "main.tf": 'module "r" {\n  source = "registry/x/aws"\n}\n',
            ".terraform/modules/modules.json": '{"Modules": [{"Key": "r", "Source": "s", "Dir": "inst"}]}',
            "inst/m.tf": WEST + USE_WEST,
        },
        ["module.r.provider.aws.west"],
        id="an installed module",
    ),
    pytest.param(
        {"main.tf": REQUIRED % "hashicorp/aws" + 'provider "amazon" {\n}\ndata "amazon_x" "y" {\n}\n'},
        ["provider.aws"],
        id="another local name",
    ),
    pytest.param(
        {"main.tf": (REQUIRED % "someone/else").replace("amazon", "aws") + 'provider "aws" {\n}\n' + USE},
        [],
        id="another provider of that name",
    ),
]


@pytest.mark.parametrize(("files", "names"), NAMED)
def test_the_provider_configurations_of_a_tree_are_named(files: Files, names: list[str], tmp_path: Path) -> None:
    write(tmp_path, files)
    assert [("" if found.is_used else "-") + found.name for found in providers(tmp_path)] == names


def test_nested_blocks_are_objects_and_repeated_ones_a_list(tmp_path: Path) -> None:
    text = (
        'provider "aws" {\n  assume_role {\n    role_arn = "a"\n    tags = { t = var.x }\n  }\n'
        '  assume_role {\n    role_arn = var.x\n    policy = null\n  }\n  endpoints {\n    sts = "s"\n  }\n'
        "  endpoints {\n    s3 = local.absent\n  }\n"
        '  dynamic "ignore_tags" {\n    for_each = []\n  }\n  profile = null\n}\n'
    )
    write(tmp_path, {"main.tf": DECLARED + text})
    (provider,) = providers(tmp_path)
    assert provider.arguments == {
        "assume_role": [{"role_arn": "a", "tags": {"t": "d"}}, {"role_arn": "d"}],
        "endpoints": {"sts": "s", "s3": UNKNOWN},
        "ignore_tags": UNKNOWN,
    }
    assert provider.location == f"{tmp_path}/main.tf:5"


def test_json_is_evaluated_as_hcl_is(tmp_path: Path) -> None:
    text = (
        '{"variable": {"x": {"type": "string", "default": "${1}"}},\n "locals": {"y": "Y-${var.x}"},\n'
        ' "provider": {"aws": [\n  {"alias": "a", "region": "${var.x}", "profile": "p $${z} ${local.y}"},\n'
        '  {"assume_role": [{"role_arn": "${local.y}"}], "n": 1.5, "f": "${upper(\\"a\\")}", "i": "%{ if true }"}\n ]}}'
    )
    write(tmp_path, {"main.tf.json": text})
    first, second = providers(tmp_path)
    assert first.arguments == {"region": "${1}", "profile": "p ${z} Y-${1}"}
    assert second.arguments == {"assume_role": {"role_arn": "Y-${1}"}, "n": UNKNOWN, "f": "A", "i": UNKNOWN}
    assert [found.location.rpartition("/")[2] for found in (first, second)] == ["main.tf.json:4", "main.tf.json:5"]


def test_a_module_gets_its_variables_from_the_call(tmp_path: Path) -> None:
    declared = (
        "".join(f'variable "{name}" {{\n  type = string\n}}\n' for name in "abc") + 'variable "e" {\n  default = 1\n}\n'
    )
    own = 'provider "aws" {\n  a = var.a\n  b = var.b\n  c = var.c\n  e = var.e\n  m = path.module\n}\n'
    call = CALL % "  a = 5\n  b = upper(var.x)\n  e = var.x\n"
    write(tmp_path, {"main.tf": DECLARED + call, "m/main.tf": declared + own})
    (provider,) = providers(tmp_path, environ={"TF_VAR_x": "e", "TF_VAR_c": "not for modules"})
    assert provider.arguments == {"a": "5", "b": "E", "c": UNKNOWN, "e": "e", "m": "m"}


def test_an_override_replaces_single_arguments_of_a_provider(tmp_path: Path) -> None:
    roles = '  assume_role {\n    role_arn = "r"\n  }\n' * 2
    base = f'provider "aws" {{\n  region = "a"\n  profile = "p"\n{roles}}}\n'
    over = 'provider "aws" {\n  region = "b"\n  assume_role {\n    role_arn = "s"\n  }\n}\nlocals {\n  z = 1\n}\n'
    write(tmp_path, {"main.tf": base, "a_override.tf": over})
    (provider,) = providers(tmp_path)
    assert provider.arguments == {"region": "b", "profile": "p", "assume_role": {"role_arn": "s"}}
    assert provider.location == f"{tmp_path}/main.tf:1"


def test_a_module_that_calls_itself_twice_comes_to_an_end(tmp_path: Path) -> None:
    twice = "".join(f'module "m{n}" {{\n  source = "./"\n}}\n' for n in range(2))
    write(tmp_path, {"main.tf": twice + WEST})
    assert len(providers(tmp_path)) <= moduletree.MOST + 1


def test_keys_do_not_show_in_the_record(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f'provider "aws" {{\n  secret_key = "{SECRET}"\n}}\n'})
    (provider,) = providers(tmp_path)
    assert provider.arguments == {"secret_key": SECRET}
    assert SECRET not in repr(provider)


def test_every_file_that_matters_is_named(tmp_path: Path) -> None:
    files: Files = {"main.tf": CALL % "", "m/a.tf": "", "a.auto.tfvars": "", "m/.terraform/x.tf": ""}
    write(tmp_path, files)
    command = typed(tmp_path, "plan", "-var-file=v")
    paths = evaluation.paths(tree(tmp_path, command), command)
    names = [os.path.relpath(path, tmp_path) for path in paths]
    values = [".", "terraform.tfvars", "terraform.tfvars.json", "a.auto.tfvars", "v"]
    fixed = [".terraform/modules/modules.json", ".terraform/environment", ".terraform.lock.hcl"]
    assert names == [*values, *fixed, "m", "m/a.tf"]


# Whatever the files hold

WHOLE = LOCALS + DECLARED + PROVIDER + WEST + USE_WEST + HANDS_WEST + 'terraform {\n  backend "s3" {\n  }\n}\n'
JSON = (
    '{"provider": {"aws": {"region": "${var.x}"}}, "module": {"m": {"source": "./"}}, '
    '"locals": {"a": [1, {"b": null}]}}'
)
MUTATED = st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 60), st.text(max_size=20)).map(
    lambda cut: WHOLE[: cut[0]] + cut[2] + WHOLE[cut[0] + cut[1] :]
)
MUTATED_JSON = st.tuples(st.integers(0, len(JSON)), st.integers(0, 20), st.text('{}[]",:$a1\\\n', max_size=9)).map(
    lambda cut: JSON[: cut[0]] + cut[2] + JSON[cut[0] + cut[1] :]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hcl=MUTATED | st.text(), values=st.text(), text=MUTATED_JSON | st.text())
@example(hcl='provider "aws" {\n  alias = ["a"]\n}\n', values="x = " + "[" * 3000, text="[" * 100_000)
@example(hcl='module "m" {\n  source = "./\\u0000"\n}\n', values="\ud800", text='{"provider": {"aws": {"alias": {}}}}')
@example(
    hcl="terraform {\n  backend {\n  }\n  cloud {\n  }\n}\n", values="", text='{"provider": "aws", "locals": [[]]}'
)
@example(hcl="", values="", text='{"module": {"m": ["a", {"source": {}, "providers": {"aws": [1]}}]}}')
def test_nothing_that_files_hold_raises(hcl: str, values: str, text: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": hcl.encode("utf-8", "surrogatepass"),
            "terraform.tfvars": values.encode("utf-8", "surrogatepass"),
            "b.tf.json": text.encode("utf-8", "surrogatepass"),
            ".terraform/modules/modules.json": text.encode("utf-8", "surrogatepass"),
        },
    )
    command = typed(tmp_path, "plan", f"-var=x={values}")
    found = tree(tmp_path, command)
    assert isinstance(evaluation.providers(found, command, {"TF_VAR_s": values}), tuple)
    assert evaluation.paths(found, command)
    assert set(variables.values(found.configuration or configuration.Configuration(), command, {})) is not None
