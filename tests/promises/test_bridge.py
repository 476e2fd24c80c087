"""The promises hold over a bridge, too: here to a provider that does not know `aws login`, with an `aws` of ours."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pexpect
import pytest

from testing import recorder
from testing import world as worlds
from tests.promises.test_signals import WAITS, until
from tfwrap import which

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testing.processes import Finished
    from testing.world import World
    from tests.promises.conftest import Played
    from tfwrap.stand.server import Stand

CONFIG = "[default]\nregion = us-east-1\n\n[profile prod]\nlogin_session = arn:aws:iam::111111111111:user/anna\n"
LOCK = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}\n'
MAIN = """
provider "aws" {
  region  = "us-east-1"
  profile = "prod"
}
resource "aws_vpc" "it" {}
"""
ASKS = """
import configparser, subprocess
config = configparser.RawConfigParser()
config.read(os.environ["AWS_CONFIG_FILE"])
out(subprocess.run(["sh", "-c", config["profile prod"]["credential_process"]], stdout=subprocess.PIPE).stdout)
"""


class Bridged(NamedTuple):
    """The recorder behind the shim, in a directory whose provider needs a bridge, and what is handed out over it."""

    world: World
    shim: Path
    record: Path
    keys: dict[str, object]

    def environ(self, **more: str) -> dict[str, str]:
        """The environment for a call."""
        return {**self.world.environ, **more}

    def run(self, do: str, **more: str) -> Finished:
        """A run of the recorder, which does this."""
        return worlds.run(self.world, [self.shim, "plan"], {"RECORDER_DO": do, **more})

    def is_secret_in(self, seen: bytes) -> bool:
        return any(str(self.keys[name]).encode() in seen for name in ("SecretAccessKey", "SessionToken"))


@pytest.fixture
def bridged(played: Played, stand: Stand) -> Iterator[Bridged]:
    world = played.world
    key = stand.keys.create_session(account="111111111111", role="login", lifetime_s=3600)
    keys = {"Version": 1, "AccessKeyId": key.id, "SecretAccessKey": key.secret, "SessionToken": key.token}
    (world.cwd / "main.tf").write_text(MAIN)
    (world.cwd / ".terraform.lock.hcl").write_text(LOCK)
    aws = world.bin / "aws"
    aws.write_text(f"#!/bin/sh\necho \"$@\" >> {world.root}/asked\ncat <<'END'\n{json.dumps(keys)}\nEND\n")
    aws.chmod(0o755)
    (world.home / ".aws").mkdir()
    (world.home / ".aws" / "config").write_text(CONFIG)
    with tempfile.TemporaryDirectory(prefix="run-") as short:
        environ = {name: value for name, value in world.environ.items() if not name.startswith("AWS_")}
        environ |= {"XDG_RUNTIME_DIR": short, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_STS": stand.url}
        yield Bridged(world._replace(environ=environ), played.shim, played.record, keys)


def directories(bridged: Bridged) -> list[Path]:
    return list(Path(bridged.world.environ["XDG_RUNTIME_DIR"]).iterdir())


def start(bridged: Bridged, do: str = WAITS, **more: str) -> subprocess.Popen[bytes]:
    """A bridged run on pipes, when the recorder runs."""
    process = subprocess.Popen(
        [bridged.shim, "plan"],
        env=bridged.environ(RECORDER_DO=do, **more),
        cwd=bridged.world.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: any(record.get("start") for record in recorder.records(bridged.record)))
    return process


def begun(bridged: Bridged) -> list[dict[str, Any]]:
    return [record for record in recorder.records(bridged.record) if record.get("start")]


def hashes(folder: Path) -> Mapping[str, tuple[str, int, int]]:
    """Content, mode and time of every file."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in files
    }


def test_the_child_asks_for_credentials_and_gets_them_and_nothing_is_said(bridged: Bridged) -> None:
    before = hashes(bridged.world.home / ".aws")
    done = bridged.run(ASKS)
    assert (done.status, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == bridged.keys
    assert hashes(bridged.world.home / ".aws") == before
    assert directories(bridged) == []


def test_the_environment_differs_in_the_config_file_alone(bridged: Bridged) -> None:
    odd = {"TF_VAR_my-var": "x", "BASH_FUNC_f%%": "() { :; }"}
    given = bridged.environ(RECORDER_DO="", **odd)
    subprocess.run([bridged.shim, "plan"], env=given, cwd=bridged.world.cwd, timeout=60, check=True)
    got = recorder.environment(begun(bridged)[0])
    want = {os.fsencode(name): os.fsencode(value) for name, value in given.items()}
    differing = {name for name in got.keys() | want.keys() if got.get(name) != want.get(name)}
    assert differing - {os.fsencode(which.GUARD)} == {b"AWS_CONFIG_FILE"}
    assert not bridged.is_secret_in(b"".join(got.values()))


def test_there_is_no_secret_in_any_file_or_argument(bridged: Bridged) -> None:
    process = start(bridged, f"{ASKS}\nout('ready\\n'); wait(2)")
    assert process.stdout
    while b"ready" not in process.stdout.readline():
        pass
    (path,) = directories(bridged)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()}
    assert modes == {"s": 0o600, "ask": 0o600, "config": 0o600}
    seen = b"".join(file.read_bytes() for file in path.iterdir() if file.is_file())
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            seen += line.read_bytes()
        except OSError:
            continue
    assert b"ask 0" in seen
    assert not bridged.is_secret_in(seen)
    process.communicate(timeout=30)


