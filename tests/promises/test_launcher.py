"""The shim on PATH: what it runs, with which arguments, and what of the environment arrives there.

Both kinds are driven as install.sh writes them: the bash file, which decides the plain cases itself, and the Python
file for machines without bash. What they run is a recorder in the place of Terraform.
"""

from __future__ import annotations

import ast
import itertools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import tfwrap
from testing.processes import Finished, on_pipes
from tfwrap import invocation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHIMS = Path(__file__).parents[2] / "shims"
BASH = shutil.which("bash") or ""
PYTHON: str = getattr(sys, "_base_executable", sys.executable)
# As install.sh finds it: an env(1) that can block signals.
BLOCKS = ["/usr/bin/env", "--block-signal=INT", "sh", "-c", "kill -INT $$"]
BLOCKING_ENV = "" if subprocess.run(BLOCKS, capture_output=True, check=False).returncode else "/usr/bin/env"
KINDS = [pytest.param("bash", marks=pytest.mark.skipif(not BASH, reason="no bash here")), "python"]
needs_bash = pytest.mark.skipif(not BASH, reason="no bash here")
needs_blocking_env = pytest.mark.skipif(not (BASH and BLOCKING_ENV), reason="no env here that blocks signals")
needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="no /proc here")

RECORDER = f"""#!{PYTHON} -IS
import os, sys
try:
    with open("/proc/self/environ", "rb") as file:
        entries = file.read().split(b"\\0")[:-1]
except OSError:
    entries = [name + b"=" + value for name, value in os.environb.items()]
print([sys.argv, entries, os.getpid(), os.getppid()])
"""


class Record(NamedTuple):
    """What the recorder saw when it was run as Terraform."""

    argv: list[str]
    entries: list[bytes]
    pid: int
    parent: int

    def value(self, name: str) -> str | None:
        found = [entry for entry in self.entries if entry.startswith(name.encode() + b"=")]
        return os.fsdecode(found[0].partition(b"=")[2]) if found else None


class Place(NamedTuple):
    """An installation's shims directory, and one directory with a recorder as the real binary."""

    root: Path
    kind: str

    @property
    def shims(self) -> Path:
        return self.root / "shims"

    @property
    def real(self) -> Path:
        return self.root / "real"

    def environ(self, *directories: Path | str, **more: str) -> dict[str, str]:
        path = os.pathsep.join(map(str, directories or (self.shims, self.real)))
        return {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(self.root), "CHECKPOINT_DISABLE": "1", **more}

    def run(self, *args: str, environ: Mapping[str, str] | None = None, program: str = "terraform") -> Finished:
        return on_pipes(
            [self.shims / program, *args], self.environ() if environ is None else environ, self.root, timeout=30
        )

    def record(self, *args: str, environ: Mapping[str, str] | None = None) -> Record:
        return recorded(self.run(*args, environ=environ))


def recorded(finished: Finished) -> Record:
    assert (finished.status, finished.stderr) == (0, b"")
    return Record(*ast.literal_eval(finished.stdout.decode()))


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fill(kind: str, output: Path, launcher: Path, python: Path | str = PYTHON) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    values = {"PROGRAM": output.name, "PYTHON": python, "LAUNCHER": launcher}
    values |= {"BASH": BASH, "SHIMS": output.parent, "ENV": BLOCKING_ENV} if kind == "bash" else {"BASE": PYTHON}
    pairs = [f"{name}={value}" for name, value in values.items()]
    template = SHIMS / f"shim.{'bash' if kind == 'bash' else 'py'}"
    subprocess.run([PYTHON, "-IS", SHIMS / "fill.py", template, output, *pairs], check=True, timeout=30)


def make(kind: str, root: Path) -> Place:
    """An installation in a directory with a space, a quote and a letter outside ASCII in its name."""
    place = Place(root / "it's ä $place", kind)
    for program in ("terraform", "tofu"):
        fill(kind, place.shims / program, Path(tfwrap.__path__[0]) / "launch.py")
        script(place.real / program, RECORDER)
    return place


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return make(request.param, tmp_path)


