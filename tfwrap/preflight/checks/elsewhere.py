"""Consumers whose credentials nobody here can or need confirm."""

from __future__ import annotations

from tfwrap.preflight.checks import endpoints, remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tfwrap.preflight.checks.finding import Facts
    from tfwrap.sources.consumers import Consumer


def has_no_identity(consumer: Consumer, facts: Facts) -> bool:
    """Whether there is no identity to confirm: the run is elsewhere, or a store that only speaks like S3 is asked."""
    return remote.leaves_credentials(facts, consumer) or (
        not consumer.asks_sts and endpoints.is_named(consumer.arguments)
    )
