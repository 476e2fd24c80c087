"""What the real Terraform makes of variables and provider blocks is what tfwrap says beforehand."""

from __future__ import annotations

import json
import os
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from testing import providers
from testing.marks import on_terraforms
from testing.packages import Unavailable
from testing.terraforms import PATH
from testing.world import World, run
from tfwrap import invocation
from tfwrap.terraform import configuration, evaluation, hcl, lockfile, moduletree
from tfwrap.terraform.expression import Evaluator
from tfwrap.terraform.values import is_known

if TYPE_CHECKING:
    from testing.terraforms import Terraform
    from tfwrap.invocation import Invocation
    from tfwrap.stand.server import Stand

Files = dict[str, str]
PROVIDER = "5.100.0"


def write(world: World, files: Files) -> None:
    for name, text in files.items():
        path = world.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def typed(world: World, argv: list[str], environ: dict[str, str]) -> Invocation:
    return invocation.read("terraform", argv, environ, str(world.cwd))


# Values

DECLARED = 'variable "x" {\n  type = string\n  default = "d"\n}\n'
OUTPUT = 'output "o" {\n  value = var.x\n}\n'
SOURCES: list[Any] = [
    pytest.param({}, [], {}, id="the default"),
    pytest.param({}, [], {"TF_VAR_x": ""}, id="an empty variable of the environment"),
    pytest.param({"terraform.tfvars": 'x = "t"\n'}, [], {"TF_VAR_x": "e"}, id="a file over the environment"),
    pytest.param(
        {"terraform.tfvars": 'x = "t"\n', "terraform.tfvars.json": '{"x": "${1}"}'}, [], {}, id="JSON over the file"
    ),
    pytest.param({"terraform.tfvars.json": '{"x": "j"}', "a.auto.tfvars": "x = 5\n"}, [], {}, id="an automatic file"),
    pytest.param(
        {"a.auto.tfvars": 'x = "a"\n', "B.auto.tfvars": 'x = "B"\n', "b.auto.tfvars.json": '{"x": "b"}'},
        [],
        {},
        id="the last by name",
    ),
    pytest.param({".auto.tfvars": 'x = "h"\n'}, [], {}, id="a hidden file"),
    pytest.param({"f": 'x = "f"\n', "a.auto.tfvars": 'x = "a"\n'}, ["-var=x=v", "-var-file=f"], {}, id="-var, file"),
    pytest.param({"f": 'x = "f"\n'}, ["-var-file", "f", "-var", "x=v"], {}, id="a file, then -var"),
    pytest.param({}, ["-var=x=v"], {"TF_CLI_ARGS_apply": "-var=x=a"}, id="TF_CLI_ARGS_apply, then -var"),
    pytest.param({"o_override.tf": 'variable "x" {\n  default = "o"\n}\n'}, [], {}, id="an override"),
    pytest.param({"terraform.tfvars": 'x = "${1}$${a}"\r\n'}, [], {}, id="a template of literals"),
]


@on_terraforms(PATH, "0.12.29")
@pytest.mark.parametrize(("files", "argv", "environ"), SOURCES)
def test_a_variable_has_the_value_that_was_said(
    files: Files, argv: list[str], environ: dict[str, str], world: World, terraform: Terraform
) -> None:
    write(world, {"main.tf": DECLARED + OUTPUT, **files})
    assert said(world, argv, environ) == applied(world, terraform, argv, environ)


EXPRESSIONS = """
variable "n" {
  type    = number
  default = "05"
}
variable "b" {
  type    = bool
  default = "1"
}
variable "s" {
  default = { k = "v", list = ["a", "b"] }
}
locals {
  y    = "Y"
  tags = { x = "X", z = local.y, "q-1" = "Q" }
  w    = "${local.y}-${var.n}-${var.b}"
}
output "a" {
  value = "${local.w}"
}
output "b" {
  value = "lab-${terraform.workspace}-${local.tags.z}-${local.tags["q-1"]}"
}
output "c" {
  value = "${var.s.k}${var.s["k"]}${var.s.list[1]}$${x}%%{y}"
}
output "d" {
  value = "${path.module}|${path.root}|${path.cwd}"
}
"""


@on_terraforms(PATH, "0.12.29", "1.15.5")
@pytest.mark.parametrize("environ", [{}, {"TF_WORKSPACE": "lab"}, {"TF_VAR_n": "7", "TF_VAR_b": "false"}])
def test_an_expression_has_the_value_that_was_said(environ: dict[str, str], world: World, terraform: Terraform) -> None:
    write(world, {"main.tf": EXPRESSIONS})
    if workspace := environ.get("TF_WORKSPACE"):
        run(world, [terraform.path, "workspace", "new", workspace])
    values = said(world, [], environ)
    assert set(values) == set("abcd")
    assert values == applied(world, terraform, [], environ)


