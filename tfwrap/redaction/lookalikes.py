"""What looks like a secret wherever it comes from: a table of patterns, each linear in the text.

Sources: gitleaks' rules for the shapes of keys and tokens, AWS's and HashiCorp's documentation of theirs.
"""

from __future__ import annotations

import re

from tfwrap.aws import accesskey
from tfwrap.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HIDDEN = "[redacted]"

_WORDS = r"secret|token|password|passwd|passphrase|private_?key|api_?key|account_?key|customer_key|authorization"
SECRET_NAME = re.compile(rf"(?i)({_WORDS}|credential|_pwd$)")
# Names like the above whose value says where a secret is, or when it ends: that is evidence, and no secret.
PLACE_NAME = re.compile(r"(?i)_(?:files?|path|dir|directory|expiration|source|(?:full|relative)_uri)$")
# gitleaks' rule for key ids, with AWS's documented prefixes.
KEY_ID = re.compile(r"(?<![A-Z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}(?![A-Za-z0-9])")
# Behind `: ` without quotes a word of letters is prose, or Terraform's progress (`random_password.db: Creating...`).
NAMED_VALUE = re.compile(
    rf"""(?ix) (?<![\w.:-])
        ([\w.-]*? (?:{_WORDS}) [\w.-]{{0,64}}
        (?:\\?["'])? (?: [ \t]{{0,16}}=[ \t]{{0,16}}(?:\\?["'])? | [ \t]{{0,16}}:\s{{0,16}}\\?["'] | :(?=\S*[\d+/=])
        | :[ \t]{{1,16}}(?![a-z]+(?:\.\.\.|[ \t]+\S)) ))
        (?!arn:|\(sensitive|\(known|<sensitive)
        (?P<value> (?<=") (?:\\[^"]|[^"\\\n]){{8,}} | (?<=') [^'\n]{{8,}} | (?<!["']) [^\s"',]{{8,}} )"""
)
URL_PASSWORD = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@]{0,256}):(?P<value>[^\s/@]{1,1024})@")


class Lookalike(NamedTuple):
    """A pattern, and what stands in the place of what it finds."""

    pattern: re.Pattern[str]
    instead: str | Callable[[re.Match[str]], str]


def _of(pattern: str, instead: str = HIDDEN, flags: int = 0) -> Lookalike:
    return Lookalike(re.compile(pattern, flags), instead)


def _masked(found: re.Match[str]) -> str:
    return accesskey.mask(found.group())


TABLE = (
    # A state that could not be written anywhere is printed as it is: any value in it may be secret.
    _of(r'\{\s*"version":\s*\d+,\s*"terraform_version":.*?(?:^\}|\Z)', flags=re.DOTALL | re.MULTILINE),
    _of(
        r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]{0,32}PRIVATE KEY(?: BLOCK)?-----|\Z)",
        flags=re.DOTALL,
    ),
    # A secret beside its key id, as in a credentials report or a CSV file.
    _of(rf"({KEY_ID.pattern}[\s,:;\"'|=]{{1,8}})[A-Za-z0-9/+]{{40}}(?![A-Za-z0-9/+=])", rf"\1{HIDDEN}"),
    Lookalike(KEY_ID, _masked),
    _of(
        r"(\b(?:authorization|(?:set-)?cookie)[\"']?\s{0,16}[:=]\s{0,16}[\"']?)"
        r"(?:(?:bearer|basic|digest|negotiate|token|aws4-hmac-sha256)\s+|(?<=okie: ))[^\r\n\"']+",
        rf"\1{HIDDEN}",
        re.IGNORECASE,
    ),
    Lookalike(NAMED_VALUE, rf"\1{HIDDEN}"),
    _of(r"\b(bearer|basic)\s+(?=[a-z]*[\d+/=~_])[\w.~+/=-]{8,}", rf"\1 {HIDDEN}", re.IGNORECASE),
    _of(r"([?&;, ](?:X-Amz-)?Signature=|[?&]sig=)[\w%+/=-]{8,}", rf"\1{HIDDEN}"),
    _of(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    # What every session token of STS begins with: "origin_ec" or "er/aws" behind its length.
    _of(r"(?<![A-Za-z0-9+/])(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=_%-]{16,}"),
    _of(r"\bhv[sbr]\.[\w-]{20,}|(?<![\w./-])[sbr]\.[A-Za-z0-9]{24}(?![\w.-])"),
    _of(r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bgl(?:pat|dt|rt|cbt|ptt|soat)-[\w-]{20,}"),
    _of(r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{20,}"),
    _of(r"\bxox[abeoprs]-[\w-]{10,}|\bAIza[\w-]{35}|\bnpm_[A-Za-z0-9]{36}|\b[sr]k_live_\w{16,}|\bpypi-AgE[\w-]{20,}"),
    Lookalike(URL_PASSWORD, rf"\1:{HIDDEN}@"),
    _of(r"(\b(?:https?|git|ssh)://)[A-Za-z0-9_~.-]{20,256}@", rf"\1{HIDDEN}@"),
)


def within(text: str) -> Iterator[str]:
    """The secrets that stand in a text beside key words, or as the password of a URL."""
    for pattern in (NAMED_VALUE, URL_PASSWORD):
        yield from (found["value"] for found in pattern.finditer(text))
