"""STS's answers, remembered for a while, so that a run of commands asks once.

An acceptance is kept for ten minutes, what could not be reached for one (an offline laptop would wait three seconds
at every command), a rejection never. An answer is filed under a keyed hash of everything that was asked; the key is
random and stands in another directory, so that the file by itself is of no use for trying guesses of a secret.
"""

from __future__ import annotations

import os
import secrets
from hashlib import blake2b

from tfwrap import state
from tfwrap.identity import identity
from tfwrap.identity.question import OK, UNREACHABLE, Answer, question
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tfwrap.identity.question import Question
    from tfwrap.sources.consumers import Consumer

LASTS_S = {OK: 600.0, UNREACHABLE: 60.0}
# What is further off is a finding (TFW405), which must not be silent for ten minutes after the clock is put right.
TOLERATED_SKEW_S = 60
MOST = 64
LARGEST = 1 << 18
_FORMAT = 1
_KEY_BYTES = 32


class Entry(NamedTuple):
    """An answer and the Unix time at which it was given."""

    given: float
    answer: Answer


def ask_all(consumers: Iterable[Consumer], now: float) -> dict[str, Answer]:
    """As `identity.ask_all`, from memory where that is fresh enough. Never raises for what is on disk."""
    return _asked(consumers, now, _fresh(now))


def ask_anew(consumers: Iterable[Consumer], now: float) -> dict[str, Answer]:
    """The same, and nothing is recalled: for somebody who looks because something may have changed."""
    return _asked(consumers, now, {})


def _asked(consumers: Iterable[Consumer], now: float, known: Mapping[str, Entry]) -> dict[str, Answer]:
    questions = {consumer.name: question(consumer.source, consumer.endpoint) for consumer in consumers}
    try:
        key = _key()
    except OSError:
        answers = identity.ask_each(list(questions.values()))
    else:
        answers = _remembered(list(dict.fromkeys(questions.values())), key, now, known)
    return {name: answers[asked] for name, asked in questions.items()}


def _remembered(
    questions: list[Question], key: bytes, now: float, known: Mapping[str, Entry]
) -> dict[Question, Answer]:
    names = {asked: fingerprint(asked, key) for asked in questions if asked.has_keys}
    recalled = {asked: known[name].answer for asked, name in names.items() if name in known}
    asked_now = identity.ask_each([asked for asked in questions if asked not in recalled])
    new = {names[asked]: Entry(now, answer) for asked, answer in asked_now.items() if _is_kept(answer)}
    outdated = {names[asked] for asked in asked_now if asked in names} - new.keys()
    before = _fresh(now) if new or outdated else {}
    if new or outdated & before.keys():
        _keep({**{name: entry for name, entry in before.items() if name not in outdated}, **new})
    return {**recalled, **asked_now}


def _fresh(now: float) -> dict[str, Entry]:
    return {name: entry for name, entry in _load().items() if _is_fresh(entry, now)}


def fingerprint(asked: Question, key: bytes) -> str:
    """A name for a question that tells nothing of it without the key."""
    where = asked.where
    secrets_of_it = (held.reveal() if held else "" for held in (asked.secret_key, asked.token))
    way = (where.proxy.name, where.proxy.url.reveal()) if where.proxy else ("", "")
    digest = blake2b(key=key, digest_size=24)
    for text in (asked.access_key, *secrets_of_it, where.region, where.url, *way, where.ca_bundle):
        content = text.encode("utf-8", "surrogateescape")
        digest.update(len(content).to_bytes(8) + content)
    return digest.hexdigest()


def _is_kept(answer: Answer) -> bool:
    return answer.status in LASTS_S and abs(answer.skew) <= TOLERATED_SKEW_S


def _is_fresh(entry: Entry, now: float) -> bool:
    """An entry of the future says that the clock went back: how old it is cannot be known."""
    return 0 <= now - entry.given < LASTS_S.get(entry.answer.status, 0)


def _key() -> bytes:
    """The random key, made when there is none. Raises OSError."""
    path = os.path.join(state.directory(), "fingerprint.key")
    try:
        with open(path, "rb") as file:
            key = file.read(_KEY_BYTES + 1)
    except FileNotFoundError:
        key = b""
    if len(key) == _KEY_BYTES:
        return key
    key = secrets.token_bytes(_KEY_BYTES)
    state.write(path, key)
    return key


def _path() -> str:
    import platformdirs

    folder = platformdirs.user_cache_dir("tfwrap", appauthor=False)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return os.path.join(folder, "identities.json")


def _load() -> dict[str, Entry]:
    """What is remembered; nothing where the file is not ours, damaged, or of another format."""
    import json

    try:
        path = _path()
        if not os.path.isfile(path) or (hasattr(os, "getuid") and os.stat(path).st_uid != os.getuid()):
            return {}
        with open(path, "rb") as file:
            document = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        return {}
    answers = document.get("answers")
    pairs = answers.items() if isinstance(answers, dict) else ()
    return {name: entry for name, entry in ((name, _entry(value)) for name, value in pairs) if entry}


def _entry(value: object) -> Entry | None:
    if not isinstance(value, dict) or not isinstance(value.get("given"), int | float):
        return None
    texts = {name: value.get(name, "") for name in ("status", "account", "arn", "message", "trouble", "host")}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    return Entry(value["given"], Answer(**texts))


def _keep(entries: Mapping[str, Entry]) -> None:
    """Write the newest; what cannot be written costs only a question more."""
    import json

    newest = sorted(entries.items(), key=lambda item: item[1].given)[-MOST:]
    answers = {name: _as_data(entry) for name, entry in newest}
    try:
        state.write(_path(), json.dumps({"format": _FORMAT, "answers": answers}).encode())
    except OSError:
        return


def _as_data(entry: Entry) -> dict[str, object]:
    answer = entry.answer
    told = {"account": answer.account, "arn": answer.arn, "message": answer.message, "trouble": answer.trouble}
    return {"given": entry.given, "status": answer.status, "host": answer.host, **told}
