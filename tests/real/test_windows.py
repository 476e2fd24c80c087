"""tfwrap on Windows, as far as wine is one: the launcher, the streams, the real Terraform for Windows.

Skipped where wine is not installed. docs/windows.md says what this cannot show.
"""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING, NamedTuple

import pexpect
import pytest

import tfwrap
from testing import wine
from testing.packages import Unavailable
from testing.wine import Windows, windows_path
from tfwrap.windows import setup

if TYPE_CHECKING:
    from pathlib import Path

    from testing.wine import Ended
    from tfwrap.stand.server import Stand

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wine")]

RECORDER = r"""
import json, os, sys, nt
kept = {name: value for name, value in nt.environ.items() if "_x" in name.lower() or name.startswith("_TFWRAP")}
print(json.dumps({"argv": sys.argv[1:], "environ": kept, "ttys": [os.isatty(each) for each in range(3)]}), flush=True)
os._exit(int(nt.environ.get("RECORDER_STATUS", "0")))
"""
WRITER = r"""
import sys
for turn in range(400):
    sys.stdout.buffer.write(b"out %d\xff\x00\r\n" % turn); sys.stdout.buffer.flush()
    sys.stderr.buffer.write(b"err %d\xe2\x94" % turn); sys.stderr.buffer.write(b"\x82\n"); sys.stderr.buffer.flush()
sys.stderr.buffer.write(b"x" * 3_000_000)
"""
# Starts the first argument of ours and shows Windows' own view: the whole status, the streams as they came.
CALLER = r"""
import json, subprocess, sys, nt
def call(*command, **more):
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env={**nt.environ, **more})
    return [done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")]
"""
WORDS = (
    "a b",
    'q"uote',
    "%PATH%",
    "^&|<>!",
    'module.x["a b"].y[0]',
    "",
    "--",
    "end\\",
    'a\\"b',
    "\u00fc\u2713",
    "t\tb",
    "n\nl",
)
AWS = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
ACCOUNT = "111111111111"
SLEEPER = "import time\nprint('begun', flush=True)\ntime.sleep(6)\nprint('ended', flush=True)\n"


class Stage(NamedTuple):
    """An installed tfwrap on Windows, a real binary behind it, and a directory to work in."""

    windows: Windows
    shims: Path
    real: Path
    work: Path

    def environ(self, *path: Path, **more: str) -> dict[str, str]:
        return self.windows.environ(*(path or (self.shims, self.real)), **more)

    def shim(self, *words: str, **more: str) -> Ended:
        return self.windows.run([self.shims / "terraform.exe", *words], self.work, self.environ(**more))

    def called(self, *calls: str, **more: str) -> list[tuple[int, str, str]]:
        """Each call as `"plan"` or `"plan", NAME="value"`: its status, stdout and stderr."""
        shim = windows_path(self.shims / "terraform.exe")
        source = f"{CALLER}\nprint(json.dumps([{', '.join(f'call({shim!r}, {call})' for call in calls)}]))"
        ended = self.windows.run_python(source, self.work, self.environ(**more))
        assert (ended.status, ended.stderr) == (0, b"")
        return [tuple(each) for each in json.loads(ended.stdout)]


