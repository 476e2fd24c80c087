"""Secrets out, before anything is stored or shown."""

from __future__ import annotations

import re

from tfwrap import accesskey
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tfwrap.awsconfig import AwsFiles
    from tfwrap.saved_backend import SavedBackend

HIDDEN = "[redacted]"
# Shorter values are words; replacing them would tear the text apart and hide nothing.
_SHORTEST = 8

_SECRET_NAME = re.compile(
    r"(?i)(secret|token|password|passwd|private_?key|api_?key|customer_key|credential|authorization)"
)
# Names like the above whose value says where a secret is, or when it ends: that is evidence, and no secret.
_PLACE_NAME = re.compile(r"(?i)(?:_(?:files?|path|dir|directory|ur[il]|expiration|source)|credential_process)$")
# gitleaks' rule for key ids, with AWS's documented prefixes.
_KEY_ID = re.compile(r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b")
# Behind `: ` without quotes a word of letters is prose, or Terraform's progress (`random_password.db: Creating...`).
_NAMED_VALUE = re.compile(
    r"""(?ix) (?<![\w.:/-])
        ([\w.-]{0,64}? (?:secret|token|password|passwd|private_?key|api_?key|customer_key|authorization) [\w.-]{0,64})
        ( ["']? (?: \s*=\s*["']? | \s*:\s*["'] | :\s+ (?! [a-z]+ (?: \.\.\. | \s+\S ) ) | : (?=\S*[\d+/=]) ) )
        ( (?: \\. | [^\s"',\\] ){8,} )"""
)
_HEADER = re.compile(r"(?i)(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|digest|aws4-hmac-sha256)\s+)[^\r\n\"']+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+(?=[a-z]*[\d+/=~_])[\w.~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_VAULT = re.compile(r"\bhv[sbr]\.[\w-]{20,}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|\Z)", re.S)
_URL_PASSWORD = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@]*):[^\s/@]+@")


class Redactor(NamedTuple):
    """Knows the secret values of this run, longest first, and takes them out of text."""

    values: tuple[str, ...]

    def text(self, text: str) -> str:
        """The text without secrets: known values, and what looks like one; key ids keep their ends."""
        for value in self.values:
            text = text.replace(value, HIDDEN)
        text = _KEY_ID.sub(lambda found: accesskey.mask(found.group()), text)
        text = _NAMED_VALUE.sub(rf"\1\2{HIDDEN}", text)
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
        for pattern in (_JWT, _VAULT):
            text = pattern.sub(HIDDEN, text)
        return _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)

    def arguments(self, argv: Sequence[str]) -> list[str]:
        """A command line without secrets: `-var` and `-backend-config` values by name, the rest by value."""
        return [_argument(self.text(word)) for word in argv]


def make(
    environ: Mapping[str, str], files: AwsFiles | None, saved: SavedBackend | None, argv: Iterable[str]
) -> Redactor:
    """A redactor that knows every secret at hand: environment, shared files, saved backend, command line."""
    values = {value for name, value in environ.items() if _SECRET_NAME.search(name)}
    for profile in files.profiles.values() if files else ():
        values.update(value for key, value in profile.settings.items() if _SECRET_NAME.search(key))
    if saved:
        values.update(str(value) for key, value in saved.config.items() if _SECRET_NAME.search(key))
    values.update(_secret_arguments(argv))
    forms = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
    return Redactor(tuple(sorted(forms, key=lambda form: (-len(form), form))))


def _secret_arguments(argv: Iterable[str]) -> Iterable[str]:
    for word in argv:
        name, _, value = word.lstrip("-").partition("=")[2].partition("=")
        if value and _SECRET_NAME.search(name):
            yield value


def _forms(value: str) -> tuple[str, ...]:
    """A value as it may stand in other text: URL-encoded, JSON-escaped, base64."""
    import base64
    import json
    from urllib.parse import quote

    encoded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()
    return value, quote(value, safe=""), json.dumps(value)[1:-1], encoded


def _argument(word: str) -> str:
    head, equals, rest = word.partition("=")
    name, inner, value = rest.partition("=")
    if head.lstrip("-") in ("var", "backend-config") and inner and value:
        shown = value if name in _HARMLESS else HIDDEN
        return f"{head}{equals}{name}={shown}"
    return word


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
