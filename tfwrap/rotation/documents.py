"""A key in a document: the JSON of IAM, STS and Vault, the CSV file of the AWS console."""

from __future__ import annotations

from tfwrap.aws import keynames
from tfwrap.origin import Secret
from tfwrap.rotation.candidate import CSV, JSON, KEY_ID, SECRET, TOKEN, Candidate, Part, make
from tfwrap.rotation.material import Unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tfwrap.rotation.material import Material

_PARTS = {KEY_ID: keynames.ACCESS_KEY, SECRET: keynames.SECRET_KEY, TOKEN: keynames.TOKEN}
# What the key may stand in: IAM's answer, STS's, Vault's, and Vault's of a KV store of version 2.
_AROUND = (("AccessKey",), ("Credentials",), ("data", "data"), ("data",), ())
_COLUMNS = {KEY_ID: "access key id", SECRET: "secret access key"}
_USER = "user name"


def of_json(material: Material) -> Candidate:
    """The key of an answer of IAM's, STS's or Vault's. Raises Unfit."""
    import json

    text = material.text.reveal()
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unfit(f"{material.at(error.lineno)}: is no JSON: {error.msg.lower()}") from None
    except RecursionError:
        raise Unfit(f"{material.place} is nested too deeply") from None
    values = next((inner for inner in _inner(document) if any(keynames.found(inner).values())), None)
    if values is None:
        names = ", ".join(name for names in keynames.NAMES.values() for name in names)
        raise Unfit(f"{material.place} holds no key (looked for {names})")
    return make(JSON, material, {part: _member(material, values, _PARTS[part]) for part in _PARTS})


def _inner(document: object) -> Iterator[Mapping[str, object]]:
    for path in _AROUND:
        inner = document
        for name in path:
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            yield inner


def _member(material: Material, values: Mapping[str, object], part: str) -> Part:
    value = keynames.found(values)[part]
    name = next((name for name in keynames.NAMES[part] if values.get(name)), "")
    before = material.text.reveal().partition(f'"{name}"')[0] if name else ""
    line = before.count("\n") + 1 if name else 0
    if not isinstance(value, str):
        raise Unfit(f"{material.at(line)}: {name} is no text")
    return Part(Secret(value), name, line)


def of_csv(material: Material) -> Candidate:
    """The key of a file that the console gave, also the old form with users and passwords. Raises Unfit."""
    import csv

    lines = material.text.reveal().splitlines()
    delimiter = next((mark for mark in ",;\t" if mark in lines[0]), ",")  # spreadsheets write what the locale has
    reader = csv.reader(lines, delimiter=delimiter)
    header = [name.strip().lower() for name in next(reader)]
    rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    line, row = _chosen(material, [(line, dict(zip(header, row, strict=False))) for line, row in rows])
    return make(CSV, material, {part: Part(Secret(row.get(name, "")), name, line) for part, name in _COLUMNS.items()})


def _chosen(material: Material, rows: list[tuple[int, dict[str, str]]]) -> tuple[int, dict[str, str]]:
    wanted = material.section
    found = [(line, row) for line, row in rows if not wanted or row.get(_USER, "").strip() == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unfit(f"{material.place} holds no key{f' of user {wanted}' if wanted else ' below its header'}")
    lines = ", ".join(str(line) for line, _ in found)
    raise Unfit(f"{material.place} holds {len(found)} keys (lines {lines}): name one by its user, FILE:USER")
