"""Marks for tests that run against several Terraforms."""

from __future__ import annotations

import pytest

from testing.terraforms import VERSIONS


def on_terraforms(*versions: str) -> pytest.MarkDecorator:
    """Runs a test once for each version, as its fixture `terraform`; skipped where it cannot be had."""
    return pytest.mark.parametrize("terraform", versions, indirect=True)


each_terraform = on_terraforms(*VERSIONS)
"""Runs a test once for every Terraform that the tests know."""
