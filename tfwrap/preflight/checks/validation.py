"""3xx: a backend or a provider that is told not to look whether its credentials are good."""

from __future__ import annotations

from tfwrap.aws import keyshape
from tfwrap.preflight import childenv
from tfwrap.preflight.checks import endpoints, placeholders
from tfwrap.preflight.checks.finding import INFO, WARNING, Facts, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tfwrap.sources.consumers import Consumer

_SKIPPED = {
    "skip_credentials_validation": (WARNING, "bad keys are noticed only in the middle of the work"),
    "skip_requesting_account_id": (INFO, "Terraform does not know which account it works in"),
    "skip_metadata_api_check": (INFO, "the credentials of the instance are not looked for"),
}


def check(facts: Facts) -> Iterator[Finding]:
    """TFW310: only beside keys that look like AWS's, and where requests go to AWS: an emulator wants all three."""
    if endpoints.is_elsewhere(facts):
        return
    for consumer in facts.consumers:
        skipped = [name for name in _SKIPPED if consumer.arguments.get(name) in (True, "true")]
        if skipped and _is_real(consumer):
            yield _finding(consumer, skipped)


def _is_real(consumer: Consumer) -> bool:
    source, url = consumer.source, consumer.endpoint.url
    is_at_aws = not url or childenv.is_aws(url)
    is_key = source.has_keys and keyshape.is_key_id(source.access_key)
    return is_at_aws and is_key and not placeholders.is_placeholder(source.access_key)


def _finding(consumer: Consumer, skipped: list[str]) -> Finding:
    severity = WARNING if any(_SKIPPED[name][0] == WARNING for name in skipped) else INFO
    title = f"{consumer.name} is told {', '.join(skipped)}: {_SKIPPED[skipped[0]][1]}"
    evidence = (f"{consumer.location}, with {consumer.source.describe()}",)
    return Finding("TFW310", "validation-skipped", severity, title, evidence, (f"remove {', '.join(skipped)}",))