@pytest.fixture
def bash_place(tmp_path: Path) -> Place:
    if not BASH:
        pytest.skip("no bash here")
    return make("bash", tmp_path)


def guarded_by_recorder(kind: str, place: Place) -> None:
    """The shim again, with the recorder where tfwrap's launcher would be started."""
    launcher = script(place.root / "launch.py", RECORDER)
    fill(kind, place.shims / "terraform", launcher, script(place.root / "python", RECORDER))


# What is run


def test_the_marker_stands_in_the_first_400_bytes(place: Place) -> None:
    assert b"tfwrap-shim-marker" in (place.shims / "terraform").read_bytes()[:400]


def test_a_plain_command_becomes_the_real_binary_without_a_parent_left(place: Place) -> None:
    process = subprocess.Popen(
        [place.shims / "terraform", "version"], env=place.environ(), cwd=place.root, stdout=subprocess.PIPE
    )
    record = recorded(Finished(0, process.communicate(timeout=30)[0], b""))
    assert (record.pid, record.parent) == (process.pid, os.getpid())
    assert record.argv == [str(place.real / "terraform"), "version"]


def test_each_name_runs_its_own_program(place: Place) -> None:
    assert recorded(place.run("version", program="tofu")).argv[0] == str(place.real / "tofu")


def test_arguments_arrive_as_they_were_given(place: Place) -> None:
    nasty = [
        "fmt",
        "",
        "a b",
        "*",
        "$HOME",
        "`x`",
        "'\"\\",
        "line\nbreak",
        "--",
        "-chdir=x",
        'module.x["a b"]',
        "ä",
        "\x01",
    ]
    assert place.record(*nasty).argv[1:] == nasty


def test_no_arguments_stay_no_arguments(place: Place) -> None:
    assert place.record().argv[1:] == []


@pytest.mark.parametrize(
    "order", [("shims", "real"), ("real", "shims"), ("shims", "shims", "real", "shims"), ("real",)]
)
def test_the_shim_is_never_its_own_real_binary(place: Place, order: Sequence[str]) -> None:
    environ = place.environ(*(place.root / name for name in order))
    assert place.record("version", environ=environ).argv[0] == str(place.real / "terraform")


def test_relative_and_empty_entries_of_path_are_not_searched(place: Place) -> None:
    script(place.root / "terraform", "#!/bin/sh\necho planted\n")
    script(place.root / "sub" / "terraform", "#!/bin/sh\necho planted\n")
    environ = place.environ(place.shims, "", ".", "sub", place.real)
    assert place.record("version", environ=environ).argv[0] == str(place.real / "terraform")


def test_copies_links_and_other_installations_of_the_shim_are_passed_over(place: Place) -> None:
    shim = place.shims / "terraform"
    for name in ("copy", "hard", "soft", "directory"):
        (place.root / name).mkdir(exist_ok=name != "directory")
    shutil.copy(shim, place.root / "copy" / "terraform")
    (place.root / "hard" / "terraform").hardlink_to(shim)
    (place.root / "soft" / "terraform").symlink_to(shim)
    (place.root / "directory").rmdir()
    (place.root / "directory").symlink_to(place.shims, target_is_directory=True)
    names = [place.root / name for name in ("copy", "hard", "soft", "directory", "real")]
    assert place.record("version", environ=place.environ(*names)).argv[0] == str(place.real / "terraform")


def test_a_link_to_the_shim_beside_the_real_binary_finds_it(place: Place) -> None:
    (place.real / "tf").symlink_to(place.shims / "terraform")
    finished = on_pipes([place.real / "tf", "version"], place.environ(place.real), place.root, timeout=30)
    assert recorded(finished).argv[0] == str(place.real / "terraform")


def test_an_override_names_the_real_binary(place: Place) -> None:
    other = script(place.root / "other name", RECORDER)
    environ = place.environ(TFWRAP_TERRAFORM=str(other), TFWRAP_TOFU="/nowhere")
    assert place.record("version", environ=environ).argv[0] == str(other)


