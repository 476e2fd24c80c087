"""install.sh: what it puts where, that it can be run again, that it undoes all of it, what it says when it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from testing.installation import installed
from testing.processes import Finished, on_pipes

PROJECT = Path(__file__).parents[2]
PYTHON: str = getattr(sys, "_base_executable", sys.executable)
SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"], "zsh": ["zsh"]}
PRESENT = [name for name in SHELLS if shutil.which(name)]
TOOLS = ("cat", "dirname", "env", "grep", "head", "ln", "ls", "mkdir", "readlink", "rm", "rmdir", "sed", "sh", "tail")
RECORDER = f"#!{PYTHON} -IS\nimport sys\nprint(sys.argv)\n"

each_shell = pytest.mark.parametrize("shell", PRESENT)


def install(
    *args: str, home: Path | None, shell: str = "", checkout: Path = PROJECT, path: str = "", **more: str
) -> Finished:
    """Run the installer under a shell (found on our PATH), with an environment of its own."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTP"))}
    environ = {**kept, "PATH": path or os.environ["PATH"], **({"HOME": str(home)} if home else {}), **more}
    found = shutil.which(SHELLS[shell or PRESENT[0]][0]) or "sh"
    command = [found, *SHELLS[shell or PRESENT[0]][1:], str(checkout / "install.sh"), *args]
    return on_pipes(command, environ, checkout, timeout=400)


