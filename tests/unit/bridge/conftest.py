"""What the tests of the bridge share."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def short() -> Iterator[Path]:
    """A directory whose path is short enough for a socket; pytest's own are too long."""
    with tempfile.TemporaryDirectory(prefix="b-") as path:
        yield Path(path)
