"""`tfwrap doctor` as a program: its formats, its exit statuses, many directories, and whatever lies around."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from testing import world as worlds

if TYPE_CHECKING:
    from testing.processes import Finished
    from testing.world import World

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "doctor.schema.json").read_text())
KEY = "AKIAQQQQQQQQQQQQ0009"
SECRET = "canaryMadeUpSecretOfFortyCharacters00001"
TOKEN = "canaryMadeUpSessionTokenThatIsLongEnough/+=="
KEYS: dict[str, Any] = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
OTHER: dict[str, Any] = {**KEYS, "AWS_ACCESS_KEY_ID": "AKIAQQQQQQQQQQQQ0008"}
STRAY: dict[str, Any] = {**OTHER, "AWS_SESSION_TOKEN": TOKEN}
BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "made-up"\n    key = "k"\n    region = "us-east-1"\n  }\n}\n'
SAVED = {
    "version": 3,
    "backend": {
        "type": "s3",
        "config": {"bucket": "made-up", "key": "k", "region": "us-east-1", "access_key": KEY, "secret_key": SECRET},
    },
}


@pytest.fixture
def place(world: World) -> World:
    """A root module with an S3 backend, and a terraform that tells its version and nothing else."""
    real = world.bin / "terraform"
    real.write_text('#!/bin/sh\ntest "$1" = version && echo Terraform v1.11.4\n')
    real.chmod(0o755)
    (world.cwd / "main.tf").write_text(BACKEND)
    return world


def doctor_in(cwd: Path, world: World, *words: str, **more: str | None) -> Finished:
    program = [sys.executable, "-I", "-m", "tfwrap", "doctor"]
    return worlds.run(world, [*program, *words], {"TFWRAP_OFFLINE": "1", **more}, cwd, timeout=240)


def doctor(world: World, *words: str, **more: str | None) -> Finished:
    return doctor_in(world.cwd, world, *words, **more)


def document(world: World, *words: str, **more: str | None) -> Any:
    done = doctor(world, "--format", "json", *words, **more)
    assert done.stderr == b""
    found = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def ids(found: Any) -> list[str]:
    return [finding["id"] for finding in found["findings"]]


def save(folder: Path) -> None:
    (folder / ".terraform").mkdir(parents=True)
    (folder / ".terraform" / "terraform.tfstate").write_text(json.dumps(SAVED))


def test_a_directory_where_all_is_well_is_clean(place: World) -> None:
    done = doctor(place, **KEYS)
    assert (done.status, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[:2] == [f"terraform 1.11 ({place.bin}/terraform)", f"in {place.cwd}"]
    assert lines[-1] == "nothing is wrong"


def test_a_finding_is_told_with_what_is_changed_and_status_1(place: World) -> None:
    done = doctor(place, **STRAY)
    text = done.stdout.decode()
    assert (done.status, done.stderr) == (1, b"")
    assert "  warning TFW104 stray-session-token: " in text
    assert "    fix: unset AWS_SESSION_TOKEN\n" in text
    assert "  - AWS_SESSION_TOKEN  AWS refuses an AKIA key together with any token\n" in text


def test_the_document_is_the_documented_one(place: World) -> None:
    found = document(place, **STRAY)
    assert found["terraform"] == {"path": f"{place.bin}/terraform", "version": "1.11"}
    assert found["workdir"] == str(place.cwd)
    assert ids(found) == ["TFW104"]
    assert [change["action"] for change in found["environment"]["changes"]] == ["unset"]


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab"])
@pytest.mark.parametrize("words", [[], ["--all", "."]], ids=["one", "all"])
def test_no_secret_is_in_any_format(form: str, words: list[str], place: World) -> None:
    save(place.cwd)
    (place.cwd / "provider.tf").write_text(f'provider "aws" {{\n  secret_key = "{SECRET}"\n  token = "{TOKEN}"\n}}\n')
    done = doctor(place, "--format", form, *words, "--", f"-var=x={SECRET}", **STRAY)
    assert done.status == 1
    assert b"TFW104" in done.stdout
    assert b"canary" not in done.stdout + done.stderr


def test_github_and_gitlab_get_their_forms(place: World) -> None:
    command = doctor(place, "--format", "github", **STRAY)
    assert command.status == 1
    assert command.stdout.startswith(b"::warning title=TFW104 stray-session-token::")
    report = json.loads(doctor(place, "--format", "gitlab", **STRAY).stdout)
    assert [issue["check_name"] for issue in report] == ["TFW104 stray-session-token"]
    assert json.loads(doctor(place, "--format", "gitlab", **KEYS).stdout) == []


def test_the_format_is_a_setting_too(place: World) -> None:
    assert json.loads(doctor(place, TFWRAP_FORMAT="json").stdout)["version"] == 1
    assert doctor(place, "--format", "text", TFWRAP_FORMAT="json").stdout.startswith(b"terraform 1.11 (")
    unknown = doctor(place, TFWRAP_FORMAT="yaml")
    assert unknown.status == 1
    assert b"TFWRAP_FORMAT is 'yaml'" in unknown.stdout


# The threshold and what is ignored


def test_the_threshold_is_a_setting(place: World) -> None:
    settings = place.home / ".config/tfwrap/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('strict = "error"\n')
    done = doctor(place, **STRAY)
    assert done.status == 0
    assert b"warning TFW104" in done.stdout


def test_an_ignored_finding_is_listed_as_such_and_does_not_count(place: World) -> None:
    settings = place.home / ".config/tfwrap/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[ignore]\nTFW104 = "a vault"\n')
    assert b"TFW104 stray-session-token (ignored by a setting)" in doctor(place, **STRAY).stdout
    found = document(place, **STRAY)
    assert [finding["ignored"] for finding in found["findings"]] == [True]
    assert doctor(place, "--format", "github", **STRAY).stdout == b""
    assert doctor(place, **STRAY).status == 0


def test_a_setting_that_is_not_understood_is_told(place: World) -> None:
    done = doctor(place, TFWRAP_STRCT="1")
    assert done.status == 1
    assert b"did you mean TFWRAP_STRICT?" in done.stdout
    assert document(place, TFWRAP_STRCT="1")["problems"]


# Where, and with which command line


@pytest.mark.parametrize("words", [["-chdir=net"], ["--chdir", "net"], ["--chdir=net"], ["-chdir", "net"]])
def test_another_directory_is_looked_at(words: list[str], place: World) -> None:
    save(place.cwd / "net")
    (place.cwd / "net" / "main.tf").write_text(BACKEND)
    found = document(place, *words)
    assert found["workdir"] == str(place.cwd / "net")
    assert "TFW301" in ids(found)


def test_the_arguments_of_a_command_line_count(place: World) -> None:
    save(place.cwd)
    assert "TFW301" in ids(document(place))
    assert "TFW301" in ids(document(place, "--", "-var", "x=y"))
    assert "TFW301" not in ids(document(place, "--", "test"))


USAGE = [
    ["--format", "xml"],
    ["--all", ".", "-chdir=."],
    ["-chdir=nowhere"],
    ["--all", "nowhere"],
    ["-chdir=main.tf"],
    ["--bogus"],
    ["--all"],
]


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_a_mistake_in_the_command_is_status_2(words: list[str], place: World) -> None:
    done = doctor(place, *words)
    assert (done.status, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_without_a_terraform_the_status_is_127(world: World) -> None:
    done = doctor(world)
    assert (done.status, done.stdout) == (127, b"")
    assert done.stderr.startswith(b"tfwrap: no real terraform found")


def test_a_binary_that_does_not_tell_its_version_is_looked_past(place: World) -> None:
    (place.bin / "terraform").write_text("#!/bin/sh\nexit 1\n")
    assert document(place)["terraform"]["version"] is None
    assert b"terraform of an unknown version" in doctor(place).stdout


# Whatever lies around


def test_a_directory_that_uses_no_aws_is_clean(place: World) -> None:
    (place.cwd / "main.tf").write_text('output "x" {\n  value = 1\n}\n')
    done = doctor(place)
    assert done.status == 0
    assert b"nothing here uses AWS" in done.stdout


@pytest.mark.parametrize(
    "content", [b'terraform {\n  backend "s3" {\n    bucket = = "x"\n', b"backend \x00\xff", b"{" * 9000]
)
def test_a_file_that_does_not_parse_is_named(content: bytes, place: World) -> None:
    (place.cwd / "broken.tf").write_bytes(b'provider "aws" {\n' + content)
    done = doctor(place)
    assert done.status == 1
    assert f"{place.cwd}/broken.tf".encode() in done.stdout
    assert b"Traceback" not in done.stderr
    assert document(place)["problems"]


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 9}', "[" * 100_000])
def test_a_saved_backend_that_cannot_be_read_is_a_finding(content: str, place: World) -> None:
    save(place.cwd)
    (place.cwd / ".terraform" / "terraform.tfstate").write_text(content)
    assert "TFW303" in ids(document(place, **KEYS))
    assert doctor(place).status == 1


def test_without_a_home_it_looks_all_the_same(place: World) -> None:
    done = doctor(place, HOME=None, XDG_CONFIG_HOME=None, XDG_STATE_HOME=None, XDG_CACHE_HOME=None, **STRAY)
    assert (done.status, done.stderr) == (1, b"")
    assert b"TFW104" in done.stdout


def test_names_that_are_no_text_do_no_harm(place: World) -> None:
    folder = Path(os.fsdecode(os.fsencode(place.cwd) + b"/na\xffme\x1b[2J"))
    folder.mkdir()
    (folder / "main.tf").write_text(BACKEND)
    done = doctor_in(folder, place, **KEYS)
    assert done.status == 0
    assert b"\x1b" not in done.stdout
    assert json.loads(doctor_in(folder, place, "--format", "json").stdout)["version"] == 1


def test_nothing_is_changed_on_disk_where_it_looks(place: World) -> None:
    save(place.cwd)
    before = {path: path.stat().st_mtime_ns for path in place.cwd.rglob("*")}
    doctor(place, **STRAY)
    assert {path: path.stat().st_mtime_ns for path in place.cwd.rglob("*")} == before


# Many


def modules(world: World, count: int) -> None:
    for number in range(count):
        folder = world.cwd / "live" / f"m{number:02}"
        folder.mkdir(parents=True)
        (folder / "main.tf").write_text(BACKEND)


@pytest.fixture
def twenty(place: World) -> World:
    """Twenty root modules, two of them with something that is wrong."""
    modules(place, 20)
    save(place.cwd / "live" / "m07")
    (place.cwd / "live" / "m11" / "broken.tf").write_text('provider "aws" {\n  region = = "x"\n')
    return place


def test_twenty_root_modules_are_a_line_each_in_order(twenty: World) -> None:
    done = doctor(twenty, "--all", "live", **OTHER)
    lines = done.stdout.decode().splitlines()
    assert (done.status, done.stderr) == (1, b"")
    assert [line.split()[0] for line in lines] == [f"m{number:02}" for number in range(20)]
    assert lines[3] == "m03  ok"
    assert lines[7].startswith("m07  1 warning: TFW301 saved-backend-credentials: ")
    assert lines[11].startswith("m11  not understood: ")


def test_twenty_root_modules_are_a_list_of_documents(twenty: World) -> None:
    found = document(twenty, "--all", "live", **KEYS)
    assert [Path(one["workdir"]).name for one in found] == [f"m{number:02}" for number in range(20)]
    assert [bool(one["findings"] or one["problems"]) for one in found].count(True) == 2


def test_annotations_of_many_are_one_report(place: World) -> None:
    (place.cwd / ".git").mkdir()
    modules(place, 8)
    report = json.loads(doctor(place, "--all", ".", "--format", "gitlab", **STRAY).stdout)
    assert [issue["location"]["path"] for issue in report] == [".", *(f"live/m{number:02}" for number in range(8))]
    assert len({issue["fingerprint"] for issue in report}) == 9
    commands = doctor(place, "--all", ".", "--format", "github", **STRAY).stdout.splitlines()
    assert [command.endswith(b"%0Ain live/m03") for command in commands].index(True) == 4
    assert len([command for command in commands if command.startswith(b"::warning ")]) == 9


def test_no_root_module_at_all_is_said(place: World) -> None:
    (place.cwd / "main.tf").unlink()
    done = doctor(place, "--all", ".")
    assert done.status == 0
    assert b"no root module here" in done.stdout
    assert document(place, "--all", ".") == []


def test_a_directory_that_cannot_be_looked_at_costs_the_others_nothing(place: World) -> None:
    modules(place, 3)
    (place.bin / "terraform").unlink()
    done = doctor(place, "--all", "live")
    assert done.status == 1
    assert done.stdout.count(b"no real terraform found") == 3
    found = document(place, "--all", "live")
    assert [sorted(one) for one in found] == [["error", "version", "workdir"]] * 3


def test_a_reader_that_has_seen_enough_is_no_fault(place: World) -> None:
    command = f"'{sys.executable}' -I -m tfwrap doctor --format json | head -1"
    done = worlds.run(place, ["/bin/sh", "-c", command], {"TFWRAP_OFFLINE": "1"})
    assert (done.stdout, done.stderr) == (b"{\n", b"")
