"""Promise 1: where all is well nothing is said and nothing is changed, by default and in strict mode.

The set-ups are those of `testing.healthy`; the real Terraform's part is played by the recorder, which tells what
environment it got.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from testing import aws, jsonserver, recorder
from testing import world as worlds
from testing.healthy import keys, machines, modules, places, sessions
from testing.healthy.setup import Bench, Setup, later
from testing.jsonserver import Call, Reply
from tfwrap import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testing.aws import Aws
    from testing.healthy.setup import Row
    from testing.processes import Finished
    from testing.world import World
    from tfwrap.stand.server import Stand

ROWS: tuple[Row, ...] = (*keys.ROWS, *sessions.ROWS, *machines.ROWS, *places.ROWS, *modules.ROWS)
GUARD = b"_TFWRAP_GUARD"
PLAYS = 'out("Terraform v1.11.4\\n") if sys.argv[1:] == ["version"] else out("done\\n")'
ALL = pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in ROWS])
LATE = b"within 3 seconds"
WHO_IT_IS = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::000000000000:root</Arn><UserId>AKIAIMADEUP</UserId><Account>000000000000</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


@pytest.fixture(scope="module")
def away(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """AWS under its own names."""
    with aws.start(stand, tmp_path_factory.mktemp("aws") / "certificates") as started:
        yield started


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """An emulator, which accepts any key."""
    with jsonserver.serve(lambda _: Reply(200, WHO_IT_IS.encode())) as url:
        yield url


@pytest.fixture(scope="module")
def instance(stand: Stand) -> Iterator[str]:
    """The metadata of an instance and the credentials of a container, in one."""

    def answer(call: Call) -> Reply:
        if call.path == "/latest/api/token":
            return Reply(200, b"made-up", (("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600"),))
        if call.path.endswith("/security-credentials/"):
            return Reply(200, b"machine")
        key = stand.keys.create_session(role="machine", lifetime_s=3600)
        made = {"AccessKeyId": key.id, "SecretAccessKey": key.secret, "Token": key.token, "Expiration": later()}
        return Reply(200, {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": later(-1), **made})

    with jsonserver.serve(answer) as url:
        yield url


@pytest.fixture
def bench(world: World, stand: Stand, away: Aws, emulator: str, instance: str) -> Bench:
    """A home of one's own in front of all that."""
    return Bench(stand.keys, away, world.home, emulator, instance)


def written(world: World, bench: Bench, setup: Setup) -> World:
    """The world with the set-up in it, and the recorder behind tfwrap."""
    for place, files in ((world.cwd, setup.files), (world.home, setup.home)):
        for name, text in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", newline="") as file:
                file.write(text)
    python = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    real = recorder.write(world.bin / "terraform", python)
    more = {"TFWRAP_TERRAFORM": str(real), "RECORDER_DO": PLAYS, "RECORDER_FILE": str(world.root / "record")}
    return world._replace(environ={**world.environ, **bench.aws.environment(), **more, **setup.environ})


def ran(world: World, setup: Setup, **more: str) -> Finished:
    """The run, and once more where this machine was too busy for an answer of STS's in time."""
    argv = [sys.executable, "-I", launch.__file__, "terraform", *setup.words]
    done = worlds.run(world, argv, dict(more))
    return worlds.run(world, argv, dict(more)) if LATE in done.stderr else done


def differences(world: World, **more: str) -> dict[str, str | None]:
    """What the environment that Terraform got differs in from that of whoever called it."""
    given = {name.encode(): value.encode() for name, value in {**world.environ, **more}.items()}
    got = recorder.environment(list(recorder.records(world.root / "record"))[-1])
    names = {name for name in {*given, *got} - {GUARD} if given.get(name) != got.get(name)}
    return {name.decode(): got[name].decode() if name in got else None for name in names}


@ALL
@pytest.mark.parametrize("strict", ["0", "1"], ids=["default", "strict"])
def test_where_all_is_well_nothing_is_said_and_nothing_is_changed(
    make: Any, strict: str, world: World, bench: Bench
) -> None:
    setup: Setup = make(bench)
    if strict == "1" and not setup.is_confirmed:
        pytest.skip("nobody can say beforehand who this is")
    here = written(world, bench, setup)
    done = ran(here, setup, TFWRAP_STRICT=strict)
    assert (done.status, done.stdout, done.stderr) == (0, b"done\n", b"")
    assert differences(here, TFWRAP_STRICT=strict) == setup.changes


@ALL
def test_the_doctor_has_no_warning_either(make: Any, world: World, bench: Bench) -> None:
    setup: Setup = make(bench)
    here = written(world, bench, setup)
    words = ["--format", "json", "--", *setup.words]
    argv = [sys.executable, "-I", "-m", "tfwrap", "doctor", *words]
    done = worlds.run(here, argv)
    done = worlds.run(here, argv) if LATE in done.stdout else done
    document = json.loads(done.stdout)
    grave = [found for found in document["findings"] if found["severity"] != "info"]
    assert (done.status, grave, document["problems"]) == (0, [], [])
    if setup.is_confirmed and setup.is_known:
        assert [each for each in document["consumers"] if each["identity"]["status"] != "ok"] == []


def test_the_set_ups_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({name for name, _ in ROWS}) == len(ROWS) >= 25