# What cannot be run


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("shims/terraform", 126, "is tfwrap itself (set by TFWRAP_TERRAFORM)"),
        ("real", 126, "is a directory (set by TFWRAP_TERRAFORM)"),
        ("plain", 126, "is not executable"),
        ("absent", 127, "does not exist (set by TFWRAP_TERRAFORM)"),
    ],
)
def test_an_override_that_cannot_be_run_is_named_with_its_reason(
    place: Place, name: str, status: int, words: str
) -> None:
    (place.root / "plain").write_text("")
    finished = place.run("version", environ=place.environ(TFWRAP_TERRAFORM=str(place.root / name)))
    assert finished.status == status
    assert finished.stderr.decode().startswith(f"tfwrap: {place.root / name} ")
    assert words in finished.stderr.decode()
    assert finished.stderr.count(b"\n") == 1


def test_a_missing_binary_is_127_and_one_line_that_says_where_it_was_looked_for(place: Place) -> None:
    environ = {**place.environ(), "PATH": f"{place.shims}:/nonexistent/bin"}
    finished = place.run("version", environ=environ)
    assert (finished.status, finished.stdout, finished.stderr.count(b"\n")) == (127, b"", 1)
    for words in (
        "tfwrap: no real terraform found",
        "/nonexistent/bin",
        "https://developer.hashicorp.com/terraform/install",
    ):
        assert words in finished.stderr.decode()


def test_a_path_without_absolute_entries_is_127(place: Place) -> None:
    finished = place.run("version", environ={**place.environ(), "PATH": "bin:"})
    assert (finished.status, b"nowhere" in finished.stderr) == (127, True)


@pytest.mark.parametrize("what", ["directory", "file"])
def test_a_binary_that_cannot_be_run_is_126_unless_another_one_follows(place: Place, what: str) -> None:
    (place.root / "bad").mkdir()
    bad = place.root / "bad" / "terraform"
    bad.mkdir() if what == "directory" else bad.write_text("")
    assert (
        place.record("version", environ=place.environ(place.root / "bad", place.real))
        .argv[0]
        .endswith("real/terraform")
    )
    finished = place.run("version", environ={**place.environ(), "PATH": str(place.root / "bad")})
    reason = "is a directory" if what == "directory" else "is not executable"
    assert (finished.status, f"tfwrap: {bad} {reason}" in finished.stderr.decode()) == (126, True)


def test_a_binary_whose_interpreter_is_gone_is_126(place: Place) -> None:
    script(place.real / "terraform", "#!/nonexistent/interpreter\n")
    finished = place.run("version")
    assert (finished.status, f"tfwrap: {place.real}/terraform cannot be run" in finished.stderr.decode()) == (126, True)


# Straight or guarded


def bash_decides(place: Place, cases: Sequence[Sequence[str]]) -> list[bool]:
    """Whether the shim calls each command line plain, asked of its own functions in one bash."""
    functions = (place.shims / "terraform").read_text().partition("\nif _tfwrap_is_inside")[0]
    calls = "".join(f"_tfwrap_is_plain {quoted(case)} && echo plain || echo guarded\n" for case in cases)
    finished = on_pipes([BASH, "-p", "-s"], {"PATH": "/usr/bin:/bin"}, place.root, (functions + "\n" + calls).encode())
    assert finished.stderr == b""
    return [line == b"plain" for line in finished.stdout.split()]


def quoted(words: Sequence[str]) -> str:
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def python_decides(case: Sequence[str]) -> bool:
    return invocation.read("terraform", case, {}, "/").needs == invocation.NOTHING


WORDS = sorted(
    {word for command in invocation.NEEDS for word in command.split()} | {"bogus", "", "apply/x", "-json", "*"}
)
LINES = [
    [],
    ["-help"],
    ["-chdir=x", "plan"],
    ["-chdir=x", "fmt"],
    ["-chdir=x"],
    ["plan", "-h"],
    ["plan", "--", "-help"],
    ["plan", "-var", "-help"],
    ["-version", "plan"],
    ["show"],
    ["show", "-json"],
    ["show", "plan.out"],
    ["show", "-json", "plan.out"],
    ["show", "-no-color", "--", "plan.out"],
    ["show", "-var", "a=b"],
    ["show", "-var-file=x"],
    ["show", "--var-file", "x", "y"],
    ["state", "-x", "list"],
    ["workspace", "-x", "list"],
    ["Plan"],
    ["plan x"],
]


