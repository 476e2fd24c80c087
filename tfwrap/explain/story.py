"""An incident as one screen: what failed, why, the fix, what was checked, what was done. Nothing is found out here.

Sentences are wrapped at the width; a command stays on its line, to be copied.
"""

from __future__ import annotations

import re
import shlex
import textwrap

from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tfwrap.explain.incident import Incident
    from tfwrap.output import Output

NARROWEST, WIDTH = 60, 100
# What is longer does without the empty lines.
SCREEN = 40
_INDENT = "  "
# Of Terraform's message: what only AWS's support can use, what is advice, what stands in the quoted source.
_NOISE = (
    r"(?<=, )https response error StatusCode: \d+, RequestID: [^,]*, (?:HostID: [^,]*, )?",
    r",? ?status code: \d+, request id: [\w-]*(?:, host id: \S*)?",
    r"(?<!^)Please see https?://\S+ for more information about providing credentials\. ",
    r"There are a number of possible causes of this - the most common are:.*?(?=Error: |$)",
    r" The \"backend\" is the interface that Terraform uses .*",
    r" Terraform acquires a (?:state )?lock .*",
    r"(?<=:) \d+: [\w ]+\"[^{]*\{",
)
_ANY_NOISE = re.compile("|".join(_NOISE))
# The most lines of the message: the whole of it is in the JSON, and the box itself in --verbose.
_MOST_LINES = 4


class Layout(NamedTuple):
    """Where it is written: with which colours, and in how many columns."""

    output: Output
    width: int

    def wrapped(self, text: str, indent: str = _INDENT) -> list[str]:
        """A sentence on as many lines as it needs, those below the first further in."""
        columns = max(NARROWEST, self.width)
        return textwrap.wrap(
            text,
            columns,
            initial_indent=indent,
            subsequent_indent=indent + _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )


def tell(incident: Incident, output: Output, *, width: int = WIDTH, with_tail: bool) -> str:
    """The story of an incident, with the end of Terraform's output where that is wanted."""
    layout = Layout(output, width)
    lines = list(_story(incident, layout))
    shown = lines if len(lines) <= SCREEN else list(filter(None, lines))
    return "\n".join([*shown, *(_tail(incident, layout) if with_tail else ())])


def _story(incident: Incident, layout: Layout) -> Iterator[str]:
    yield layout.output.paint(shlex.join(incident.command), "bold")
    ended, where = f"  exit status {incident.exit_status}, {incident.time}", f"in {incident.workdir}"
    yield from [f"{ended}, {where}"] if len(ended) + len(where) + 2 <= layout.width else [ended, f"{_INDENT}{where}"]
    failed = f"{incident.code}, at the {incident.scope}: {brief(incident.message)}"
    yield from _section("What failed", _shortened(layout.wrapped(failed)), layout)
    why = [f"{incident.cause} ({incident.confidence}): {incident.title}"]
    yield from _section("Why", _sentences([*why, *map(_dashed, incident.evidence)], layout), layout)
    yield from _section("Fix", [line for remedy in incident.remedies for line in _remedy(remedy, layout)], layout)
    also = [f"{other['slug']} ({other['confidence']}): {other['title']}" for other in incident.also]
    yield from _section("It would fit as well", _sentences(also, layout), layout)
    yield from _section("Checked, and not the cause", _sentences(incident.checked, layout), layout)
    yield from _section("What tfwrap did", _sentences(_done(incident), layout), layout)
    yield ""
    yield f"More: tfwrap --explain {incident.cause}   (incident {incident.id})"


def _section(title: str, lines: list[str], layout: Layout) -> Iterator[str]:
    if lines:
        yield ""
        yield layout.output.paint(title, "bold")
        yield from lines


def _sentences(texts: Iterable[str], layout: Layout) -> list[str]:
    return [line for text in texts for line in layout.wrapped(text)]


def _dashed(text: str) -> str:
    return f"- {text}"


def brief(message: str) -> str:
    """Terraform's message without what helps nobody at the keyboard."""
    return " ".join(_ANY_NOISE.sub("", message.removeprefix("Error: ")).split())


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]} ..."]


def _remedy(remedy: Mapping[str, object], layout: Layout) -> Iterator[str]:
    """The command to copy, with what it does below; where there is no command, that alone."""
    command, step = remedy["command"], remedy.get("step")
    number = f"{step}. " if step else ""
    line = command if isinstance(command, str) else shlex.join(_texts(command))
    does = str(remedy["does"])
    if not line:
        yield from layout.wrapped(f"{number}{does}")
        return
    yield f"{_INDENT}{number}{line}"
    yield from layout.wrapped(does, _INDENT * 3)


def _texts(words: object) -> list[str]:
    return [str(word) for word in words] if isinstance(words, list | tuple) else []


def _done(incident: Incident) -> Iterator[str]:
    """What was done; and of the conditions for a retry those that did not hold, by why they did not, and the others."""
    unmet = [str(condition["why_not"]) for condition in incident.conditions if not condition["held"]]
    told = unmet or [str(remedy["why_not"]) for remedy in incident.remedies if remedy["why_not"]]
    objection = f"not retried: {'; '.join(dict.fromkeys(told))}" if told else ""
    yield from incident.actions or [f"nothing ({objection})" if objection else "nothing but tell you"]
    if incident.actions and objection:
        yield objection
    held = [str(condition["name"]) for condition in incident.conditions if condition["held"]]
    if held:
        yield f"conditions for a retry that held: {', '.join(held)}"


def _tail(incident: Incident, layout: Layout) -> Iterator[str]:
    lines = [f"{_INDENT}{line}" for line in incident.tail.splitlines()]
    yield from _section("The end of what Terraform wrote (redacted)", lines, layout)
