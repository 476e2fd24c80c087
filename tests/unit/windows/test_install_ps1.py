"""install.ps1, which nothing here can execute: it is parsed, and held to rules that a parser does not know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

SCRIPT = Path(__file__).parents[3] / "install.ps1"
PARSER = Parser(Language(tree_sitter_powershell.language()))
NATIVE = re.compile(r"^\s*& ", re.MULTILINE)


def is_well_formed(text: str) -> bool:
    return not PARSER.parse(text.encode()).root_node.has_error


def code(text: str) -> str:
    """The text without its comments."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))


def broken_rules(text: str) -> list[str]:
    """What of the rules for scripts of Windows PowerShell 5.1 a text breaks."""
    lines = code(text).splitlines()
    pairs = zip(lines, [*lines[1:], ""], strict=True)
    unchecked = any(NATIVE.match(line) and "$LASTEXITCODE" not in following for line, following in pairs)
    found = {
        "5.1 reads it as ANSI": not text.isascii(),
        "setx cuts at 1024 characters": "setx" in code(text),
        "it expands what the registry holds": "SetEnvironmentVariable" in code(text),
        "5.1 knows no && and ||": re.search(r"&&|\|\|", code(text)),
        "exit closes the window under iex": re.search(r"^\s*exit\b", code(text), re.MULTILINE),
        "5.1 ends at a redirected native error": "2>" in code(text),
        "a native command's status is not looked at": unchecked,
    }
    return [rule for rule, is_broken in found.items() if is_broken]


def test_the_installer_is_well_formed() -> None:
    assert is_well_formed(SCRIPT.read_text("utf-8"))


def test_the_installer_keeps_the_rules() -> None:
    assert broken_rules(SCRIPT.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("param(", "param"), ("{\n", "\n"), ("}\n", "\n"), ("'Stop'", "'Stop"), ("(Join-Path", "Join-Path")],
)
def test_a_piece_that_is_lost_is_noticed(old: str, new: str) -> None:
    assert not is_well_formed(SCRIPT.read_text("utf-8").replace(old, new, 1))


@pytest.mark.parametrize("addition", ["$a = $b ? 1 : 2\n", "$a = $b ?? 1\n", "$a ??= 1\n"])
def test_what_only_powershell_7_knows_is_noticed(addition: str) -> None:
    assert not is_well_formed(SCRIPT.read_text("utf-8") + addition)


@pytest.mark.parametrize(
    "addition",
    [
        "# caf\u00e9\n",
        "setx PATH x\n",
        "[Environment]::SetEnvironmentVariable('Path', 'x', 'User')\n",
        "Get-Item a && Get-Item b\n",
        "exit 1\n",
        "Get-Item a 2>$null\n",
        "& $python -c 'pass'\nWrite-Output done\n",
    ],
)
def test_each_rule_notices_what_breaks_it(addition: str) -> None:
    assert len(broken_rules(SCRIPT.read_text("utf-8") + addition)) == 1
