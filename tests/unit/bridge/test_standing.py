"""What a bridge stands on: its copies of the config files, who gets what over it, and that nothing of it stays."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.bridge.modules import login
from tfwrap.aws import config as awsconfig
from tfwrap.bridge import standing
from tfwrap.bridge.making import Served
from tfwrap.bridge.session import Renewing
from tfwrap.origin import Secret
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.bridge.modules import Module
    from tfwrap.bridge.standing import Bridge


def served(name: str, config: str, key: str) -> Served:
    """A profile of a config file, for which this key is handed out."""
    renewing = Renewing(lambda: Credentials(key, Secret("s3cret"), Secret("t0ken")), lambda *_: None)
    return Served(name, config, renewing, is_lasting=True)


def variables(bridge: Bridge) -> dict[str, str]:
    return {change.name: change.value or "" for change in bridge.changes}


def told(copy: str, name: str) -> str:
    """The key that a consumer of this config file gets for a profile, asked as the SDK asks: by the shell."""
    command = awsconfig.read({"AWS_CONFIG_FILE": copy, "HOME": "/nowhere"}).profiles[name].get("credential_process")
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, timeout=60)
    found = json.loads(done.stdout)["AccessKeyId"]
    assert isinstance(found, str)
    return found


@pytest.fixture
def config(module: Module) -> str:
    module.home.write(f"# mine\n{login('prod')}region = eu-west-1\n{login('lab')}")
    return f"{module.home.path}/.aws/config"


def test_each_profile_has_credentials_of_its_own(module: Module, config: str) -> None:
    found = (served("prod", config, "AKIAONE"), served("lab", config, "AKIATWO"))
    with standing.standing(found, module.facts()) as bridge:
        copy = variables(bridge)["AWS_CONFIG_FILE"]
        assert (told(copy, "prod"), told(copy, "lab")) == ("AKIAONE", "AKIATWO")
        with open(copy, encoding="utf-8") as file:
            content = file.read()
        assert "login_session" not in content
        assert content.startswith("# mine\n")
        assert "region = eu-west-1\n" in content
        assert "s3cret" not in content
        assert stat.S_IMODE(os.stat(copy).st_mode) == 0o600


def test_two_profiles_of_one_name_in_two_config_files_are_told_apart(module: Module, config: str) -> None:
    other = module.home.path / "other"
    other.write_text(login("prod"))
    module.home.environ["AWS_SHARED_CONFIG_FILE"] = str(other)
    found = (served("prod", config, "AKIAONE"), served("prod", str(other), "AKIATWO"))
    with standing.standing(found, module.facts()) as bridge:
        copies = variables(bridge)
        assert told(copies["AWS_CONFIG_FILE"], "prod") == "AKIAONE"
        assert told(copies["AWS_SHARED_CONFIG_FILE"], "prod") == "AKIATWO"


def test_a_config_file_without_a_bridged_profile_is_left_as_it_is(module: Module, config: str) -> None:
    other = module.home.path / "other"
    other.write_text(login("prod"))
    module.home.environ["AWS_SHARED_CONFIG_FILE"] = str(other)
    with standing.standing((served("prod", config, "AKIAONE"),), module.facts()) as bridge:
        assert variables(bridge).keys() == {"AWS_CONFIG_FILE"}


def test_a_relative_path_starts_where_terraform_works(module: Module) -> None:
    (module.path / "here").write_text(login("prod"))
    module.home.environ["AWS_CONFIG_FILE"] = "here"
    with standing.standing((served("prod", f"{module.path}/here", "AKIAONE"),), module.facts()) as bridge:
        assert told(variables(bridge)["AWS_CONFIG_FILE"], "prod") == "AKIAONE"


@pytest.mark.parametrize("number", ["1", "-1", "x", "", "0 0", "00000000000000000000000000000000000000001"])
def test_who_asks_for_something_else_gets_nothing(module: Module, config: str, short: Path, number: str) -> None:
    with standing.standing((served("prod", config, "AKIAONE"),), module.facts()):
        (place,) = short.iterdir()
        done = subprocess.run(["/bin/sh", place / "ask", number], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"tfwrap: no such profile is bridged\n"


def test_a_python_whose_path_a_shell_would_split_is_no_obstacle(
    module: Module, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = module.home.path / "a b'c; $HOME"
    odd.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(odd))
    with standing.standing((served("prod", config, "AKIAONE"),), module.facts()) as bridge:
        assert told(variables(bridge)["AWS_CONFIG_FILE"], "prod") == "AKIAONE"


@pytest.mark.parametrize(("version", "is_told"), [((0, 12, 29), True), ((0, 15, 0), False), ((1, 11, 4), False)])
def test_only_the_oldest_is_told_to_read_the_config_file(
    module: Module, config: str, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], is_told: bool
) -> None:
    from tfwrap.terraform import versions

    monkeypatch.setattr(versions, "detect", lambda *_: version)
    with standing.standing((served("prod", config, "AKIAONE"),), module.facts()) as bridge:
        assert (variables(bridge).get("AWS_SDK_LOAD_CONFIG") == "1") == is_told


# What stays: nothing


def test_it_is_gone_when_terraform_has_ended(module: Module, config: str, short: Path) -> None:
    with standing.standing((served("prod", config, "AKIAONE"),), module.facts()):
        assert len(list(short.iterdir())) == 1
    assert list(short.iterdir()) == []


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit])
def test_it_is_gone_when_something_is_raised_meanwhile(
    module: Module, config: str, short: Path, error: type[BaseException]
) -> None:
    found = (served("prod", config, "AKIAONE"),)
    with pytest.raises(error), standing.standing(found, module.facts()) as bridge:
        raise error
    assert list(short.iterdir()) == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(bridge.lifeline)


def _remove(config: str) -> None:
    os.remove(config)


def _enlarge(config: str) -> None:
    with open(config, "ab") as file:
        file.truncate(awsconfig.LARGEST + 1)


def _obscure(config: str) -> None:
    """A section to the first SDK alone (config_copy.py)."""
    with open(config, "w", encoding="utf-8") as file:
        file.write("[profile prod] x\nlogin_session = y\n")


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        pytest.param(_remove, FileNotFoundError, "No such file", id="the config file is gone"),
        pytest.param(_enlarge, NotRefreshed, "too large to be copied", id="it is too large"),
        pytest.param(_obscure, NotRefreshed, r"behind the section \[profile prod\]", id="a section of one SDK's"),
    ],
)
def test_where_it_cannot_be_built_nothing_of_it_stays(
    module: Module, config: str, short: Path, spoil: object, error: type[Exception], words: str
) -> None:
    known = module.facts()
    assert callable(spoil)
    spoil(config)
    with pytest.raises(error, match=words), standing.standing((served("prod", config, "AKIAONE"),), known):
        raise AssertionError
    assert list(short.iterdir()) == []


def test_where_there_can_be_no_process_nothing_of_it_stays(
    module: Module, config: str, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, before = module.facts(), set(os.listdir("/proc/self/fd"))

    def no_more() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_more)
    with (
        pytest.raises(BlockingIOError, match="temporarily unavailable"),
        standing.standing((served("prod", config, "AKIAONE"),), known),
    ):
        raise AssertionError
    assert list(short.iterdir()) == []
    assert set(os.listdir("/proc/self/fd")) <= before


def test_a_profile_whose_renewal_hangs_keeps_nobody_from_anothers_credentials(module: Module, config: str) -> None:
    hanging = Served("lab", config, Renewing(once_then_never(), lambda *_: None), is_lasting=True)
    with standing.standing((served("prod", config, "AKIAONE"), hanging), module.facts()) as bridge:
        copy = variables(bridge)["AWS_CONFIG_FILE"]
        command = ["/bin/sh", f"{os.path.dirname(copy)}/ask", "1"]
        waiting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        begun = time.monotonic()
        assert told(copy, "prod") == "AKIAONE"
        assert time.monotonic() - begun < 20
        assert waiting.poll() is None
    out, err = waiting.communicate(timeout=20)  # the end of the run is the end of the waiting
    assert (out, waiting.returncode) == (b"", 1)
    assert err.startswith(b"tfwrap: the tfwrap that serves this profile ")


def once_then_never() -> Callable[[], Credentials]:
    """Makes a session that is over already, and then hangs."""
    begun = threading.Event()

    def make() -> Credentials:
        if begun.is_set():
            time.sleep(60)
        begun.set()
        return Credentials("ASIAOVER", Secret("s"), Secret("t"), 1.0)

    return make
