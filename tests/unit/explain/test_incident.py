from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tfwrap.diagnosis.diagnosis import Diagnosis, Remedy
from tfwrap.errors import BadInput
from tfwrap.explain import incident, incidents
from tfwrap.failure.failure import Failure

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.explain.incident import Incident

needs_a_user = pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
ALL_OF_256_KIB = 256 << 10


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where incidents go in this test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "tfwrap" / "incidents"


def made(identifier: str = "20261123T070000Z-1", workdir: str = "/w", **changes: Any) -> Incident:
    remedy = Remedy("reconfigure", "terraform init -reconfigure", "saves it anew", allowed=True)
    found = Diagnosis("stale-saved-backend", "an old key", "certain", ("first", "second"), ("looked",), (remedy,))
    failure = Failure("backend", "InvalidClientTokenId", "Error: no")
    made = incident.make(identifier, "2026-11-23", ["terraform", "plan"], workdir, 1, failure, found, "the tail")
    return made._replace(**changes)


def test_what_was_stored_comes_back_the_same(folder: Path) -> None:
    incidents.store(made(tail="ünï\x1b[31m\ud83d\n"[:5]))
    incidents.store(made("20261123T070000Z-2", tail="ü" * 100))
    assert incidents.all_incidents() == [made("20261123T070000Z-2", tail="ü" * 100), made(tail="ünï\x1b[")]


def test_half_a_character_in_a_text_does_not_cost_the_record() -> None:
    incidents.store(made(tail="half a \udcff character"))
    assert incidents.by_id("2026").tail.startswith("half a ")


def test_storing_again_replaces_the_earlier_version() -> None:
    incidents.store(made())
    incidents.store(made(actions=["ran it"]))
    assert [found.actions for found in incidents.all_incidents()] == [["ran it"]]


def test_files_and_folder_are_for_the_user_alone(folder: Path) -> None:
    incidents.store(made())
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())] == [0o700, 0o600]


def test_the_last_fifty_are_kept(folder: Path) -> None:
    for second in range(55):
        incidents.store(made(f"20261123T0700{second:02}Z-1"))
    kept = sorted(path.name for path in folder.iterdir())
    assert len(kept) == incidents.MOST == 50
    assert kept[0] == "20261123T070005Z-1.json"


TOO_LARGE = [
    ("a tail", {"tail": "x" * 400_000}),
    ("a tail of letters that take four bytes", {"tail": "😀" * (64 << 10)}),
    ("a command line", {"command": ["terraform", "plan", *["-var=x=" + "y" * 100_000] * 10]}),
    ("many arguments", {"command": ["-target=aws_vpc.a"] * 50_000}),
    ("a message", {"message": "z" * 500_000}),
    ("evidence", {"evidence": ["\x01" * 90_000] * 9, "checked": ["x" * 200_000]}),
    ("everything", {"tail": "t" * 300_000, "command": ["c" * 300_000], "title": "d" * 300_000, "cause": "e" * 300_000}),
]  # fmt: skip


@pytest.mark.parametrize("changes", [pytest.param(row[1], id=row[0]) for row in TOO_LARGE])
def test_a_record_stays_below_its_bound_and_can_be_read_back(folder: Path, changes: dict[str, Any]) -> None:
    incidents.store(made(**changes))
    assert next(folder.iterdir()).stat().st_size <= incidents.LARGEST == ALL_OF_256_KIB
    (found,) = incidents.all_incidents()
    assert (found.id, found.code, found.exit_status) == ("20261123T070000Z-1", "InvalidClientTokenId", 1)


def test_of_a_long_tail_the_end_is_kept() -> None:
    assert incident.make("i", "t", [], "/w", 1, *_parts(), tail=f"{'x' * 100_000}the end").tail.endswith("xthe end")
    incidents.store(made(tail="x" * 500_000 + "the end"))
    assert incidents.by_id("2026").tail.endswith("xthe end")


def _parts() -> tuple[Failure, Diagnosis]:
    return Failure("backend", "c", "m"), Diagnosis("unknown", "t", "unknown", ())


def test_the_last_of_a_directory_is_its_own() -> None:
    incidents.store(made("20261123T070000Z-1", "/here"))
    incidents.store(made("20261123T070001Z-1", "/there"))
    found = incidents.last("/here")
    assert found
    assert found.workdir == "/here"


def test_elsewhere_it_is_the_last_of_all() -> None:
    incidents.store(made("20261123T070000Z-1", "/here"))
    incidents.store(made("20261123T070001Z-1", "/there"))
    found = incidents.last("/nowhere")
    assert found
    assert found.workdir == "/there"


def test_without_any_there_is_no_last_one() -> None:
    assert incidents.last("/here") is None


def test_an_incident_is_found_by_the_beginning_of_its_id() -> None:
    incidents.store(made("20261123T070000Z-1"))
    incidents.store(made("20261124T070000Z-1"))
    assert incidents.by_id("20261124").id == "20261124T070000Z-1"


def test_a_whole_id_is_never_ambiguous() -> None:
    incidents.store(made("20261123T070000Z-1"))
    incidents.store(made("20261123T070000Z-12"))
    assert incidents.by_id("20261123T070000Z-1").id == "20261123T070000Z-1"


