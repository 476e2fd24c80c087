"""The key in a text: which form the text has, and what stands where in it."""

from __future__ import annotations

import re

from tfwrap.aws import inifile
from tfwrap.lean import NamedTuple
from tfwrap.rotation import documents, lines
from tfwrap.rotation.candidate import CSV, ENV, JSON, SHARED, Candidate
from tfwrap.rotation.material import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.rotation.material import Material

FORMS = (
    "a shared AWS file, lines of NAME=VALUE, the CSV file of the AWS console, or the JSON of "
    "`aws iam create-access-key` or `vault read -format=json`"
)


class Form(NamedTuple):
    """A form: how a text of it looks, and how the key is read from it."""

    name: str
    fits: Callable[[str], bool]
    read: Callable[[Material], Candidate]


def read(material: Material) -> Candidate:
    """The key. Raises Unfit, with the line, where there is none, half of one, or more than one."""
    text = material.text.reveal()
    for form in _FORMS:
        if form.fits(text):
            return form.read(material)
    raise Unfit(f"{material.place} is in none of the forms that are known here: {FORMS}")


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _is_shared(text: str) -> bool:
    """Whether the first line that says anything is a section's."""
    said = (line for line in text.splitlines() if line.strip() and line.lstrip()[0] not in "#;")
    return inifile.section_name(next(said, ""), inifile.SECOND_SDK) is not None


def _is_csv(text: str) -> bool:
    return "access key id" in text.lstrip().partition("\n")[0].lower()


def _is_env(text: str) -> bool:
    return re.search(r"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=", text) is not None


# JSON begins with what a section does: it goes first, for `[` alone is no section.
_FORMS = (
    Form(SHARED, _is_shared, lines.of_shared_file),
    Form(JSON, _is_json, documents.of_json),
    Form(CSV, _is_csv, documents.of_csv),
    Form(ENV, _is_env, lines.of_variables),
)
