"""What tfwrap says: whole lines to standard error, colour for terminals, questions for people."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from testing.world import run, run_on_pty
from tfwrap import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testing.world import Patch, World

PREFIX = b"tfwrap: "


def written(plain: output.Output, *lines: str, style: str = "") -> bytes:
    """What arrives in a pipe when the lines are said."""
    reader, writer = os.pipe()
    try:
        plain._replace(descriptor=writer).say(*lines, style=style)
        os.close(writer)
        return os.read(reader, 1 << 16)
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param((), b"", id="nothing"),
        pytest.param(("a",), b"tfwrap: a\n", id="a line"),
        pytest.param(("a", "b"), b"tfwrap: a\ntfwrap: b\n", id="two lines"),
        pytest.param(("ä",), b"tfwrap: \xc3\xa4\n", id="UTF-8, whatever the locale"),
        pytest.param(("x\udcffy",), b"tfwrap: x\\udcffy\n", id="a path's byte that is no UTF-8"),
    ],
)
def test_every_line_has_the_prefix(lines: tuple[str, ...], expected: bytes) -> None:
    assert written(output.Output(2, colour=False), *lines) == expected


def test_a_style_paints_the_line_and_not_the_prefix() -> None:
    assert written(output.Output(2, colour=True), "a", style="error") == b"tfwrap: \x1b[31ma\x1b[0m\n"
    assert written(output.Output(2, colour=False), "a", style="error") == b"tfwrap: a\n"


def test_a_closed_standard_error_is_not_reported() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    output.Output(writer, colour=False).say("nobody hears this")
    output.write_prompt(output.Output(writer, colour=False), "nor this")


def test_a_long_text_arrives_whole_through_a_narrow_pipe(world: World) -> None:
    source = "from tfwrap.output import Output\nOutput(2, False).say(*('x' * 999 for _ in range(500)))"
    done = run(world, [sys.executable, "-c", source])
    assert done.stderr == (PREFIX + b"x" * 999 + b"\n") * 500


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        pytest.param({"FORCE_COLOR": "1"}, True, id="forced"),
        pytest.param({"FORCE_COLOR": "1", "TERM": "dumb"}, True, id="forced on a dumb terminal"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR goes first"),
        pytest.param({"FORCE_COLOR": ""}, False, id="empty counts as unset"),
        pytest.param({"TERM": "xterm-256color"}, False, id="no terminal"),
        pytest.param({"CLICOLOR_FORCE": "1"}, False, id="a variable of others"),
    ],
)
def test_colour_in_a_pipe_is_only_for_who_asks(environ: dict[str, str], colour: bool) -> None:
    reader, writer = os.pipe()
    assert output.make(environ, writer).colour is colour
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        pytest.param({}, b"True", id="a terminal"),
        pytest.param({"NO_COLOR": ""}, b"True", id="NO_COLOR empty counts as unset (no-color.org)"),
        pytest.param({"NO_COLOR": "1"}, b"False", id="NO_COLOR"),
        pytest.param({"TERM": "dumb"}, b"False", id="a dumb terminal"),
    ],
)
def test_colour_on_a_terminal(environ: Patch, colour: bytes, world: World) -> None:
    source = "import os\nfrom tfwrap import output\nprint(output.make(os.environ).colour)"
    assert run_on_pty(world, [sys.executable, "-c", source], env=environ).screen.strip() == colour


MAY = [
    pytest.param({}, [], id="nothing against it"),
    pytest.param({"TF_INPUT": ""}, [], id="an empty TF_INPUT is unset to Terraform"),
    pytest.param({"TF_INPUT": "1"}, [], id="TF_INPUT=1"),
    pytest.param({"TF_INPUT": "yes"}, [], id="what Go does not read as false is none"),
    pytest.param({}, ["-input=true"], id="-input=true"),
    pytest.param({}, ["-var=input=false", "-no-color"], id="input as a variable's name"),
    pytest.param({"CI": "", "TF_IN_AUTOMATION": ""}, [], id="empty marks"),
]
MAY_NOT = [
    pytest.param({"TF_INPUT": "0"}, [], id="TF_INPUT=0"),
    pytest.param({"TF_INPUT": "False"}, [], id="TF_INPUT=False"),
    pytest.param({"TF_INPUT": "f"}, [], id="TF_INPUT=f"),
    pytest.param({}, ["-input=false"], id="-input=false"),
    pytest.param({}, ["--input=0"], id="--input=0"),
    pytest.param({}, ["-json", "-input=F"], id="-input=F"),
    pytest.param({"CI": "true"}, [], id="CI"),
    pytest.param({"TF_IN_AUTOMATION": "0"}, [], id="any TF_IN_AUTOMATION, as Terraform has it"),
]
ASKS = "import os, sys\nfrom tfwrap import output\nprint(output.may_ask(os.environ, sys.argv[1:]))"


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [pytest.param(*case.values, b"True", id=case.id) for case in MAY]
    + [pytest.param(*case.values, b"False", id=case.id) for case in MAY_NOT],
)
def test_a_person_at_a_terminal_may_be_asked(
    environ: Patch, options: Sequence[str], expected: bytes, world: World
) -> None:
    shown = run_on_pty(world, [sys.executable, "-c", ASKS, *options], env=environ)
    assert shown.screen.strip() == expected


def test_nobody_is_asked_through_pipes(world: World) -> None:
    assert run(world, [sys.executable, "-c", ASKS]).stdout.strip() == b"False"


@pytest.mark.parametrize("redirection", ["</dev/null", "2>/dev/null"])
def test_nobody_is_asked_when_one_end_is_no_terminal(redirection: str, world: World) -> None:
    shown = run_on_pty(world, ["sh", "-c", f'"$0" -c "$1" {redirection}', sys.executable, ASKS])
    assert shown.screen.strip() == b"False"


QUESTION = (
    "from tfwrap import output\n"
    "choices = {'r': 'reconfigure and retry', 'e': 'explain', 'q': 'quit'}\n"
    "print('answer', output.ask(output.Output(2, False), 'What now?', choices))"
)
PROMPT = "tfwrap: What now? [r] reconfigure and retry, [e] explain, [q] quit: "


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        pytest.param(["r\n"], "r", id="a letter"),
        pytest.param(["R\n"], "r", id="a capital"),
        pytest.param(["  explain\n"], "e", id="the word"),
        pytest.param(["\n", "r\n"], "r", id="nothing at first"),
        pytest.param(["x\n", "y\n", "z\n"], "q", id="three times something else"),
        pytest.param([b"\x04"], "q", id="end of input"),
        pytest.param(["ä\n", "r\n"], "r", id="a letter that is no choice"),
    ],
)
def test_an_answer_is_a_choice_or_the_last_one(typed: Sequence[str | bytes], answer: str, world: World) -> None:
    shown = run_on_pty(world, [sys.executable, "-c", QUESTION], [(PROMPT, keys) for keys in typed])
    assert shown.text.rstrip().endswith(f"answer {answer}")


def test_the_answer_comes_from_the_terminal_and_not_from_standard_input(world: World) -> None:
    shell = 'echo q | "$0" -c "$1"'
    shown = run_on_pty(world, ["sh", "-c", shell, sys.executable, QUESTION], [(PROMPT, "r\n")])
    assert shown.text.rstrip().endswith("answer r")


def test_without_a_terminal_the_answer_is_the_last_choice(world: World) -> None:
    done = run(world, [sys.executable, "-c", QUESTION], stdin=b"r\n")
    assert (done.status, done.stdout, done.stderr) == (0, b"answer q\n", b"")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x1b]0;title\x07b", "a\\x1b]0;title\\x07b", id="a title"),
        pytest.param("\x1b[2J\x1b[31mred", "\\x1b[2J\x1b[31mred", id="clears the screen"),
        pytest.param("over\rwritten", "over\\rwritten", id="a carriage return"),
        pytest.param("two\nlines", "two\\nlines", id="a line of its own"),
        pytest.param("\x9b31mred", "\\x9b31mred", id="the one-byte introducer"),
        pytest.param("\u202egpj.exe", "\\u202egpj.exe", id="right to left"),
    ],
)
def test_nothing_in_a_message_can_drive_the_terminal(text: str, shown: str) -> None:
    assert output.harmless(text) == shown


@pytest.mark.parametrize(
    "text", ["plain", "Größe, 网络", "a\tb", "", "\x1b[1mbold\x1b[0m", 'profile "x"', "100 %", "emoji 🚀", "~/.aws"]
)
def test_what_is_text_stays_as_it_is(text: str) -> None:
    assert output.harmless(text) == text
