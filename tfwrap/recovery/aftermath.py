"""After a credential failure: say its cause, keep it for `--explain`, and settle it where that is allowed."""

from __future__ import annotations

from tfwrap.errors import Interrupted
from tfwrap.explain import incidents
from tfwrap.output import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.diagnosis.diagnosis import Remedy
    from tfwrap.recovery.action import Action
    from tfwrap.recovery.examining import Examined


def store(examined: Examined) -> None:
    """Keep the record. A state directory that cannot be written costs only the later explanation."""
    try:
        incidents.store(examined.record)
    except OSError as error:
        examined.run.output.say(f"the explanation could not be kept ({error.strerror})")


def settle(examined: Examined) -> Examined | None:
    """Say what is wrong and apply the remedy, unasked or asked, where the gate allows it.

    What comes back is to be run again, its environment with it; None where nothing was put right.
    """
    _say(examined)
    run, action = examined.run, examined.action
    if action is None or examined.objections:
        _say_by_hand(examined)
        return None
    if run.settings.allows(action.kind):
        examined = _announced(examined, action)
    elif not run.may_ask:
        _say_by_hand(examined)
        return None
    elif not _ask(examined, action):
        return None
    return apply(examined, action)


def _announced(examined: Examined, action: Action) -> Examined:
    """Say in one line what is done unasked, and have it on record before it begins."""
    run, what = examined.run, examined.redactor.text(action.announcement)
    run.output.say(f"{what} (set by {run.settings.auto_origin})")
    noted = f"unasked (set by {run.settings.auto_origin}): {what}"
    announced = examined._replace(record=examined.record._replace(actions=[*examined.record.actions, noted]))
    store(announced)
    return announced


def apply(examined: Examined, action: Action) -> Examined | None:
    """Apply the remedy, and note how it went. Raises Interrupted where that was interrupted."""
    run = examined.run
    applied = action.apply(run)
    said = examined.redactor.text(applied.said)
    done = examined._replace(
        run=run._replace(changes=(*run.changes, *applied.changes)),
        record=examined.record._replace(actions=[*examined.record.actions, said]),
    )
    store(done)
    run.output.say(said, style="good" if applied.done else "error")
    if not applied.done:
        run.output.say(*examined.redactor.text("\n".join(applied.detail)).splitlines())
    if applied.signal:  # whoever stopped it wants to stop, not to hear how the first run ended
        raise Interrupted(applied.signal)
    return done if applied.done else None


def note_second_run(examined: Examined, status: int) -> None:
    """Add to the record how the command ended after the remedy."""
    done = [*examined.record.actions, f"ran the command again, once: exit status {status}"]
    store(examined._replace(record=examined.record._replace(actions=done)))


def _say(examined: Examined) -> None:
    found = examined.record
    examined.run.output.say(f"{found.code}: {found.title}", style="error")
    examined.run.output.say(*(f"  {line}" for line in found.evidence[-1:]))


def _say_by_hand(examined: Examined) -> None:
    out = examined.run.output
    for remedy in examined.diagnosis.remedies:
        if remedy.why_not:
            out.say(f"  not done for you: {examined.objections[0]}")
        out.say(f"  {_line(remedy)}")
    out.say("  more: tfwrap --explain", style="dim")


def _line(remedy: Remedy) -> str:
    """What to type; of several steps each with what it does, as a shell's comment."""
    if not remedy.step:
        return f"fix: {remedy.command or remedy.does}"
    return f"{remedy.step}. {remedy.command}  # {remedy.does}" if remedy.command else f"{remedy.step}. {remedy.does}"


def _ask(examined: Examined, action: Action) -> bool:
    """On the terminal: do it and retry, or explain and ask again, or quit."""
    from tfwrap.explain import story

    choices = {"r": action.choice, "e": "explain", "q": "quit"}
    answer = ask(examined.run.output, action.question, choices)
    if answer == "e":
        examined.run.output.say(*story.tell(examined.record, examined.run.output, with_tail=False).split("\n"))
        del choices["e"]
        answer = ask(examined.run.output, action.question, choices)
    return answer == "r"