@needs_bash
def test_the_shim_and_invocation_py_hold_the_same_table(bash_place: Place) -> None:
    cases = [*([word] for word in WORDS if word), *itertools.product((word for word in WORDS if word), WORDS)]
    answers = zip(cases, bash_decides(bash_place, cases), map(python_decides, cases), strict=True)
    assert [case for case, shim, python in answers if shim != python] == []


@needs_bash
def test_the_shim_and_invocation_py_read_options_alike(bash_place: Place) -> None:
    answers = zip(LINES, bash_decides(bash_place, LINES), map(python_decides, LINES), strict=True)
    assert [case for case, shim, python in answers if shim != python] == []


@needs_bash
@pytest.mark.parametrize("word", ["-v", "-version", "--version"])
def test_a_version_option_passes_through_wherever_it_stands_as_terraform_reads_it(bash_place: Place, word: str) -> None:
    assert bash_decides(bash_place, [[word], ["plan", word], ["plan", "--", word], ["plan", word + "=1"]]) == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_guarded_command_is_handed_to_tfwrap_with_everything(kind: str, tmp_path: Path) -> None:
    place = make(kind, tmp_path)
    guarded_by_recorder(kind, place)
    finished = on_pipes([place.shims / "terraform", "plan", "", "a b"], place.environ(), place.root)
    argv = recorded(finished).argv
    launcher = str(place.root / "launch.py")
    assert argv[argv.index(launcher) :] == [launcher, "terraform", "plan", "", "a b"]
    assert kind == "python" or argv[:3] == [str(place.root / "python"), "-I", "-S"]


@needs_bash
@pytest.mark.parametrize(
    "variables",
    [{"TFWRAP_DISABLE": "1"}, {"COMP_LINE": "terraform pl"}, {"_TFWRAP_GUARD": "{pid}:1:/x/terraform"}],
)
def test_what_is_switched_off_completing_or_inside_a_run_passes_straight_through(
    bash_place: Place, variables: dict[str, str]
) -> None:
    guarded_by_recorder("bash", bash_place)
    filled_in = {name: value.replace("{pid}", str(os.getpid())) for name, value in variables.items()}
    assert bash_place.record("plan", environ=bash_place.environ(**filled_in)).argv[1:] == ["plan"]


@needs_bash
@pytest.mark.parametrize(
    "guard", ["", "nonsense", "0:1:/x", "-1:1:/x", "99999999:1:/x", "1x:1:/x", "{pid}:1:", "{pid}"]
)
def test_a_stale_or_broken_guard_is_ignored(bash_place: Place, guard: str) -> None:
    guarded_by_recorder("bash", bash_place)
    record = bash_place.record(
        "plan", environ=bash_place.environ(_TFWRAP_GUARD=guard.replace("{pid}", str(os.getpid())))
    )
    assert record.argv[1:3] == ["-I", "-S"]


BLOCKED = f"""#!{PYTHON} -IS
for line in open("/proc/self/status"):
    if line.startswith("SigBlk:"):
        print(int(line.split()[1], 16))
"""


def started_with_an_interrupt_that_waits(place: Place) -> Finished:
    """A guarded run that is interrupted before Python has begun."""
    python = script(place.root / "python", f'#!{BASH}\nkill -INT $$\nexec {PYTHON} "$@"\n')
    fill("bash", place.shims / "terraform", Path(tfwrap.__path__[0]) / "launch.py", python)
    return place.run("plan")


@needs_proc
@needs_blocking_env
def test_python_starts_with_interrupts_blocked_and_nothing_else(bash_place: Place) -> None:
    fill("bash", bash_place.shims / "terraform", bash_place.root, script(bash_place.root / "python", BLOCKED))
    assert bash_place.run("plan").stdout.split() == [str(1 << (signal.SIGINT - 1)).encode()]


