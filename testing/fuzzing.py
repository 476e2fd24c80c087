"""How many cases a fuzz test tries: a moment's worth, or as many as TFWRAP_TEST_EXAMPLES says (100,000 when long)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

fuzzed = settings(
    max_examples=int(os.environ.get("TFWRAP_TEST_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
"""A decorator for tests that hypothesis feeds."""
