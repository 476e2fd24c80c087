"""How long a Terraform is waited for that does not end, or that left somebody behind who holds its streams."""

from __future__ import annotations

# How long a stream must be silent, once Terraform is gone, before somebody who still holds it is no longer waited for.
SILENCE_S = 0.2
# Terraform hears two interrupts: stop, and stop at once. While it configures the backend it hears none at all
# (terraform internal/command/meta_backend.go runs without the stop context; tried with an STS that does not answer).
INTERRUPTS_THAT_IT_HEARS = 2
BEFORE_A_KILL_S = 1.0
STILL_RUNS = (
    "Terraform still runs: it does not listen to interrupts while it configures its backend. "
    "Press Ctrl-C once more to kill it (a state lock that it holds stays)"
)
