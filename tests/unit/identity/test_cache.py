"""What is remembered of STS's answers, for how long, and that the file tells nobody anything."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from tfwrap.aws.endpoint import Endpoint
from tfwrap.aws.proxies import Proxy
from tfwrap.identity import cache, identity
from tfwrap.identity.cache import LASTS_S
from tfwrap.identity.question import OK, REJECTED, UNCHECKED, UNREACHABLE, Question
from tfwrap.origin import Secret
from tfwrap.sources import sources
from tfwrap.sources.consumers import Consumer
from tfwrap.sources.sources import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def remembered(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "tfwrap" / "identities.json"


def consumer(key: AccessKey, url: str) -> Consumer:
    source = Source(sources.ENVIRONMENT, "f", key.id, Secret(key.secret), Secret(key.token) if key.token else None)
    return Consumer("provider.aws", "main.tf:1", {}, source, (5,), "us-east-1", Endpoint("us-east-1", url))


def ask(one: Consumer, now: float = NOW) -> identity.Answer:
    return cache.ask_all([one], now)["provider.aws"]


def calls(stand: Stand) -> int:
    return len(stand.requests)


@pytest.mark.parametrize(("later", "asked"), [(0, 1), (599, 1), (600, 2), (-1, 2), (1e9, 2)])
def test_an_acceptance_holds_for_ten_minutes_and_not_after_the_clock_went_back(
    stand: Stand, later: float, asked: int
) -> None:
    one = consumer(stand.keys.create(), stand.url)
    stand.forget()
    first, second = ask(one), ask(one, NOW + later)
    assert (first.status, first.account, first.arn) == (second.status, second.account, second.arn)
    assert (first.status, calls(stand)) == (OK, asked)


def test_a_rejection_is_never_remembered(stand: Stand) -> None:
    key = stand.keys.create()
    one = consumer(key, stand.url)
    stand.keys.deactivate(key.id)
    assert ask(one).status == REJECTED
    stand.keys.activate(key.id)
    assert ask(one).status == OK


@pytest.mark.parametrize(("later", "status"), [(59, UNREACHABLE), (60, OK)])
def test_what_could_not_be_reached_is_left_alone_for_a_minute(stand: Stand, later: float, status: str) -> None:
    one = consumer(stand.keys.create(), stand.url)
    nowhere = one._replace(endpoint=Endpoint("us-east-1", "http://127.0.0.1:9"))
    assert ask(nowhere).status == UNREACHABLE
    assert ask(nowhere, NOW + 59).message == ask(nowhere).message
    name = cache.fingerprint(identity.question(nowhere.source, nowhere.endpoint), cache._key())
    here = cache.fingerprint(identity.question(one.source, one.endpoint), cache._key())
    entries = cache._load()
    cache._keep({here: entries[name]})
    assert ask(one, NOW + later).status == status


def test_an_answer_by_a_wrong_clock_is_not_remembered(stand: Stand) -> None:
    one = consumer(stand.keys.create(), stand.url)
    stand.clock.shift(400)
    try:
        assert ask(one).skew > 390
        assert ask(one).skew > 390
    finally:
        stand.clock.shift(0)


def test_nobody_is_asked_without_keys_and_nothing_is_written(remembered: Path) -> None:
    nothing = Consumer("provider.aws", "f", {}, Source(sources.NONE), (5,), "", Endpoint("us-east-1"))
    assert ask(nothing).status == UNCHECKED
    assert not remembered.exists()


def test_the_file_is_private_and_holds_nothing_of_the_credentials(
    stand: Stand, remembered: Path, tmp_path: Path
) -> None:
    session = stand.keys.create_session()
    assert ask(consumer(session, stand.url)).status == OK
    content = remembered.read_text()
    assert session.token
    assert not [text for text in (session.id, session.secret, session.token) if text in content]
    key = tmp_path / "state" / "tfwrap" / "fingerprint.key"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (remembered, key)] == [0o600, 0o600]
    assert len(key.read_bytes()) == 32


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"format": 2}', b'{"format": 1, "answers": [1]}', b"[" * 9999]
)
def test_a_damaged_file_is_as_good_as_none(stand: Stand, remembered: Path, content: bytes) -> None:
    one = consumer(stand.keys.create(), stand.url)
    remembered.parent.mkdir(parents=True)
    remembered.write_bytes(content)
    assert ask(one).status == OK
    assert json.loads(remembered.read_text())["format"] == 1


@pytest.mark.parametrize(
    "change", [{"given": "x"}, {"status": 1}, {"status": "rejected"}, {"status": "made up"}, {"arn": None}]
)
def test_an_entry_that_is_none_is_passed_over(stand: Stand, remembered: Path, change: dict[str, object]) -> None:
    one = consumer(stand.keys.create(), stand.url)
    ask(one)
    document = json.loads(remembered.read_text())
    (name,) = document["answers"]
    document["answers"][name] |= change
    remembered.write_text(json.dumps(document))
    stand.forget()
    assert ask(one).status == OK
    assert calls(stand) == 1


def test_another_s_file_and_a_directory_in_its_place_do_no_harm(stand: Stand, remembered: Path) -> None:
    remembered.mkdir(parents=True)
    assert ask(consumer(stand.keys.create(), stand.url)).status == OK


def test_without_a_place_for_the_key_everybody_is_asked(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "a-file"))
    one = consumer(stand.keys.create(), stand.url)
    stand.forget()
    assert [ask(one).status, ask(one).status] == [OK, OK]
    assert calls(stand) == 2


def test_it_keeps_the_newest_and_not_without_end() -> None:
    answer = identity.Answer(OK, "111111111111", "arn")
    cache._keep({str(number): cache.Entry(NOW + number, answer) for number in range(200)})
    assert sorted(map(int, cache._load())) == list(range(200 - cache.MOST, 200))


QUESTION = Question("AKIAMADEUPBYATEST001", Secret("s"), None, Endpoint("us-east-1"))
OTHERS = [
    QUESTION._replace(access_key="AKIAMADEUPBYATEST002"),
    QUESTION._replace(secret_key=Secret("t")),
    QUESTION._replace(token=Secret("t")),
    QUESTION._replace(secret_key=Secret(""), token=Secret("s")),
    QUESTION._replace(where=Endpoint("us-east-2")),
    QUESTION._replace(where=Endpoint("us-east-1", "http://x")),
    QUESTION._replace(where=Endpoint("us-east-1", "", Proxy("HTTPS_PROXY", Secret("http://p")))),
    QUESTION._replace(where=Endpoint("us-east-1", "", None, "/ca")),
]


def test_every_part_of_the_question_counts_and_so_does_the_key() -> None:
    key = b"k" * 32
    names = {cache.fingerprint(asked, key) for asked in (QUESTION, *OTHERS)}
    assert len(names) == 1 + len(OTHERS)
    assert cache.fingerprint(QUESTION, b"j" * 32) not in names
    assert cache.fingerprint(QUESTION, key) in names


def test_what_is_kept_has_an_end() -> None:
    assert LASTS_S == {OK: 600.0, UNREACHABLE: 60.0}


def test_whoever_asks_anew_hears_of_a_rejection_at_once_and_the_acceptance_is_forgotten(stand: Stand) -> None:
    key = stand.keys.create()
    one = consumer(key, stand.url)
    assert ask(one).status == OK
    stand.keys.deactivate(key.id)
    assert ask(one, NOW + 1).status == OK
    assert cache.ask_anew([one], NOW + 2)["provider.aws"].status == REJECTED
    assert ask(one, NOW + 3).status == REJECTED


def test_what_was_answered_anew_is_remembered_for_the_next_run(stand: Stand) -> None:
    one = consumer(stand.keys.create(), stand.url)
    stand.forget()
    assert cache.ask_anew([one], NOW)["provider.aws"].status == OK
    assert ask(one, NOW + 1).status == OK
    assert calls(stand) == 1
