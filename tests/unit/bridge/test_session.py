"""Credentials that are made again before they expire."""

from __future__ import annotations

import json
import threading

import pytest

from tfwrap.bridge import client
from tfwrap.bridge.conversations import SLOW_S
from tfwrap.bridge.session import LIMIT_S, MARGIN_S, Renewing
from tfwrap.origin import Secret
from tfwrap.recovery.refresh.outcome import Credentials, NotRefreshed

HOUR = 3600.0
START = 1_800_000_000.0


class Source:
    """Sessions of a length, numbered; `fails` and `refused` are what goes wrong from then on. The clock is ours."""

    def __init__(self, length: float) -> None:
        self.length, self.now, self.made = length, START, 0
        self.fails = self.refused = ""

    def make(self) -> Credentials:
        if self.fails:
            raise NotRefreshed(self.fails)
        self.made += 1
        ends = self.now + self.length if self.length else 0
        return Credentials(f"ASIA{self.made}", Secret("s"), Secret("t"), ends)

    def allow(self, new: Credentials, first: Credentials) -> None:
        assert (new.access_key, first.access_key) == (f"ASIA{self.made}", "ASIA1")
        if self.refused:
            raise NotRefreshed(self.refused)


def begun(length: float) -> tuple[Source, Renewing]:
    source = Source(length)
    return source, Renewing(source.make, source.allow, lambda: source.now)


def told(renewing: Renewing) -> tuple[str, str]:
    document = json.loads(renewing.document())
    return document["AccessKeyId"], document.get("Expiration", "")


def test_the_first_ones_are_made_at_once_and_handed_out_until_the_margin() -> None:
    source, renewing = begun(HOUR)
    assert source.made == 1
    assert told(renewing)[0] == "ASIA1"
    source.now += HOUR - MARGIN_S - 1
    assert told(renewing)[0] == "ASIA1"
    source.now += 1
    assert told(renewing)[0] == "ASIA2"


def test_what_is_told_ends_at_the_margin_so_that_the_sdk_asks_in_time() -> None:
    _, renewing = begun(HOUR)
    assert told(renewing)[1] == "2027-01-15T08:55:00Z"  # an hour after 08:00:00, less five minutes


def test_of_a_short_session_the_margin_is_a_fifth() -> None:
    source, renewing = begun(100)
    source.now += 79
    assert told(renewing)[0] == "ASIA1"
    source.now += 1
    assert told(renewing)[0] == "ASIA2"


def test_keys_that_never_end_are_made_once_and_told_without_an_end() -> None:
    source, renewing = begun(0)
    source.now += 100 * HOUR
    assert told(renewing) == ("ASIA1", "")
    assert source.made == 1


def test_the_document_is_what_a_credential_process_prints() -> None:
    _, renewing = begun(0)
    expected = {"Version": 1, "AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t"}
    assert json.loads(renewing.document()) == expected
    without = Renewing(lambda: Credentials("AKIA1", Secret("s")), lambda *_: None)
    assert "SessionToken" not in json.loads(without.document())


def test_what_cannot_be_renewed_is_used_up_and_asked_for_again_each_minute() -> None:
    source, renewing = begun(HOUR)
    source.now += HOUR - MARGIN_S
    source.fails = "no network"
    assert told(renewing) == ("ASIA1", "2027-01-15T08:56:00Z")
    source.now += MARGIN_S - 30
    assert told(renewing) == ("ASIA1", "2027-01-15T09:00:00Z")
    source.now += 30
    with pytest.raises(NotRefreshed, match="no network"):
        renewing.document()
    source.fails = ""
    assert told(renewing)[0] == "ASIA2"


def test_a_session_of_somebody_else_never_takes_the_place_of_the_first() -> None:
    source, renewing = begun(HOUR)
    source.now += HOUR - 60
    source.refused = "of account 1, and those before were of account 2"
    assert told(renewing)[0] == "ASIA1"
    source.now += 60
    with pytest.raises(NotRefreshed, match="of account 1"):
        renewing.document()


def test_the_margin_of_each_session_is_its_own() -> None:
    source, renewing = begun(HOUR)
    source.now += HOUR
    source.length = 10
    assert told(renewing)[0] == "ASIA2"
    source.now += 8
    assert told(renewing)[0] == "ASIA3"


def test_where_the_first_ones_cannot_be_made_there_is_no_session() -> None:
    source = Source(HOUR)
    source.fails = "no code was given"
    with pytest.raises(NotRefreshed, match="no code was given"):
        Renewing(source.make, source.allow)


# Renewals that take long


class Slow(Source):
    """The next renewal takes until `go` is set."""

    def __init__(self, length: float) -> None:
        super().__init__(length)
        self.go = threading.Event()
        self.begun = 0

    def make(self) -> Credentials:
        if self.made:
            self.begun += 1
            assert self.go.wait(20)
        return super().make()


def slow(length: float = HOUR) -> tuple[Slow, Renewing]:
    source = Slow(length)
    return source, Renewing(source.make, source.allow, lambda: source.now)


def test_who_has_waited_long_enough_gets_what_is_left_and_the_next_one_what_was_made() -> None:
    source, renewing = slow()
    source.now += HOUR - MARGIN_S
    assert json.loads(renewing.document(0.05)) == {
        "Version": 1,
        "AccessKeyId": "ASIA1",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": "2027-01-15T08:56:00Z",
    }
    source.go.set()
    assert told(renewing)[0] == "ASIA2"
    assert source.begun == 1


def test_where_nothing_is_left_who_has_waited_long_enough_is_told_so() -> None:
    source, renewing = slow()
    source.now += HOUR
    with pytest.raises(NotRefreshed, match=r"no new credentials were made within 0\.05 seconds"):
        renewing.document(0.05)
    source.go.set()
    assert told(renewing)[0] == "ASIA2"


def test_all_who_ask_meanwhile_wait_for_one_renewal() -> None:
    """A backend and ten providers ask at a time: a renewal that hangs must not hang for each of them."""
    source, renewing = slow()
    source.now += HOUR
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(told(renewing)[0])) for _ in range(10)]
    for thread in threads:
        thread.start()
    source.go.set()
    for thread in threads:
        thread.join(20)
    assert (answers, source.begun) == (["ASIA2"] * 10, 1)


def test_an_answer_is_there_before_the_sdk_gives_up() -> None:
    assert LIMIT_S + SLOW_S < client.LIMIT_S < 60


def test_what_a_renewal_breaks_over_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    source, renewing = begun(HOUR)

    def breaks() -> Credentials:
        raise ValueError("a secret")

    monkeypatch.setattr(renewing, "_make", breaks)
    source.now += HOUR - MARGIN_S
    assert told(renewing)[0] == "ASIA1"
    source.now += MARGIN_S
    with pytest.raises(NotRefreshed) as failed:
        renewing.document()
    assert str(failed.value) == "tfwrap failed to make credentials (ValueError)"
