"""What an access key id says by itself: its kind, its account, and how to show it."""

from __future__ import annotations

LONG_TERM = "AKIA"
TEMPORARY = "ASIA"


def mask(key_id: str) -> str:
    """The key id as Terraform's own trace shows it: first and last four characters, `AKIA****0001`.

    What is no key id by its look is hidden whole, for it may be a secret in the wrong place: ids are upper case and
    digits, which of forty characters of a secret is as good as impossible.
    """
    if len(key_id) < 12 or not (key_id.isascii() and key_id.isalnum() and key_id.isupper()):
        return "****"
    return f"{key_id[:4]}****{key_id[-4:]}"


def account(key_id: str) -> str | None:
    """The account number that a key id encodes, None where it does not.

    Ids made since about 2019 carry it in the ten characters behind the prefix; in older ones the fifth
    character is A to P (Aidan Steele, "AWS Access Key ID formats"; WithSecure's note on the top bit).
    """
    body = key_id[4:]
    if key_id[:4] not in (LONG_TERM, TEMPORARY) or len(body) != 16 or not _encodes_account(body):
        return None
    number = 0
    for character in body[:10]:
        digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(character)
        if digit < 0:
            return None
        number = number << 5 | digit
    first_six_bytes = number >> 2
    return f"{(first_six_bytes & 0x7FFFFFFFFF80) >> 7:012d}"


def _encodes_account(body: str) -> bool:
    return body[0] in "QRSTUVWXYZ234567"
