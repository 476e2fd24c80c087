"""Where settings files are looked for, and that nothing but a plain file of a sensible size is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfwrap.errors import BadInput
from tfwrap.settings import files


def projects(directory: Path) -> list[str]:
    return list(files.places({}, str(directory), str(directory)).projects)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "live" / "network"
    folder.mkdir(parents=True)
    return folder


def test_the_project_file_may_lie_in_any_directory_up_to_the_repository_root(module: Path) -> None:
    (module.parent.parent / ".git").mkdir()
    above = [module, module.parent, module.parent.parent]
    assert projects(module) == [str(folder / ".tfwrap.toml") for folder in above]


def test_a_worktree_has_a_file_for_its_root(module: Path) -> None:
    (module / ".git").write_text("gitdir: elsewhere\n")
    assert projects(module) == [str(module / ".tfwrap.toml")]


def test_without_a_repository_all_but_the_root_directory_is_looked_at(module: Path) -> None:
    found = projects(module)
    assert (found[0], found[-1]) == (str(module / ".tfwrap.toml"), f"/{module.parts[1]}/.tfwrap.toml")
    assert "/.tfwrap.toml" not in found
    assert projects(Path("/")) == []


def test_directories_are_the_real_ones(module: Path, tmp_path: Path) -> None:
    (module.parent / ".git").mkdir()
    (tmp_path / "link").symlink_to(module)
    assert projects(tmp_path / "link") == projects(module)


def test_a_directory_that_is_not_there_has_places_too(tmp_path: Path) -> None:
    assert projects(tmp_path / "gone")[0] == str(tmp_path / "gone" / ".tfwrap.toml")


def test_what_decides_which_files_count_is_told(module: Path) -> None:
    (module.parent / ".git").mkdir()
    told = files.places({"HOME": "/h"}, str(module), "/").all
    names = [".tfwrap.toml", ".git"]
    assert {str(folder / name) for folder in (module, module.parent) for name in names} < set(told)
    if sys.platform == "linux":
        assert {"/h/.config/tfwrap/config.toml", "/etc/xdg/tfwrap/config.toml"} < set(told)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({}, id="nothing set"),
        pytest.param(
            {"XDG_CONFIG_HOME": "/x/c", "XDG_CONFIG_DIRS": "/x/d:/x/e", "XDG_STATE_HOME": "/x/s"}, id="all set"
        ),
        pytest.param({"XDG_CONFIG_HOME": "c", "XDG_CONFIG_DIRS": "d:/x/e", "XDG_STATE_HOME": "s"}, id="relative"),
        pytest.param({"XDG_CONFIG_HOME": "", "XDG_CONFIG_DIRS": "", "XDG_STATE_HOME": ""}, id="empty"),
    ],
)
def test_the_places_are_those_that_platformdirs_names(tmp_path: Path, extra: dict[str, str]) -> None:
    environ = {"HOME": str(tmp_path), **extra}
    code = (
        "import platformdirs as p; "
        "asked = (p.user_config_dir, p.site_config_dir, p.user_state_dir); "
        "print(*(ask('tfwrap', appauthor=False) for ask in asked), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    user, site, state = done.stdout.splitlines()
    found = files.places(environ, "/", "/")
    assert (found.user, found.site) == (f"{user}/config.toml", f"{site}/config.toml")
    assert files.state_directory(environ) == state


def test_a_variable_names_another_user_file() -> None:
    assert files.places({"TFWRAP_CONFIG": "/c.toml", "HOME": "/h"}, "/", "/w").user == "/c.toml"
    assert files.places({"TFWRAP_CONFIG": "c.toml", "HOME": "/h"}, "/", "/w").user == "/w/c.toml"


def test_without_a_home_there_is_no_user_file() -> None:
    assert files.places({}, "/", "/").user == ""
    assert files.state_directory({}) == ""


def test_a_file_is_read_with_its_owner(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    assert files.read(str(tmp_path / "f")) == (b"x", os.getuid())


def test_what_is_no_plain_file_is_not_read_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path / "fifo", tmp_path / "link", Path("/dev/null")):
        assert files.is_there(str(path))
        with pytest.raises(BadInput, match="is not a plain file"):
            files.read(str(path))


def test_a_directory_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a plain file"):
        files.read(str(tmp_path))


def test_a_file_may_be_large_but_not_larger(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"#" * files.LARGEST)
    assert len(files.read(str(path)).data) == files.LARGEST
    path.write_bytes(b"#" * (files.LARGEST + 1))
    with pytest.raises(BadInput, match="is larger than 256 KiB"):
        files.read(str(path))


@pytest.mark.parametrize("path", ["/nonexistent/x", "/dev/null/x", "a\0b", ""])
def test_what_is_not_there_is_not_there(path: str) -> None:
    assert not files.is_there(path)
