"""What people write where a credential belongs."""

from __future__ import annotations

from tfwrap.aws import keyshape

# AWS's own examples end in EXAMPLE and EXAMPLEKEY.
_WORDS = (
    "test",
    "testing",
    "dummy",
    "fake",
    "foo",
    "foobar",
    "example",
    "mock",
    "changeme",
    "xxx",
    "none",
    "null",
)
_BEGIN = ("<", "${", "{{", "$aws_", "%aws_", "your", "mock_", "replace")


def is_placeholder(value: str) -> bool:
    """Whether a key id, secret or token is an example, a word such as `test`, or a template nobody filled in."""
    inner = keyshape.bare(value)
    if keyshape.is_key_id(inner) or keyshape.is_secret(inner):
        return inner.endswith(("EXAMPLE", "EXAMPLEKEY"))
    return inner.lower() in _WORDS or inner.lower().startswith(_BEGIN)
