"""How many cases a fuzz test tries: a moment's worth, or as many as TFWRAP_TEST_EXAMPLES says (100,000 when long)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable

_EXAMPLES = "TFWRAP_TEST_EXAMPLES"
_settings = settings(
    max_examples=int(os.environ.get(_EXAMPLES, "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def fuzzed(test: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator for tests that hypothesis feeds. In a long run no clock ends them."""
    limited = _settings(test)
    return pytest.mark.timeout(0)(limited) if _EXAMPLES in os.environ else limited