@pytest.fixture(scope="session")
def windows() -> Windows:
    try:
        return wine.windows()
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def installed(windows: Windows, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shims as the installer writes them, over this checkout's tfwrap."""
    prefix = tmp_path_factory.mktemp("tf wrap")
    scripts, packages = prefix / "Scripts", prefix / "packages"
    scripts.mkdir()
    command = f"import sys\nsys.path.append({windows_path(packages)!r})\nfrom tfwrap.cli import console\nconsole()"
    (scripts / "tfwrap.exe").write_bytes(wine.pip_launcher(windows_path(windows.python), command))
    packages.mkdir()
    for package in windows.packages.iterdir():
        (packages / package.name).symlink_to(package)
    shutil.copytree(tfwrap.__path__[0], packages / "tfwrap", ignore=shutil.ignore_patterns("__pycache__"))
    (packages / "tfwrap_shim-0.dist-info").mkdir()
    (packages / "tfwrap_shim-0.dist-info" / "METADATA").write_text("Name: tfwrap-shim\nVersion: 0\n")
    setup.write_shims(str(prefix), str(scripts), windows_path(windows.python), windows_path(packages))
    for program in (prefix / "shims").iterdir():
        program.chmod(0o755)
    return prefix


@pytest.fixture
def stage(windows: Windows, installed: Path, tmp_path: Path) -> Stage:
    """A recorder as the real binary."""
    work = tmp_path / "work"
    work.mkdir()
    windows.program(tmp_path / "real" / "terraform.exe", RECORDER)
    return Stage(windows, installed / "shims", tmp_path / "real", work)


@pytest.fixture
def guarded(stage: Stage) -> Stage:
    """One in a directory that uses AWS, where plan is guarded."""
    (stage.work / "main.tf").write_text(AWS)
    return stage


@pytest.fixture
def terraform(guarded: Stage) -> Stage:
    """The real Terraform, with a slow program to run."""
    wine.terraform(guarded.windows, guarded.real)
    (guarded.work / "sleeper.py").write_text(SLEEPER)
    command = f"{windows_path(guarded.windows.python)} sleeper.py"
    (guarded.work / "main.tf").write_text(
        '# "aws" is named here, so that the run is guarded\nvariable "region" {}\n'
        'resource "terraform_data" "slow" {\n  input = var.region\n'
        f'  provisioner "local-exec" {{\n    command = {json.dumps(command)}\n  }}\n}}\n'
    )
    return guarded


# What arrives


def test_arguments_variables_and_statuses_arrive_as_they_are(guarded: Stage) -> None:
    words = ", ".join(map(repr, WORDS))
    statuses = ("2", "259", str(0xC000013A - (1 << 32)))
    calls = [f'"{word}", {words}, TF_VAR_x="1", Mixed_X="\u2713", tf_x="2"' for word in ("version", "plan")]
    calls += [f'"{word}", RECORDER_STATUS="{status}"' for word in ("version", "plan") for status in statuses]
    first, second, *rest = guarded.called(*calls)
    for word, (status, stdout, stderr) in (("version", first), ("plan", second)):
        seen = json.loads(stdout)
        assert (status, stderr, seen["argv"]) == (0, "", [word, *WORDS])
        guard = seen["environ"].pop("_TFWRAP_GUARD")
        assert guard.endswith(f":1:{windows_path(guarded.real)}\\terraform.exe")
        assert seen["environ"] == {"TF_VAR_x": "1", "Mixed_X": "\u2713", "tf_x": "2"}
    assert [status for status, _, _ in rest] == [2, 259, 0xC000013A] * 2


@pytest.mark.parametrize("words", [["version"], ["plan"], ["plan", "-json"]])
def test_every_byte_comes_out_of_the_stream_it_went_into(guarded: Stage, words: list[str]) -> None:
    guarded.windows.program(guarded.real / "terraform.exe", WRITER)
    ended = guarded.shim(*words)
    assert ended.status == 0
    assert ended.stdout == b"".join(b"out %d\xff\x00\r\n" % turn for turn in range(400))
    assert ended.stderr == b"".join(b"err %d\xe2\x94\x82\n" % turn for turn in range(400)) + b"x" * 3_000_000


def test_where_both_streams_are_one_their_order_is_kept(guarded: Stage) -> None:
    guarded.windows.program(guarded.real / "terraform.exe", WRITER)
    shim = windows_path(guarded.shims / "terraform.exe")
    source = (
        "import subprocess, sys\n"
        f"done = subprocess.run([{shim!r}, 'plan'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)\n"
        "sys.stdout.buffer.write(done.stdout)\n"
    )
    ended = guarded.windows.run_python(source, guarded.work, guarded.environ())
    turns = (b"out %d\xff\x00\r\nerr %d\xe2\x94\x82\n" % (turn, turn) for turn in range(400))
    assert ended.stdout == b"".join(turns) + b"x" * 3_000_000


# Which binary


def test_a_planted_binary_is_not_run_and_other_shims_are_passed_over(stage: Stage, tmp_path: Path) -> None:
    stage.windows.program(stage.work / "terraform.exe", "print('planted')")
    shutil.copytree(stage.shims, tmp_path / "second shims")
    environ = stage.environ(stage.shims, tmp_path / "second shims", stage.real)
    ended = stage.windows.run([stage.shims / "terraform.exe", "version"], stage.work, environ)
    assert json.loads(ended.stdout)["argv"] == ["version"]


@pytest.mark.parametrize("more", [{}, {"TFWRAP_TERRAFORM": "@"}, {"TFWRAP_DISABLE": "1"}])
def test_a_batch_file_is_refused(stage: Stage, tmp_path: Path, more: dict[str, str]) -> None:
    batch = tmp_path / "manager" / "terraform.cmd"
    batch.parent.mkdir()
    batch.write_text("@echo INJECTED\r\n")
    named = {name: value.replace("@", windows_path(batch)) for name, value in more.items()}
    environ = stage.environ(stage.shims, batch.parent, stage.real, **named)
    ended = stage.windows.run([stage.shims / "terraform.exe", "version", 'x"&echo INJECTED'], stage.work, environ)
    assert (ended.status, ended.stdout) == (126, b"")
    assert b"is a batch file" in ended.stderr


def test_without_a_real_binary_it_says_so(stage: Stage) -> None:
    ended = stage.windows.run([stage.shims / "terraform.exe", "plan"], stage.work, stage.environ(stage.shims))
    assert ended.status == 127
    assert b"no real terraform found" in ended.stderr


def test_a_version_manager_that_comes_straight_back_is_left_out(stage: Stage, tmp_path: Path) -> None:
    shim = windows_path(stage.shims / "terraform.exe")
    source = f"import subprocess, sys\nsys.exit(subprocess.run([{shim!r}, *sys.argv[1:]]).returncode)"
    stage.windows.program(tmp_path / "manager" / "terraform.exe", source)
    environ = stage.environ(stage.shims, tmp_path / "manager", stage.real, RECORDER_STATUS="3")
    ended = stage.windows.run([stage.shims / "terraform.exe", "version"], stage.work, environ)
    assert (ended.status, ended.stderr) == (3, b"")
    assert json.loads(ended.stdout)["environ"]["_TFWRAP_GUARD"].split(":")[1] == "2"


def test_a_broken_installation_runs_the_real_binary_all_the_same(stage: Stage, tmp_path: Path) -> None:
    prefix = tmp_path / "broken"
    (prefix / "Scripts").mkdir(parents=True)
    (prefix / "Scripts" / "tfwrap.exe").write_bytes(wine.pip_launcher(windows_path(stage.windows.python), ""))
    setup.write_shims(str(prefix), str(prefix / "Scripts"), windows_path(stage.windows.python), r"C:\nowhere")
    broken = stage._replace(shims=prefix / "shims")
    (run, _, said), (refused, nothing, why) = broken.called('"plan", RECORDER_STATUS="5"', '"plan", TFWRAP_STRICT="1"')
    assert (run, refused, nothing) == (5, 125, "")
    assert "running terraform without any checks" in said
    assert "terraform was not run" in why


# The real Terraform


def test_the_real_terraform_plans_with_the_users_variables(terraform: Stage) -> None:
    assert terraform.shim("init", "-no-color").status == 0
    ended = terraform.shim("plan", "-no-color", "-detailed-exitcode", TF_VAR_region="eu")
    assert (ended.status, ended.stderr) == (2, b"")
    assert b'"eu"' in ended.stdout
    assert "\u2500".encode() in ended.stdout
    ended = terraform.shim("plan", "-json", TF_VAR_region="eu")
    assert all(json.loads(line) for line in ended.stdout.splitlines())


def test_ctrl_c_stops_the_real_terraform_once(terraform: Stage) -> None:
    terminal = _on_terminal(terraform, "apply", "-auto-approve", "-no-color")
    terminal.expect(r"\): begun")
    terminal.send("\x03")
    terminal.expect("Interrupt received")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert "Two interrupts" not in str(terminal.before)
    assert (terraform.work / "terraform.tfstate").exists()
    assert not (terraform.work / ".terraform.tfstate.lock.info").exists()


def test_to_kill_the_shim_kills_what_it_runs(terraform: Stage) -> None:
    shim = windows_path(terraform.shims / "terraform.exe")
    source = (
        "import subprocess, time\n"
        f"child = subprocess.Popen([{shim!r}, 'apply', '-auto-approve', '-no-color'], stdout=subprocess.PIPE)\n"
        "while b'): begun' not in child.stdout.readline(): pass\n"
        "child.kill()\nstart = time.monotonic()\nrest = child.stdout.read()\n"
        "print(b'ended' in rest, time.monotonic() - start < 4)\n"
    )
    ended = terraform.windows.run_python(source, terraform.work, terraform.environ(TF_VAR_region="eu"))
    assert ended.stdout.split() == [b"False", b"True"]


def _on_terminal(stage: Stage, *words: str) -> pexpect.spawn[str]:
    return pexpect.spawn(
        "wine",
        [str(stage.shims / "terraform.exe"), *words],
        cwd=str(stage.work),
        env={**stage.environ(TF_VAR_region="eu"), "TERM": "xterm"},
        encoding="utf-8",
        codec_errors="replace",
        dimensions=(40, 300),
        timeout=120,
    )


# A credential failure


def test_a_stale_saved_key_is_named_and_told_about(stage: Stage, stand: Stand) -> None:
    wine.terraform(stage.windows, stage.real)
    old, new = (stand.keys.create(account=ACCOUNT, user="deployer", suffix=suffix) for suffix in ("0001", "0002"))
    stand.create_bucket("windows", account=ACCOUNT)
    arguments = {"bucket": '"windows"', "key": '"net/terraform.tfstate"', **stand.backend_arguments("1.15.5")}
    lines = "".join(f"    {name} = {value}\n" for name, value in arguments.items())
    (stage.work / "main.tf").write_text(
        f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\noutput "n" {{\n  value = 1\n}}\n'
    )
    credentials = stage.work / "credentials"
    credentials.write_text(f"[default]\naws_access_key_id = {new.id}\naws_secret_access_key = {new.secret}\n")
    # Offline, because botocore's client alone took 27 s under wine on a busy machine; STS is given three.
    more = {**stand.environment(), "AWS_SHARED_CREDENTIALS_FILE": windows_path(credentials)}
    keys = (f"-backend-config=access_key={old.id}", f"-backend-config=secret_key={old.secret}")
    assert stage.shim("init", "-no-color", *keys, **more).status == 0
    stand.keys.delete(old.id)
    ended = stage.shim("plan", "-no-color", **more)
    said = ended.stderr.decode()
    assert ended.status == 1
    assert "tfwrap: InvalidClientTokenId: the backend used the key" in said
    assert r"that an earlier terraform init saved in .terraform\terraform.tfstate" in said
    assert old.secret not in said
    told = stage.windows.run([stage.shims / "tfwrap.exe", "--explain"], stage.work, stage.environ(**more))
    assert (told.status, told.stderr) == (0, b"")
    assert b"InvalidClientTokenId" in told.stdout


# What tfwrap itself does


def _inside(stage: Stage, source: str) -> list[str]:
    """The lines that a program prints which has tfwrap at hand."""
    packages = windows_path(stage.shims.parent / "packages")
    program = f"import sys, os\nsys.path.append({packages!r})\n{source}"
    ended = stage.windows.run_python(program, stage.work, stage.environ())
    assert ended.stderr.decode() == ""
    return ended.stdout.decode().splitlines()


def test_the_users_path_keeps_its_type_and_what_is_not_expanded(stage: Stage) -> None:
    source = r"""
import winreg
from tfwrap.windows import userpath
key = winreg.CreateKey(winreg.HKEY_CURRENT_USER, "Environment")
for before, kind in ((r"%USERPROFILE%\bin;C:\x", winreg.REG_EXPAND_SZ), (r"C:\y", winreg.REG_SZ)):
    winreg.SetValueEx(key, "Path", 0, kind, before)
    print(userpath.edit(lambda path: userpath.with_first(path, r"C:\tf")), userpath.edit(lambda path: path))
    print(*winreg.QueryValueEx(key, "Path"))
    userpath.edit(lambda path: userpath.without(path, "c:\\TF\\"))
    print(winreg.QueryValueEx(key, "Path") == (before, kind))
winreg.DeleteValue(key, "Path")
userpath.edit(lambda path: userpath.with_first(path, r"C:\tf"))
print(*winreg.QueryValueEx(key, "Path"))
userpath.edit(lambda path: userpath.without(path, r"C:\tf"))
try:
    winreg.QueryValueEx(key, "Path")
except FileNotFoundError:
    print("gone")
print(len(userpath.of_machine()) > 0)
"""
    assert _inside(stage, source) == [
        *("True False", r"C:\tf;%USERPROFILE%\bin;C:\x 2", "True"),
        *("True False", r"C:\tf;C:\y 1", "True"),
        *(r"C:\tf 2", "gone", "True"),
    ]


def test_its_directories_are_those_of_platformdirs_and_its_files_are_written_whole(stage: Stage) -> None:
    source = r"""
import platformdirs
from tfwrap import main, memory, state, userdirs; from tfwrap.settings import files as settings_files
from tfwrap.recovery import lock
environ = main.inherited_environment(os.environ)
places = settings_files.places(environ, os.getcwd(), os.getcwd())
print(memory.directory(environ) == os.path.join(platformdirs.user_cache_dir("tfwrap", appauthor=False), "decisions"))
print(settings_files.state_directory(environ) == platformdirs.user_state_dir("tfwrap", appauthor=False))
print(os.path.dirname(places.user) == platformdirs.user_config_dir("tfwrap", appauthor=False))
print(os.path.dirname(places.site) == platformdirs.site_config_dir("tfwrap", appauthor=False))
print(userdirs.home(environ) == os.path.expanduser("~"))
path = os.path.join(state.directory("records"), "one")
state.write(path, b"1\r\n\x1a2")
state.write(path, b"2\r\n\x1a3")
print(open(path, "rb").read(), os.listdir(os.path.dirname(path)))
with lock.alone(os.getcwd()) as first, lock.alone(os.getcwd()) as second:
    print([first, bool(second)])
"""
    assert _inside(stage, source) == [*["True"] * 5, r"b'2\r\n\x1a3' ['one']", "['', True]"]


def test_a_question_is_asked_on_the_console_and_ctrl_c_is_an_answer(stage: Stage) -> None:
    program = stage.work / "ask.py"
    packages = windows_path(stage.shims.parent / "packages")
    program.write_text(
        f"import sys, os\nsys.path.append({packages!r})\n"
        "from tfwrap import output\nfrom tfwrap.process import process\nprocess.listen()\n"
        "choices = {'r': 'retry', 'q': 'quit'}\n"
        "for turn in range(2):\n"
        "    print('got', output.ask(output.Output(2, False), 'Again \u2713?', choices), flush=True)\n"
    )
    command = [str(stage.windows.python), "-I", "-S", "ask.py"]
    terminal = pexpect.spawn("wine", command, cwd=str(stage.work), env=stage.environ(), encoding="utf-8", timeout=60)
    terminal.expect("Again \u2713\\? .*quit:")
    terminal.send("r\r")
    terminal.expect("got r")
    terminal.expect(r"\[q\] quit:")
    terminal.send("\x03")
    time.sleep(1)  # it is told in a thread of its own, and wine's console gives nothing back before a line has ended
    terminal.send("\r")
    terminal.expect("got q")
