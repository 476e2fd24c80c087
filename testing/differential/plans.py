"""Combinations as provider configurations: one plan has several, which share an environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from testing import providers, terraforms
from testing import world as worlds
from testing.differential.backends import numbers
from testing.differential.bench import LIMIT_S
from testing.differential.files import write_files
from testing.differential.given import arguments, environment
from testing.differential.outcome import FIRST, SECOND, Trial, arrived, expected, predicted

if TYPE_CHECKING:
    from testing.differential.bench import Bench
    from testing.differential.combinations import Combination
    from testing.world import World
    from tfwrap.stand.journal import Request

# The Terraform that has the same SDK as the provider, where that matters.
OF_PROVIDER = {"2.70.0": "1.0.3", "3.39.0": "1.0.3", "5.100.0": terraforms.PATH}


def trials(bench: Bench, version: str, sets: list[Combination], number: str) -> list[Trial]:
    """One plan with a provider configuration for each combination; the environment and files are the first one's."""
    rules = numbers(version)
    world = worlds.make(bench.root / number)
    write_files(bench, world, sets[0])
    around = bench.environment() | {"TF_CLI_CONFIG_FILE": providers.cli_config(version)}
    environ = around | environment(bench, world, sets[0])
    dialect = "provider" if rules >= (4,) else "old-provider"
    blocks = [arguments(bench, world, set_, dialect=dialect) for set_ in sets]
    _write_module(bench, version, world, blocks)
    terraform = terraforms.terraform(OF_PROVIDER[version])
    _init(bench, world, terraform.path, around)
    predictions = predicted(terraform, world, ["plan"], {**world.environ, **environ})
    requests = _plan(bench, world, terraform.path, environ)
    found = []
    for index, set_ in enumerate(sets):
        said = predictions[f"provider.aws.a{index}"]
        must = expected(bench, said, set_, FIRST if rules < (4,) else SECOND)
        found.append(Trial(set_, arrived(bench, _at_door(bench, index, requests)), must, said))
    return found


def _init(bench: Bench, world: World, path: str, around: dict[str, str]) -> None:
    init = bench.leash.around([path, "init", "-input=false"])
    made = worlds.run(world, init, env=dict(around), timeout=LIMIT_S)
    assert made.status == 0, made.stderr.decode()


def _plan(bench: Bench, world: World, path: str, environ: dict[str, str]) -> list[Request]:
    requests = bench.requests(world, [path, "plan", "-input=false", "-lock=false"], environ)
    strays = [request for request in requests if request.host == bench.stand.url.removeprefix("http://")]
    assert not strays, strays
    return requests


def _at_door(bench: Bench, index: int, requests: list[Request]) -> list[Request]:
    return [request for request in requests if request.host.endswith(f":{bench.doors[index].server_port}")]


def _write_module(bench: Bench, version: str, world: World, blocks: list[dict[str, object]]) -> None:
    is_old = numbers(version) < (4,)
    services = ("sts", "iam", "ec2", "s3") if is_old else ("sts", "iam")
    found = []
    for index, block in enumerate(blocks):
        url = f"http://127.0.0.1:{bench.doors[index].server_port}"
        more = {"skip_get_ec2_platforms": True} if is_old else {}
        fixed = {"alias": f"a{index}", "region": "us-east-1", "endpoints": [dict.fromkeys(services, url)], **more}
        found.append({**fixed, **block})
    data = {f"a{index}": {"provider": f"aws.a{index}"} for index in range(len(blocks))}
    required = {"aws": {"source": "hashicorp/aws", "version": version}}
    module = {
        "terraform": {"required_providers": [required]},
        "provider": {"aws": found},
        "data": {"aws_caller_identity": data},
    }
    (world.cwd / "main.tf.json").write_text(json.dumps(module))