@needs_blocking_env
def test_an_interrupt_while_python_starts_ends_us_without_a_word_and_terraform_is_not_started(
    bash_place: Place,
) -> None:
    assert started_with_an_interrupt_that_waits(bash_place) == (-signal.SIGINT, b"", b"")


def test_without_an_env_that_blocks_signals_the_launcher_is_started_all_the_same(bash_place: Place) -> None:
    guarded_by_recorder("bash", bash_place)
    shim = bash_place.shims / "terraform"
    shim.write_text(shim.read_text().replace(f"_tfwrap_blocking_env='{BLOCKING_ENV}'", "_tfwrap_blocking_env=''"))
    assert bash_place.record("plan").argv[1:3] == ["-I", "-S"]


# tfwrap's own program is gone


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_own_program_the_real_binary_runs_all_the_same(kind: str, tmp_path: Path) -> None:
    place = make(kind, tmp_path)
    fill(kind, place.shims / "terraform", place.root / "gone.py")
    finished = place.run("plan")
    assert (finished.status, finished.stderr.count(b"\n")) == (0, 1)
    assert b"install.sh" in finished.stderr
    assert recorded(finished._replace(stderr=b"")).argv[1:] == ["plan"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strict", ["1", "TRUE", "yes", "on", "perhaps"])
def test_without_its_own_program_strict_mode_runs_nothing(kind: str, strict: str, tmp_path: Path) -> None:
    place = make(kind, tmp_path)
    fill(kind, place.shims / "terraform", place.root / "gone.py")
    finished = place.run("plan", environ=place.environ(TFWRAP_STRICT=strict))
    assert (finished.status, finished.stdout, finished.stderr.count(b"\n")) == (125, b"", 1)


# The environment


USUAL = {"SHLVL": "1", "PWD": "{cwd}", "OLDPWD": "/", "_": "/x/y"}
ENVIRONMENTS = {
    "names that are no identifiers": {
        "TF_VAR_my-var": "x",
        "a.b": "1",
        "1x": "2",
        "BASH_FUNC_x%%": "() {  :\n}",
        "ä": "1",
    },
    "a function that bash would refuse": {"BASH_FUNC_bad%%": "nonsense", "f": "() { echo injected; }; echo injected"},
    "values": {"EMPTY": "", "LINES3": "a\nb\n", "BYTES": "\udcff\udcfe", "CTL": "\x01\x02\x7f", "GLOB": "* $(x) `y`"},
    "a usual shell's": USUAL,
    "none of the shell's own": {},
    "a deep shell": {"SHLVL": "77"},
    "no level": {"SHLVL": ""},
    "a level that is no number": {"SHLVL": "abc"},
    "level 0": {"SHLVL": "0", "PWD": "{cwd}"},
    "a negative level": {"SHLVL": "-3"},
    "a level with zeros": {"SHLVL": "007"},
    "a stale PWD": {**USUAL, "PWD": "/nonexistent"},
    "a relative PWD": {**USUAL, "PWD": "."},
    "an empty PWD and OLDPWD": {**USUAL, "PWD": "", "OLDPWD": "", "_": ""},
    "start-up files": {"BASH_ENV": "{cwd}/startup", "ENV": "{cwd}/startup"},
    "options": {"SHELLOPTS": "xtrace:verbose:noexec", "BASHOPTS": "extglob", "PS4": "$(echo injected)"},
    "POSIX mode": {"POSIXLY_CORRECT": "1", **USUAL},
    "prompts": {"PS1": "$ ", "PS2": "> ", "PS0": "x", "PROMPT_COMMAND": "echo injected"},
    "what splits words": {"IFS": "/m", **USUAL},
    "what bash computes": {
        "LINENO": "4",
        "OPTIND": "9",
        "OPTERR": "0",
        "BASH": "/x",
        "BASH_VERSION": "1",
        "PPID": "1",
        **USUAL,
    },
    "limits and switches": {"FUNCNEST": "1", "TMOUT": "1", "GLOBIGNORE": "*", "EXECIGNORE": "*", "BASH_COMPAT": "31"},
    "bash's other names": {
        "BASH_ARGV0": "zzz",
        "CDPATH": "/",
        "REPLY": "x",
        "MAPFILE": "x",
        "LANG": "xx",
        "LC_CTYPE": "xx",
    },
    "names that the shim might use": {
        "entry": "1",
        "word": "2",
        "name": "3",
        "all": "4",
        "pid": "5",
        "rest": "6",
        "program": "7",
    },
}


@needs_proc
@pytest.mark.parametrize("route", ["straight", "guarded"])
@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_the_environment_arrives_byte_for_byte(bash_place: Place, route: str, case: str) -> None:
    guarded_by_recorder("bash", bash_place)
    script(bash_place.root / "startup", "echo injected\n")
    own = {name: value.replace("{cwd}", str(bash_place.root)) for name, value in ENVIRONMENTS[case].items()}
    environ = {**bash_place.environ(), **own}
    record = bash_place.record("version" if route == "straight" else "plan", environ=environ)
    arrived = [entry for entry in record.entries if not entry.startswith(b"_TFWRAP_GUARD=")]
    assert sorted(arrived) == sorted(os.fsencode(f"{name}={value}") for name, value in environ.items())


@needs_proc
def test_the_python_shim_adds_the_guard_alone_to_the_environment(tmp_path: Path) -> None:
    place = make("python", tmp_path)
    environ = {**place.environ(), **ENVIRONMENTS["names that are no identifiers"], **ENVIRONMENTS["values"]}
    entries = place.record("version", environ=environ).entries
    added = {entry for entry in entries if not entry.startswith(b"_TFWRAP_GUARD=")}
    assert added == {os.fsencode(f"{name}={value}") for name, value in environ.items()}


@pytest.mark.skipif(not shutil.which("perl"), reason="no perl here")
def test_an_entry_without_a_name_is_no_obstacle(place: Place) -> None:
    nameless = ["perl", "-e", '$ENV{""} = "x"; exec @ARGV', str(place.shims / "terraform"), "version"]
    assert recorded(on_pipes(nameless, place.environ(), place.root, timeout=30)).argv[1:] == ["version"]


def test_an_environment_without_path_is_searched_where_the_system_looks(place: Place) -> None:
    environ = {"TFWRAP_TERRAFORM": str(place.real / "terraform")}
    assert place.record("version", environ=environ).value("PATH") is None


@needs_proc
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-", "7</dev/null"])
def test_descriptors_that_are_closed_or_open_arrive_as_they_are(place: Place, closed: str) -> None:
    """The recorder writes what is open to a file, because its streams may be closed."""
    script(place.real / "terraform", f"#!{BASH or '/bin/sh'}\nexec /bin/ls /proc/self/fd >>{place.root.parent}/seen\n")
    for program in (place.shims / "terraform", place.real / "terraform"):
        command = ["/bin/sh", "-c", f'exec "$0" version {closed}', str(program)]
        assert on_pipes(command, place.environ(), place.root, timeout=30) == (0, b"", b"")
    seen = (place.root.parent / "seen").read_text().split()
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


# Version managers that call terraform again

EXEC_NEXT = """#!{bash}
for entry in ${{PATH//:/ }}; do
  [[ $entry == {own} || ! -x $entry/terraform ]] || exec "$entry/terraform" "$@"
done
echo "nothing behind" >&2
exit 1
"""


class Managed(NamedTuple):
    """A shims directory, a version manager's directory, and the real one, on PATH in this order (no spaces)."""

    place: Place
    manager: Path

    @property
    def environ(self) -> dict[str, str]:
        return self.place.environ(self.place.shims, self.manager, self.place.real)


@pytest.fixture
def managed(tmp_path: Path) -> Managed:
    if not BASH:
        pytest.skip("no bash here")
    place = Place(tmp_path / "plain", "bash")
    fill("bash", place.shims / "terraform", Path(tfwrap.__path__[0]) / "launch.py")
    script(place.real / "terraform", RECORDER)
    return Managed(place, place.root / "manager")


def test_a_manager_that_runs_its_own_version_gets_the_call(managed: Managed) -> None:
    own = script(managed.place.root / "versions" / "terraform", RECORDER)
    script(managed.manager / "terraform", f'#!{BASH}\nexec {own} "$@"\n')
    assert managed.place.record("version", environ=managed.environ).argv == [str(own), "version"]


def test_a_manager_that_execs_the_next_one_on_path_comes_through_to_the_real_one(managed: Managed) -> None:
    script(managed.manager / "terraform", EXEC_NEXT.format(bash=BASH, own=managed.manager))
    record = managed.place.record("version", environ=managed.environ)
    assert record.argv == [str(managed.place.real / "terraform"), "version"]
    guard = f"{record.pid}:2:{managed.manager}/terraform:{managed.place.real}/terraform"
    assert record.value("_TFWRAP_GUARD") == guard


def test_a_manager_that_runs_the_next_one_as_its_child_comes_through_too(managed: Managed) -> None:
    text = (
        EXEC_NEXT.format(bash=BASH, own=managed.manager)
        .replace('exec "$entry/', '{ "$entry/')
        .replace('"$@"', '"$@"; exit; }')
    )
    script(managed.manager / "terraform", text)
    record = managed.place.record("version", environ=managed.environ)
    assert record.argv[0] == str(managed.place.real / "terraform")


def test_a_manager_with_nothing_behind_it_ends_in_127_instead_of_a_circle(managed: Managed) -> None:
    script(managed.manager / "terraform", EXEC_NEXT.format(bash=BASH, own=managed.manager))
    (managed.place.real / "terraform").unlink()
    finished = managed.place.run("version", environ=managed.environ)
    assert (finished.status, finished.stderr.count(b"\n")) == (127, 1)
    assert f"{managed.manager}/terraform, which came back to tfwrap" in finished.stderr.decode()


def test_an_override_that_comes_straight_back_gives_way_to_path(managed: Managed) -> None:
    override = script(managed.place.root / "elsewhere" / "tf", EXEC_NEXT.format(bash=BASH, own=managed.manager))
    record = managed.place.record("version", environ={**managed.environ, "TFWRAP_TERRAFORM": str(override)})
    assert record.argv[0] == str(managed.place.real / "terraform")


def test_a_circle_through_other_processes_ends_after_ten_rounds(managed: Managed) -> None:
    script(managed.manager / "terraform", f'#!{BASH}\n{BASH} -c \'terraform "$@"; exit $?\' x "$@"\nexit $?\n')
    finished = managed.place.run("version", environ=managed.environ)
    assert (finished.status, b"called 10 times in a circle" in finished.stderr) == (126, True)


@needs_proc
def test_a_real_binary_that_calls_terraform_as_its_child_gets_itself_again(managed: Managed) -> None:
    """`sh -c terraform` in a local-exec: where sh is bash, the shim is the real Terraform's own child."""
    other = script(managed.manager / "terraform", "")
    shutil.copy(BASH, other)  # a program of its own that runs the script its first argument names
    (managed.place.root / "version").write_text('terraform fmt; echo "back: $?"')
    (managed.place.root / "fmt").write_text('echo "nested in $0 at $_TFWRAP_GUARD"')
    finished = managed.place.run("version", environ=managed.environ)
    assert (finished.status, finished.stderr) == (0, b"")
    assert finished.stdout.startswith(b"nested in fmt")
    assert finished.stdout.rstrip().endswith(b"back: 0")
    assert f":2:{other}\n" in finished.stdout.decode()


@pytest.mark.parametrize(("neighbour", "expected"), [("tfenv", None), ("other", "1")])
def test_tfenvs_sign_that_its_functions_are_there_is_dropped_for_tfenv_alone(
    managed: Managed, neighbour: str, expected: str | None
) -> None:
    script(managed.manager / "terraform", RECORDER)
    script(managed.manager / neighbour, "")
    record = managed.place.record("version", environ={**managed.environ, "TFENV_HELPERS": "1"})
    assert record.value("TFENV_HELPERS") == expected
