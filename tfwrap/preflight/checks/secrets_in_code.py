"""3xx: secret keys and tokens that stand in the configuration or in a file of variables."""

from __future__ import annotations

import os

from tfwrap import origin
from tfwrap.aws import keyshape
from tfwrap.preflight.checks import placeholders
from tfwrap.preflight.checks.finding import WARNING, Facts, Finding
from tfwrap.terraform import module_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.invocation import Invocation

LARGEST = 1 << 20
_SUFFIXES = (".auto.tfvars", ".auto.tfvars.json")
_NAMES = ("terraform.tfvars", "terraform.tfvars.json")
# A name and a text, as HCL and JSON write them; the name `default` is that of the variable around it.
_ASSIGNMENT = r'"?([A-Za-z_][\w-]*)"?\s*[=:]\s*"([^"\\]{16,4096})"'
_VARIABLE = r'^\s*"?variable"?\s+"([^"]+)"'
_TOKENS_BEGIN = ("IQoJ", "FwoG", "FQoG")


def check(facts: Facts) -> Iterator[Finding]:
    """TFW305: a finding for each file, which names the lines and shows nothing of what stands there."""
    shown_from = facts.invocation.shown_from
    for path in _paths(facts.invocation):
        found = dict(_secrets(_text(path)))
        if found:
            place = origin.place(path, directory=shown_from)
            names = ", ".join(dict.fromkeys(found.values()))
            title = f"{place}:{next(iter(found))} holds a secret in clear ({names})"
            evidence = tuple(f"{place}:{line}: {name}" for line, name in found.items())
            fix = ("take it out, use a profile or a role instead, and make a new key: this one may have been copied",)
            yield Finding("TFW305", "hard-coded-credentials", WARNING, title, evidence, fix)


def _paths(typed: Invocation) -> list[str]:
    """The module's files, the variable files that Terraform reads by itself, and those that it is given."""
    directory = typed.directory
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        names = []
    by_itself = [os.path.join(directory, name) for name in names if name in _NAMES or name.endswith(_SUFFIXES)]
    options = ("var-file", "backend-config")
    given = [value for option in options for value in typed.values(option) if option == "var-file" or "=" not in value]
    told = [os.path.join(typed.working_directory, value) for value in given]
    return list(dict.fromkeys([*module_files.of(directory, typed.program), *by_itself, *told]))


def _text(path: str) -> str:
    """The text of a regular file; empty where it cannot be read or is far too large for something typed."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > LARGEST:
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST)
    except OSError:
        return ""


def _secrets(text: str) -> Iterator[tuple[int, str]]:
    """Lines and names of what looks like a secret key or a session token, by its name and by its shape."""
    lower = text.lower()
    if "secret" not in lower and "token" not in lower:
        return
    import re

    variable, pattern, heading = "", re.compile(_ASSIGNMENT), re.compile(_VARIABLE)
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(("#", "//")):
            continue
        if begun := heading.match(line):
            variable = begun[1]
        for name, value in pattern.findall(line):
            whose = variable if name == "default" else name
            if _is_secret(whose.lower(), value):
                yield number, whose


def _is_secret(name: str, value: str) -> bool:
    """A digest in hexadecimal has forty characters of the same alphabet, and is no secret key."""
    if placeholders.is_placeholder(value):
        return False
    if "token" in name:
        return value.startswith(_TOKENS_BEGIN) and keyshape.is_token(value)
    return "secret" in name and keyshape.is_secret(value) and bool(value.strip("0123456789abcdefABCDEF"))
