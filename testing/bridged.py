"""A run over the bridge, as a guarded run is to make it: facts, bridge, Terraform with what the bridge changes.

    python bridged.py TERRAFORM ARGUMENT…
"""

from __future__ import annotations

import os
import sys
import time

from tfwrap import bridge, childenv, invocation, output, preflight, process
from tfwrap.recovery.refresh import Console


def main(real: str, *argv: str) -> int:
    """Run Terraform over the bridge; what is declined is said."""
    environ = dict(os.environ)
    said = output.make(environ)
    typed = invocation.parse(list(argv), environ, os.getcwd())
    facts = preflight.facts(typed, environ, real)._replace(now=time.time())
    may_ask = output.may_ask(environ, typed.options)
    with bridge.opened(facts, lambda: Console(said, may_ask, environ)) as bridged:
        said.say(*bridged.declined)
        child = childenv.apply(environ, (*facts.changes, *bridged.changes))
        finished = process.run(real, list(argv), child, watch_stdout=False, say=said.say)
    if finished.signal:
        process.die_by(finished.signal)
    return finished.status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