def files(directory: Path) -> list[str]:
    """Every file below a directory, but for the caches that the tests of other people write meanwhile."""
    kept = (path for path in directory.rglob("*") if "__pycache__" not in path.parts)
    return sorted(str(path.relative_to(directory)) for path in kept)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a clone has, in a directory with a space in its name."""
    clone = tmp_path / "check out"
    skipped = shutil.ignore_patterns("__pycache__")
    for name in ("tfwrap", "shims"):
        shutil.copytree(PROJECT / name, clone / name, ignore=skipped)
    for name in ("pyproject.toml", "README.md", "LICENSE", "install.sh"):
        shutil.copy(PROJECT / name, clone / name)
    return clone


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A directory for PATH that holds what the installer needs, and neither a Python nor bash."""
    directory = tmp_path / "tools"
    directory.mkdir()
    for tool in TOOLS:
        (directory / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    return directory


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def refusal(finished: Finished, status: int = 1) -> str:
    """The one line of an installer that refuses."""
    assert finished.status == status
    assert finished.stdout == b""
    assert finished.stderr.startswith(b"install.sh: ")
    assert finished.stderr.count(b"\n") == 1
    return finished.stderr.decode()


# What it does


@pytest.mark.slow
def test_it_installs_repairs_upgrades_and_removes_itself_under_every_shell(
    tmp_path: Path, checkout: Path, bare_path: Path
) -> None:
    home = tmp_path / "home of Zoë"
    home.mkdir()
    prefix = home / ".local/share/tfwrap"
    before = files(checkout)

    first = install(home=home, checkout=checkout)
    assert first.status == 0, first
    assert f'export PATH="{prefix}/shims:{prefix}/bin:$PATH"' in first.stdout.decode()
    assert files(checkout) == before
    assert list(prefix.glob("venv/lib/python*/site-packages/tfwrap/__pycache__/main.*.pyc"))
    check_that_it_works(prefix, tmp_path)

    for shell in PRESENT:
        again = install(home=home, checkout=checkout, shell=shell)
        assert (again.status, b"wrote" in again.stdout, b"created" in again.stdout) == (0, False, False), (shell, again)

    (bare_path / "python3").symlink_to(PYTHON)
    (prefix / "shims/tofu").unlink()
    (prefix / "bin/tfwrap").unlink()
    shutil.rmtree(next(prefix.glob("venv/lib/python*/site-packages/pip")))
    repaired = install(home=home, checkout=checkout, path=str(bare_path))
    assert (repaired.status, b"which does not work" in repaired.stdout) == (0, True), repaired
    assert b"no usable bash here, so Python" in repaired.stdout
    check_that_it_works(prefix, tmp_path)

    removed = install("--uninstall", home=home, checkout=checkout, shell=PRESENT[-1])
    assert (removed.status, removed.stderr) == (0, b"")
    assert not (home / ".local").exists()
    assert files(checkout) == before


def check_that_it_works(prefix: Path, tmp_path: Path) -> None:
    real = script(tmp_path / "real" / "terraform", RECORDER)
    environ = {"PATH": f"{prefix}/shims:{real.parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    for arguments in (["version"], ["plan", "a b"]):
        finished = on_pipes([prefix / "shims/terraform", *arguments], environ, tmp_path, timeout=60)
        assert finished == (0, f"{[str(real), *arguments]}\n".encode(), b"")
    finished = on_pipes([prefix / "bin/tfwrap", "--help"], environ, tmp_path, timeout=60)
    assert (finished.status, b"tfwrap" in finished.stdout) == (0, True)


@each_shell
def test_help_and_mistakes_in_the_options_change_nothing(shell: str, tmp_path: Path) -> None:
    helped = install("--help", home=tmp_path, shell=shell)
    assert (helped.status, helped.stderr) == (0, b"")
    assert b"--no-modify-path" in helped.stdout
    assert "unknown option: --frobnicate" in refusal(install("--frobnicate", home=tmp_path, shell=shell), status=2)
    for wrong in (["--prefix"], ["--prefix="], ["--prefix", ""]):
        assert "--prefix needs a directory" in refusal(install(*wrong, home=tmp_path, shell=shell), status=2)
    assert files(tmp_path) == []


# What it refuses


@each_shell
def test_a_machine_without_a_python_is_told_what_to_do(shell: str, tmp_path: Path, bare_path: Path) -> None:
    line = refusal(install(home=tmp_path / "home", shell=shell, path=str(bare_path)))
    for words in ("no Python 3.11 or newer on PATH", "apt install", "uv python install", "pyenv install"):
        assert words in line
    assert not (tmp_path / "home").exists()


def test_a_python_that_is_too_old_or_only_a_version_managers_promise_is_not_taken(
    tmp_path: Path, bare_path: Path
) -> None:
    script(bare_path / "python3", "#!/bin/sh\necho old 3.9\n")
    script(bare_path / "python3.12", "#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n")
    line = refusal(install(home=tmp_path / "home", path=str(bare_path)))
    assert "no Python 3.11 or newer on PATH, only python3, which is 3.9" in line


def test_a_python_without_ensurepip_is_told_what_to_do(tmp_path: Path, bare_path: Path) -> None:
    python = tmp_path / "real python"
    script(python, f'#!/bin/sh\ncase $* in *ensurepip*) exit 1 ;; esac\necho "{python}"\n')
    (bare_path / "python3").symlink_to(python)
    line = refusal(install(home=tmp_path / "home", path=str(bare_path)))
    assert f"{python} cannot make virtual environments" in line
    assert "apt install python3-venv" in line
    assert not (tmp_path / "home").exists()


def test_a_failing_venv_leaves_nothing_broken_behind(tmp_path: Path, bare_path: Path) -> None:
    python = tmp_path / "real python"
    script(
        python,
        f'#!/bin/sh\ncase $* in *"-m venv"*) echo first; echo no space left >&2; exit 1 ;; esac\necho "{python}"\n',
    )
    (bare_path / "python3").symlink_to(python)
    prefix = tmp_path / "prefix"
    finished = install("--prefix", str(prefix), home=None, path=str(bare_path))
    assert (finished.status, finished.stderr.count(b"\n"), b"no space left" in finished.stderr) == (1, 1, True)
    assert files(prefix) == ["tfwrap-install.txt"]
    assert install("--uninstall", "--prefix", str(prefix), home=None).status == 0
    assert not prefix.exists()


@pytest.mark.parametrize("shell", [name for name in PRESENT if name != "zsh"])  # zsh asks the system where HOME is
def test_no_home_and_no_prefix_is_one_line(shell: str, tmp_path: Path) -> None:
    assert "HOME is not set" in refusal(install(home=None, shell=shell))
    assert "HOME is not set" in refusal(install(home=None, shell=shell, XDG_DATA_HOME="relative"))


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("file", "is not a directory"),
        ("file/below", "cannot be created"),
        ("with:colon", "has a colon in it"),
        ("with\nbreak", "has a line break in it"),
        ("/", "cannot be /"),
        ("//", "cannot be /"),
    ],
)
def test_a_prefix_that_cannot_be_is_one_line(prefix: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    where = prefix if prefix.startswith("/") else f"{tmp_path}/{prefix}"
    assert words in refusal(install("--prefix", where, home=tmp_path))
    assert files(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_prefix_that_is_not_writable_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    assert "not writable" in refusal(install("--prefix", str(tmp_path / "locked"), home=tmp_path))
    assert "cannot be created" in refusal(install("--prefix", str(tmp_path / "locked/below"), home=tmp_path))


@pytest.mark.parametrize("name", ["venv/mine", "shims/terraform", "bin/tfwrap", "shims/tofu"])
def test_what_is_not_its_own_is_left_alone(name: str, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    script(prefix / name, "mine")
    assert "was not made by tfwrap's installer" in refusal(install("--prefix", str(prefix), home=tmp_path))
    assert "there is no tfwrap in" in refusal(install("--uninstall", "--prefix", str(prefix), home=tmp_path))
    assert (prefix / name).read_text() == "mine"


def test_uninstall_removes_its_own_files_and_no_others(tmp_path: Path) -> None:
    prefix = tmp_path / "made" / "prefix"
    stamp = "tfwrap was installed here by its install.sh.\n\n" + f"{tmp_path}/made\n"
    script(prefix / "tfwrap-install.txt", stamp)
    script(prefix / "venv/bin/python", "")
    script(prefix / "shims/terraform", "#!/bin/bash\n# tfwrap-shim-marker\n")
    script(prefix / "shims/tofu", "mine")
    (prefix / "bin").mkdir()
    (prefix / "bin/tfwrap").symlink_to("../venv/bin/tfwrap")
    script(prefix / "notes", "mine")
    finished = install("--uninstall", "--prefix", str(prefix) + "/", home=None)
    assert (finished.status, finished.stderr) == (0, b"")
    assert b"holds files that are not tfwrap's" in finished.stdout
    assert files(prefix) == ["notes", "shims", "shims/tofu"]


def test_the_shim_has_an_env_of_its_own_that_blocks_signals_where_the_system_has_one() -> None:
    own = installed().prefix / "venv" / "libexec" / "env"
    blocks = ["--block-signal=INT", "sh", "-c", "kill -INT $$"]
    is_able = subprocess.run(["/usr/bin/env", *blocks], capture_output=True, check=False).returncode == 0
    named = f"_tfwrap_blocking_env='{own if is_able else ''}'"
    assert named in installed().terraform.read_text()
    assert own.exists() == is_able
    assert not is_able or subprocess.run([own, *blocks], check=False).returncode == 0


def test_outside_a_checkout_it_says_so(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "install.sh", tmp_path)
    assert "does not lie in a checkout" in refusal(install(home=tmp_path, checkout=tmp_path))


# The files themselves


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck here")
def test_shellcheck_has_nothing_to_say() -> None:
    finished = on_pipes(["shellcheck", "install.sh", "shims/shim.bash"], {"PATH": os.environ["PATH"]}, PROJECT)
    assert finished == (0, b"", b"")