CALLED = [
    'local.env == "prod" ? "live" : "lab"',
    'local.env != "prod" ? "lab" : null',
    'var.n > 4 && var.b ? "many" : "few"',
    '!var.b || var.n - 1 == 4 ? "a-${var.n + 1}" : "b"',
    'local.env == "prod" ? "p" : local.env == "lab" ? "l" : "d"',
    '(var.b ? local.tags : local.tags)["q-1"]',
    'true ? 5 : "a"',
    'false ? "a" : true',
    '"1" == 1 ? "same" : "different"',
    "-var.n + 6",
    'lookup(local.tags, "x", "d")',
    'lookup(local.tags, terraform.workspace, "d")',
    'lookup({ "5" = "five" }, var.n)',
    'merge(local.tags, { x = "over" }).x',
    'coalesce(null, "", local.y)',
    "coalesce(var.none, 5)",
    'format("arn:aws:iam::%s:role/%s-%d%%", "111111111111", local.env, var.n)',
    'join("-", ["a", local.y, var.n], ["z"])',
    'split(",", "a,b,")[2] == "" ? "empty" : "full"',
    'element(split("-", "eu-west-1"), 4)',
    'concat(["a"], var.s.list)[2]',
    'contains(var.s.list, "b") ? "in" : "out"',
    'length(var.s.list) == 2 && length("four") == 4 ? keys(local.tags)[0] : ""',
    'upper(substr("${local.y}es", 0, 2))',
    'lower(trimspace(" Prod\\n"))',
    'trimprefix(trimsuffix("env/prod.tf", ".tf"), "env/")',
    'trim("--a--", "-")',
    'replace("a.b.c", ".", "/")',
    'tostring(tonumber("7")) == "7" ? tobool("true") : false',
    'try(local.tags.x, "d")',
    "null == var.none ? 1 : 2",
]
CALLED_SINCE = {
    "1.11.4": ['startswith("eu-west-1", "eu-") && endswith("a1", "1") ? "eu" : "us"', 'nonsensitive(sensitive("s"))']
}
SURROUNDINGS = (
    EXPRESSIONS[: EXPRESSIONS.index("output")].replace('"Y"', '"Y"\n  env  = "lab"', 1)
    + 'variable "none" {\n  default = null\n}\n'
)


@on_terraforms(PATH, "0.12.29", "1.0.3", "1.15.5")
def test_operators_and_functions_give_what_was_said(world: World, terraform: Terraform) -> None:
    is_new = terraform.version not in ("0.12.29", "1.0.3")
    texts = CALLED + (CALLED_SINCE["1.11.4"] if is_new else [])
    outputs = "".join(f'output "o{place}" {{\n  value = {text}\n}}\n' for place, text in enumerate(texts))
    write(world, {"main.tf": SURROUNDINGS + outputs})
    found = applied(world, terraform, [], {})
    assert evaluated(world, texts) == [found.get(f"o{place}") for place in range(len(texts))]


WORDS = ['"a"', '"A-b"', '""', '"1"', '"true"', "1", "0", "true", "false", "null"]
WORDS += ["local.y", "var.n", "var.b", "var.none"]
LISTS = ["[]", '["a", "b"]', "var.s.list", "[1, var.n]", "[local.y, null]"]
TABLES = ["{}", '{ a = "A", "1" = "one" }', "local.tags", "{ a = 1 }", "{ a = null }"]
# For a word, a list and a table: what each is made of, words being $1, lists $2 and tables $3.
SHAPES = {
    "1": [
        "$1 ? $1 : $1", "$1 == $1", "$1 != $1", "$1 && $1", "$1 || $1", "!$1", "$1 < $1", "$1 >= $1", "$1 + $1",
        "$1 - $1", "-$1", "$2[$1]", "$3[$1]", "coalesce($1, $1)", "coalesce($1, $1, $1)", "contains($2, $1)",
        "element($2, $1)", 'format("%s-%v", $1, $1)', 'format("%d%%", $1)', "join($1, $2, $2)", "length($1)",
        "length($2)", "length($3)", "lookup($3, $1, $1)", "lookup($3, $1)", "lower($1)", "upper($1)",
        "replace($1, $1, $1)", "split($1, $1)", "substr($1, $1, $1)", "tobool($1)", "tonumber($1)", "tostring($1)",
        "trim($1, $1)", "trimprefix($1, $1)", "trimspace($1)", "trimsuffix($1, $1)", "try($1, $1)", "$2 == $1",
        "$3 != $1", '"${$1}-${$1}"', '"${$1}"', '"x${$1}y${$1}"', '"${$2[0]}-${$3.a}"',
    ],
    "2": ["$1 ? $2 : $2", "concat($2, $2)", "concat($2)", "keys($3)", "[$1, $1]", "split($1, $1)"],
    "3": ["$1 ? $3 : $3", "merge($3, $3)", "merge($3, null)", "{ a = $1, b = $2 }"],
}  # fmt: skip
FEW = 600


