"""What `tfwrap doctor` found out, as data (docs/doctor.schema.json) and as one screen of text."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.identity import identity
from tfwrap.preflight import childenv
from tfwrap.preflight.checks.finding import ERROR, WARNING
from tfwrap.sources import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tfwrap.doctor.doctor import Examined
    from tfwrap.identity.identity import Answer
    from tfwrap.output import Output
    from tfwrap.preflight.checks.finding import Finding
    from tfwrap.preflight.childenv import Change
    from tfwrap.sources.consumers import Consumer
    from tfwrap.sources.sources import Source

VERSION = 1
UNSET = "unset"
SET = "set"
REPAIRED = "repaired"
_SIGNS = {UNSET: "-", SET: "+", REPAIRED: "~"}
_NOT_ASKED = identity.Answer(identity.UNCHECKED, message="STS was not asked")
_STYLES = {identity.OK: "good", identity.REJECTED: "error", identity.UNREACHABLE: "warning"}


def action(change: Change) -> str:
    """What a change does to its variable."""
    if change.value is None:
        return UNSET
    return REPAIRED if change.rule == childenv.DAMAGED else SET


# As data


def document(examined: Examined) -> dict[str, object]:
    """Everything, in the format of VERSION."""
    facts = examined.facts
    return {
        "version": VERSION,
        "terraform": {"path": examined.real.path, "version": examined.version or None},
        "workdir": facts.invocation.directory,
        "consumers": [_consumer(each, _answer(examined, each)) for each in facts.consumers],
        "findings": [_finding(found) | {"ignored": examined.is_ignored(found)} for found in examined.findings],
        "environment": {"changes": [_change(change) for change in _changes(examined)]},
        "problems": list(examined.problems),
    }


def failure(directory: str, why: str) -> dict[str, object]:
    """What stands for the document of a directory that could not be looked at."""
    return {"version": VERSION, "workdir": directory, "error": why}


def _changes(examined: Examined) -> tuple[Change, ...]:
    """What a run changes for Terraform, that of the bridge with it."""
    facts = examined.facts
    if not facts.bridgeable:
        return facts.changes
    from tfwrap.preflight import bridgeable

    return (*facts.changes, *bridgeable.planned(facts.bridgeable, facts.environ))


def _consumer(consumer: Consumer, answer: Answer) -> dict[str, object]:
    return {"name": consumer.name, "source": _source(consumer.source), "identity": _identity(answer)}


def _source(source: Source) -> dict[str, object]:
    return {
        "kind": source.kind,
        "profile": source.profile or None,
        "access_key_id": accesskey.mask(source.access_key) if source.access_key else None,
        "location": source.location or None,
        "detail": source.detail or None,
        "roles": list(source.roles),
        "passed_over": list(source.passed_over),
    }


def _identity(answer: Answer) -> dict[str, object]:
    error = ": ".join(filter(None, (answer.code, answer.message)))
    return {
        "status": answer.status,
        "account": answer.account or None,
        "arn": answer.arn or None,
        "error": None if answer.status == identity.OK else error or None,
    }


def _finding(found: Finding) -> dict[str, object]:
    return {**found._asdict(), "evidence": list(found.evidence), "fix": list(found.fix)}


def _change(change: Change) -> dict[str, object]:
    return {"variable": change.name, "action": action(change), "reason": change.why}


def _answer(examined: Examined, consumer: Consumer) -> Answer:
    return examined.facts.answers.get(consumer.name, _NOT_ASKED)


# As text


def lines(examined: Examined, output: Output) -> Iterator[str]:
    """One screen: what runs, who uses which credentials, what is wrong, what the child's environment differs in."""
    version = examined.version or "of an unknown version"
    yield f"{examined.facts.invocation.program} {version} ({examined.real.path})"
    yield f"in {examined.facts.invocation.directory}"
    yield from _section("Credentials", _consumer_lines(examined, output) or ["nothing here uses AWS"], output)
    yield from _section("Findings", _finding_lines(examined, output), output)
    yield from _section("Not understood", examined.problems, output)
    yield from _section("Changed for Terraform", change_lines(_changes(examined)), output)
    yield ""
    yield _closing(examined, output)


def _section(title: str, rows: Iterable[str], output: Output) -> Iterator[str]:
    shown = list(rows)
    if shown:
        yield from ("", output.paint(title, "bold"))
        yield from (f"  {row}" for row in shown)


def _consumer_lines(examined: Examined, output: Output) -> list[str]:
    rows = []
    for consumer in examined.facts.consumers:
        answer = _answer(examined, consumer)
        told = _in_words(answer)
        rows += [
            f"{consumer.name}: {described(consumer.source)}",
            *(f"  then assumes {role}" for role in consumer.source.roles),
            f"  {output.paint(told, _STYLES[answer.status]) if answer.status in _STYLES else told}",
            *(f"  passes over {passed}" for passed in consumer.source.passed_over),
        ]
    return rows


def described(source: Source) -> str:
    """A source in words; where there are no credentials, whatever explains why."""
    if source.kind != sources.NONE:
        return source.describe()
    named = f'profile "{source.profile}"' if source.profile else ""
    why = ", ".join(filter(None, (named, source.location, source.detail)))
    return f"no credentials ({why})" if why else "no credentials"


def _in_words(answer: Answer) -> str:
    return f"not checked: {answer.message}" if answer.status == identity.UNCHECKED else answer.describe()


def _finding_lines(examined: Examined, output: Output) -> list[str]:
    rows = []
    for found in examined.findings:
        if examined.is_ignored(found):
            rows.append(output.paint(f"{found.id} {found.slug} (ignored by a setting): {found.title}", "dim"))
            continue
        rows += [
            f"{output.paint(f'{found.severity} {found.id} {found.slug}', found.severity)}: {found.title}",
            *(f"  {line}" for line in found.evidence),
            *(f"  fix: {line}" for line in found.fix),
        ]
    return rows


def change_lines(changes: Sequence[Change]) -> list[str]:
    """A line a change, without a value: `- AWS_SESSION_TOKEN  why`."""
    width = max((len(change.name) for change in changes), default=0)
    return [f"{_SIGNS[action(change)]} {change.name:{width}}  {change.why}" for change in changes]


_DONE = {UNSET: "removed from", SET: "set in", REPAIRED: "repaired in"}


def sentence(change: Change) -> str:
    """A change as the record of a failure keeps it: with the rule that made it, without a value."""
    return f"{change.name} was {_DONE[action(change)]} Terraform's environment ({change.rule}): {change.why}"


def _closing(examined: Examined, output: Output) -> str:
    if not examined.counted:
        return output.paint("nothing is wrong", "good") if examined.status == 0 else "no finding"
    if tally(examined.counted) == "ok":
        return "no error, no warning"
    worst = examined.counted[0]
    return f"{tally(examined.counted)}. What one means: tfwrap --explain {worst.id}"


def tally(found: Sequence[Finding]) -> str:
    """The findings counted: `1 error, 2 warnings`; `ok` where there is neither."""
    counts = ((kind, sum(each.severity == kind for each in found)) for kind in (ERROR, WARNING))
    return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts if count) or "ok"


def row(examined: Examined) -> str:
    """One line for one directory of many: how many, and the gravest."""
    told = tally(examined.counted)
    if told != "ok":
        worst = examined.counted[0]
        return f"{told}: {worst.id} {worst.slug}: {worst.title}"
    return f"not understood: {examined.problems[0]}" if examined.problems else told
