"""`python -m tfwrap.stand [port]`: a stand to try things against, until Ctrl-C."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from tfwrap.errors import TfwrapError
from tfwrap.stand.server import Stand, start

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Open a stand and print what a shell needs to use it. 125 where moto is missing or the port is taken."""
    try:
        with start(int(arguments[0]) if arguments else 0) as stand:
            sys.stdout.write(introduction(stand))
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (TfwrapError, OSError, ValueError) as error:
        sys.stderr.write(f"tfwrap: {error}\n")
        return TfwrapError.status
    return 0


def introduction(stand: Stand) -> str:
    """The lines to paste into a shell, with a key of account 111111111111 and a bucket `stand-state`."""
    key = stand.keys.create(suffix="0001")
    stand.create_bucket("stand-state")
    variables = stand.environment() | {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    lines = [f"export {name}={value}" for name, value in variables.items()]
    return "\n".join([f"# AWS stand-in at {stand.url}, bucket stand-state. Ctrl-C stops it.", *lines, ""])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