def made_up(random: Random, depth: int, kind: str = "1") -> str:
    """An expression of some kind, out of smaller ones."""
    if depth == 0 or random.random() < 0.2:
        return random.choice({"1": WORDS, "2": LISTS, "3": TABLES}[kind])
    return re.sub(r"\$([123])", lambda found: f"({made_up(random, depth - 1, found[1])})", random.choice(SHAPES[kind]))


@on_terraforms(PATH, "0.12.29", "1.15.5")
def test_an_operator_or_a_function_gives_what_terraform_gives_or_nothing(world: World, terraform: Terraform) -> None:
    random = Random(os.environ.get("TFWRAP_TEST_SEED", "0"))
    texts = list(dict.fromkeys(made_up(random, 2) for _ in range(FEW)))
    lines = "".join(f'  e{place} = try(jsonencode({text}), "refused")\n' for place, text in enumerate(texts))
    write(world, {"main.tf": f'{SURROUNDINGS}output "all" {{\n  value = {{\n{lines}  }}\n}}\n'})
    (there,) = applied(world, terraform, [], {}).values()
    assert isinstance(there, dict)
    theirs = [there[f"e{place}"] for place in range(len(texts))]
    rows = list(zip(texts, theirs, evaluated(world, texts), strict=True))
    taken = [row for row in rows if row[1] != "refused"]
    known = [row for row in taken if is_known(row[2])]
    assert not [row for row in known if json.dumps(json.loads(row[1])) != json.dumps(row[2], sort_keys=True)]
    assert len(known) > len(taken) / 2 > 50


def evaluated(world: World, texts: list[str]) -> list[object]:
    """What tfwrap makes of expressions in the root module."""
    command = typed(world, ["plan"], {})
    scope = evaluation.root_scope(configuration.read(command.directory), command, {})
    return [Evaluator().value(hcl.value(text), scope) for text in texts]


def said(world: World, argv: list[str], environ: dict[str, str]) -> dict[str, object]:
    """What tfwrap evaluates the outputs to: their blocks are shown to it as provider blocks."""
    before = (world.cwd / "main.tf").read_text()
    shown = before.replace('output "', 'provider "aws" {\n  alias = "')
    (world.cwd / "main.tf").write_text(shown.replace('" {\n  value', '"\n  value'))
    command = typed(world, ["apply", "-auto-approve", *argv], environ)
    tree = moduletree.read(configuration.read(command.directory), command)
    found = evaluation.providers(tree, command, environ)
    (world.cwd / "main.tf").write_text(before)
    return {provider.name.rpartition(".")[2]: provider.arguments["value"] for provider in found}


def applied(world: World, terraform: Terraform, argv: list[str], environ: dict[str, str]) -> dict[str, object]:
    """What Terraform evaluates them to."""
    assert run(world, [terraform.path, "init", "-input=false"]).status == 0
    done = run(world, [terraform.path, "apply", "-auto-approve", "-input=false", *argv], env={**environ})
    assert done.status == 0, done
    workspace = environ.get("TF_WORKSPACE")
    path = world.cwd / (f"terraform.tfstate.d/{workspace}/" if workspace else "") / "terraform.tfstate"
    return {name: output["value"] for name, output in json.loads(path.read_bytes())["outputs"].items()}


# Providers

AMBIENT = "AKIAMADEUPBYATEST009"
USE = 'data "aws_caller_identity" "d" {\n}\n'
USE_WEST = 'data "aws_caller_identity" "w" {\n  provider = aws.west\n}\n'
OUT = 'output "o" {\n  value = 1\n}\n'
CALL = 'module "m" {\n  source = "./m"\n%s}\n'
HANDS_WEST = CALL % "  providers = {\n    aws = aws.west\n  }\n"
REQUIRED = 'terraform {\n  required_providers {\n    %s = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
EMPTY = 'provider "aws" {\n}\n'
VARIABLE = 'variable "key" {\n  type = string\n}\n'