@pytest.mark.parametrize("status", [0, 1, 2, 7, 255])
def test_the_exit_status_comes_through(bridged: Bridged, status: int) -> None:
    done = bridged.run(f"sys.exit({status})")
    assert (done.status, done.stderr) == (status, b"")
    assert directories(bridged) == []


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV", "INT"])
def test_a_death_by_a_signal_is_the_shims_death_too(bridged: Bridged, name: str) -> None:
    default = f"signal.signal(signal.SIG{name}, signal.SIG_DFL)" if name != "KILL" else ""
    no_core = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    do = f"{default}\n{no_core}\nos.kill(os.getpid(), signal.SIG{name})"
    done = bridged.run(do)
    assert done.status == -getattr(signal, f"SIG{name}")
    assert directories(bridged) == []


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
@pytest.mark.parametrize("to_group", [False, True], ids=["to the shim", "to the group"])
def test_a_signal_arrives_once(bridged: Bridged, name: str, to_group: bool) -> None:
    process = start(bridged)
    (os.killpg if to_group else os.kill)(process.pid, getattr(signal, f"SIG{name}"))
    process.communicate(timeout=30)
    assert recorder.signals(bridged.record) == [f"SIG{name}"]
    assert process.returncode == 0
    assert directories(bridged) == []


def test_ctrl_c_on_the_terminal_arrives_once_and_the_bridge_goes_on(bridged: Bridged) -> None:
    do = f"out('ready\\n')\nwait(1)\n{ASKS}"
    child = pexpect.spawn(
        str(bridged.shim), ["plan"], env=bridged.environ(RECORDER_DO=do), cwd=str(bridged.world.cwd), timeout=30
    )
    child.expect("ready")
    child.sendintr()
    child.expect("SecretAccessKey")
    child.expect(pexpect.EOF)
    child.close()
    assert recorder.signals(bridged.record) == ["SIGINT"]
    assert child.exitstatus == 0
    assert directories(bridged) == []


def test_when_the_shim_is_killed_the_bridge_stands_until_the_real_binary_has_ended(bridged: Bridged) -> None:
    wrote = bridged.world.root / "wrote"
    process = start(bridged, f"def out(data, d=1): open({str(wrote)!r}, 'ab').write(data)\nwait(1.5)\n{ASKS}")
    process.kill()
    process.wait(timeout=10)
    assert len(directories(bridged)) == 1
    until(lambda: directories(bridged) == [])
    assert json.loads(wrote.read_bytes()) == bridged.keys
    assert recorder.signals(bridged.record) == ["SIGINT"]
    for stream in (process.stdout, process.stderr):
        assert stream
        stream.close()


def test_what_the_kill_of_the_whole_group_leaves_is_swept_by_the_next_run(bridged: Bridged) -> None:
    process = start(bridged, "wait(20)")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    until(lambda: directories(bridged) == [])
    done = bridged.run(ASKS)
    assert json.loads(done.stdout) == bridged.keys
    assert directories(bridged) == []


def test_a_pipeline_ends_when_the_real_binary_does(bridged: Bridged) -> None:
    started = time.monotonic()
    done = worlds.run(bridged.world, ["bash", "-c", "terraform plan | cat"], {"RECORDER_DO": "out('x\\n')"})
    assert (done.status, done.stdout, done.stderr) == (0, b"x\n", b"")
    assert time.monotonic() - started < 20


def test_every_run_builds_a_bridge_of_its_own(bridged: Bridged) -> None:
    """No remembered decision skips it."""
    for _ in range(2):
        done = bridged.run(ASKS)
        assert json.loads(done.stdout) == bridged.keys
    copies = {recorder.environment(record)[b"AWS_CONFIG_FILE"] for record in begun(bridged)}
    assert len(copies) == 2
    assert len((bridged.world.root / "asked").read_text().splitlines()) == 2


def test_strict_mode_and_ci_use_it_where_nobody_has_to_be_asked(bridged: Bridged) -> None:
    done = bridged.run(ASKS, CI="true", TFWRAP_STRICT="1")
    assert json.loads(done.stdout or b"{}") == bridged.keys, done


def test_offline_nothing_is_made_and_it_is_said(bridged: Bridged) -> None:
    done = bridged.run("", TFWRAP_OFFLINE="1")
    assert b"TFW213 bridged-profile" in done.stderr
    assert b"tfwrap cannot make its credentials: tfwrap is set to be offline" in done.stderr
    assert b"AWS_CONFIG_FILE" not in recorder.environment(begun(bridged)[0])
    assert not (bridged.world.root / "asked").exists()


def test_switched_off_there_is_none(bridged: Bridged) -> None:
    done = bridged.run("", TFWRAP_DISABLE="1")
    assert (done.status, done.stderr) == (0, b"")
    assert b"AWS_CONFIG_FILE" not in recorder.environment(begun(bridged)[0])
