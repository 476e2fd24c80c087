"""Secrets out, before anything is stored or shown."""

from __future__ import annotations

import re

from tfwrap import accesskey
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tfwrap.awsconfig import AwsFiles
    from tfwrap.saved_backend import SavedBackend

HIDDEN = "[redacted]"
# Shorter values are words; replacing them would tear the text apart and hide nothing.
_SHORTEST = 8

_SECRET_NAME = re.compile(
    r"(?i)(secret|token|password|passwd|private_?key|api_?key|customer_key|credential|authorization)"
)
# Names like the above whose value says where a secret is, or when it ends: that is evidence, and no secret.
_PLACE_NAME = re.compile(r"(?i)_(?:files?|path|dir|directory|expiration|source|(?:full|relative)_uri)$")
# gitleaks' rule for key ids, with AWS's documented prefixes.
_KEY_ID = re.compile(r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b")
# Behind `: ` without quotes a word of letters is prose, or Terraform's progress (`random_password.db: Creating...`).
_NAMED_VALUE = re.compile(
    r"""(?ix) (?<![\w.:/-])
        ([\w.-]{0,64}? (?:secret|token|password|passwd|private_?key|api_?key|customer_key|authorization) [\w.-]{0,64}
        (?:\\?["'])? (?: [ \t]{0,16}=[ \t]{0,16}(?:\\?["'])? | [ \t]{0,16}:\s{0,16}\\?["'] | :(?=\S*[\d+/=])
        | :[ \t]{1,16}(?![a-z]+(?:\.\.\.|[ \t]+\S)) ))
        (?!arn:|\(sensitive|\(known)
        (?: (?<=") (?:\\[^"]|[^"\\\n]){8,} | (?<=') [^'\n]{8,} | (?<!["']) [^\s"',]{8,} )"""
)
_HEADER = re.compile(
    r"(?i)(\bauthorization[\"']?\s*[:=]\s*[\"']?)(?:bearer|basic|digest|aws4-hmac-sha256)\s+[^\r\n\"']+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+(?=[a-z]*[\d+/=~_])[\w.~+/=-]{8,}")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_VAULT = re.compile(r"\bhv[sbr]\.[\w-]{20,}")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|\Z)", re.DOTALL
)
_URL_PASSWORD = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@]*):[^\s/@]+@")


class Redactor(NamedTuple):
    """Knows the secret values of this run, longest first, and takes them out of text."""

    values: tuple[str, ...]

    def text(self, text: str) -> str:
        """The text without secrets: known values, and what looks like one; key ids keep their ends."""
        for value in self.values:
            text = text.replace(value, HIDDEN)
        text = _KEY_ID.sub(lambda found: accesskey.mask(found.group()), text)
        text = _HEADER.sub(rf"\1{HIDDEN}", _PRIVATE_KEY.sub(HIDDEN, text))
        text = _NAMED_VALUE.sub(rf"\1{HIDDEN}", text)
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
        for pattern in (_JWT, _VAULT):
            text = pattern.sub(HIDDEN, text)
        return _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)

    def arguments(self, argv: Sequence[str]) -> list[str]:
        """A command line without secrets: `-var` and `-backend-config` values by name, the rest by value."""
        shown = (_assignment(word) if option in _ASSIGNING else _argument(word) for option, word in _pairs(argv))
        return [self.text(word) for word in shown]


def make(
    environ: Mapping[str, str], files: AwsFiles | None, saved: SavedBackend | None, argv: Iterable[str]
) -> Redactor:
    """A redactor that knows every secret at hand: environment, shared files, saved backend, command line."""
    settings = [profile.settings for profile in files.profiles.values()] if files else []
    named = [*environ.items(), *(pair for each in settings for pair in each.items())]
    named += [*_flat(saved.config if saved else {}), *_assigned(argv)]
    for name, value in environ.items():
        named += _assigned(value.split()) if name.startswith("TF_CLI_ARGS") else []
    values = {value for name, value in named if _is_secret(name, value)}
    forms = {form for value in values for form in _forms(value) if len(form) >= _SHORTEST}
    return Redactor(tuple(sorted(forms, key=lambda form: (-len(form), form))))


def _is_secret(name: str, value: str) -> bool:
    """By its name; and what stands in the place of a key id without being one is a secret in the wrong place."""
    if len(value) < _SHORTEST or _PLACE_NAME.search(name):
        return False
    is_key_id = name.lower().endswith(("access_key", "access_key_id")) and "secret" not in name.lower()
    return not _KEY_ID.fullmatch(value) if is_key_id else bool(_SECRET_NAME.search(name))


def _flat(config: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in config.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif isinstance(value, str):
            yield name, value


def _assigned(argv: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The `NAME=value` pairs of `-var` and `-backend-config`, in one word or in two."""
    for option, word in _pairs(argv):
        text = word if option in _ASSIGNING else word.partition("=")[2]
        name, _, value = text.strip("\"'").partition("=")
        yield name, value


def _pairs(argv: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each word with the option before it: Go's flags allow `-var x=1` for `-var=x=1`."""
    before = ""
    for word in argv:
        yield before, word
        before = word.lstrip("-") if word.startswith("-") else ""


def _forms(value: str) -> tuple[str, ...]:
    """A value as it may stand in other text: line by line, on one line, URL-encoded, JSON-escaped, base64."""
    import base64
    import json
    from urllib.parse import quote_from_bytes

    try:
        encoded = value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, from a JSON file: nobody else writes it as bytes either
        encoded = value.encode("utf-8", "replace")
    quoted = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote_from_bytes(encoded, safe=""))
    lines = (value.strip(), " ".join(value.split()), *map(str.strip, value.splitlines()))
    return (value, *lines, *quoted, base64.b64encode(encoded).decode())


def _argument(word: str) -> str:
    option, equals, rest = word.partition("=")
    return f"{option}={_assignment(rest)}" if equals and option.lstrip("-") in _ASSIGNING else word


def _assignment(text: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}={HIDDEN}" if equals and value and name not in _HARMLESS else text


_ASSIGNING = ("var", "backend-config")
_HARMLESS = (
    "bucket",
    "key",
    "region",
    "profile",
    "encrypt",
    "dynamodb_table",
    "workspace_key_prefix",
    "use_lockfile",
)