def block(key: str, alias: str = "") -> str:
    """A provider block with keys of its own; SETTINGS stands for what it needs to reach the stand."""
    named = f'  alias = "{alias}"\n' if alias else ""
    quoted = key if "." in key else f'"AKIAMADEUPBYATEST00{key}"'
    return (
        f'provider "aws" {{\n{named}  access_key = {quoted}\n  secret_key = "madeUp"\n  max_retries = 1\nSETTINGS}}\n'
    )


AMAZON = block("1").replace('"aws"', '"amazon"') + USE.replace("{\n}", "{\n  provider = amazon\n}")
TREES: list[Any] = [
    pytest.param({"main.tf": USE}, 1, id="nobody declares the default"),
    pytest.param({"main.tf": block("1") + USE}, 1, id="the default"),
    pytest.param({"main.tf": block("1") + OUT}, 0, id="nothing uses the default"),
    pytest.param({"main.tf": block("2", "west") + USE_WEST}, 1, id="an alias alone"),
    pytest.param({"main.tf": block("1") + block("2", "west") + USE_WEST}, 1, id="the default goes unused"),
    pytest.param({"main.tf": block("1") + block("2", "west") + USE}, 1, id="the alias goes unused"),
    pytest.param({"main.tf": block("2", "west") + USE + USE_WEST}, 2, id="an alias beside an undeclared default"),
    pytest.param({"main.tf": REQUIRED % "aws" + OUT}, 0, id="required, not used"),
    pytest.param({"main.tf": REQUIRED % "amazon" + AMAZON}, 1, id="another local name"),
    pytest.param({"main.tf": block("1") + CALL % "", "m/m.tf": USE}, 1, id="a module uses the default"),
    pytest.param({"main.tf": CALL % "", "m/m.tf": USE}, 1, id="a module uses an undeclared default"),
    pytest.param({"main.tf": block("1") + CALL % "", "m/m.tf": block("3") + USE}, 1, id="a module's own"),
    pytest.param({"main.tf": block("1") + CALL % "", "m/m.tf": block("3") + OUT}, 0, id="which goes unused"),
    pytest.param({"main.tf": block("1") + CALL % "", "m/m.tf": EMPTY + USE}, 1, id="a module's own, empty"),
    pytest.param(
        {"main.tf": block("2", "west") + HANDS_WEST, "m/m.tf": EMPTY + USE}, 1, id="an empty block that is a stand-in"
    ),
    pytest.param({"main.tf": block("1") + block("2", "west") + HANDS_WEST, "m/m.tf": USE}, 1, id="an alias handed on"),
    pytest.param(
        {"main.tf": block("1") + USE, "o_override.tf": block("4").replace('secret_key = "madeUp"', "")}, 1, id="merged"
    ),
    pytest.param({"main.tf": USE, "override.tf": block("4")}, 1, id="an override of the undeclared default"),
    pytest.param(
        {"main.tf": VARIABLE + block("var.key") + USE, "a.auto.tfvars": 'key = "AKIAMADEUPBYATEST005"\n'},
        1,
        id="a key from a variable",
    ),
    pytest.param(
        {"main.tf": CALL % '  key = "AKIAMADEUPBYATEST${local.n}"\n' + 'locals {\n  n = "006"\n}\n',
         "m/m.tf": VARIABLE + block("var.key") + USE},
        1,
        id="a module's key from its call",
    ),
]  # fmt: skip


@pytest.mark.slow
@on_terraforms(PATH)
@pytest.mark.parametrize(("files", "count"), TREES)
def test_the_providers_that_are_configured_are_those_that_were_said(
    files: Files, count: int, world: World, terraform: Terraform, stand: Stand
) -> None:
    try:
        config = providers.cli_config(PROVIDER)
    except Unavailable as reason:
        pytest.skip(str(reason))
    write(world, {name: text.replace("SETTINGS", stand.provider_settings(PROVIDER)) for name, text in files.items()})
    keys = {"AWS_ACCESS_KEY_ID": AMBIENT, "AWS_SECRET_ACCESS_KEY": "madeUp"}
    environ = {**stand.environment(), **keys, "TF_CLI_CONFIG_FILE": config}
    installed = run(world, [terraform.path, "init", "-input=false"], env={**environ}, timeout=300)
    assert installed.status == 0, installed
    stand.forget()
    run(world, [terraform.path, "plan", "-input=false", "-lock=false"], env={**environ}, timeout=300)
    arrived = {request.access_key_id for request in stand.requests if request.access_key_id}
    command = typed(world, ["plan"], environ)
    found = evaluation.providers(moduletree.read(configuration.read(command.directory), command), command, environ)
    assert {provider.arguments.get("access_key", AMBIENT) for provider in found if provider.is_used} == arrived
    assert len(arrived) == count
    assert lockfile.version(command) == (5, 100, 0)
