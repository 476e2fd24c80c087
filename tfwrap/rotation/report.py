"""What was found out about a candidate, as data (docs/rotate-check.schema.json) and as a few lines of text."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.redaction import encodings
from tfwrap.redaction.lookalikes import HIDDEN
from tfwrap.rotation import check as checks
from tfwrap.rotation.candidate import CSV, ENV, JSON, KEY_ID, SECRET, SHARED, TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tfwrap.output import Output
    from tfwrap.rotation.asked import OtherKey
    from tfwrap.rotation.candidate import Candidate
    from tfwrap.rotation.check import Check
    from tfwrap.rotation.examine import Examined

VERSION = 1
_STYLES = {checks.OK: "good", checks.FAILED: "error", checks.NOTE: "info", checks.UNCHECKED: "warning"}
_TITLES = {
    checks.SHAPE: "well formed",
    checks.STS: "STS",
    checks.ACCOUNT: "account",
    checks.OTHER_KEYS: "other keys",
    checks.CHANNELS: "channels",
}
_FORMS = {
    SHARED: "a shared AWS file",
    ENV: "a file of variables",
    CSV: "a CSV file of the AWS console",
    JSON: "JSON",
}
# Shorter ones are words, and hide nothing.
_SHORTEST = 8


def document(examined: Examined) -> dict[str, object]:
    """Everything, in the format of VERSION."""
    candidate, answer = examined.candidate, examined.answer
    return {
        "version": VERSION,
        "ready": examined.is_ready,
        "candidate": {
            "access_key_id": candidate.shown_id,
            "place": candidate.place,
            "form": candidate.form,
            "has_token": TOKEN in candidate.parts,
        },
        "identity": {
            "status": answer.status,
            "account": answer.account or None,
            "arn": answer.arn or None,
            "code": answer.code or None,
        },
        "expected_accounts": [{"account": number, "why": why} for number, why in examined.expected.items()],
        "other_keys": [_other(each) for each in examined.others],
        "channels": [each._asdict() for each in examined.arrivals],
        "checks": [_check(each) for each in examined.checks],
    }


def _other(each: OtherKey) -> dict[str, object]:
    return {
        "access_key_id": accesskey.mask(each.record.key_id),
        "status": each.record.status,
        "age_days": each.days,
        "is_over_limit": each.is_old,
        "used_by": each.used_by or None,
    }


def _check(each: Check) -> dict[str, object]:
    told = {**each._asdict(), "evidence": list(each.evidence), "fix": list(each.fix)}
    return {**told, "stands_in_the_way": each.stands_in_the_way}


def lines(examined: Examined, output: Output) -> Iterator[str]:
    """A line a check, with its evidence, and whether the key may go live."""
    candidate = examined.candidate
    yield f"candidate {candidate.shown_id} ({candidate.place}, {_FORMS[candidate.form]})"
    yield ""
    for each in examined.checks:
        yield f"{output.paint(f'{each.status:9}', _STYLES[each.status])}  {_TITLES[each.name]:11}  {each.title}"
        yield from (f"{'':24}{line}" for line in each.evidence)
        if each.name == checks.CHANNELS:
            yield from (f"{'':24}{row.channel}: {row.words}" for row in examined.arrivals)
        yield from (f"{'':24}fix: {line}" for line in each.fix)
    yield ""
    yield _closing(examined, output)


def _closing(examined: Examined, output: Output) -> str:
    if examined.is_ready:
        return output.paint("this key may go live", "good")
    failed = [_TITLES[each.name] for each in examined.checks if each.status == checks.FAILED]
    open_ones = [
        _TITLES[each.name] for each in examined.checks if each.stands_in_the_way and each.status != checks.FAILED
    ]
    words = (
        f"failed: {', '.join(failed)}" if failed else "",
        f"not checked: {', '.join(open_ones)}" if open_ones else "",
    )
    return output.paint(f"not to go live: {'; '.join(filter(None, words))}", "error")


def without_secrets(text: str, candidate: Candidate) -> str:
    """A second line of defence: nothing above writes the secret or the token, and none would come through."""
    for value in sorted(_secret_forms(candidate), key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


def _secret_forms(candidate: Candidate) -> Iterable[str]:
    held = [candidate.value(part) for part in (SECRET, TOKEN)]
    key_id = candidate.value(KEY_ID)
    held += [key_id] if accesskey.mask(key_id) != key_id else []
    return {form for value in held if value for form in encodings.forms(value) if len(form) >= _SHORTEST}
