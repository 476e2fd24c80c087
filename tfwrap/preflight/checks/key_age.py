"""2xx: how old a key is, which only IAM knows: `tfwrap doctor` asks it."""

from __future__ import annotations

from tfwrap.aws import accesskey
from tfwrap.preflight.checks.finding import INFO, WARNING, Finding

DAY_S = 86_400


def key_age(created: float, now: float, limit_days: int, key_id: str = "") -> Finding | None:
    """TFW211 for a key that is older than the limit; None for a younger one. Times are Unix times."""
    days = int((now - created) // DAY_S)
    if days <= limit_days:
        return None
    severity = WARNING if days > 2 * limit_days else INFO
    which = f"the key {accesskey.mask(key_id)}" if key_id else "the key"
    return Finding(
        "TFW211",
        "key-age",
        severity,
        f"{which} is {days} days old, {days - limit_days} more than the limit of {limit_days}",
        ("IAM says when it was made (CreateDate)",),
        ("aws iam create-access-key, and delete the old one when nothing uses it any more",),
    )
