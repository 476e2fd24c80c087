"""Combinations as backends: each is an `init` of a directory of its own."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from testing import terraforms
from testing import world as worlds
from testing.differential.bench import BUCKET
from testing.differential.files import write_files
from testing.differential.given import arguments, environment
from testing.differential.outcome import FIRST, OLDEST, SECOND, Trial, arrived, expected, predicted
from tfwrap.sources import consumers

if TYPE_CHECKING:
    from pathlib import Path

    from testing.differential.bench import Bench
    from testing.differential.combinations import Combination
    from testing.world import World


def trial(bench: Bench, version: str, set_: Combination, number: str) -> Trial:
    """What arrives when this Terraform configures the backend, and what tfwrap says beforehand."""
    terraform = terraforms.terraform(version)
    rules = numbers(terraform.version)
    world = worlds.make(bench.root / number)
    write_files(bench, world, set_)
    environ = environment(bench, world, set_)
    given = arguments(bench, world, set_, dialect="backend" if rules >= (1, 6) else "old-backend")
    if set_.saved == "saved":
        _save(bench, terraform, world, given)
    else:
        _write_backend(bench, terraform.version, world.cwd, given)
    around = _around(bench, rules)
    words = ["init", "-input=false"]
    said = predicted(terraform, world, words, {**world.environ, **around, **environ})[consumers.BACKEND]
    requests = bench.requests(world, [terraform.path, *words], {**around, **environ})
    return Trial(set_, arrived(bench, requests), expected(bench, said, set_, _era(rules)), said)


def numbers(version: str) -> tuple[int, ...]:
    """The major and the minor version."""
    return tuple(int(part) for part in version.split(".")[:2])


def _era(version: tuple[int, ...]) -> str:
    return next(era for since, era in (((1, 6), SECOND), ((0, 13), FIRST), ((), OLDEST)) if version >= since)


def _around(bench: Bench, version: tuple[int, ...]) -> dict[str, str]:
    """0.12 asks AWS itself where a profile wants a role: it knows no other address for that."""
    proxy = {"HTTPS_PROXY": bench.beside.url, "NO_PROXY": "127.0.0.1"} if version < (0, 13) else {}
    return bench.environment() | proxy


def _write_backend(bench: Bench, version: str, directory: Path, given: dict[str, object]) -> None:
    fixed = {name: json.loads(value) for name, value in bench.stand.backend_arguments(version).items()}
    block = {"bucket": BUCKET, "key": "k", **fixed, **given}
    (directory / "main.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": block}}}))


def _save(bench: Bench, terraform: terraforms.Terraform, world: World, given: dict[str, object]) -> None:
    """What `init -backend-config` would have saved: Terraform's own file with more arguments in it."""
    template = bench.root / f"saved-{terraform.version}"
    if not template.is_dir():
        _fill_template(bench, terraform, template)
    shutil.copytree(template, world.cwd, dirs_exist_ok=True)
    path = world.cwd / ".terraform" / "terraform.tfstate"
    document = json.loads(path.read_text())
    document["backend"]["config"] |= given
    path.write_text(json.dumps(document))


def _fill_template(bench: Bench, terraform: terraforms.Terraform, template: Path) -> None:
    template.mkdir()
    _write_backend(bench, terraform.version, template, {})
    key = bench.keys["env"]
    environ = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    world = worlds.make(bench.root / f"home-{terraform.version}")
    argv = [terraform.path, "init", "-input=false"]
    made = worlds.run(world, bench.leash.around(argv), env={**bench.environment(), **environ}, cwd=template)
    assert made.status == 0, made.stderr.decode()
