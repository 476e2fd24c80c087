"""The names under which a key's parts are kept outside of the shared AWS files: by Vault, IAM, STS and in variables."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ACCESS_KEY = "access key"
SECRET_KEY = "secret key"  # noqa: S105 - what it is called in a message
TOKEN = "token"  # noqa: S105 - the same

# In the order in which they are looked for; the AWS engine of Vault says security_token until 1.17.
NAMES: Mapping[str, tuple[str, ...]] = {
    ACCESS_KEY: ("access_key", "aws_access_key_id", "access_key_id", "AWS_ACCESS_KEY_ID", "AccessKeyId"),
    SECRET_KEY: (
        "secret_key", "aws_secret_access_key", "secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey",
    ),
    TOKEN: ("session_token", "security_token", "aws_session_token", "AWS_SESSION_TOKEN", "SessionToken"),
}  # fmt: skip


def found(values: Mapping[str, object]) -> dict[str, object]:
    """The parts of a key in a mapping, "" where one is missing; what is no text comes out as it is."""
    return {part: next((values[name] for name in names if values.get(name)), "") for part, names in NAMES.items()}