@pytest.mark.parametrize(("identifier", "word"), [("2027", "no incident"), ("2026", "more than one"), ("../", "no")])
def test_an_id_that_fits_none_or_several_is_said(identifier: str, word: str) -> None:
    incidents.store(made("20261123T070000Z-1"))
    incidents.store(made("20261124T070000Z-1"))
    with pytest.raises(BadInput, match=word):
        incidents.by_id(identifier)


def document(**members: Any) -> bytes:
    return json.dumps({**json.loads(json.dumps(incident.document(made()))), **members}).encode()


ABOUT = incident.document(made())["incident"]
BROKEN = [
    ("empty", b""),
    ("truncated", document()[:-40]),
    ("no JSON", b"\xff\xfe not json"),
    ("no object", b"[1, 2]"),
    ("a number", b"7"),
    ("nested without end", b"[" * 100_000),
    ("another version", document(version=2)),
    ("no version", b"{}"),
    ("no incident in it", document(incident={})),
    ("a member too many", document(incident={**dict(ABOUT), "more": 1})),  # type: ignore[call-overload]
    ("a command that is no list", document(incident={**dict(ABOUT), "command": "plan"})),  # type: ignore[call-overload]
    ("a status that is no number", document(incident={**dict(ABOUT), "exit_status": "1"})),  # type: ignore[call-overload]
    ("evidence that is no list", document(evidence="x")),
    ("evidence of numbers", document(evidence=[1])),
    ("remedies without a command", document(remedies=[{"kind": "instruct"}])),
    ("remedies that are no objects", document(remedies=["x"])),
    ("a cause that is no object", document(cause="x")),
    ("a tail that is no text", document(tail=None)),
    ("a tail with a mebibyte", document(tail="x" * (1 << 20))),
]


@pytest.mark.parametrize("content", [pytest.param(row[1], id=row[0]) for row in BROKEN])
def test_a_broken_file_is_passed_over(folder: Path, content: bytes) -> None:
    incidents.store(made())
    (folder / "20270101T000000Z-1.json").write_bytes(content)
    assert incidents.all_incidents() == [made()]
    assert incidents.last("/w") == made()


def test_what_is_no_incident_in_the_folder_is_passed_over(folder: Path) -> None:
    incidents.store(made())
    (folder / "20270101T000000Z-1.json").mkdir()
    (folder / "20270101T000000Z-2.json.77.new").write_bytes(b"half")
    (folder / "20270101T000000Z-3.json").symlink_to("/nowhere")
    assert incidents.all_incidents() == [made()]


@needs_a_user
def test_a_folder_that_may_not_be_written_gives_oserror(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        incidents.store(made())
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null"])
def test_where_no_folder_can_be_made_storing_gives_oserror_and_reading_nothing(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", place)
    with pytest.raises(OSError, match=r".+"):
        incidents.store(made())
    assert incidents.all_incidents() == []
    assert incidents.last("/w") is None


def test_a_full_disk_gives_oserror_and_leaves_the_earlier_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incidents.store(made())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        incidents.store(made(actions=["ran it"]))
    assert incidents.all_incidents() == [made()]
    assert len(list(folder.iterdir())) == 1


def test_the_stored_json_names_its_version_and_members() -> None:
    assert list(incident.document(made())) == [
        "version", "incident", "cause", "evidence", "checked", "remedies", "actions", "conditions", "also", "tail",
    ]  # fmt: skip


def test_a_record_of_the_first_kind_is_still_read(folder: Path) -> None:
    """Its commands were texts, and it had neither conditions nor other causes."""
    content = incident.document(made())
    del content["conditions"], content["also"]
    remedies = content["remedies"]
    assert isinstance(remedies, list)
    content["remedies"] = [{**remedies[0], "command": "terraform init -reconfigure"}]
    folder.mkdir(parents=True)
    (folder / "20261123T070000Z-1.json").write_text(json.dumps(content))
    (found,) = incidents.all_incidents()
    assert found.remedies[0]["command"] == ["terraform", "init", "-reconfigure"]
    assert (found.conditions, found.also) == ([], [])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("terraform init -reconfigure", ["terraform", "init", "-reconfigure"]),
        ("aws sso login --profile 'a b'", ["aws", "sso", "login", "--profile", "a b"]),
        ("", []),
        ("not 'closed", ["not 'closed"]),
    ],
)
def test_a_command_is_kept_as_words(command: str, words: list[str]) -> None:
    assert incident.words(command) == words


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"conditions": [{"name": "n", "held": "yes", "why_not": ""}]}, id="held is no truth value"),
        pytest.param({"conditions": {"name": "n"}}, id="conditions are no list"),
        pytest.param({"also": [{"slug": "s"}]}, id="a cause without a title"),
        pytest.param(
            {"remedies": [{"kind": "k", "does": "d", "why_not": "", "command": [1]}]}, id="a word is a number"
        ),
        pytest.param({"remedies": ["text"]}, id="a remedy is a text"),
        pytest.param({"remedies": 1}, id="remedies are a number"),
    ],
)
def test_a_record_of_other_types_is_passed_over(folder: Path, changes: dict[str, Any]) -> None:
    content = {**incident.document(made()), **changes}
    folder.mkdir(parents=True)
    (folder / "20261123T070000Z-1.json").write_text(json.dumps(content))
    assert incidents.all_incidents() == []
