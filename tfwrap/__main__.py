"""`python -m tfwrap` is the `tfwrap` command."""

from __future__ import annotations

from tfwrap.cli import console

console()
